//! `POST /demo/simulate`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::{Api, Body, Problem, SignedIn};

/// How much of a day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// Calls to make, 1 to 100; 12 without.
    calls: Option<u32>,
}

/// Starts simulated callers, and simulated phones for Bruno and Carla to take them. The demo has it; a real server does not.
#[utoipa::path(
    post,
    path = "/demo/simulate",
    operation_id = "simulate",
    tag = "demo",
    request_body = Day,
    responses(
        (status = 202, description = "Calls are coming."),
        (status = 403, description = "For supervisors.", body = Problem),
        (status = 404, description = "This is not the demo.", body = Problem),
        (status = 409, description = "A simulation is running.", body = Problem),
    )
)]
pub(in crate::api) async fn simulate(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(day): Body<Day>,
) -> Result<StatusCode, Problem> {
    signed_in.supervises()?;
    let demo = api.demo.as_ref().ok_or_else(|| Problem::not_found("simulation: this is not the demo"))?;
    let calls = day.calls.unwrap_or(12);
    if !(1..=100).contains(&calls) {
        return Err(Problem::invalid("calls", "Between 1 and 100."));
    }
    match demo.start(calls, &api.around.directory, &api.around.acd) {
        true => Ok(StatusCode::ACCEPTED),
        false => Err(Problem::conflict("running", "A simulation is running already.")),
    }
}
