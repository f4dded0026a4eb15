//! `GET /sip`: phones in a page register over a WebSocket of the page's own port (RFC 7118).

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use carillon_sip_net::{WEBSOCKET_SUBPROTOCOL, offers_sip};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Api, Client, Problem};

/// Answers the handshake and hands the connection to the signalling. Who it is shows by digest or token, as on any other transport: the
/// cookie of a session is worth nothing here.
pub(super) async fn connect(State(api): State<Arc<Api>>, client: Client, request: Request) -> Result<Response<Body>, Infallible> {
    let key = match handshake(request.headers()) {
        Ok(key) => derive_accept_key(key.as_bytes()),
        Err(problem) => return Ok(problem.into_response()),
    };
    let door = api.door.clone();
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        match upgrade.await {
            Ok(stream) => door.enter(TokioIo::new(stream), client.secure, client.local, client.address).await,
            Err(error) => tracing::debug!(%error, "a WebSocket for SIP did not come to be"),
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let said = response.headers_mut();
    said.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    said.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    said.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(WEBSOCKET_SUBPROTOCOL));
    if let Ok(key) = HeaderValue::from_str(&key) {
        said.insert(header::SEC_WEBSOCKET_ACCEPT, key);
    }
    Ok(response)
}

/// The key of a handshake (RFC 6455 4.2.1) that offers the subprotocol.
fn handshake(headers: &HeaderMap) -> Result<String, Problem> {
    let has = |name: header::HeaderName, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
    };
    let is_websocket = has(header::CONNECTION, "upgrade") && has(header::UPGRADE, "websocket") && has(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok()).filter(|_| is_websocket);
    let key = key.ok_or_else(|| Problem::new(StatusCode::UPGRADE_REQUIRED, "not_a_websocket", "This is a WebSocket."))?;
    if !offers_sip(headers) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "not_sip", "The subprotocol of this WebSocket is `sip`."));
    }
    Ok(key.to_owned())
}
