//! `POST /phones/{id}/provisioning` and `GET /phone-provisioning/{token}`

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use carillon_model::{Phone, PhoneId};
use carillon_sip_core::digest::Ha1;
use carillon_store::{DigestSecret, phone};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Problem, SignedIn},
    auth::{password, session::Token},
    server::Bound,
};

/// How long a softphone may fetch its settings.
const GOOD_FOR: Duration = Duration::from_secs(15 * 60);
/// Links that nobody has fetched yet.
const LINKS_MAX: usize = 100;

/// What a softphone is told, until it fetches it: in memory alone, since there is a password in it.
#[derive(Default)]
pub struct Provisioned {
    by_token: Mutex<HashMap<String, (Instant, String)>>,
}

impl Provisioned {
    /// Keeps settings for who shows the token; `None`: too many wait already.
    fn keep(&self, token: &Token, settings: String) -> Option<()> {
        let mut known = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        known.retain(|_, (until, _)| *until > now);
        (known.len() < LINKS_MAX).then(|| drop(known.insert(token.sha256(), (now + GOOD_FOR, settings))))
    }

    /// Hands them out, once.
    fn take(&self, token: &Token) -> Option<String> {
        let taken = self.by_token.lock().unwrap_or_else(PoisonError::into_inner).remove(&token.sha256());
        taken.filter(|(until, _)| *until > Instant::now()).map(|(_, settings)| settings)
    }
}

/// What a telephone is set up with by hand, and a link for softphones that fetch it.
#[derive(Serialize, ToSchema)]
pub struct Provisioning {
    /// SIP user name, also for authentication.
    #[schema(example = "1001")]
    user: String,
    /// SIP password. Shown this once.
    password: String,
    /// Realm of the password.
    #[schema(example = "carillon")]
    realm: String,
    /// Where it registers, the best first.
    registrars: Vec<Registrar>,
    /// Path on this server that gives these settings as Linphone reads them (remote provisioning, also by QR code), once.
    #[schema(example = "/api/v1/phone-provisioning/4f1c")]
    path: String,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// An address a telephone may register at.
#[derive(Clone, Serialize, ToSchema)]
pub struct Registrar {
    /// Address and port.
    #[schema(example = "192.0.2.10:5060")]
    address: String,
    /// `udp`, `tcp` or `tls`.
    transport: &'static str,
}

/// Gives a phone a new password and tells, this once, what it is to be set up with. What was registered with the old one has to be set up anew.
#[utoipa::path(
    post,
    path = "/phones/{id}/provisioning",
    operation_id = "provision_phone",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the phone.")),
    responses(
        (status = 201, description = "The settings.", body = Provisioning),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such phone.", body = Problem),
        (status = 409, description = "`too_many`: a hundred phones are being set up at once.", body = Problem),
    )
)]
pub(in crate::api) async fn provision(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<(StatusCode, Json<Provisioning>), Problem> {
    signed_in.administers()?;
    let id = PhoneId::new(id?.0);
    let missing = || Problem::not_found("phone");
    let phone = phone::get(&api.db, id).await?.ok_or_else(missing)?.entity;
    let (token, password, realm) = (Token::random(), password::random(), api.config.sip.realm.clone());
    let registrars = registrars(&api.bound);
    let first = registrars.first().cloned().ok_or_else(|| Problem::unavailable("Phones cannot register: no listener is open."))?;
    let expires_at = Timestamp::now() + GOOD_FOR;
    let full = || Problem::conflict("too_many", "A hundred phones are being set up at once: wait a quarter of an hour.");
    api.provisioned.keep(&token, for_linphone(&phone, &password, &realm, &first)).ok_or_else(full)?;
    let ha1 = Ha1::from_password(&phone.name, &realm, &password);
    let secret = DigestSecret { ha1_md5: ha1.md5_hex(), ha1_sha256: ha1.sha256_hex() };
    let mut write = api.write(&signed_in).await?;
    if !phone::set_secret(&mut write, id, &secret, Timestamp::now()).await? {
        return Err(missing());
    }
    write.commit().await?;
    api.setup_changed().await?;
    let path = format!("/api/v1/phone-provisioning/{}", token.reveal());
    Ok((StatusCode::CREATED, Json(Provisioning { user: phone.name, password, realm, registrars, path, expires_at })))
}

/// What a softphone is set up with, as Linphone reads it, once.
#[utoipa::path(
    get,
    path = "/phone-provisioning/{token}",
    operation_id = "fetch_provisioning",
    tag = "set-up",
    params(("token" = String, Path, description = "What stands in the link.")),
    responses(
        (status = 200, description = "The settings.", content_type = "application/xml"),
        (status = 404, description = "The link was used, or is too old.", body = Problem),
    )
)]
pub(in crate::api) async fn fetch(State(api): State<Arc<Api>>, Path(token): Path<String>) -> Result<Response, Problem> {
    let settings = api.provisioned.take(&Token::presented(&token)).ok_or_else(|| Problem::not_found("link"))?;
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"))];
    Ok((kind, settings).into_response())
}

/// UDP before TCP before TLS, whose certificate a softphone may not believe.
fn registrars(bound: &Bound) -> Vec<Registrar> {
    let all = [("udp", &bound.sip_udp), ("tcp", &bound.sip_tcp), ("tls", &bound.sip_tls)];
    let each = |(transport, addresses): (&'static str, &Vec<std::net::SocketAddr>)| {
        addresses.iter().map(|address| Registrar { address: address.to_string(), transport }).collect::<Vec<_>>()
    };
    all.into_iter().flat_map(each).collect()
}

/// Linphone's remote provisioning (lpconfig).
fn for_linphone(phone: &Phone, password: &str, realm: &str, at: &Registrar) -> String {
    let (user, label) = (escaped(&phone.name), escaped(&phone.label.replace('"', "")));
    let (password, realm, Registrar { address, transport }) = (escaped(password), escaped(realm), at);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">
  <section name="proxy_0">
    <entry name="reg_proxy" overwrite="true">&lt;sip:{address};transport={transport}&gt;</entry>
    <entry name="reg_identity" overwrite="true">"{label}" &lt;sip:{user}@{address}&gt;</entry>
    <entry name="reg_expires" overwrite="true">600</entry>
    <entry name="reg_sendregister" overwrite="true">1</entry>
  </section>
  <section name="auth_info_0">
    <entry name="username" overwrite="true">{user}</entry>
    <entry name="userid" overwrite="true">{user}</entry>
    <entry name="passwd" overwrite="true">{password}</entry>
    <entry name="realm" overwrite="true">{realm}</entry>
    <entry name="domain" overwrite="true">{address}</entry>
  </section>
  <section name="sip">
    <entry name="default_proxy" overwrite="true">0</entry>
  </section>
</config>
"#
    )
}

/// Text in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
