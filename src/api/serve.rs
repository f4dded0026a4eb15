//! The HTTP listener.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use rustls::ServerConfig;
use tokio::{net::TcpListener, sync::watch};
use tower_http::set_header::SetResponseHeaderLayer;

use super::{Api, Problem, connections, front::Front, router};

/// How long an answer may take to begin; only a database that says nothing at all needs longer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// And until a file has been sent and converted.
const UPLOADS_WITHIN: Duration = Duration::from_secs(120);

/// Bytes a request's body may have, but for uploads, which have a limit of their own.
const BODY: usize = 64 * 1024;

/// Serves until told to stop; requests under way are then finished.
pub async fn serve(listener: TcpListener, tls: Option<Arc<ServerConfig>>, api: Arc<Api>, mut stop: watch::Receiver<bool>) {
    let fixed = |name: HeaderName, value: &'static str| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let app = router(api)
        // The handlers' own limit, not a layer's: it is told as a problem like any other.
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn(in_time))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"));
    let front = match Front::new(listener, tls) {
        Ok(front) => front,
        Err(error) => return tracing::error!(%error, "the HTTP listener broke"),
    };
    let told = async move {
        // A sender that is gone means the same as being told.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    connections::serve(front, app, told).await;
}

/// Nobody waits for ever: whoever is not answered in time is told to ask again.
async fn in_time(request: Request, next: Next) -> Response {
    let is_upload = request.uri().path().starts_with("/api/v1/sounds/") && request.method() == Method::PUT;
    let patience = if is_upload { UPLOADS_WITHIN } else { ANSWERS_WITHIN };
    let too_late = || Problem::unavailable("The server did not get an answer in time.").into_response();
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return tokio::time::timeout(ANSWERS_WITHIN, next.run(request)).await.unwrap_or_else(|_| too_late());
    }
    // A change that was begun is done to the end, whether or not somebody still waits for its answer.
    match tokio::time::timeout(patience, tokio::spawn(next.run(request))).await {
        Ok(Ok(response)) => response,
        Ok(Err(ended)) => match ended.try_into_panic() {
            Ok(panicked) => std::panic::resume_unwind(panicked),
            Err(_) => too_late(),
        },
        Err(_) => too_late(),
    }
}
