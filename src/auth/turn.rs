//! Credentials for a TURN server that hold for a while: the name says until when, the password is an HMAC of it (the scheme of coturn's
//! `use-auth-secret`, draft-uberti-behave-turn-rest-00).

use std::fmt;

use anyhow::Context;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::config;

/// The TURN server of the configuration.
pub struct Turn {
    urls: Vec<String>,
    secret: hmac::Key,
    holds_s: u32,
}

/// One server for a page's `RTCPeerConnection`, as it takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IceServer {
    /// Addresses.
    pub urls: Vec<String>,
    /// Name: until when it holds, epoch seconds, and whose it is.
    pub username: String,
    /// Password.
    pub credential: String,
}

impl Turn {
    /// The server that the configuration names, if it does.
    ///
    /// # Errors
    /// The secret cannot be read.
    pub fn of(config: &config::Turn) -> anyhow::Result<Option<Self>> {
        if config.urls.is_empty() {
            return Ok(None);
        }
        let file = &config.turn_secret_file;
        let secret = std::fs::read_to_string(file).with_context(|| format!("turn.turn_secret_file {} cannot be read", file.display()))?;
        Ok(Some(Self::new(config.urls.clone(), secret.trim(), config.credentials_s)))
    }

    fn new(urls: Vec<String>, secret: &str, holds_s: u32) -> Self {
        Self { urls, secret: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes()), holds_s }
    }

    /// Credentials from now on.
    pub fn credentials(&self, user: &str, now: Timestamp) -> IceServer {
        let username = format!("{}:{user}", now.as_second() + i64::from(self.holds_s));
        let credential = STANDARD.encode(hmac::sign(&self.secret, username.as_bytes()));
        IceServer { urls: self.urls.clone(), username, credential }
    }
}

/// Without the secret.
impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("urls", &self.urls).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_shares_the_secret_finds_the_same_password() {
        let turn = Turn::new(vec!["turn:turn.example".to_owned()], "north", 3600);
        let given = turn.credentials("anna", Timestamp::from_second(1_772_442_000).expect("a time"));
        // openssl dgst -sha1 -hmac north -binary <<< of the name, in base64.
        assert_eq!(given.username, "1772445600:anna");
        assert_eq!(given.credential, "Q2mRwZvJAX468jzOYtCSEPEZKFE=");
    }
}
