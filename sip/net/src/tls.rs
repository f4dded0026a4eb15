//! Both ends of TLS.

use crate::ServerNames;
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
    pub(crate) client: Option<Arc<ClientConfig>>,
    pub(crate) names: ServerNames,
}

impl Tls {
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<server::TlsStream<TcpStream>> {
        let config = self.server.clone().ok_or(io::ErrorKind::Unsupported)?;
        TlsAcceptor::from(config).accept(stream).await
    }

    pub(crate) async fn connect(&self, remote: SocketAddr, stream: TcpStream) -> io::Result<client::TlsStream<TcpStream>> {
        let config = self.client.clone().ok_or(io::ErrorKind::Unsupported)?;
        TlsConnector::from(config).connect(self.names.of(remote), stream).await
    }
}
