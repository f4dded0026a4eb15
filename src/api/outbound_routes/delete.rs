//! `DELETE /outbound-routes/{id}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::RouteId;
use carillon_store::outbound_route;

use crate::api::{Api, Problem, SignedIn};

/// Removes an outbound route.
#[utoipa::path(
    delete,
    path = "/outbound-routes/{id}",
    operation_id = "delete_outbound_route",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the route.")),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such route.", body = Problem),
        (status = 409, description = "`in_use`: something still names it.", body = Problem),
    )
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = RouteId::new(id?.0);
    let missing = || Problem::not_found("route");
    let mut write = api.write(&signed_in).await?;
    if !outbound_route::delete(&mut write, id).await? {
        return Err(missing());
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
