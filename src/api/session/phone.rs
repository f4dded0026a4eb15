//! `PUT /session/phone`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_acd::LogInRefused;
use carillon_model::{EndedBy, Part, PhoneId, SessionId, Typology};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::{
    Api, Body, Problem, SignedIn,
    me::{
        pause::{PauseChoice, chosen},
        phone_token::own_page,
        read::Me,
    },
};

/// The phone to work with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its SIP name, as `GET /phones?available=true` lists it. Absent of a WebRTC agent, whose phone is the page.
    #[serde(default)]
    #[schema(example = "1001")]
    phone: Option<String>,
    /// Whether to begin with a pause, so that no queue offers a call before you resume; absent: as the administrator set it for you.
    #[serde(default)]
    paused: Option<bool>,
    /// Name of the pause to begin with, as `GET /pauses` lists it; without it the default.
    #[serde(default)]
    reason: Option<String>,
}

/// Logs the agent in with a phone: from then on the agent is offered calls, or is paused if that is wished. The phone is the agent's until sign-out.
#[utoipa::path(
    put,
    path = "/session/phone",
    operation_id = "choose_phone",
    tag = "session",
    request_body = Choice,
    responses(
        (status = 200, description = "Logged in.", body = Me),
        (status = 403, description = "Not an agent. `not_shown`: you may not pause.", body = Problem),
        (status = 409, description = "`use_the_phone`: an agent of typology phonebar does this on the telephone. `phone_claimed`: another agent works with it. `already_logged_in`: sign out first.", body = Problem),
        (status = 422, description = "No such phone, or it is not registered. No such pause.", body = Problem),
    )
)]
pub(in crate::api) async fn choose_phone(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(choice): Body<Choice>,
) -> Result<Json<Me>, Problem> {
    let (agent, settings) = signed_in.agent()?;
    signed_in.works_the_phone()?;
    let directory = api.around.directory.read();
    let wanted = match (settings.typology, choice.phone) {
        (Typology::WebRtc, None) => own_page(&api, agent)?,
        (Typology::WebRtc, Some(_)) => return Err(Problem::invalid("phone", "Your phone is the page.")),
        (Typology::External | Typology::Phonebar, wanted) => wanted.ok_or_else(|| Problem::invalid("phone", "Choose one."))?,
    };
    let phone = directory.phone_named(&wanted).filter(|phone| settings.typology == Typology::WebRtc || !directory.is_page(phone.id));
    let phone = phone.ok_or_else(|| Problem::invalid("phone", "There is no such phone."))?;
    let pause = match (choice.paused, choice.reason) {
        (Some(false), Some(_)) => return Err(Problem::invalid("reason", "There is no pause to begin with.")),
        (Some(false), None) => None,
        (None, None) => settings.logs_in_paused.then(|| chosen(&api, &PauseChoice { reason: None })).transpose()?,
        (Some(true) | None, reason) => {
            signed_in.is_shown(Part::Pause)?;
            Some(chosen(&api, &PauseChoice { reason })?)
        }
    };
    api.around.acd.log_in(agent, phone.id, pause).await.map_err(refused)?;
    if let Err(problem) = remember(&api, signed_in.session.id, phone.id).await {
        // A log-in that sign-out does not know of would never end. Whoever is logged out already has nothing to lose.
        let _ = api.around.acd.log_out(agent, EndedBy::System).await;
        return Err(problem);
    }
    Ok(Json(Me::of(&api, &signed_in).await?))
}

/// The session works with that phone from now on, unless it has been ended meanwhile.
pub(super) async fn remember(api: &Api, session: SessionId, phone: PhoneId) -> Result<(), Problem> {
    let mut write = api.db.write().await?;
    if !carillon_store::session::set_phone(&mut write, session, Some(phone)).await? {
        return Err(Problem::signed_out());
    }
    Ok(write.commit().await?)
}

fn refused(refused: LogInRefused) -> Problem {
    match refused {
        LogInRefused::PhoneClaimed { .. } => Problem::conflict("phone_claimed", "Another agent works with this phone."),
        LogInRefused::AlreadyLoggedIn { .. } => Problem::conflict("already_logged_in", "You are logged in with a phone already."),
        LogInRefused::PhoneUnreachable => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "phone_unreachable", "This phone is not registered.")
                .field("phone", "Not registered.")
        }
        LogInRefused::UnknownAgent | LogInRefused::UnknownPhone => Problem::invalid("phone", "There is no such phone."),
        LogInRefused::ShuttingDown => Problem::unavailable("The server is shutting down."),
    }
}
