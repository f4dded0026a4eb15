use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use super::credentials::{Fields, NoFields, Proof};
use super::hash::{Algorithm, hex, mac, same, sha256, unhex};
use super::{Ha1, hash};
use crate::limits;
use crate::message::{HeaderName, Request, lex};

/// Which algorithms are offered and accepted. Never weaker than set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// MD5 alone: several phones fail when they see another.
    #[default]
    Md5,
    /// SHA-256 first, then MD5 (RFC 8760 2.4).
    Both,
    /// SHA-256 alone.
    Sha256,
}

impl Policy {
    fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Md5 => &[Algorithm::Md5],
            Self::Both => &[Algorithm::Sha256, Algorithm::Md5],
            Self::Sha256 => &[Algorithm::Sha256],
        }
    }
}

/// Who a request was proven to come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthUser {
    /// The user name of the credentials.
    pub name: String,
}

/// Why a request is not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthFailure {
    /// No credentials for our realm by an algorithm we accept: challenge.
    #[error("no credentials")]
    Missing,
    /// The right password over a nonce that is old, not ours, or whose count did not grow: challenge with `stale=true`.
    #[error("stale nonce")]
    Stale,
    /// The wrong password or no such user; the two cannot be told apart.
    #[error("wrong credentials")]
    Wrong,
    /// Credentials for our realm that cannot be read or lack a field: 400.
    #[error("malformed credentials")]
    Malformed,
}

/// Challenges requests and verifies the answers.
///
/// A nonce carries its time and is signed, so none is stored until a right password came over it; from then on its count is
/// kept, and must grow. The table of counts is bounded: when it is full, nonces up to the oldest one become stale.
pub struct Challenger {
    realm: String,
    secret: [u8; 32],
    policy: Policy,
    decoy: Ha1,
    /// The first `now`: nonces count milliseconds from here.
    epoch: Option<Instant>,
    serial: u64,
    counts_by_nonce: BTreeMap<NonceId, u32>,
    /// This nonce and all older ones are stale.
    forgotten: Option<NonceId>,
}

/// When a nonce was made and its number; ordered by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct NonceId {
    issued_ms: u64,
    serial: u64,
}

impl Challenger {
    /// A challenger for a realm. The secret must be random and new at every start: it signs nonces whose times count from that start.
    pub fn new(realm: &str, secret: [u8; 32], policy: Policy) -> Self {
        let decoy = Ha1 { md5: mac(&secret, b"decoy"), sha256: sha256(&[&hex(&secret), "decoy"]) };
        let counts_by_nonce = BTreeMap::new();
        Self { realm: realm.to_owned(), secret, policy, decoy, epoch: None, serial: 0, counts_by_nonce, forgotten: None }
    }

    /// The realm.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The values for as many WWW-Authenticate headers, the strongest algorithm first.
    pub fn challenge(&mut self, now: Instant, stale: bool) -> Vec<String> {
        let realm = lex::quote(&self.realm);
        let stale = if stale { ", stale=true" } else { "" };
        let nonce = self.nonce(now);
        let value = |algorithm: &Algorithm| {
            format!("Digest realm={realm}, nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}", algorithm.token())
        };
        self.policy.algorithms().iter().map(value).collect()
    }

    /// Finds who sent a request. `lookup` gives the hashes of a user.
    ///
    /// The `uri` of the credentials is not compared with the Request-URI: both name what the phone was told, and proxies
    /// may have changed one of them (RFC 3261 22.4); the count keeps an answer from being used twice.
    pub fn verify(&mut self, now: Instant, request: &Request, lookup: impl Fn(&str) -> Option<Ha1>) -> Result<AuthUser, AuthFailure> {
        let (algorithm, fields) = self.credentials(request)?;
        let field = |name| fields.get(name).ok_or(AuthFailure::Malformed);
        let (user, nonce, response) = (field("username")?, field("nonce")?, field("response")?);
        let proof = Proof { algorithm, nonce, nc: field("nc")?, cnonce: field("cnonce")?, method: &request.method, uri: field("uri")? };
        let nc = count(proof.nc).ok_or(AuthFailure::Malformed)?;
        if !field("qop")?.eq_ignore_ascii_case("auth") {
            return Err(AuthFailure::Malformed);
        }
        // An unknown user costs what a known one costs, and is as wrong as a wrong password.
        let known = lookup(user);
        let right = proof.response(&known.as_ref().unwrap_or(&self.decoy).hex(algorithm));
        if !same(right.as_bytes(), response.to_ascii_lowercase().as_bytes()) || known.is_none() {
            return Err(AuthFailure::Wrong);
        }
        self.spend(now, nonce, nc).ok_or(AuthFailure::Stale)?;
        Ok(AuthUser { name: user.to_owned() })
    }

    /// The first credentials for this realm by an algorithm the policy accepts.
    fn credentials(&self, request: &Request) -> Result<(Algorithm, Fields), AuthFailure> {
        for header in request.headers.get_all(&HeaderName::Authorization) {
            let fields = match Fields::parse(header) {
                Ok(fields) => fields,
                Err(NoFields::OtherScheme) => continue,
                Err(NoFields::Malformed) => return Err(AuthFailure::Malformed),
            };
            let algorithm = Algorithm::named(fields.get("algorithm")).filter(|algorithm| self.policy.algorithms().contains(algorithm));
            if let Some(algorithm) = algorithm.filter(|_| fields.get("realm") == Some(&self.realm)) {
                return Ok((algorithm, fields));
            }
        }
        Err(AuthFailure::Missing)
    }

    fn nonce(&mut self, now: Instant) -> String {
        self.serial += 1;
        let id = NonceId { issued_ms: self.elapsed_ms(now), serial: self.serial };
        format!("{:016x}{:016x}{}", id.issued_ms, id.serial, hex(&self.sign(id)))
    }

    /// Takes one use of a nonce: `None` when it is not ours, too old, forgotten, or the count did not grow.
    fn spend(&mut self, now: Instant, nonce: &str, nc: u32) -> Option<()> {
        let id =
            NonceId { issued_ms: u64::from_be_bytes(unhex(nonce.get(..16)?)?), serial: u64::from_be_bytes(unhex(nonce.get(16..32)?)?) };
        if !same(&self.sign(id), &unhex::<16>(&nonce[32..])?) {
            return None;
        }
        let age_ms = self.elapsed_ms(now).checked_sub(id.issued_ms)?;
        if age_ms > limits::NONCE_SECONDS * 1000 || self.forgotten.is_some_and(|forgotten| id <= forgotten) {
            return None;
        }
        let highest = self.counts_by_nonce.entry(id).or_default();
        if nc <= *highest {
            return None;
        }
        *highest = nc;
        while self.counts_by_nonce.len() > limits::NONCES {
            self.forgotten = self.counts_by_nonce.pop_first().map(|(oldest, _)| oldest);
        }
        Some(())
    }

    fn sign(&self, id: NonceId) -> [u8; 16] {
        let mut message = [0; 16];
        message[..8].copy_from_slice(&id.issued_ms.to_be_bytes());
        message[8..].copy_from_slice(&id.serial.to_be_bytes());
        hash::mac(&self.secret, &message)
    }

    fn elapsed_ms(&mut self, now: Instant) -> u64 {
        let epoch = *self.epoch.get_or_insert(now);
        now.saturating_duration_since(epoch).as_millis() as u64
    }
}

/// `nc` is hex (RFC 7616 3.4): up to eight digits, never 0.
fn count(nc: &str) -> Option<u32> {
    let sound = nc.len() <= 8 && nc.bytes().all(|b| b.is_ascii_hexdigit());
    if sound { u32::from_str_radix(nc, 16).ok().filter(|&nc| nc > 0) } else { None }
}

impl fmt::Debug for Challenger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenger").field("realm", &self.realm).field("policy", &self.policy).finish_non_exhaustive()
    }
}
