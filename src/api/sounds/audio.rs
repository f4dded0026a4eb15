//! `GET /sounds/{kind}/{name}/audio`

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};

use super::named;
use crate::{
    api::{Api, Problem, SignedIn, named_sounds::unread, recordings::audio::serve_wav},
    sounds::Shelf,
};

/// The WAV file of a prompt or a piece of music, whole or by ranges.
#[utoipa::path(
    get,
    path = "/sounds/{kind}/{name}/audio",
    operation_id = "read_sound_audio",
    tag = "set-up",
    params(("kind" = String, Path, description = "`prompts` or `music`."), ("name" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "The file.", content_type = "audio/wav"),
        (status = 206, description = "The range asked for.", content_type = "audio/wav"),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such sound.", body = Problem),
    )
)]
pub(in crate::api) async fn audio(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Path((kind, name)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    signed_in.administers()?;
    let (kind, name) = named(&kind, &name)?;
    let found = Shelf::of(&api.config).files(kind).map_err(unread)?.remove(&name).ok_or_else(|| Problem::not_found("sound"))?;
    serve_wav(&found.path, &name, request).await
}
