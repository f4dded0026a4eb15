//! `GET /calls/sums`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use carillon_store::call;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::{Api, Problem, SignedIn};

/// Of what time.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SumsQuery {
    /// Begun at or after this.
    #[param(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Begun before this; now without.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// What came of the answered calls.
#[derive(Serialize, ToSchema)]
pub struct CallSums {
    /// How many were answered.
    answered: u64,
    /// How many waits of theirs in queues ended with an answer: none of a call of no queue, several of one that was given on to another queue.
    queued: u64,
    /// Milliseconds of talk in all.
    talk_ms: u64,
    /// Milliseconds of those waits, from the entry to the answer: by `queued` the average speed of answer.
    wait_ms: u64,
}

/// The answered calls of some time in figures: an agent's own, all for supervisors.
#[utoipa::path(
    get,
    path = "/calls/sums",
    operation_id = "sum_calls",
    tag = "calls",
    params(SumsQuery),
    responses((status = 200, description = "The sums.", body = CallSums), (status = 422, description = "A parameter is wrong.", body = Problem))
)]
pub(in crate::api) async fn sums(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    query: Result<Query<SumsQuery>, QueryRejection>,
) -> Result<Json<CallSums>, Problem> {
    let Query(SumsQuery { from, until }) = query?;
    let found = call::sums(&api.db, signed_in.sees_only(), from, until.unwrap_or_else(Timestamp::now)).await?;
    let call::CallSums { answered, queued, talk_ms, wait_ms } = found;
    Ok(Json(CallSums { answered, queued, talk_ms, wait_ms }))
}
