//! `GET /recordings/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::{Part, RecordingId};
use carillon_store::recording::{self, Recording};

use super::row::RecordingRow;
use crate::api::{Api, Problem, SignedIn, calls::read::visible};

/// A recording. An agent may read those of the calls the agent answered.
#[utoipa::path(
    get,
    path = "/recordings/{id}",
    operation_id = "read_recording",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses((status = 200, description = "The recording.", body = RecordingRow), (status = 404, description = "No such recording, or not yours.", body = Problem))
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<RecordingRow>, Problem> {
    let recording = find(&api, &signed_in, RecordingId::new(id?.0)).await?;
    Ok(Json(RecordingRow::of(&recording, &api.around.directory.read())))
}

pub(super) async fn find(api: &Api, signed_in: &SignedIn, id: RecordingId) -> Result<Recording, Problem> {
    signed_in.is_shown(Part::Recordings)?;
    let missing = || Problem::not_found("recording");
    let found = recording::get(&api.db, id).await?.ok_or_else(missing)?;
    visible(api, signed_in, found.call).await.map_err(|problem| if problem.status == 404 { missing() } else { problem })?;
    Ok(found)
}
