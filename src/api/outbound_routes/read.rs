//! `GET /outbound-routes/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::OutboundRoute;

use super::settings::RouteSettings;
use crate::api::{Api, Kept, Problem, SignedIn, kept::kept};

/// An outbound route as it is set up.
#[utoipa::path(
    get,
    path = "/outbound-routes/{id}",
    operation_id = "read_outbound_route",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the route.")),
    responses(
        (status = 200, description = "The settings.", body = Kept<RouteSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such route.", body = Problem),
    )
)]
pub(in crate::api) async fn read(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<Kept<RouteSettings>>, Problem> {
    signed_in.administers()?;
    Ok(Json(kept::<OutboundRoute>(&api, id?.0).await?))
}
