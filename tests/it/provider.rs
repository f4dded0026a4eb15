//! A provider of sign-ins (OpenID Connect) that says what a test wants it to say.

use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

const SECRET: &str = "a secret/of: the desk";

/// The provider.
#[derive(Clone)]
pub(crate) struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    key: EcdsaKeyPair,
    other_key: EcdsaKeyPair,
    does: Mutex<Does>,
}

#[derive(Default)]
struct Does {
    /// By code: the challenge of the sign-in, and the claims.
    given: HashMap<String, (String, Value)>,
    other_key: bool,
    away: bool,
    trick: Option<&'static str>,
    astray: bool,
    published: Vec<(&'static str, &'static str)>,
}

impl Provider {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let key = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let issuer = format!("http://{}/tenant", listener.local_addr().expect("an address"));
        let provider = Self(Arc::new(Inner { issuer, key: key(), other_key: key(), does: Mutex::default() }));
        let routes = Router::new()
            .route("/tenant/.well-known/openid-configuration", get(metadata))
            .route("/tenant/keys", get(keys))
            .route("/tenant/token", post(token))
            .route("/elsewhere", get(elsewhere).post(elsewhere))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    pub(crate) fn issuer(&self) -> String {
        self.0.issuer.clone()
    }

    /// What the desk proves itself by.
    pub(crate) fn secret(&self) -> &'static str {
        SECRET
    }

    /// Somebody signs in with what a browser was sent here for: the code it is sent back with.
    pub(crate) fn signs_in(&self, asked: &[(String, String)], claims: Value) -> String {
        let asked: HashMap<_, _> = asked.iter().cloned().collect();
        let now = Timestamp::now().as_second();
        let mut said =
            json!({ "iss": self.0.issuer, "aud": asked["client_id"], "iat": now, "exp": now + 300, "nonce": asked["nonce"], "sub": "1" });
        for (name, value) in claims.as_object().expect("claims") {
            said[name] = value.clone();
        }
        let code = format!("code-{}", asked["state"]);
        self.does(|does| does.given.insert(code.clone(), (asked["code_challenge"].clone(), said)));
        code
    }

    pub(crate) fn signs_with_another_key(&self, other: bool) {
        self.does(|does| does.other_key = other);
    }

    pub(crate) fn is_away(&self, away: bool) {
        self.does(|does| does.away = away);
    }

    /// `redirect`, `flood` or `html` in place of tokens.
    pub(crate) fn answers_tokens_by(&self, trick: Option<&'static str>) {
        self.does(|does| does.trick = trick);
    }

    pub(crate) fn was_led_astray(&self) -> bool {
        self.does(|does| does.astray)
    }

    /// Something else about itself.
    pub(crate) fn publishes(&self, name: &'static str, value: &'static str) {
        self.does(|does| does.published.push((name, value)));
    }

    fn does<T>(&self, change: impl FnOnce(&mut Does) -> T) -> T {
        change(&mut self.0.does.lock().expect("nobody panicked"))
    }

    fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&json!({ "alg": "ES256", "kid": "1", "typ": "JWT" })), part(claims));
        let key = if self.does(|does| does.other_key) { &self.0.other_key } else { &self.0.key };
        let signature = key.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn metadata(State(provider): State<Provider>) -> Response {
    if provider.does(|does| does.away) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let issuer = &provider.0.issuer;
    let mut told = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"), "response_types_supported": ["code"],
    });
    for (name, value) in provider.does(|does| does.published.clone()) {
        told[name] = value.into();
    }
    Json(told).into_response()
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let point = provider.0.key.public_key().as_ref();
    let part = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "x": part(&point[1..33]), "y": part(&point[33..]) }] }))
}

/// A code is redeemed once, by whoever began (RFC 7636 4.6) and proves to be the desk.
async fn token(State(provider): State<Provider>, headers: HeaderMap, body: String) -> Response {
    match provider.does(|does| does.trick) {
        Some("redirect") => return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/elsewhere")]).into_response(),
        Some("flood") => return format!("{{\"id_token\": \"{}\"}}", "x".repeat(1 << 20)).into_response(),
        Some(_) => return "<html>".into_response(),
        None => {}
    }
    let asked = reqwest::Url::parse(&format!("http://form/?{body}")).expect("a form");
    let fields: HashMap<String, String> = asked.query_pairs().into_owned().collect();
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let proof = basic.and_then(|basic| String::from_utf8(STANDARD.decode(basic).ok()?).ok()).unwrap_or_default();
    assert_eq!(proof, "desk:a%20secret%2Fof%3A%20the%20desk");
    assert_eq!(fields["grant_type"], "authorization_code");
    let given = provider.does(|does| does.given.remove(&fields["code"]));
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&fields["code_verifier"]));
    match given.filter(|(wanted, _)| *wanted == challenge) {
        Some((_, claims)) => {
            Json(json!({ "access_token": "1", "token_type": "Bearer", "id_token": provider.sign(&claims) })).into_response()
        }
        None => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response(),
    }
}

async fn elsewhere(State(provider): State<Provider>) -> StatusCode {
    provider.does(|does| does.astray = true);
    StatusCode::OK
}
