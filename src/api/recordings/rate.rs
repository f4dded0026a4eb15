//! `PUT /recordings/{id}/rating`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::RecordingId;
use carillon_store::recording;
use serde::Deserialize;
use utoipa::ToSchema;

use super::read::find;
use crate::api::{Api, Body, Problem, SignedIn};

/// How good a conversation was.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// Stars, 1 to 5; absent takes them away.
    #[schema(example = 4)]
    stars: Option<u32>,
}

/// Rates a recording, which agents may not. The audit log has who did, and the stars of before.
#[utoipa::path(
    put,
    path = "/recordings/{id}/rating",
    operation_id = "rate_recording",
    tag = "recordings",
    params(("id" = String, Path, description = "Id of the recording.")),
    request_body = Rating,
    responses(
        (status = 204, description = "So it is."),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "No such recording.", body = Problem),
        (status = 422, description = "Not 1 to 5 stars.", body = Problem),
    )
)]
pub(in crate::api) async fn rate(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(rating): Body<Rating>,
) -> Result<StatusCode, Problem> {
    signed_in.supervises()?;
    let id = RecordingId::new(id?.0);
    if rating.stars.is_some_and(|stars| !(1..=5).contains(&stars)) {
        return Err(Problem::invalid("stars", "Between 1 and 5."));
    }
    find(&api, &signed_in, id).await?;
    let mut write = api.write(&signed_in).await?;
    recording::set_rating(&mut write, id, rating.stars).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
