//! `GET /recording-links/{token}`

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Request, State},
    http::Method,
    response::Response,
};
use carillon_model::IdSource;
use carillon_store::{
    Db, Error,
    audit::Actor,
    recording,
    recording_link::{self, RecordingLink},
};
use jiff::Timestamp;

use super::audio::{heard, serve};
use crate::{
    api::{Api, Problem},
    auth::session::Token,
    recording::Listener,
};

/// Who listened, in the audit log, where that was whoever had the link.
const BY_LINK: &str = "recording link";
/// A player asks for a recording in many parts: openings closer together than this are noted once.
const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// The recording of a link, for whoever has the link, while it works; the audit log has each listening. A wrong one is no different from one that expired or was taken back.
#[utoipa::path(
    get,
    path = "/recording-links/{token}",
    operation_id = "open_recording_link",
    tag = "recordings",
    params(("token" = String, Path, description = "What stands in the link.")),
    responses(
        (status = 200, description = "The file: 16-bit PCM, 8 kHz, who is outside on the left, ours on the right; of two of ours the caller on the left.", content_type = "audio/wav"),
        (status = 206, description = "The range asked for.", content_type = "audio/wav"),
        (status = 404, description = "No such link, or it works no more.", body = Problem),
    )
)]
pub(in crate::api) async fn open(State(api): State<Arc<Api>>, Path(token): Path<String>, request: Request) -> Result<Response, Problem> {
    let now = Timestamp::now();
    let missing = || Problem::not_found("link");
    let link = recording_link::by_token(&api.db, &Token::presented(&token).sha256(), now).await?.ok_or_else(missing)?;
    let recording = recording::get(&api.db, link.recording).await?.ok_or_else(missing)?;
    let is_news = link.opened_at.is_none_or(|last| now.duration_since(last).unsigned_abs() > TOUCH_EVERY);
    if is_news && let Err(error) = touch(&api.db, &link, now).await {
        tracing::warn!(recording = %recording.id, %error, "the opening of a link is not noted");
    }
    let is_heard = request.method() == Method::GET;
    let response = serve(&api, &recording, request).await?;
    if is_heard && response.status().is_success() {
        let actor = || Actor { user: None, name: BY_LINK.to_owned(), at: now, ids: IdSource::new(rand::random()) };
        heard(&api, Listener::Link(link.id), &recording, async || Ok(api.db.write_by(actor()).await?)).await?;
    }
    Ok(response)
}

async fn touch(db: &Db, link: &RecordingLink, now: Timestamp) -> Result<(), Error> {
    let mut write = db.write().await?;
    recording_link::touch(&mut write, link.id, now).await?;
    tracing::info!(link = %link.id, recording = %link.recording, "a recording is opened by its link");
    write.commit().await
}
