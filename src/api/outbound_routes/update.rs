//! `PUT /outbound-routes/{id}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::RouteId;
use carillon_store::outbound_route;
use jiff::Timestamp;

use super::{read::kept, settings::RouteSettings};
use crate::api::{Api, Body, Changed, Kept, Problem, SignedIn, kept::taken};

/// Changes an outbound route, at once.
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
    Body(Changed { version, settings }): Body<Changed<RouteSettings>>,
) -> Result<Json<Kept<RouteSettings>>, Problem> {
    signed_in.administers()?;
    let id = RouteId::new(id?.0);
    let missing = || Problem::not_found("route");
    let route = settings.route(id, &api.around.directory.read())?;
    api.check_route_sounds(&route)?;
    let mut write = api.write(&signed_in).await?;
    outbound_route::update(&mut write, &route, version, Timestamp::now()).await.map_err(taken("prefix"))?.ok_or_else(missing)?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok(Json(kept(&api, id).await?))
}
