//! `POST /me/pause`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_model::{Part, PauseId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{read::Me, refused::refused};
use crate::api::{Api, Body, Problem, SignedIn};

/// Which pause.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseChoice {
    /// Name of a reason, as `GET /pauses` lists it; without it the default.
    #[schema(example = "lunch")]
    pub(in crate::api) reason: Option<String>,
}

/// Pauses the agent in every queue, or changes the reason of a pause. During an offer, a call or wrap-up it begins when that is over.
#[utoipa::path(
    post,
    path = "/me/pause",
    operation_id = "pause",
    tag = "agents",
    request_body = PauseChoice,
    responses(
        (status = 200, description = "Paused, or about to be.", body = Me),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 409, description = "`use_the_phone`: an agent of typology phonebar does this on the telephone. Not logged in with a phone.", body = Problem),
        (status = 422, description = "No such reason.", body = Problem),
    )
)]
pub(in crate::api) async fn pause(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(choice): Body<PauseChoice>,
) -> Result<Json<Me>, Problem> {
    let (agent, _) = signed_in.agent()?;
    signed_in.works_the_phone()?;
    signed_in.is_shown(Part::Pause)?;
    let reason = chosen(&api, &choice)?;
    api.around.acd.pause(agent, reason).await.map_err(refused)?;
    api.live.touch();
    Ok(Json(Me::of(&api, &signed_in).await?))
}

/// The reason that is meant.
pub(in crate::api) fn chosen(api: &Api, choice: &PauseChoice) -> Result<PauseId, Problem> {
    let directory = api.around.directory.read();
    let wanted = |pause: &&carillon_model::PauseReason| choice.reason.as_ref().map_or(pause.is_default, |name| pause.name == *name);
    directory.pauses.values().find(wanted).map(|reason| reason.id).ok_or_else(|| Problem::invalid("reason", "There is no such pause."))
}
