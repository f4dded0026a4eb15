//! HTTP connections: how many there may be, and how long a client may take to ask.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request, serve::Listener};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

/// How long a client may take over the head of its request, and sit idle between two.
const ASKS_WITHIN: Duration = Duration::from_secs(30);
/// Connections at once; one more waits for another to end. Each costs a file descriptor.
const CONNECTIONS: usize = 4096;

/// Serves connections until told to stop; requests under way are then finished. Handlers find who asks as `ConnectInfo`.
pub(super) async fn serve<L>(mut listener: L, app: Router, stop: impl Future<Output = ()>)
where
    L: Listener,
    L::Addr: Clone + Sync + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(ASKS_WITHIN);
    let (tell_stopped, stopped) = watch::channel(false);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&room).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, (io, from)) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let app = app.clone();
        let service = service_fn(move |request: Request<Incoming>| answer(app.clone(), from.clone(), request));
        let connection = http.serve_connection(TokioIo::new(io), service).with_upgrades();
        let stopped = told(stopped.clone());
        tokio::spawn(async move {
            let _place = place;
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = &mut connection => ended,
                () = stopped => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "an HTTP connection ended before its time");
            }
        });
    }
    drop(listener);
    tell_stopped.send_replace(true);
    // All places are free again when every connection has ended. The semaphore is never closed.
    let _ = room.acquire_many(CONNECTIONS as u32).await;
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone means the same as being told.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn answer<A>(app: Router, from: A, request: Request<Incoming>) -> Result<axum::response::Response, Infallible>
where
    A: Clone + Send + Sync + 'static,
{
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(from));
    app.oneshot(request).await
}
