//! `GET /me/filters` and `PUT /me/filters/{list}`

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_store::saved_filter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::{Api, Body, Problem, SignedIn};

/// Lists that filters are kept of.
const LISTS: [&str; 4] = ["calls", "abandoned", "recordings", "audit"];
/// Filters of a list, characters of a filter's name, fields of a filter, characters of a field.
const FILTERS: usize = 20;
const NAME: usize = 40;
const FIELDS: usize = 20;
const FIELD: usize = 200;

/// A list as somebody wants to find it again.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedFilter {
    /// 1 to 40 characters.
    name: String,
    /// The list's filters and order, as the page's address has them; 20 at most.
    search: BTreeMap<String, FilterValue>,
}

/// What a filter is set to.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum FilterValue {
    /// On or off.
    Flag(bool),
    /// 200 characters at most.
    Text(String),
}

/// The filters that the signed-in person saved, by list, oldest first.
#[utoipa::path(
    get,
    path = "/me/filters",
    operation_id = "list_saved_filters",
    tag = "session",
    responses(
        (status = 200, description = "By list.", body = BTreeMap<String, Vec<SavedFilter>>),
        (status = 401, description = "Nobody is signed in.", body = Problem),
    )
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
) -> Result<Json<BTreeMap<String, Vec<SavedFilter>>>, Problem> {
    let kept = saved_filter::of_user(&api.db, signed_in.user.id).await?;
    // What another version kept and this one cannot read keeps nobody from the others.
    let read = kept.into_iter().filter_map(|(list, filters)| {
        let known = serde_json::from_str(&filters).inspect_err(|error| tracing::warn!(list, %error, "saved filters cannot be read"));
        Some((list, known.ok()?))
    });
    Ok(Json(read.collect()))
}

/// Keeps the filters of a list in place of those before: `calls`, `abandoned`, `recordings` or `audit`. 20 at most.
#[utoipa::path(
    put,
    path = "/me/filters/{list}",
    operation_id = "save_filters",
    tag = "session",
    params(("list" = String, Path, description = "`calls`, `abandoned`, `recordings` or `audit`.")),
    request_body = Vec<SavedFilter>,
    responses(
        (status = 204, description = "Kept."),
        (status = 404, description = "No such list.", body = Problem),
        (status = 422, description = "Too many, or too long.", body = Problem),
    )
)]
pub(in crate::api) async fn save(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    list: Result<Path<String>, PathRejection>,
    Body(filters): Body<Vec<SavedFilter>>,
) -> Result<StatusCode, Problem> {
    let list = list?.0;
    if !LISTS.contains(&list.as_str()) {
        return Err(Problem::not_found("list"));
    }
    if filters.len() > FILTERS {
        return Err(Problem::invalid("filters", "At most 20."));
    }
    if filters.iter().any(|filter| !(1..=NAME).contains(&filter.name.trim().chars().count())) {
        return Err(Problem::invalid("name", "Between 1 and 40 characters."));
    }
    let is_long = |(field, value): (&String, &FilterValue)| {
        let value = if let FilterValue::Text(text) = value { text.chars().count() } else { 0 };
        field.chars().count() > NAME || value > FIELD
    };
    if filters.iter().any(|filter| filter.search.len() > FIELDS || filter.search.iter().any(is_long)) {
        return Err(Problem::invalid("search", "At most 20 fields of 200 characters."));
    }
    let kept = serde_json::to_string(&filters).map_err(|_| Problem::invalid("filters", "Not a list of filters."))?;
    let mut write = api.db.write().await?;
    saved_filter::save(&mut write, signed_in.user.id, &list, &kept).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
