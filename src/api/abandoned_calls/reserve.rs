//! `PUT /abandoned-calls/{id}/reservation`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::CallId;
use carillon_store::abandoned_call::{self, Reserved};
use jiff::Timestamp;

use super::row::{AbandonedRow, Colleague, seen};
use crate::api::{Api, Problem, SignedIn};

/// Reserves an abandoned call for the signed-in agent. Of several who do so at once one wins, and the others are told who.
#[utoipa::path(
    put,
    path = "/abandoned-calls/{id}/reservation",
    operation_id = "reserve_abandoned_call",
    tag = "abandoned calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 200, description = "It is yours.", body = AbandonedRow),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "No such abandoned call in your queues.", body = Problem),
        (status = 409, description = "`reserved`: somebody else was first; `detail` is the name. `served`: the caller has been served meanwhile.", body = Problem),
    )
)]
pub(in crate::api) async fn reserve(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<AbandonedRow>, Problem> {
    let (agent, _) = signed_in.agent()?;
    let call = seen(&api, &signed_in, CallId::new(id?.0)).await?.call;
    let mut write = api.db.write().await?;
    let reserved = abandoned_call::reserve(&mut write, call, agent, Timestamp::now()).await?;
    write.commit().await?;
    let directory = api.around.directory.read();
    match reserved {
        Reserved::Yes(call) => {
            api.live.abandoned_changed(call.call, call.queue);
            Ok(Json(AbandonedRow::of(&call, &directory)))
        }
        Reserved::By(other) => {
            let problem = Problem::conflict("reserved", "Somebody else has reserved this call.");
            Err(problem.detail(Colleague::of(other, &directory).map(|who| who.name).unwrap_or_default()))
        }
        Reserved::Served => Err(Problem::conflict("served", "The caller called again and was served.")),
        Reserved::Missing => Err(Problem::not_found("abandoned call")),
    }
}
