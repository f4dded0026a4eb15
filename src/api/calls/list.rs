//! `GET /calls`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use carillon_model::{CallKind, DispositionId, Part};
use carillon_store::{
    Order,
    call::{self, CallColumn, CallFilter},
};
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
    /// Id of a disposition: calls of it or of one below it.
    #[param(value_type = Option<String>, format = Uuid)]
    disposition: Option<DispositionId>,
    /// `true`: classed ones; `false`: those that are not.
    disposed: Option<bool>,
    /// Only those that hold this text, in any case, in a number, in the name of the caller, the agent or the queue, in the disposition or the note. 100 characters at most.
    /// Whoever may not see numbers finds none by them.
    q: Option<String>,
    /// Begun at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Begun before this.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// What to sort by: `number`, `kind`, `caller`, `called`, `connected`, `queue`, `agent`, `started_at`, `answered_at`, `ended_at`, `wait_ms`,
    /// `ring_ms`, `talk_ms`, `reason` or `disposition`;
    /// `started_at` without. Rows without a value come last.
    #[param(value_type = Option<String>)]
    sort: Option<CallColumn>,
    /// `asc` or `desc`; `desc` without.
    #[param(value_type = Option<String>)]
    order: Option<Order>,
    /// `next` of the page before, which had the same order.
    after: Option<String>,
    /// Rows, 1 to 200; 50 without.
    limit: Option<u32>,
}

/// Ended calls, newest first or as `sort` and `order` say. An agent sees the calls the agent answered; supervisors see all.
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
    signed_in.is_shown(Part::Calls)?;
    let Query(query) = query?;
    let directory = api.around.directory.read();
    let filter = CallFilter {
        agent: signed_in.sees_only(),
        queue: page::queue(&directory, query.queue.as_deref())?,
        kind: query.kind,
        disposition: query.disposition,
        disposed: query.disposed,
        search: page::search(&directory, &signed_in, query.q)?,
        from: query.from,
        until: query.until,
        sort: query.sort.unwrap_or_default(),
        order: query.order.unwrap_or_default(),
        after: query.after,
        limit: page::limit(query.limit)?,
    };
    let found = call::list(&api.db, &filter).await?;
    Ok(Json(Page::of(found, |record| CallRow::of(&record, &directory, signed_in.sees_only().is_none()))))
}
