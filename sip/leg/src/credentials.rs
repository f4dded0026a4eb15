//! Who we are to a peer, and proving it there.

use carillon_sip_core::{
    digest::{Ha1, answer_by_hash, realm},
    message::{HeaderName, Method, Response},
};
use std::fmt;

/// A user of ours at a trunk or registrar. Its challenges are answered for this realm and no other: a peer that is not who we think must not
/// be given a proof it can use elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The realm.
    pub realm: String,
    /// The hashes of the password in that realm.
    pub ha1: Ha1,
}

impl Credentials {
    /// Credentials of a password.
    pub fn new(user: &str, realm: &str, password: &str) -> Self {
        Credentials { user: user.to_owned(), realm: realm.to_owned(), ha1: Ha1::from_password(user, realm, password) }
    }

    /// The header that answers a 401 or 407; `None` when no challenge in it is of the realm and readable.
    pub(crate) fn answer(&self, challenged: &Response, method: &Method, uri: &str, cnonce: &str) -> Option<(HeaderName, String)> {
        let (challenge, header) = names(challenged)?;
        let ours = (self.user.as_str(), self.realm.as_str(), &self.ha1);
        let mut values = challenged.headers.get_all(&challenge);
        let proof = values.find_map(|value| answer_by_hash(value, ours, method, uri, 1, cnonce))?;
        Some((header, proof))
    }

    /// The realm that a challenge is of, if it is not ours.
    pub(crate) fn other_realm(&self, challenged: &Response) -> Option<String> {
        let (challenge, _) = names(challenged)?;
        let realms: Vec<String> = challenged.headers.get_all(&challenge).filter_map(realm).collect();
        realms.iter().all(|realm| *realm != self.realm).then(|| realms.into_iter().next()).flatten()
    }
}

/// The headers of a challenge and of its answer.
fn names(challenged: &Response) -> Option<(HeaderName, HeaderName)> {
    match challenged.status {
        401 => Some((HeaderName::WwwAuthenticate, HeaderName::Authorization)),
        407 => Some((HeaderName::ProxyAuthenticate, HeaderName::ProxyAuthorization)),
        _ => None,
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).field("realm", &self.realm).finish_non_exhaustive()
    }
}
