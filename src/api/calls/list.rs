//! `GET /calls`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use carillon_model::CallKind;
use carillon_store::call::{self, CallFilter};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::row::CallRow;
use crate::api::{Api, Page, Problem, SignedIn, page};

/// Which calls.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CallQuery {
    /// Short name of a queue.
    queue: Option<String>,
    /// `inbound`, `outbound`, `internal`, `dialer` or `service`.
    #[param(value_type = Option<String>)]
    kind: Option<CallKind>,
    /// Begun at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Begun before this.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows, 1 to 200; 50 without.
    limit: Option<u32>,
}

/// Ended calls, newest first. An agent sees the calls the agent answered; supervisors see all.
#[utoipa::path(
    get,
    path = "/calls",
    operation_id = "list_calls",
    tag = "calls",
    params(CallQuery),
    responses((status = 200, description = "A page.", body = Page<CallRow>), (status = 422, description = "A parameter is wrong.", body = Problem))
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    query: Result<Query<CallQuery>, QueryRejection>,
) -> Result<Json<Page<CallRow>>, Problem> {
    let Query(query) = query?;
    let directory = api.around.directory.read();
    let filter = CallFilter {
        agent: signed_in.sees_only(),
        queue: page::queue(&directory, query.queue.as_deref())?,
        kind: query.kind,
        from: query.from,
        until: query.until,
        after: page::cursor(query.after.as_deref())?,
        limit: page::limit(query.limit)?,
    };
    let found = call::list(&api.db, &filter).await?;
    let items = found.items.iter().map(|record| CallRow::of(record, &directory)).collect();
    Ok(Json(Page { items, next: found.next.map(|next| next.to_string()) }))
}
