//! `POST /outbound-routes`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::{OutboundRoute, RouteId};
use carillon_store::outbound_route;
use jiff::Timestamp;

use super::settings::RouteSettings;
use crate::api::{
    Api, Body, Kept, Problem, SignedIn,
    kept::{kept, taken},
};

/// Adds an outbound route, in use at once.
#[utoipa::path(
    post,
    path = "/outbound-routes",
    operation_id = "create_outbound_route",
    tag = "set-up",
    request_body = RouteSettings,
    responses(
        (status = 201, description = "Added.", body = Kept<RouteSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 409, description = "`taken`: another one has this name, number or address.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(settings): Body<RouteSettings>,
) -> Result<(StatusCode, Json<Kept<RouteSettings>>), Problem> {
    signed_in.administers()?;
    let id = RouteId::new(api.new_id());
    let route = settings.route(id, &api.around.directory.read())?;
    api.check_route_sounds(&route)?;
    let mut write = api.write(&signed_in).await?;
    outbound_route::insert(&mut write, &route, Timestamp::now()).await.map_err(taken("prefix"))?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok((StatusCode::CREATED, Json(kept::<OutboundRoute>(&api, id.uuid()).await?)))
}
