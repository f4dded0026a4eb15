//! `GET /outbound-routes`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_store::outbound_route;

use super::settings::RouteSettings;
use crate::api::{Api, Kept, Page, Problem, SignedIn};

/// Outbound routes, by prefix.
#[utoipa::path(
    get,
    path = "/outbound-routes",
    operation_id = "list_outbound_routes",
    tag = "set-up",
    responses((status = 200, description = "All of them.", body = Page<Kept<RouteSettings>>), (status = 403, description = "For administrators.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Page<Kept<RouteSettings>>>, Problem> {
    signed_in.administers()?;
    let stored = outbound_route::all(&api.db).await?;
    let directory = api.around.directory.read();
    let items =
        stored.iter().map(|stored| Kept::of(stored.entity.id.uuid(), stored, |route| RouteSettings::of(route, &directory))).collect();
    Ok(Json(Page { items, next: None }))
}
