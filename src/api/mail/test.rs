//! `POST /mail/test`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Body, Problem, SignedIn, session::forgotten::no_mail},
    mail::{Letter, NotSent},
};

/// Whom to write to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestMail {
    /// The address.
    #[schema(example = "admin@example.com")]
    to: String,
}

/// Sends a letter, at once, to see whether the mail server takes it.
#[utoipa::path(
    post,
    path = "/mail/test",
    operation_id = "send_test_mail",
    tag = "set-up",
    request_body = TestMail,
    responses(
        (status = 204, description = "The mail server took it."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 409, description = "`no_mail`: there is no mail server. `mail_refused`: it did not take the letter; `detail` is what it said.", body = Problem),
        (status = 422, description = "No address.", body = Problem),
    )
)]
pub(in crate::api) async fn test(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(TestMail { to }): Body<TestMail>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let mail = api.mail.as_ref().ok_or_else(no_mail)?;
    match mail.send(to.trim(), &Letter::test(api.config.site.language)).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(NotSent::Address(_)) => Err(Problem::invalid("to", "This is no e-mail address.")),
        Err(NotSent::Server(said)) => Err(Problem::conflict("mail_refused", "The mail server did not take the letter.").detail(said)),
    }
}
