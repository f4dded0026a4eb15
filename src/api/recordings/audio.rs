//! `GET /recordings/{id}/audio`

use std::{path::Path as FilePath, sync::Arc};

use axum::{
    body::Body as HttpBody,
    extract::{
        Path, Query, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use carillon_model::RecordingId;
use carillon_store::{
    Write,
    audit::{self, Action},
    call,
    recording::Recording,
};
use serde::Deserialize;
use tower::ServiceExt;
use tower_http::services::ServeFile;
use utoipa::IntoParams;

use super::{read::find, sealed};
use crate::{
    api::{Api, Problem, SignedIn},
    clock,
    recording::{Listener, SealError, Sealed},
};

/// How the file is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AudioQuery {
    /// To be saved, not heard: browsers save it, and the audit log says so.
    #[serde(default)]
    download: bool,
}

/// The WAV file, whole or by ranges (RFC 9110 14); also while the call is still being recorded. The audit log has who listens to it or downloads it:
/// the requests of one player are one listening, until a quarter of an hour goes by without any.
#[utoipa::path(
    get,
    path = "/recordings/{id}/audio",
    operation_id = "read_recording_audio",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording."), AudioQuery),
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
    query: Result<Query<AudioQuery>, QueryRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Query(AudioQuery { download }) = query?;
    let recording = find(&api, &signed_in, RecordingId::new(id?.0)).await?;
    let is_heard = request.method() == Method::GET;
    let mut response = serve(&api, &recording, request).await?;
    if !is_heard || !response.status().is_success() {
        return Ok(response);
    }
    if download {
        note(&api, async || api.write(&signed_in).await, Action::Download, &recording).await?;
        if let Ok(attached) = HeaderValue::try_from(format!("attachment; filename=\"{}.wav\"", recording.id)) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, attached);
        }
    } else {
        heard(&api, Listener::User(signed_in.user.id), &recording, async || api.write(&signed_in).await).await?;
    }
    Ok(response)
}

/// Enters in the audit log that somebody listens, unless this only goes on with it.
pub(super) async fn heard(
    api: &Api,
    listener: Listener,
    recording: &Recording,
    write: impl AsyncFnOnce() -> Result<Write, Problem>,
) -> Result<(), Problem> {
    if api.listenings.goes_on(listener, recording.id, clock::now().mono) {
        return Ok(());
    }
    note(api, write, Action::Listen, recording).await?;
    // Only now: who goes away before it is entered has not begun.
    api.listenings.began(listener, recording.id, clock::now().mono);
    Ok(())
}

async fn note(
    api: &Api,
    write: impl AsyncFnOnce() -> Result<Write, Problem>,
    action: Action,
    recording: &Recording,
) -> Result<(), Problem> {
    // Before the turn to write, which waits for no reader.
    let number = call::get(&api.db, recording.call).await?.map(|call| call.number);
    let mut write = write().await?;
    audit::heard(&mut write, action, recording.id, number).await?;
    Ok(write.commit().await?)
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
