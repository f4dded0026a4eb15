//! Connections that peers make, on their way to the loop.

use carillon_sip_core::Transport;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A stream of bytes, whatever is below it.
pub(crate) trait Bytestream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Bytestream for S {}

/// What a peer has connected by.
pub(crate) enum Wire {
    /// A fresh connection: TLS and the WebSocket's handshake, where the transport has them, are still to come.
    Fresh(TcpStream),
    /// A WebSocket whose handshake an HTTP server has made.
    Upgraded(Box<dyn Bytestream>),
}

/// A connection that a peer made.
pub(crate) struct Arrival {
    pub(crate) transport: Transport,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) wire: Wire,
}

/// Accepts for as long as the loop listens. Out of descriptors is no reason to end, nor to spin.
pub(crate) async fn accept(transport: Transport, listener: TcpListener, arrivals: mpsc::Sender<Arrival>) {
    let Ok(local) = listener.local_addr() else { return };
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => {
                let local = stream.local_addr().unwrap_or(local);
                if arrivals.send(Arrival { transport, local, remote, wire: Wire::Fresh(stream) }).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%local, %error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Where an HTTP server hands in the WebSockets that came to its own port.
#[derive(Debug, Clone)]
pub struct Door(pub(crate) mpsc::Sender<Arrival>);

impl Door {
    /// Takes a WebSocket of subprotocol `sip` whose handshake has been answered. `secure`: it came by TLS, ours or a proxy's. Dropped, and so
    /// closed, when the loop has ended; limits hold as for every connection.
    pub async fn enter(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        secure: bool,
        local: SocketAddr,
        remote: SocketAddr,
    ) {
        let transport = if secure { Transport::Wss } else { Transport::Ws };
        let _ = self.0.send(Arrival { transport, local, remote, wire: Wire::Upgraded(Box::new(stream)) }).await;
    }
}
