//! `GET /events`

use std::sync::Arc;

use axum::{
    extract::{Query, State, WebSocketUpgrade, rejection::QueryRejection, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{Api, Problem, SignedIn, signed_in::foreign_origin},
    live::{self, FRAME, LivesBy, Resume, Viewer},
};

/// Where a reader was when its socket broke. Both or none.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// `epoch` of the last message.
    epoch: Option<u64>,
    /// Last `seq` seen.
    after: Option<u64>,
}

/// The live stream, a WebSocket: a snapshot, then what happens and how things stand. `docs/decisions/live-stream.md` describes the messages.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "follow_events",
    tag = "live",
    params(Place),
    responses(
        (status = 101, description = "The stream begins."),
        (status = 401, description = "Nobody is signed in.", body = Problem),
        (status = 403, description = "The page that asks is of another origin.", body = Problem),
        (status = 426, description = "Not asked for as a WebSocket.", body = Problem),
        (status = 503, description = "Too many sockets are open, yours or altogether.", body = Problem),
    )
)]
pub(in crate::api) async fn connect(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    headers: HeaderMap,
    place: Result<Query<Place>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    if foreign_origin(&headers) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "foreign_origin", "A page of another origin may not listen."));
    }
    let Query(place) = place?;
    let resume = place.epoch.zip(place.after).map(|(epoch, after)| Resume { epoch, after });
    let upgrade = upgrade.map_err(|_| Problem::new(StatusCode::UPGRADE_REQUIRED, "not_a_websocket", "This is a WebSocket."))?;
    let lives_by = signed_in.key.map_or(LivesBy::Session(signed_in.session.id), LivesBy::Key);
    let viewer = Viewer { user: signed_in.user.id, lives_by, only: signed_in.sees_only() };
    let live = Arc::clone(&api.live);
    let socket = live.place(viewer.user).ok_or_else(|| Problem::unavailable("Too many live streams are open."))?;
    let upgrade = upgrade.max_message_size(FRAME).max_frame_size(FRAME);
    Ok(upgrade.on_upgrade(move |stream| live::serve(live, socket, stream, viewer, resume)))
}
