//! Both ends of TLS.

use crate::{ServerNames, TrustedSources};
use carillon_sip_core::Transport;
use std::{io, net::SocketAddr, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor, TlsConnector, client,
    rustls::{ClientConfig, ServerConfig},
    server,
};

/// What connections need for TLS. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tls {
    pub(crate) server: Option<Arc<ServerConfig>>,
    /// What the trusted meet on a listener for TLS in place of `server`.
    pub(crate) server_of_trusted: Option<Arc<ServerConfig>>,
    pub(crate) trusted: TrustedSources,
    pub(crate) client: Option<Arc<ClientConfig>>,
    pub(crate) names: ServerNames,
}

impl Tls {
    pub(crate) async fn accept(&self, transport: Transport, stream: TcpStream) -> io::Result<server::TlsStream<TcpStream>> {
        let is_trusted = transport == Transport::Tls && self.trusted.contains(stream.peer_addr()?.ip());
        let special = self.server_of_trusted.clone().filter(|_| is_trusted);
        let config = special.or_else(|| self.server.clone()).ok_or(io::ErrorKind::Unsupported)?;
        TlsAcceptor::from(config).accept(stream).await
    }

    pub(crate) async fn connect(&self, remote: SocketAddr, stream: TcpStream) -> io::Result<client::TlsStream<TcpStream>> {
        let config = self.client.clone().ok_or(io::ErrorKind::Unsupported)?;
        TlsConnector::from(config).connect(self.names.of(remote), stream).await
    }
}
