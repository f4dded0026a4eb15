//! `PUT /outbound-routes/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::OutboundRoute;

use super::settings::RouteSettings;
use crate::api::{Api, Body, Change, Changed, Kept, Problem, SignedIn, kept};

/// Changes an outbound route, at once. What is left out stays as it is.
#[utoipa::path(
    put,
    path = "/outbound-routes/{id}",
    operation_id = "update_outbound_route",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the route.")),
    request_body = Changed<RouteSettings>,
    responses(
        (status = 200, description = "As it is now.", body = Kept<RouteSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such route.", body = Problem),
        (status = 409, description = "`stale`: read it again. `taken`: another one has this name, number or address.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(change): Body<Change>,
) -> Result<Json<Kept<RouteSettings>>, Problem> {
    kept::update::<OutboundRoute>(&api, &signed_in, id, change).await
}
