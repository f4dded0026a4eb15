//! `GET` and `POST /recordings/{id}/links`, `DELETE /recordings/{id}/links/{link}`

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::{RecordingId, RecordingLinkId};
use carillon_store::recording_link::{self, RecordingLink};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::read::find;
use crate::{
    api::{Api, Body, Problem, SignedIn},
    auth::session::Token,
    dispatch::Snapshot,
};

/// Longest time a link may be good for: 30 days.
const HOURS_MAX: u32 = 30 * 24;
/// Links that one recording may have at once.
const LINKS_MAX: usize = 50;

/// How long a link is good for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// Hours, 1 to 720.
    #[schema(example = 24)]
    hours: u32,
}

/// A link to a recording, without its secret.
#[derive(Serialize, ToSchema)]
pub struct LinkRow {
    /// Id.
    id: Uuid,
    /// Login of who made it.
    made_by: Option<String>,
    /// That person's name.
    made_by_name: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it stops working.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was last opened, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    opened_at: Option<Timestamp>,
}

impl LinkRow {
    fn of(link: &RecordingLink, directory: &Snapshot) -> Self {
        Self {
            id: link.id.uuid(),
            made_by: directory.users.get(&link.made_by).map(|user| user.login.clone()),
            made_by_name: directory.name_of(link.made_by, true),
            created_at: link.created_at,
            expires_at: link.expires_at,
            opened_at: link.opened_at,
        }
    }
}

/// A link that was just made.
#[derive(Serialize, ToSchema)]
pub struct MadeLink {
    /// Path on this server that opens the recording, for whoever has it. Shown this once.
    #[schema(example = "/api/v1/recording-links/4f1c")]
    path: String,
    /// The link.
    #[serde(flatten)]
    link: LinkRow,
}

/// The links by which a recording can be heard now, oldest first.
#[utoipa::path(
    get,
    path = "/recordings/{id}/links",
    operation_id = "list_recording_links",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording.")),
    responses(
        (status = 200, description = "Those that work.", body = Vec<LinkRow>),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such recording.", body = Problem),
    )
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Vec<LinkRow>>, Problem> {
    signed_in.supervises()?;
    let recording = find(&api, &signed_in, RecordingId::new(id?.0)).await?;
    let links = recording_link::of_recording(&api.db, recording.id, Timestamp::now()).await?;
    let directory = api.around.directory.read();
    Ok(Json(links.iter().map(|link| LinkRow::of(link, &directory)).collect()))
}

/// Makes a link by which whoever has it may hear this recording, and nothing else, until it expires or is taken back. The audit log says who made it.
#[utoipa::path(
    post,
    path = "/recordings/{id}/links",
    operation_id = "create_recording_link",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording.")),
    request_body = NewLink,
    responses(
        (status = 201, description = "Made; its path is not shown again.", body = MadeLink),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such recording.", body = Problem),
        (status = 409, description = "`too_many`: the recording has fifty links; take one back.", body = Problem),
        (status = 422, description = "Not 1 to 720 hours.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<Uuid>, PathRejection>,
    Body(wanted): Body<NewLink>,
) -> Result<(StatusCode, Json<MadeLink>), Problem> {
    signed_in.supervises()?;
    if !(1..=HOURS_MAX).contains(&wanted.hours) {
        return Err(Problem::invalid("hours", "Between 1 and 720."));
    }
    let recording = find(&api, &signed_in, RecordingId::new(id?.0)).await?;
    let (token, now) = (Token::random(), Timestamp::now());
    let link = RecordingLink {
        id: RecordingLinkId::new(api.new_id()),
        recording: recording.id,
        made_by: signed_in.user.id,
        created_at: now,
        expires_at: now + Duration::from_secs(u64::from(wanted.hours) * 3600),
        opened_at: None,
    };
    let mut write = api.write(&signed_in).await?;
    if recording_link::of_recording(&mut write, recording.id, now).await?.len() >= LINKS_MAX {
        return Err(Problem::conflict("too_many", "This recording has fifty links: take one back first."));
    }
    recording_link::insert(&mut write, &link, &token.sha256()).await?;
    write.commit().await?;
    let made =
        MadeLink { path: format!("/api/v1/recording-links/{}", token.reveal()), link: LinkRow::of(&link, &api.around.directory.read()) };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Takes a link back: it opens nothing from the next request on.
#[utoipa::path(
    delete,
    path = "/recordings/{id}/links/{link}",
    operation_id = "revoke_recording_link",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording."), ("link" = String, Path, description = "Id of the link.")),
    responses(
        (status = 204, description = "Taken back."),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "This recording has no such link.", body = Problem),
    )
)]
pub(in crate::api) async fn revoke(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    ids: Result<Path<(Uuid, Uuid)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.supervises()?;
    let (recording, link) = ids?.0;
    let mut write = api.write(&signed_in).await?;
    if !recording_link::delete(&mut write, RecordingId::new(recording), RecordingLinkId::new(link)).await? {
        return Err(Problem::not_found("link"));
    }
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
