//! `POST /users/{id}/invitation`

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::UserId;
use carillon_store::{audit, password_link, user};
use jiff::Timestamp;

use crate::{
    api::{Api, Problem, SignedIn, session::forgotten::no_mail},
    auth::session::Token,
    mail::Letter,
};

/// How long an invitation may be used: over a weekend.
const GOOD_FOR: Duration = Duration::from_secs(3 * 24 * 3600);

/// Invites a user by mail: a link by which the new person chooses the own password, once, within three days. An earlier link works no more.
#[utoipa::path(
    post,
    path = "/users/{id}/invitation",
    operation_id = "invite_user",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the user.")),
    responses(
        (status = 202, description = "The invitation is on its way."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such user.", body = Problem),
        (status = 409, description = "`no_mail`: this site sends no mail. `no_address`: the user has no e-mail address. `account_disabled`.", body = Problem),
    )
)]
pub(in crate::api) async fn invite(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = UserId::new(id?.0);
    let user = user::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("user"))?.entity;
    let mail = api.mail.clone().ok_or_else(no_mail)?;
    if user.disabled {
        return Err(Problem::conflict("account_disabled", "This account is disabled."));
    }
    let address = user.email.ok_or_else(|| Problem::conflict("no_address", "This user has no e-mail address."))?;
    let (token, now) = (Token::random(), Timestamp::now());
    let mut write = api.write(&signed_in).await?;
    password_link::set(&mut write, id, &token.sha256(), now, now + GOOD_FOR).await?;
    audit::invited(&mut write, id, &user.login).await?;
    write.commit().await?;
    // After the #: no server on the way sees or logs it.
    let link = mail.link(&format!("/new-password#{}", token.reveal()));
    match mail.post(address, Letter::invitation(api.config.site.language, &user.name, &user.login, &link)) {
        true => Ok(StatusCode::ACCEPTED),
        false => Err(Problem::unavailable("Too many letters are on their way.")),
    }
}
