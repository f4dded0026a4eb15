//! `[oidc]`

use std::path::PathBuf;

use serde::Deserialize;

/// A provider of sign-ins (OpenID Connect) for people who are set up here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Oidc {
    /// Its issuer, as in `https://login.example.com/tenant`. Empty: there is none.
    pub issuer: String,
    /// Who this server is there.
    pub client_id: String,
    /// A file with the secret that proves it. Empty: the provider asks for none (a public client).
    pub client_secret_file: PathBuf,
    /// The claim that names whom it is about: `email` is held against the e-mail addresses entered here, any other against the logins.
    pub claim: String,
    /// What the button on the sign-in page calls the provider.
    pub label: String,
    /// Where people reach the desktop, as in `https://desk.example.com`: where the provider sends them back to begins with it.
    pub desktop: String,
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            client_id: String::new(),
            client_secret_file: PathBuf::new(),
            claim: "email".to_owned(),
            label: String::new(),
            desktop: String::new(),
        }
    }
}

impl Oidc {
    /// Whether there is one.
    pub fn is_set(&self) -> bool {
        !self.issuer.is_empty()
    }
}
