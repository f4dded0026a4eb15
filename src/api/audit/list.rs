//! `GET /audit`

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use carillon_model::UserId;
use carillon_store::{
    Order,
    audit::{self, Action, AuditEntry, AuditFilter},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::names::Names;
use crate::{
    api::{Api, Page, Problem, SignedIn, page},
    dispatch::Snapshot,
};

/// Which changes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// `user`, `second_factor`, `phone`, `queue`, `membership`, `trunk`, `outbound_route`, `pause_reason`, `disposition`, `sound`, `api_key`,
    /// `recording`, `recording_link`, `abandoned_call` or `call`.
    entity: Option<String>,
    /// Id of what was changed; of a membership, its queue's.
    entity_id: Option<String>,
    /// Login of who changed it, or a command's name.
    by: Option<String>,
    /// Changed at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Changed before this.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// `asc` or `desc` by time; `desc` without.
    #[param(value_type = Option<String>)]
    order: Option<Order>,
    /// `next` of the page before, which had the same order.
    after: Option<String>,
    /// Rows, 1 to 200; 50 without.
    limit: Option<u32>,
}

/// A change of the set-up.
#[derive(Serialize, ToSchema)]
pub struct AuditRow {
    /// Id.
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Id of the user; absent for a command at the server.
    #[schema(value_type = Option<String>, format = Uuid)]
    user: Option<UserId>,
    /// The user's login then, or the command's name.
    by: String,
    /// That person's name now; absent for a command, and for whoever is gone.
    by_name: Option<String>,
    /// `create`, `update` or `delete`; of recordings also `listen` and `download`.
    #[schema(value_type = String)]
    action: Action,
    /// What was changed.
    entity: String,
    /// Its id.
    entity_id: String,
    /// What it was called then, or else is now; of a recording or a call its short number. Absent where nobody knows any more.
    name: Option<String>,
    /// Names of what `before` and `after` name by id.
    names: BTreeMap<String, String>,
    /// What it was; absent when it was made. Of secrets only that they were changed is told.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// What it is since; absent when it was removed.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
}

impl AuditRow {
    fn of(entry: AuditEntry, names: &Names, directory: &Snapshot) -> Self {
        let json = |body: &Option<String>| body.as_ref().and_then(|body| serde_json::from_str::<Value>(body).ok());
        let (before, after) = (json(&entry.before), json(&entry.after));
        Self {
            by_name: entry.user.and_then(|user| directory.name_of(user, true)),
            name: names.thing(&entry, before.as_ref(), after.as_ref()),
            names: names.within([before.as_ref(), after.as_ref()]),
            id: entry.id,
            at: entry.at,
            user: entry.user,
            by: entry.by,
            action: entry.action,
            entity: entry.entity,
            entity_id: entry.entity_id,
            before,
            after,
        }
    }
}

/// Who changed what of the set-up, and who listened to which recording, newest first, with what it was before and is after.
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "list_audit",
    tag = "set-up",
    params(AuditQuery),
    responses((status = 200, description = "A page.", body = Page<AuditRow>), (status = 403, description = "For administrators.", body = Problem), (status = 422, description = "A parameter is wrong.", body = Problem))
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<Page<AuditRow>>, Problem> {
    signed_in.administers()?;
    let Query(query) = query?;
    let AuditQuery { entity, entity_id, by, from, until, order, after, limit } = query;
    let filter = AuditFilter { entity, entity_id, by, from, until, order: order.unwrap_or_default(), after, limit: page::limit(limit)? };
    let found = audit::list(&api.db, &filter).await?;
    let names = Names::of(&api, &found.items).await?;
    let directory = api.around.directory.read();
    Ok(Json(Page::of(found, |entry| AuditRow::of(entry, &names, &directory))))
}
