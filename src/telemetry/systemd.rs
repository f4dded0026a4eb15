//! Telling the service manager how things stand (sd_notify(3)): one datagram to the socket that `NOTIFY_SOCKET` names.

use std::{
    env, io,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
    time::Duration,
};

/// The server takes calls.
pub fn ready() {
    tell("READY=1\nSTATUS=Taking calls");
}

/// The server ends, and may need this long for it.
pub fn stopping(longest: Duration) {
    tell(&format!("STOPPING=1\nSTATUS=Draining\nEXTEND_TIMEOUT_USEC={}", longest.as_micros()));
}

/// Without a manager that listens there is nobody to tell.
fn tell(state: &str) {
    let Some(socket) = env::var_os("NOTIFY_SOCKET") else { return };
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        path => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(path)),
    };
    if let Err(error) = address.and_then(|address| send(&address, state)) {
        tracing::warn!(%error, "the service manager could not be told: {}", state.lines().next().unwrap_or_default());
    }
}

fn send(address: &SocketAddr, state: &str) -> io::Result<()> {
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), address).map(|_| ())
}
