//! `POST /pauses`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::{PauseId, PauseReason};
use carillon_store::pause_reason;
use jiff::Timestamp;

use super::settings::PauseSettings;
use crate::api::{
    Api, Body, Kept, Problem, SignedIn,
    kept::{kept, taken},
};

/// Adds a reason for a pause, in use at once.
#[utoipa::path(
    post,
    path = "/pauses",
    operation_id = "create_pause_reason",
    tag = "set-up",
    request_body = PauseSettings,
    responses(
        (status = 201, description = "Added.", body = Kept<PauseSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 409, description = "`taken`: another one has this name, number or address.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(settings): Body<PauseSettings>,
) -> Result<(StatusCode, Json<Kept<PauseSettings>>), Problem> {
    signed_in.administers()?;
    let id = PauseId::new(api.new_id());
    let pause = settings.pause(id)?;
    let mut write = api.write(&signed_in).await?;
    pause_reason::insert(&mut write, &pause, Timestamp::now()).await.map_err(taken("name"))?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok((StatusCode::CREATED, Json(kept::<PauseReason>(&api, id.uuid()).await?)))
}
