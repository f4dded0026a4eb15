//! `GET /session`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_model::Typology;
use carillon_store::session::Session;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, AtTheDoor, Problem, SignedIn, me::read::Me};

/// The session of the request.
#[derive(Serialize, ToSchema)]
pub struct Current {
    /// When it began; after a take-over, when the work began that was taken over.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it ends if nobody uses it.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Who is signed in.
    me: Me,
    /// The site's time zone, by its IANA name: times in files are written in it.
    time_zone: String,
    /// Whether this is the demo, which makes callers of its own when told to.
    demo: bool,
    /// Set while the agent is at work from another session: `POST /session/take-over` makes this one the desk.
    elsewhere: Option<Elsewhere>,
}

/// The work of an agent who signed in once more.
#[derive(Serialize, ToSchema)]
pub struct Elsewhere {
    /// SIP name of the phone worked with.
    phone: Option<String>,
    /// When the other session's work began; absent when its work was begun by none.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// The session of the request.
#[utoipa::path(
    get,
    path = "/session",
    operation_id = "read_session",
    tag = "session",
    responses((status = 200, description = "Signed in.", body = Current), (status = 401, description = "Nobody is.", body = Problem))
)]
pub(in crate::api) async fn read(State(api): State<Arc<Api>>, AtTheDoor(signed_in): AtTheDoor) -> Result<Json<Current>, Problem> {
    let elsewhere = elsewhere(&api, &signed_in).await?;
    let me = Me::of(&api, &signed_in).await?;
    let session = signed_in.session;
    let time_zone = api.around.time_zone.iana_name().unwrap_or("UTC").to_owned();
    Ok(Json(Current { time_zone, since: work_began(&session), expires_at: session.expires_at, me, demo: api.demo.is_some(), elsewhere }))
}

/// When the work of a session began, be it in another that this one took over.
pub(super) fn work_began(session: &Session) -> Timestamp {
    session.works_since.unwrap_or(session.created_at)
}

async fn elsewhere(api: &Api, signed_in: &SignedIn) -> Result<Option<Elsewhere>, Problem> {
    if signed_in.session.phone.is_some() {
        return Ok(None);
    }
    // The page of an agent who works on the telephone looks on: there is nothing to take over.
    let Ok((agent, settings)) = signed_in.agent() else { return Ok(None) };
    if settings.typology == Typology::Phonebar {
        return Ok(None);
    }
    let Some(phone) = api.around.acd.agent(agent).await.phone else { return Ok(None) };
    let sessions = carillon_store::session::of_user(&api.db, signed_in.user.id).await?;
    let other = sessions.into_iter().find(|session| session.phone.is_some());
    let phone = api.around.directory.read().phones.get(&phone).map(|phone| phone.name.clone());
    Ok(Some(Elsewhere { phone, since: other.as_ref().map(work_began) }))
}
