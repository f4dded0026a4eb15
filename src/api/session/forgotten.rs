//! `POST /session/forgotten-password` and `POST /session/new-password`

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{extract::State, http::StatusCode};
use carillon_model::{EndedBy, IdSource};
use carillon_store::{
    audit::Actor,
    password::{self as stored, SetBy},
    password_link, session, user,
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Body, Client, Problem, me::password::allowed},
    auth::{password, session::Token},
    mail::{Letter, MailServer},
};

/// How long a link may be used.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// Who forgot.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// The e-mail address an administrator entered for the user.
    #[schema(example = "anna@example.com")]
    email: String,
}

/// The link's secret and the password it sets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ByLink {
    /// What stands in the link.
    #[schema(write_only)]
    token: String,
    /// The password from now on.
    #[schema(write_only)]
    new: String,
}

/// Sends a link that sets a new password to the user of an e-mail address. It works once, for an hour; an earlier one works no more.
///
/// Whether somebody has the address the answer does not tell. Ten in fifteen minutes close the door for that address from there.
#[utoipa::path(
    post,
    path = "/session/forgotten-password",
    operation_id = "forgotten_password",
    tag = "session",
    request_body = Forgotten,
    responses(
        (status = 202, description = "If somebody has this address, a link is on its way."),
        (status = 409, description = "`no_mail`: this site sends no mail. Ask an administrator.", body = Problem),
        (status = 429, description = "Too many of them.", body = Problem),
    )
)]
pub(in crate::api) async fn forgotten(
    State(api): State<Arc<Api>>,
    client: Client,
    Body(Forgotten { email }): Body<Forgotten>,
) -> Result<StatusCode, Problem> {
    let mail = api.mail.clone().ok_or_else(no_mail)?;
    // Of a login and an address the former has no @.
    if api.attempts.begin(Instant::now(), client.ip(), &format!("mail {email}")).is_err() {
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many wrong passwords. Wait, then try again."));
    }
    // The answer goes first: it takes as long for an address that nobody has.
    tokio::spawn(async move {
        if let Err(error) = send_link(&api, &mail, email.trim()).await {
            tracing::error!(%error, "a link for a forgotten password could not be made");
        }
    });
    Ok(StatusCode::ACCEPTED)
}

pub(in crate::api) fn no_mail() -> Problem {
    Problem::conflict("no_mail", "This site sends no mail: ask an administrator for a new password.")
}

async fn send_link(api: &Api, mail: &Arc<MailServer>, email: &str) -> Result<(), carillon_store::Error> {
    let Some(known) = user::by_email(&api.db, email).await?.filter(|known| !known.entity.disabled) else { return Ok(()) };
    let Some(address) = known.entity.email else { return Ok(()) };
    let (token, now) = (Token::random(), Timestamp::now());
    let mut write = api.db.write().await?;
    password_link::set(&mut write, known.entity.id, &token.sha256(), now, now + GOOD_FOR).await?;
    write.commit().await?;
    // After the #: no server on the way sees or logs it.
    let link = mail.link(&format!("/new-password#{}", token.reveal()));
    mail.post(address, Letter::new_password(api.config.site.language, &known.entity.name, &link));
    Ok(())
}

/// Sets a new password by the link that came by mail. All sessions of the user end. The rules are those of `PUT /me/password`.
#[utoipa::path(
    post,
    path = "/session/new-password",
    operation_id = "new_password",
    tag = "session",
    request_body = ByLink,
    responses(
        (status = 204, description = "Set: sign in with it."),
        (status = 401, description = "`link_used`: the link was used, or is older than an hour.", body = Problem),
        (status = 409, description = "`password_used`: it is one of the last.", body = Problem),
        (status = 422, description = "`weak_password`: `errors` says what it lacks.", body = Problem),
    )
)]
pub(in crate::api) async fn new_password(
    State(api): State<Arc<Api>>,
    Body(ByLink { token, new }): Body<ByLink>,
) -> Result<StatusCode, Problem> {
    let used = || Problem::new(StatusCode::UNAUTHORIZED, "link_used", "This link was used already, or is too old.");
    let now = Timestamp::now();
    let owner = password_link::owner(&api.db, &Token::presented(&token).sha256(), now).await?.ok_or_else(used)?;
    let known = user::get(&api.db, owner).await?.ok_or_else(used)?.entity;
    // A password that is refused leaves the link as it is.
    allowed(&api, &new, stored::hashes(&api.db, owner).await?).await?;
    let hash = password::hash(&new).await;
    let actor = Actor { user: Some(owner), name: known.login, at: now, ids: IdSource::new(rand::random()) };
    let mut write = api.db.write_by(actor).await?;
    if !password_link::take(&mut write, owner).await? {
        return Err(used());
    }
    stored::set(&mut write, owner, &hash, SetBy::Owner, now).await?;
    session::delete_of_user(&mut write, owner).await?;
    write.commit().await?;
    // Who has no desk any more must not be rung. Whoever was not at work has nothing to lose.
    let _ = api.around.acd.log_out(owner.into(), EndedBy::Agent).await;
    api.live.close_user(owner);
    Ok(StatusCode::NO_CONTENT)
}
