//! `GET /recordings/{id}/audio`

use std::{path::Path as FilePath, sync::Arc};

use axum::{
    body::Body as HttpBody,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use carillon_model::RecordingId;
use carillon_store::recording::Recording;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::{read::find, sealed};
use crate::{
    api::{Api, Problem, SignedIn},
    recording::{SealError, Sealed},
};

/// The WAV file, whole or by ranges (RFC 9110 14); also while the call is still being recorded.
#[utoipa::path(
    get,
    path = "/recordings/{id}/audio",
    operation_id = "read_recording_audio",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses(
        (status = 200, description = "The file: 16-bit PCM, 8 kHz, who is outside on the left, ours on the right; of two of ours the caller on the left.", content_type = "audio/wav"),
        (status = 206, description = "The range asked for.", content_type = "audio/wav"),
        (status = 404, description = "No such recording, not yours, or its file is gone.", body = Problem),
        (status = 416, description = "The range lies outside the file."),
        (status = 503, description = "The file is sealed and cannot be opened: its key is not here, or it was changed.", body = Problem),
    )
)]
pub(in crate::api) async fn audio(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let recording = find(&api, &signed_in, RecordingId::new(id?.0)).await?;
    serve(&api, &recording, request).await
}

/// The file of a recording, or the part of it that a request asks for; sealed ones are opened.
pub(super) async fn serve(api: &Api, recording: &Recording, request: Request) -> Result<Response, Problem> {
    let (path, name) = (api.around.recordings.join(&recording.file), recording.id.to_string());
    let (at, keys) = (path.clone(), Arc::clone(&api.recording_keys));
    match tokio::task::spawn_blocking(move || Sealed::open(&at, keys.known())).await {
        Ok(Ok(file)) => Ok(as_wav(sealed::serve(file, request.headers().get(header::RANGE)), &name)),
        // Too short to be sealed, a plain file, or none.
        Ok(Err(SealError::NotSealed)) | Err(_) => serve_wav(&path, &name, request).await,
        Ok(Err(_)) if !tokio::fs::try_exists(&path).await.unwrap_or(false) => Err(Problem::not_found("file")),
        Ok(Err(error)) => {
            tracing::error!(recording = %recording.id, %error, "a sealed recording cannot be read");
            Err(Problem::unavailable("The recording is sealed and cannot be opened."))
        }
    }
}

/// A WAV file of ours, or the part of it that a request asks for. `name` is what it is called when it is saved: nothing a stranger chose.
pub(in crate::api) async fn serve_wav(path: &FilePath, name: &str, request: Request) -> Result<Response, Problem> {
    if !tokio::fs::try_exists(path).await.unwrap_or(false) {
        return Err(Problem::not_found("file"));
    }
    let Ok(served) = ServeFile::new(path).oneshot(request).await;
    Ok(as_wav(served.map(HttpBody::new).into_response(), name))
}

fn as_wav(mut response: Response, name: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("audio/wav"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("inline; filename=\"{name}.wav\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
