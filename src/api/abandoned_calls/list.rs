//! `GET /abandoned-calls`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use carillon_model::Part;
use carillon_store::{
    Order,
    abandoned_call::{self, AbandonedColumn, AbandonedFilter},
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::row::AbandonedRow;
use crate::api::{Api, Page, Problem, SignedIn, page};

/// Which abandoned calls.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AbandonedQuery {
    /// Short name of a queue.
    queue: Option<String>,
    /// `true`: those whose callers called again and were served, which are off the list otherwise unless somebody has reserved them.
    #[serde(default)]
    #[param(required = false)]
    served: bool,
    /// `true`: classed ones; `false`: those that are not.
    disposed: Option<bool>,
    /// Only those that hold this text, in any case, in a number, in the name of the caller, the queue or whoever called back last, or in the disposition. 100 characters at most.
    /// Whoever may not see numbers finds none by them.
    q: Option<String>,
    /// Abandoned at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Abandoned before this.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// What to sort by: `number`, `name`, `phone`, `queue`, `abandoned_at`, `disposition`, `assigned_to` or `reserved_by`; `abandoned_at` without.
    /// Rows without a value come last.
    #[param(value_type = Option<String>)]
    sort: Option<AbandonedColumn>,
    /// `asc` or `desc`; `desc` without.
    #[param(value_type = Option<String>)]
    order: Option<Order>,
    /// `next` of the page before, which had the same order.
    after: Option<String>,
    /// Rows, 1 to 200; 50 without.
    limit: Option<u32>,
}

/// Callers who left a queue before anybody answered, newest first. An agent sees those of the own queues; supervisors see all.
///
/// A caller leaves the list who calls again with the same number, waits in the same queue and is answered by an agent; what is reserved then, once it
/// is released.
#[utoipa::path(
    get,
    path = "/abandoned-calls",
    operation_id = "list_abandoned_calls",
    tag = "abandoned calls",
    params(AbandonedQuery),
    responses(
        (status = 200, description = "A page.", body = Page<AbandonedRow>),
        (status = 422, description = "A parameter is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    query: Result<Query<AbandonedQuery>, QueryRejection>,
) -> Result<Json<Page<AbandonedRow>>, Problem> {
    signed_in.is_shown(Part::AbandonedCalls)?;
    let Query(query) = query?;
    let directory = api.around.directory.read();
    let filter = AbandonedFilter {
        agent: signed_in.sees_only(),
        queue: page::queue(&directory, query.queue.as_deref())?,
        served: query.served,
        disposed: query.disposed,
        search: page::search(&directory, &signed_in, query.q)?,
        from: query.from,
        until: query.until,
        sort: query.sort.unwrap_or_default(),
        order: query.order.unwrap_or_default(),
        after: query.after,
        limit: page::limit(query.limit)?,
    };
    let found = abandoned_call::list(&api.db, &filter).await?;
    Ok(Json(Page::of(found, |call| AbandonedRow::of(&call, &directory))))
}
