//! `POST /dispositions`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::{Disposition, DispositionId};
use carillon_store::disposition as store;
use jiff::Timestamp;

use super::settings::DispositionSettings;
use crate::api::{
    Api, Body, Kept, Problem, SignedIn,
    kept::{kept, taken},
};

/// Adds a disposition, in use at once.
#[utoipa::path(
    post,
    path = "/dispositions",
    operation_id = "create_disposition",
    tag = "set-up",
    request_body = DispositionSettings,
    responses(
        (status = 201, description = "Added.", body = Kept<DispositionSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 409, description = "`taken`: another one below the same one has this name.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(settings): Body<DispositionSettings>,
) -> Result<(StatusCode, Json<Kept<DispositionSettings>>), Problem> {
    signed_in.administers()?;
    let id = DispositionId::new(api.new_id());
    let disposition = settings.made(id, &api.around.directory.read())?;
    let mut write = api.write(&signed_in).await?;
    store::insert(&mut write, &disposition, Timestamp::now()).await.map_err(taken("name"))?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok((StatusCode::CREATED, Json(kept::<Disposition>(&api, id.uuid()).await?)))
}
