//! The load's SIP: plain texts over UDP, as cheap as can be, so that the generator does not take the CPU of what it measures.

mod callee;
mod caller;
mod connection;
mod digest;
mod message;
mod phones;
mod stranger;

use std::{
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;

pub(crate) use callee::Callee;
pub(crate) use caller::{Caller, Outcome};
pub(crate) use connection::PhoneOnConnection;
pub(crate) use phones::Phones;
pub(crate) use stranger::{Flooded, Stranger};

use crate::{
    device::Device,
    media::{CallMedia, Sockets},
};

/// Where calls come from.
pub(crate) const CALLERS: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 15_080);
/// Where calls go to.
pub(crate) const CALLEES: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 15_090);

/// The number a call comes from: by it the callee knows which call it is.
fn caller_name(call: usize) -> String {
    format!("2{call:06}")
}

fn call_of(name: &str) -> Option<usize> {
    name.strip_prefix('2')?.parse().ok()
}

/// Both ends of the calls through one device.
pub(crate) struct Ends {
    pub(crate) caller: Caller,
    callee: Callee,
}

impl Ends {
    pub(crate) fn open(device: &Device, sockets: &Arc<Sockets>) -> anyhow::Result<Self> {
        let of_the_caller = Arc::clone(sockets);
        let offer = move |call| Ok(message::sdp(of_the_caller.caller(call)?));
        let caller = Caller::new(socket(CALLERS)?, device.sip, Box::new(offer))?;
        Ok(Self { caller, callee: Callee::start(socket(CALLEES)?, sockets)? })
    }

    /// Where the device takes the media of the calls that are up. Without `callees` calls have one leg.
    pub(crate) fn media(&self, callees: bool) -> anyhow::Result<Vec<CallMedia>> {
        let of = |(call, caller)| {
            let callee = callees.then(|| self.callee.media(call).with_context(|| format!("call {call} reached nobody"))).transpose()?;
            Ok(CallMedia { call, caller, callee })
        };
        self.caller.media().into_iter().map(of).collect()
    }
}

/// Both ends of calls that browsers place.
pub(crate) struct BrowserEnds {
    pub(crate) caller: Caller,
    callee: Callee,
}

impl BrowserEnds {
    /// With the offer of each call to come.
    pub(crate) fn open(device: &Device, sockets: &Arc<Sockets>, offers: Vec<String>) -> anyhow::Result<Self> {
        let offer = move |call: usize| offers.get(call).cloned().with_context(|| format!("there is no browser {call}"));
        let caller = Caller::new(socket(CALLERS)?, device.sip, Box::new(offer))?;
        Ok(Self { caller, callee: Callee::start(socket(CALLEES)?, sockets)? })
    }

    /// Where the device takes what the callee of a call says.
    pub(crate) fn callee(&self, call: usize) -> anyhow::Result<SocketAddrV4> {
        self.callee.media(call).with_context(|| format!("call {call} reached nobody"))
    }
}

/// Where phones register from.
pub(crate) const PHONES: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 15_070);
/// Where they register from with a peer that is measured in turns with our server.
pub(crate) const PEERS_PHONES: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 15_071);

pub(crate) fn socket(address: SocketAddrV4) -> anyhow::Result<UdpSocket> {
    let socket = UdpSocket::bind(address).with_context(|| format!("{address} cannot be bound"))?;
    socket2::SockRef::from(&socket).set_recv_buffer_size(4 << 20)?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_its_caller() {
        assert_eq!(call_of(&caller_name(123)), Some(123));
        assert_eq!(call_of("anna"), None);
    }
}
