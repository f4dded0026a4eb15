//! `POST /calls/{id}/digits`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::{Control, Keys};
use serde::Deserialize;
use utoipa::ToSchema;

use super::control::OnCall;
use crate::api::{Api, Body, Problem, SignedIn};

/// Keys of a telephone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Digits {
    /// `0`-`9`, `*`, `#`, `A`-`D`, one to 64 of them.
    #[schema(example = "12#", min_length = 1, max_length = 64)]
    digits: String,
}

/// Presses keys towards whom the agent speaks with, as the telephone's own would: for menus of others. They are written nowhere.
#[utoipa::path(
    post,
    path = "/calls/{id}/digits",
    operation_id = "press_keys",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    request_body = Digits,
    responses(
        (status = 204, description = "They are being sent, one after the other."),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 404, description = "You are on no such call.", body = Problem),
        (status = 409, description = "`not_talking`; `on_hold`: nobody hears them.", body = Problem),
        (status = 422, description = "Something no telephone has a key for, none, or too many.", body = Problem),
    )
)]
pub(in crate::api) async fn digits(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(wanted): Body<Digits>,
) -> Result<StatusCode, Problem> {
    let on_call = OnCall::of(&api, &signed_in, id).await?;
    // The answer does not repeat what was pressed.
    let keys = Keys::new(&wanted.digits).ok_or_else(|| Problem::invalid("digits", "Give 1 to 64 of 0-9, *, #, A-D."))?;
    on_call.order(&api, Control::Press(keys)).await
}
