//! `POST /agents/{id}/note`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::{Fact, Name, Note};
use serde::Deserialize;
use utoipa::ToSchema;

use super::of::ordered;
use crate::{
    api::{Api, Body, Problem, SignedIn},
    clock,
};

/// Characters of a note: it is read at a glance, beside a call.
const TEXT_MAX: usize = 500;

/// What to tell an agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteToAgent {
    /// The text, 1 to 500 characters.
    #[schema(example = "Offer the second month for free.")]
    text: String,
}

/// A supervisor writes to an agent: the agent's desktop shows it at once, until the agent closes it. No caller hears of it.
#[utoipa::path(
    post,
    path = "/agents/{id}/note",
    operation_id = "note_to_agent",
    tag = "agents",
    params(("id" = String, Path, description = "Id of the agent.")),
    request_body = NoteToAgent,
    responses(
        (status = 204, description = "It is shown."),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such agent.", body = Problem),
        (status = 409, description = "`no_desktop`: the agent has no desktop open that could show it.", body = Problem),
        (status = 422, description = "The text is empty or too long.", body = Problem),
    )
)]
pub(in crate::api) async fn note(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(NoteToAgent { text }): Body<NoteToAgent>,
) -> Result<StatusCode, Problem> {
    let agent = ordered(&api, &signed_in, id)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::invalid("text", "It is empty."));
    }
    if text.chars().count() > TEXT_MAX {
        return Err(Problem::invalid("text", "At most 500 characters."));
    }
    if !api.live.is_read_by(agent.into()) {
        return Err(Problem::conflict("no_desktop", "The agent has no desktop open."));
    }
    let by_name = Name::new(signed_in.user.name.as_str());
    let note = Fact::AgentNoted { agent, by: signed_in.user.id, by_name, note: Note::new(text) };
    let refused = |_| Problem::unavailable("The journal takes nothing at the moment.");
    api.around.journal.append_committed(clock::now(), note).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}
