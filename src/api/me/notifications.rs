//! `GET /me/notifications` and `POST /me/notifications/seen`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    api::{Api, Problem, SignedIn},
    live::NoticeList,
};

/// What the signed-in person should see once: missed offers, notes of a supervisor, a pause after misses, a log-out by somebody else; for
/// supervisors alarms and emergency calls. They are kept while the server runs, the newest 50 of a person's own and of the site's.
#[utoipa::path(
    get,
    path = "/me/notifications",
    operation_id = "list_notifications",
    tag = "session",
    responses((status = 200, description = "Newest first.", body = NoticeList), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Json<NoticeList> {
    Json(api.live.notices(signed_in.user.id, signed_in.sees_only().is_none()))
}

/// All there are were seen: they count as unread no more, at no desktop of the person's.
#[utoipa::path(
    post,
    path = "/me/notifications/seen",
    operation_id = "see_notifications",
    tag = "session",
    responses((status = 204, description = "Noted."), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn seen(State(api): State<Arc<Api>>, signed_in: SignedIn) -> StatusCode {
    api.live.notices_seen(signed_in.user.id);
    StatusCode::NO_CONTENT
}
