//! The port of the page and the API, with TLS or without.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// Handshakes of TLS under way at once; more connections wait to be accepted.
const HANDSHAKES: usize = 256;
/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection, whatever is below it.
pub(super) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Io for S {}

/// Both ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) remote: SocketAddr,
    pub(super) local: SocketAddr,
    /// Whether it is inside TLS.
    pub(super) secure: bool,
}

/// Accepts connections and makes their handshakes aside, so that a slow one holds up nobody.
pub(super) struct Front {
    local: SocketAddr,
    ready: mpsc::Receiver<(Box<dyn Io>, Ends)>,
    _accepting: JoinSet<()>,
}

impl Front {
    pub(super) fn new(listener: TcpListener, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let local = listener.local_addr()?;
        let (accepted, ready) = mpsc::channel(16);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, local, tls.map(TlsAcceptor::from), accepted));
        Ok(Self { local, ready, _accepting: accepting })
    }
}

impl axum::serve::Listener for Front {
    type Io = Box<dyn Io>;
    type Addr = Ends;

    async fn accept(&mut self) -> (Box<dyn Io>, Ends) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            // The acceptor ends with this listener, not before.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Ends> {
        Ok(Ends { remote: self.local, local: self.local, secure: false })
    }
}

async fn accept(listener: TcpListener, bound: SocketAddr, tls: Option<TlsAcceptor>, accepted: mpsc::Sender<(Box<dyn Io>, Ends)>) {
    let room = Arc::new(Semaphore::new(HANDSHAKES));
    let mut shaking = JoinSet::new();
    loop {
        while shaking.try_join_next().is_some() {}
        let (stream, remote) = match listener.accept().await {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(%error, "could not accept an HTTP connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let ends = Ends { remote, local: stream.local_addr().unwrap_or(bound), secure: tls.is_some() };
        let Some(tls) = tls.clone() else {
            if accepted.send((Box::new(stream), ends)).await.is_err() {
                return;
            }
            continue;
        };
        // Never closed.
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let accepted = accepted.clone();
        shaking.spawn(async move {
            let shaken = shake(tls, stream).await;
            drop(place);
            match shaken {
                Ok(stream) => drop(accepted.send((stream, ends)).await),
                Err(error) => tracing::debug!(%remote, %error, "no TLS handshake"),
            }
        });
    }
}

async fn shake(tls: TlsAcceptor, stream: TcpStream) -> io::Result<Box<dyn Io>> {
    let stream = timeout(PATIENCE, tls.accept(stream)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    Ok(Box::new(stream))
}
