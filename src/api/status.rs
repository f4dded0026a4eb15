//! What machines ask: is it alive, does it take work, what did it count, what can it do.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa::openapi::OpenApi;

use super::{Api, Client, Problem, sip};
use crate::telemetry::Readiness;

pub(super) fn router(description: OpenApi) -> Router<Arc<Api>> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route(carillon_sip_net::WEBSOCKET_PATH, get(sip::connect))
        .route("/api/v1/openapi.json", get(move || async move { Json(description) }))
}

pub(super) async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This cannot be done here; `Allow` says what can.")
}

async fn alive(State(api): State<Arc<Api>>) -> String {
    format!("alive\n{}", alarms(&api))
}

/// A line for each alarm that stands. Names alone: whoever asks need not be signed in.
fn alarms(api: &Api) -> String {
    let alarms = api.around.health.alarms();
    alarms.iter().map(|row| format!("alarm {} since {}\n", row.alarm.name(), row.since)).collect()
}

async fn ready(State(api): State<Arc<Api>>) -> Response {
    let draining = match api.around.health.readiness() {
        Readiness::Starting => "starting\n",
        Readiness::Draining => "draining\n",
        Readiness::Ready => match api.db.ping().await {
            Ok(()) => return format!("ready\n{}", alarms(&api)).into_response(),
            Err(_) => "the database does not answer\n",
        },
    };
    (StatusCode::SERVICE_UNAVAILABLE, draining).into_response()
}

async fn metrics(State(api): State<Arc<Api>>, client: Client) -> Response {
    if !api.metrics_for_all && !client.ip().is_loopback() {
        return Problem::forbidden().detail("Metrics are shown to this machine alone; http.metrics_for_all changes that.").into_response();
    }
    let mut response = api.metrics.render(&api.sockets, &api.around.media.threads()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
    response
}
