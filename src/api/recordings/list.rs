//! `GET /recordings`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use carillon_model::Part;
use carillon_store::{
    Order,
    recording::{self, RecordingColumn, RecordingFilter},
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::row::RecordingRow;
use crate::api::{Api, Page, Problem, SignedIn, page};

/// Which recordings.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RecordingQuery {
    /// Short name of a queue.
    queue: Option<String>,
    /// Only those that hold this text, in any case, in a number, in the recording's id, or in the name of the caller, the agent or the queue. 100 characters at most.
    /// Whoever may not see numbers finds none by them.
    q: Option<String>,
    /// Begun at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Begun before this.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// What to sort by: `id`, `kind`, `caller`, `called`, `connected`, `queue`, `agent`, `started_at`, `stopped_at`, `length_ms`, `bytes` or `rating`;
    /// `started_at` without. Rows without a value come last.
    #[param(value_type = Option<String>)]
    sort: Option<RecordingColumn>,
    /// `asc` or `desc`; `desc` without.
    #[param(value_type = Option<String>)]
    order: Option<Order>,
    /// `next` of the page before, which had the same order.
    after: Option<String>,
    /// Rows, 1 to 200; 50 without.
    limit: Option<u32>,
}

/// Recordings, newest first or as `sort` and `order` say. An agent sees those of the calls the agent answered.
#[utoipa::path(
    get,
    path = "/recordings",
    operation_id = "list_recordings",
    tag = "recordings",
    params(RecordingQuery),
    responses((status = 200, description = "A page.", body = Page<RecordingRow>), (status = 422, description = "A parameter is wrong.", body = Problem))
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    query: Result<Query<RecordingQuery>, QueryRejection>,
) -> Result<Json<Page<RecordingRow>>, Problem> {
    signed_in.is_shown(Part::Recordings)?;
    let Query(query) = query?;
    let directory = api.around.directory.read();
    let filter = RecordingFilter {
        agent: signed_in.sees_only(),
        queue: page::queue(&directory, query.queue.as_deref())?,
        search: page::search(&directory, &signed_in, query.q)?,
        from: query.from,
        until: query.until,
        sort: query.sort.unwrap_or_default(),
        order: query.order.unwrap_or_default(),
        after: query.after,
        limit: page::limit(query.limit)?,
    };
    let found = recording::list(&api.db, &filter).await?;
    Ok(Json(Page::of(found, |recording| RecordingRow::of(&recording, &directory, signed_in.sees_only().is_none()))))
}
