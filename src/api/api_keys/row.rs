//! A key as it is shown: never its secret.

use carillon_model::Scope;
use carillon_store::api_key::ApiKey;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dispatch::Snapshot;

/// A key of other software.
#[derive(Serialize, ToSchema)]
pub struct ApiKeyRow {
    /// Id.
    id: Uuid,
    /// What a person calls it.
    name: String,
    /// How its text begins.
    hint: String,
    /// Login of the user it acts as; absent when that user is gone.
    user: Option<String>,
    /// What it may do: `make_calls`, `control_calls`, `read`, `state`.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

impl ApiKeyRow {
    pub(super) fn of(key: ApiKey, directory: &Snapshot) -> Self {
        Self {
            id: key.id.uuid(),
            name: key.name,
            hint: key.hint,
            user: directory.users.get(&key.user).map(|user| user.login.clone()),
            scopes: key.scopes.into_iter().collect(),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}
