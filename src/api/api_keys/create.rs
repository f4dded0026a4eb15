//! `POST /api-keys`

use std::{collections::BTreeSet, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::{ApiKeyId, Scope};
use carillon_store::api_key::{self, ApiKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::row::ApiKeyRow;
use crate::{
    api::{Api, Body, Problem, SignedIn},
    auth::key,
};

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What a person calls it: the software it is for.
    #[schema(example = "CRM")]
    name: String,
    /// Login of the user it acts as.
    #[schema(example = "anna")]
    user: String,
    /// What it may do: `make_calls`, `control_calls`, `read`, `state`; at least one.
    #[schema(value_type = Vec<String>)]
    scopes: BTreeSet<Scope>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub struct MadeApiKey {
    /// For `Authorization: Bearer`. Shown this once.
    secret: String,
    /// The key.
    #[serde(flatten)]
    key: ApiKeyRow,
}

/// Makes a key for other software. It acts as a user, as far as its scopes reach, and never signs in, out or changes the set-up.
#[utoipa::path(
    post,
    path = "/api-keys",
    operation_id = "create_api_key",
    tag = "set-up",
    request_body = NewApiKey,
    responses(
        (status = 201, description = "Made; its secret is not shown again.", body = MadeApiKey),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(wanted): Body<NewApiKey>,
) -> Result<(StatusCode, Json<MadeApiKey>), Problem> {
    signed_in.administers()?;
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Problem::invalid("name", "Give a name of 1 to 100 characters."));
    }
    if wanted.scopes.is_empty() {
        return Err(Problem::invalid("scopes", "Give at least one."));
    }
    let directory = api.around.directory.read();
    let user = directory.users.values().find(|user| user.login.eq_ignore_ascii_case(&wanted.user));
    let user = user.ok_or_else(|| Problem::invalid("user", "There is no such user."))?.id;
    let (secret, hint) = key::random();
    let key = ApiKey {
        id: ApiKeyId::new(api.new_id()),
        name: name.to_owned(),
        hint,
        user,
        scopes: wanted.scopes,
        created_at: Timestamp::now(),
        last_used_at: None,
        revoked_at: None,
    };
    let mut write = api.write(&signed_in).await?;
    api_key::insert(&mut write, &key, &secret.sha256()).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(MadeApiKey { secret: secret.reveal().to_owned(), key: ApiKeyRow::of(key, &directory) })))
}
