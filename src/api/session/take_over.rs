//! `POST /session/take-over`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{phone::remember, read::work_began};
use crate::{
    api::{Api, Client, Problem, SignedIn, me::read::Me},
    auth::session,
};

/// Makes this session the agent's desk: the phone stays the agent's, a call goes on, the agent's other sessions end.
///
/// Their desktops are told from which address. For whoever signed in while at work elsewhere; `elsewhere` of `GET /session` says so.
#[utoipa::path(
    post,
    path = "/session/take-over",
    operation_id = "take_over_session",
    tag = "session",
    responses(
        (status = 200, description = "This session has the phone now.", body = Me),
        (status = 403, description = "Not an agent.", body = Problem),
        (status = 409, description = "`use_the_phone`: an agent of typology phonebar does this on the telephone. `not_logged_in`: the agent is at work nowhere; choose a phone.", body = Problem),
    )
)]
pub(in crate::api) async fn take_over(State(api): State<Arc<Api>>, client: Client, signed_in: SignedIn) -> Result<Json<Me>, Problem> {
    let (agent, _) = signed_in.agent()?;
    signed_in.works_the_phone()?;
    let phone = api.around.acd.agent(agent).await.phone;
    let phone = phone.ok_or_else(|| Problem::conflict("not_logged_in", "You are at work nowhere: choose a phone."))?;
    let others = carillon_store::session::of_user(&api.db, signed_in.user.id).await?;
    let worked = others.iter().find(|session| session.phone.is_some() && session.id != signed_in.session.id);
    if let Some(since) = worked.map(work_began) {
        let mut write = api.db.write().await?;
        carillon_store::session::set_works_since(&mut write, signed_in.session.id, since).await?;
        write.commit().await?;
    }
    remember(&api, signed_in.session.id, phone).await?;
    session::close_others(&api.db, signed_in.user.id, signed_in.session.id).await?;
    api.live.close_others(signed_in.user.id, signed_in.session.id, client.ip());
    Ok(Json(Me::of(&api, &signed_in).await?))
}
