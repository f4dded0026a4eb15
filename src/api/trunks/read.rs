//! `GET /trunks/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::TrunkId;
use carillon_store::trunk;

use super::settings::TrunkRow;
use crate::api::{Api, Problem, SignedIn};

/// A trunk as it is set up and as it stands.
#[utoipa::path(
    get,
    path = "/trunks/{id}",
    operation_id = "read_trunk",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the trunk.")),
    responses(
        (status = 200, description = "The settings.", body = TrunkRow),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such trunk.", body = Problem),
    )
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<TrunkRow>, Problem> {
    signed_in.administers()?;
    Ok(Json(kept(&api, TrunkId::new(id?.0)).await?))
}

/// The trunk as it is stored now.
pub(super) async fn kept(api: &Api, id: TrunkId) -> Result<TrunkRow, Problem> {
    let stored = trunk::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("trunk"))?;
    Ok(TrunkRow::of(&stored, api.trunks.status(id)))
}
