//! `GET /recordings/{id}/audio`

use std::sync::Arc;

use axum::{
    body::Body as HttpBody,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use carillon_model::RecordingId;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::read::find;
use crate::api::{Api, Problem, SignedIn};

/// The WAV file, whole or by ranges (RFC 9110 14); also while the call is still being recorded.
#[utoipa::path(
    get,
    path = "/recordings/{id}/audio",
    operation_id = "read_recording_audio",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses(
        (status = 200, description = "The file: 16-bit PCM, 8 kHz, the caller on the left.", content_type = "audio/wav"),
        (status = 206, description = "The range asked for.", content_type = "audio/wav"),
        (status = 404, description = "No such recording, not yours, or its file is gone.", body = Problem),
        (status = 416, description = "The range lies outside the file."),
    )
)]
pub(in crate::api) async fn audio(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let recording = find(&api, &signed_in, RecordingId::new(id?.0)).await?;
    let path = api.around.recordings.join(&recording.file);
    if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
        return Err(Problem::not_found("file"));
    }
    let Ok(served) = ServeFile::new(path).oneshot(request).await;
    let mut response = served.map(HttpBody::new).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("audio/wav"));
    // The name is our own id: nothing a caller chose reaches a file system.
    if let Ok(disposition) = HeaderValue::from_str(&format!("inline; filename=\"{}.wav\"", recording.id)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
