//! `GET /trunks`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_store::trunk;

use super::settings::TrunkRow;
use crate::api::{Api, Page, Problem, SignedIn};

/// Trunks, by name.
#[utoipa::path(
    get,
    path = "/trunks",
    operation_id = "list_trunks",
    tag = "set-up",
    responses((status = 200, description = "All of them.", body = Page<TrunkRow>), (status = 403, description = "For administrators.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Page<TrunkRow>>, Problem> {
    signed_in.administers()?;
    let stored = trunk::all(&api.db).await?;
    let items = stored.iter().map(|stored| TrunkRow::of(stored, api.trunks.status(stored.entity.id))).collect();
    Ok(Json(Page { items, next: None }))
}
