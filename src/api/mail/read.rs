//! `GET /mail`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn};

/// The mail server, as `carillon.toml` names it.
#[derive(Serialize, ToSchema)]
pub struct MailSettings {
    /// Its name; absent: there is none, and no mail is sent.
    host: Option<String>,
    /// Its port.
    port: u16,
    /// Whom mail comes from.
    from: Option<String>,
    /// Where links in mail lead.
    page: Option<String>,
}

/// The mail server, as `carillon.toml` names it.
#[utoipa::path(
    get,
    path = "/mail",
    operation_id = "read_mail",
    tag = "set-up",
    responses((status = 200, description = "As it is.", body = MailSettings), (status = 403, description = "For administrators.", body = Problem))
)]
pub(in crate::api) async fn read(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<MailSettings>, Problem> {
    signed_in.administers()?;
    let (mail, server) = (&api.config.mail, api.mail.as_ref());
    let host = server.map(|_| mail.host.clone());
    Ok(Json(MailSettings {
        host,
        port: mail.port,
        from: server.map(|server| server.sender()),
        page: server.map(|server| server.link("/")),
    }))
}
