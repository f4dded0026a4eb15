//! `DELETE /dispositions/{id}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::DispositionId;
use carillon_store::disposition;

use crate::api::{Api, Problem, SignedIn};

/// Removes a disposition with all below it. Calls that were given it keep its name.
#[utoipa::path(
    delete,
    path = "/dispositions/{id}",
    operation_id = "delete_disposition",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the disposition.")),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such disposition.", body = Problem),
    )
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let mut write = api.write(&signed_in).await?;
    if !disposition::delete(&mut write, DispositionId::new(id?.0)).await? {
        return Err(Problem::not_found("disposition"));
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
