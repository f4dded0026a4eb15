//! The provider: where it is, what it is asked, and what of its answer counts.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::{
    address::{form, may_be_asked},
    fetch::{Fetch, Question},
    id_token::{self, Expected},
    keys::KeySet,
    pending::{self, Pending},
};
use crate::{auth::session::Token, config::Config};

/// How long what the provider published is believed before it is asked anew.
const BELIEVED: Duration = Duration::from_secs(3600);
/// Keys are asked for anew for a name that is not known, and not more often than this.
const KEYS_EVERY: Duration = Duration::from_secs(60);

/// The provider of `[oidc]`.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    client_id: String,
    secret: Option<String>,
    claim: String,
    label: String,
    back: String,
    fetch: Fetch,
    begun: pending::Begun,
    known: Mutex<Option<Known>>,
}

/// A sign-in that was begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// What it is known by when it comes back.
    pub browser: String,
}

/// Why nobody signs in.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was not begun here, was finished already, or is too long ago.
    #[error("it was not begun by this browser, was finished already, or is too long ago")]
    Stale,
    /// The provider does not answer as it should.
    #[error("{0:#}")]
    Provider(anyhow::Error),
}

/// What the provider published (OpenID Connect Discovery 4.2), and its keys.
#[derive(Debug, Clone)]
struct Known {
    metadata: Metadata,
    keys: Arc<KeySet>,
    since: Instant,
    keys_since: Instant,
}

#[derive(Debug, Clone, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// As configured; `None`: there is none. It is not asked for anything yet.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn of(config: &Config) -> anyhow::Result<Option<Arc<Self>>> {
        let oidc = &config.oidc;
        if !oidc.is_set() {
            return Ok(None);
        }
        let file = &oidc.client_secret_file;
        let secret = match file.as_os_str().is_empty() {
            true => None,
            false => Some(fs::read_to_string(file).with_context(|| format!("oidc.client_secret_file {} cannot be read", file.display()))?),
        };
        Ok(Some(Arc::new(Self {
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            secret: secret.map(|secret| secret.trim().to_owned()),
            claim: oidc.claim.clone(),
            label: oidc.label.clone(),
            back: format!("{}/api/v1/session/oidc/back", oidc.desktop.trim_end_matches('/')),
            fetch: Fetch::new(&config.tls.authorities)?,
            begun: pending::Begun::default(),
            known: Mutex::default(),
        })))
    }

    /// What the sign-in page calls it: its host where the site gives no name.
    pub fn label(&self) -> &str {
        let host = self.issuer.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next()).unwrap_or(&self.issuer);
        if self.label.is_empty() { host } else { &self.label }
    }

    /// Says in the log whether the provider can be used. A provider that is away stops no calls.
    pub async fn look(self: Arc<Self>) {
        match self.known(None).await {
            Ok(_) => tracing::info!(issuer = self.issuer, "people may sign in by the provider; it sends them back to {}", self.back),
            Err(error) => tracing::error!(error = format!("{error:#}"), "nobody can sign in by the provider of [oidc] as it is"),
        }
    }

    /// Begins a sign-in.
    ///
    /// # Errors
    /// The provider does not answer, or not as it should.
    pub async fn begin(&self, now: Instant) -> Result<Begun, Failed> {
        let known = self.known(None).await.map_err(Failed::Provider)?;
        let [state, browser, nonce, verifier] = [(); 4].map(|()| Token::random().reveal().to_owned());
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.back),
            ("scope", "openid profile email"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        self.begun.put(state, Pending { browser: browser.clone(), nonce, verifier, since: now });
        let endpoint = known.metadata.authorization_endpoint;
        let sign = if endpoint.contains('?') { '&' } else { '?' };
        Ok(Begun { address: format!("{endpoint}{sign}{query}"), browser })
    }

    /// Ends a sign-in without anybody having signed in: whoever comes with the same state later is refused.
    pub fn give_up(&self, state: &str, browser: &str) {
        drop(self.begun.take(state, browser, Instant::now()));
    }

    /// Whom the provider says the browser belongs to: what the configured claim holds.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn finish(&self, code: &str, state: &str, browser: &str) -> Result<String, Failed> {
        let pending = self.begun.take(state, browser, Instant::now()).ok_or(Failed::Stale)?;
        let claims = self.redeem(code, &pending).await.map_err(Failed::Provider)?;
        self.named(&claims).map_err(Failed::Provider)
    }

    /// Whether the claim is held against e-mail addresses rather than logins.
    pub fn names_addresses(&self) -> bool {
        self.claim == "email"
    }

    async fn redeem(&self, code: &str, pending: &Pending) -> anyhow::Result<Map<String, Value>> {
        let known = self.known(None).await?;
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &self.back), ("code_verifier", &pending.verifier)];
        if self.secret.is_none() {
            fields.push(("client_id", &self.client_id));
        }
        let proof = self.secret.as_deref().map(|secret| (self.client_id.as_str(), secret));
        let question = Question { address: &known.metadata.token_endpoint, form: Some(form(&fields)), proof };
        let Tokens { id_token } = self.fetch.ask(question).await?;
        let kid = id_token::key_of(&id_token);
        let keys = self.known(kid.as_deref()).await?.keys;
        let expected = Expected { issuer: &self.issuer, client_id: &self.client_id, nonce: &pending.nonce, now: Timestamp::now() };
        id_token::claims(&id_token, &keys, &expected).context("its ID token")
    }

    /// What the claim holds. An address counts that the provider says it has seen to be its owner's.
    fn named(&self, claims: &Map<String, Value>) -> anyhow::Result<String> {
        if self.names_addresses() {
            let verified = claims.get("email_verified").is_some_and(|verified| verified == true || verified == "true");
            ensure!(verified, "its ID token does not say that the e-mail address is verified (email_verified)");
        }
        let name = claims.get(&self.claim).and_then(Value::as_str).filter(|name| !name.is_empty());
        name.map(str::to_owned).with_context(|| format!("its ID token has no claim {:?}", self.claim))
    }

    /// What the provider published; its keys anew where one of this name is wanted and not among them.
    async fn known(&self, kid: Option<&str>) -> anyhow::Result<Known> {
        let mut known = self.known.lock().await;
        let now = Instant::now();
        if let Some(known) = known.as_mut().filter(|known| known.since + BELIEVED > now) {
            if !known.keys.has(kid) && known.keys_since + KEYS_EVERY <= now {
                known.keys = self.keys(&known.metadata).await?;
                known.keys_since = now;
            }
            return Ok(known.clone());
        }
        let metadata = self.metadata().await?;
        let keys = self.keys(&metadata).await?;
        Ok(known.insert(Known { metadata, keys, since: now, keys_since: now }).clone())
    }

    async fn metadata(&self) -> anyhow::Result<Metadata> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata: Metadata = self.fetch.ask(Question { address: &address, form: None, proof: None }).await?;
        ensure!(
            metadata.issuer == self.issuer,
            "oidc.issuer is {:?}, and what is there calls itself {:?}: they must be the same to the letter",
            self.issuer,
            metadata.issuer
        );
        for address in [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri] {
            ensure!(may_be_asked(address), "{} names {address:?}, which is neither https nor on this machine", self.issuer);
        }
        Ok(metadata)
    }

    async fn keys(&self, metadata: &Metadata) -> anyhow::Result<Arc<KeySet>> {
        Ok(Arc::new(self.fetch.ask(Question { address: &metadata.jwks_uri, form: None, proof: None }).await?))
    }
}
