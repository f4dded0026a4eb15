//! `GET /accounts`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Problem, SignedIn},
    config::{Accounts, AskedOf},
};

/// How people sign in here.
#[derive(Serialize, ToSchema)]
pub struct AccountSettings {
    /// Whether the security suite is on.
    security_suite: bool,
    /// Of whom a second factor is asked: `nobody`, `administrators` or `everybody`.
    #[schema(value_type = String)]
    second_factor: AskedOf,
    /// Wrong passwords and codes in a row that lock a login.
    lock_after: u32,
    /// How long it stays locked, minutes.
    lock_minutes: u32,
    /// The numbers that new agents are given.
    #[schema(value_type = Option<String>, example = "200-299")]
    agent_numbers: Option<String>,
    /// The provider by whom people may sign in: its issuer.
    provider: Option<String>,
}

/// How people sign in here. What loosens it is in `carillon.toml`, where no session reaches.
#[utoipa::path(
    get,
    path = "/accounts",
    operation_id = "read_accounts",
    tag = "set-up",
    responses((status = 200, description = "As the server was started.", body = AccountSettings), (status = 403, description = "For administrators.", body = Problem))
)]
pub(in crate::api) async fn read(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<AccountSettings>, Problem> {
    signed_in.administers()?;
    let Accounts { security_suite, second_factor, lock_after, lock_minutes, agent_numbers } = api.config.accounts;
    let agent_numbers = agent_numbers.map(|range| range.to_string());
    let provider = Some(api.config.oidc.issuer.clone()).filter(|issuer| !issuer.is_empty());
    Ok(Json(AccountSettings { security_suite, second_factor, lock_after, lock_minutes, agent_numbers, provider }))
}
