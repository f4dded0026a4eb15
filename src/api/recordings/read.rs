//! `GET /recordings/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::{Part, RecordingId};
use carillon_store::{
    recording::{self, Recording},
    recording_file::{self, Quiet, RecordingFile},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::row::RecordingRow;
use crate::api::{Api, Problem, SignedIn, calls::read::visible};

/// A recording with what is known of its file.
#[derive(Serialize, ToSchema)]
pub struct RecordingDetails {
    /// What lists show.
    #[serde(flatten)]
    recording: RecordingRow,
    /// SHA-256 of the WAV file, once it was looked at.
    sha256: Option<String>,
    /// What is wrong with the file: it is not there, or not as long as the recording span.
    fault: Option<String>,
    /// When it was looked at.
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_at: Option<Timestamp>,
    /// Whether it can be read with a key of the site alone.
    sealed: bool,
    /// When it was taken to the object store.
    #[schema(value_type = Option<String>, format = DateTime)]
    uploaded_at: Option<Timestamp>,
    /// Where nobody speaks for more than two seconds, in order, 1000 stretches at most; absent until it was looked at, and where that was before
    /// stretches were looked for.
    quiet: Option<Vec<QuietStretch>>,
}

/// A stretch of a recording in which nobody speaks.
#[derive(Serialize, ToSchema)]
pub struct QuietStretch {
    /// Milliseconds from the beginning.
    from_ms: u64,
    /// Milliseconds from the beginning.
    to_ms: u64,
}

impl RecordingDetails {
    fn of(recording: RecordingRow, file: Option<RecordingFile>) -> Self {
        let Some(file) = file else {
            return Self { recording, sha256: None, fault: None, checked_at: None, sealed: false, uploaded_at: None, quiet: None };
        };
        let RecordingFile { sha256, fault, sealed_by, checked_at, uploaded_at, quiet, .. } = file;
        let stretch = |quiet: Quiet| QuietStretch { from_ms: quiet.from_ms, to_ms: quiet.to_ms };
        let quiet = quiet.map(|quiet| quiet.into_iter().map(stretch).collect());
        Self { recording, sha256, fault, checked_at: Some(checked_at), sealed: sealed_by.is_some(), uploaded_at, quiet }
    }
}

/// A recording. An agent may read those of the calls the agent answered.
#[utoipa::path(
    get,
    path = "/recordings/{id}",
    operation_id = "read_recording",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses((status = 200, description = "The recording.", body = RecordingDetails), (status = 404, description = "No such recording, or not yours.", body = Problem))
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<RecordingDetails>, Problem> {
    let recording = find(&api, &signed_in, RecordingId::new(id?.0)).await?;
    let file = recording_file::get(&api.db, recording.id).await?;
    Ok(Json(RecordingDetails::of(RecordingRow::of(&recording, &api.around.directory.read(), signed_in.sees_only().is_none()), file)))
}

pub(super) async fn find(api: &Api, signed_in: &SignedIn, id: RecordingId) -> Result<Recording, Problem> {
    signed_in.is_shown(Part::Recordings)?;
    let missing = || Problem::not_found("recording");
    let found = recording::get(&api.db, id).await?.ok_or_else(missing)?;
    visible(api, signed_in, found.call).await.map_err(|problem| if problem.status == 404 { missing() } else { problem })?;
    Ok(found)
}
