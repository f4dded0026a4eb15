//! `GET /api-keys`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_store::api_key;

use super::row::ApiKeyRow;
use crate::api::{Api, Problem, SignedIn};

/// All keys of other software, oldest first, those taken back among them.
#[utoipa::path(
    get,
    path = "/api-keys",
    operation_id = "list_api_keys",
    tag = "set-up",
    responses((status = 200, description = "The keys.", body = Vec<ApiKeyRow>), (status = 403, description = "For administrators.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Vec<ApiKeyRow>>, Problem> {
    signed_in.administers()?;
    let directory = api.around.directory.read();
    let keys = api_key::all(&api.db).await?;
    Ok(Json(keys.into_iter().map(|key| ApiKeyRow::of(key, &directory)).collect()))
}
