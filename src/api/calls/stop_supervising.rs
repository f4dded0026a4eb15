//! `POST /calls/{id}/stop-supervising`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};

use super::supervision::stop;
use crate::api::{Api, Problem, SignedIn};

/// A supervisor leaves a call, which goes on as before.
#[utoipa::path(
    post,
    path = "/calls/{id}/stop-supervising",
    operation_id = "stop_supervising",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 204, description = "Done."),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such call is up.", body = Problem),
        (status = 409, description = "`not_supervising`: you are not there.", body = Problem),
    )
)]
pub(in crate::api) async fn stop_supervising(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    stop(&api, &signed_in, id).await
}
