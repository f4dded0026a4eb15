//! `GET /queues/{id}/members`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use carillon_model::QueueId;
use carillon_store::{membership, queue};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn};

/// An agent who works in a queue.
#[derive(Serialize, ToSchema)]
pub struct Member {
    /// The agent.
    #[schema(value_type = String, format = Uuid)]
    agent: carillon_model::AgentId,
    /// The agent's login.
    login: String,
    /// 1 is asked first.
    priority: u32,
}

/// Who works in a queue, by priority.
#[utoipa::path(
    get,
    path = "/queues/{id}/members",
    operation_id = "list_members",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the queue.")),
    responses(
        (status = 200, description = "By priority.", body = Vec<Member>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such queue.", body = Problem),
    )
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<Vec<Member>>, Problem> {
    signed_in.administers()?;
    let id = QueueId::new(id?.0);
    queue::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("queue"))?;
    let members = membership::of_queue(&api.db, id).await?;
    let directory = api.around.directory.read();
    let member = |membership: &carillon_model::Membership| {
        let login = directory.users.get(&membership.agent.into())?.login.clone();
        Some(Member { agent: membership.agent, login, priority: membership.priority })
    };
    Ok(Json(members.iter().filter_map(member).collect()))
}
