//! `POST /me/phone-token`

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::Typology;
use carillon_sip_leg as sip;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{Api, Body, Problem, SignedIn},
    auth::session::Token,
};

/// How long a token waits to be used.
const LIFETIME: Duration = Duration::from_secs(60);

/// The phone the page wants to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Its SIP name.
    #[schema(example = "1003")]
    phone: String,
}

/// What the page's phone registers with.
#[derive(Serialize, ToSchema)]
pub struct PhoneToken {
    /// The phone's SIP name.
    phone: String,
    /// For `Authorization: Bearer` of its first REGISTER at `/sip`, over HTTPS or from the server's own machine. Good for one.
    token: String,
    /// How long it waits to be used, seconds.
    expires_in_s: u64,
}

/// Gives the page of an agent who works with a WebRTC phone what that phone registers with, in place of its password (RFC 8898). The connection it
/// registers by speaks for the phone until it closes; the next one needs another token.
#[utoipa::path(
    post,
    path = "/me/phone-token",
    operation_id = "phone_token",
    tag = "session",
    request_body = Wanted,
    responses(
        (status = 201, description = "Made.", body = PhoneToken),
        (status = 403, description = "Not an agent whose phone is in the page.", body = Problem),
        (status = 409, description = "`phone_claimed`: another agent works with it.", body = Problem),
        (status = 422, description = "No such phone.", body = Problem),
    )
)]
pub(in crate::api) async fn phone_token(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<PhoneToken>), Problem> {
    let (agent, settings) = signed_in.agent()?;
    if settings.typology != Typology::WebRtc {
        return Err(Problem::forbidden().detail("Only agents whose phone is in the page register it from there."));
    }
    let directory = api.around.directory.read();
    let phone = directory.phone_named(&wanted.phone).ok_or_else(|| Problem::invalid("phone", "There is no such phone."))?.clone();
    let view = api.around.acd.view().await;
    if view.agents.iter().any(|other| other.phone == Some(phone.id) && other.agent != agent) {
        return Err(Problem::conflict("phone_claimed", "Another agent works with this phone."));
    }
    let token = Token::random().reveal().to_owned();
    let order = sip::Command::AllowToken { phone: phone.name.clone(), token: token.clone(), lifetime: LIFETIME };
    api.around.sip.send(order).await.map_err(|_| Problem::unavailable("The server is shutting down."))?;
    Ok((StatusCode::CREATED, Json(PhoneToken { phone: phone.name, token, expires_in_s: LIFETIME.as_secs() })))
}
