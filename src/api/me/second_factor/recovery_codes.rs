//! `POST /me/second-factor/recovery-codes`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{Code, RecoveryCodes, turn_off::proven_by_code};
use crate::{
    api::{Api, Body, Client, Problem, SignedIn},
    auth::second_factor,
};

/// Makes other recovery codes; those before are worth nothing.
#[utoipa::path(
    post,
    path = "/me/second-factor/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "session",
    request_body = Code,
    responses(
        (status = 200, description = "The new ones.", body = RecoveryCodes),
        (status = 401, description = "Nobody is signed in.", body = Problem),
        (status = 409, description = "`no_second_factor`: you have none.", body = Problem),
        (status = 422, description = "The code is wrong, or was used.", body = Problem),
        (status = 429, description = "Too many wrong ones.", body = Problem),
    )
)]
pub(in crate::api) async fn renew(
    State(api): State<Arc<Api>>,
    client: Client,
    signed_in: SignedIn,
    Body(Code { code }): Body<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    proven_by_code(&api, &client, &signed_in.user, &code).await?;
    let mut write = api.write(&signed_in).await?;
    let codes = second_factor::new_codes(&mut write, &signed_in.user).await?;
    write.commit().await?;
    Ok(Json(RecoveryCodes { codes }))
}
