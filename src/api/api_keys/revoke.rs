//! `DELETE /api-keys/{id}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::ApiKeyId;
use carillon_store::api_key;
use jiff::Timestamp;

use crate::api::{Api, Problem, SignedIn};

/// Takes a key back for good: its live streams end, its next request is refused. It stays in the list.
#[utoipa::path(
    delete,
    path = "/api-keys/{id}",
    operation_id = "revoke_api_key",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the key.")),
    responses(
        (status = 204, description = "Taken back."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such key, or it was taken back already.", body = Problem),
    )
)]
pub(in crate::api) async fn revoke(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = ApiKeyId::new(id?.0);
    let mut write = api.write(&signed_in).await?;
    if !api_key::revoke(&mut write, id, Timestamp::now()).await? {
        return Err(Problem::not_found("key"));
    }
    write.commit().await?;
    api.live.close_key(id);
    Ok(StatusCode::NO_CONTENT)
}
