//! `POST /me/phone-token`

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::{AgentId, Typology};
use carillon_sip_leg as sip;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Problem, SignedIn},
    auth::{session::Token, turn::IceServer},
    clock,
};

/// How long a token waits to be used.
const LIFETIME: Duration = Duration::from_secs(60);

/// What the page's phone registers with.
#[derive(Serialize, ToSchema)]
pub struct PhoneToken {
    /// The phone's SIP name.
    phone: String,
    /// For `Authorization: Bearer` of its first REGISTER at `/sip`, over HTTPS or from the server's own machine. Good for one.
    token: String,
    /// How long it waits to be used, seconds.
    expires_in_s: u64,
    /// For the page's `RTCPeerConnection`: a TURN server with credentials that hold for some hours, where the site has one.
    ice_servers: Vec<IceServer>,
}

/// Gives the page of a WebRTC agent what its phone registers with, in place of a password (RFC 8898). The phone is the agent's own. The connection it
/// registers by speaks for the phone until it closes; the next one needs another token.
#[utoipa::path(
    post,
    path = "/me/phone-token",
    operation_id = "phone_token",
    tag = "session",
    responses(
        (status = 201, description = "Made.", body = PhoneToken),
        (status = 403, description = "Not an agent whose phone is in the page.", body = Problem),
        (status = 409, description = "`number_taken`: a telephone has the agent's number as its name, so the page cannot be one.", body = Problem),
    )
)]
pub(in crate::api) async fn phone_token(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
) -> Result<(StatusCode, Json<PhoneToken>), Problem> {
    let (agent, settings) = signed_in.agent()?;
    if settings.typology != Typology::WebRtc {
        return Err(Problem::forbidden().detail("Only agents whose phone is in the page register it from there."));
    }
    let phone = own_page(&api, agent)?;
    let ice_servers = api.turn.iter().map(|turn| turn.credentials(&signed_in.user.login, clock::now().wall)).collect();
    let token = Token::random().reveal().to_owned();
    let order = sip::Command::AllowToken { phone: phone.clone(), token: token.clone(), lifetime: LIFETIME };
    api.around.sip.send(order).await.map_err(|_| Problem::unavailable("The server is shutting down."))?;
    Ok((StatusCode::CREATED, Json(PhoneToken { phone, token, expires_in_s: LIFETIME.as_secs(), ice_servers })))
}

/// The SIP name of the phone that is this agent's page.
pub(in crate::api) fn own_page(api: &Api, agent: AgentId) -> Result<String, Problem> {
    let taken = || Problem::conflict("number_taken", "A telephone has your internal number as its name: ask an administrator.");
    api.around.directory.read().page_of(agent).map(|phone| phone.name.clone()).ok_or_else(taken)
}
