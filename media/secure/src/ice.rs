//! A lite agent (RFC 8445 section 2.5): it never checks, it answers the peer's checks, sends where the peer nominated, and
//! stops when the peer's checks stop (RFC 7675: consent is the peer's own checks).

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::stun::{BindingRequest, StunError};

/// How long after its last good check a peer may still be sent to.
pub const CONSENT_LASTS: Duration = Duration::from_secs(30);

/// Characters of a user fragment and a password (RFC 8839 section 5.4).
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A user fragment and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// What the SDP says in `ice-ufrag`.
    pub ufrag: String,
    /// What it says in `ice-pwd`.
    pub password: String,
}

impl Credentials {
    /// Fresh ones: 48 and 144 random bits.
    pub fn random(rng: &mut impl rand::Rng) -> Self {
        let mut draw = |count: usize| {
            let mut bytes = vec![0; count];
            rng.fill_bytes(&mut bytes);
            bytes.iter().map(|byte| char::from(ICE_CHARS[usize::from(byte & 63)])).collect()
        };
        Self { ufrag: draw(8), password: draw(24) }
    }
}

/// The password is not printed.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.ufrag)
    }
}

/// The lite agent of one leg.
#[derive(Debug)]
pub struct IceLite {
    local: Credentials,
    /// Accepted beside `local` until the peer uses the new ones: checks of before a restart are still under way.
    before: Option<Credentials>,
    valid: Vec<SocketAddr>,
    selected: Option<SocketAddr>,
    consent_until: Option<Instant>,
}

/// Addresses that one peer may prove to hold at a time; the oldest gives way. Its answer costs us one small packet, so
/// that no list of candidates makes us send more than it made the peer send.
const MAX_VALID: usize = 16;

impl IceLite {
    /// An agent that its peer reaches with these.
    pub fn new(local: Credentials) -> Self {
        Self { local, before: None, valid: Vec::new(), selected: None, consent_until: None }
    }

    /// What our SDP says.
    pub fn local(&self) -> &Credentials {
        &self.local
    }

    /// Begins anew with fresh credentials (RFC 8445 section 2.4): media keeps going where it went until the peer
    /// nominates again.
    pub fn restart(&mut self, local: Credentials) {
        self.before = Some(std::mem::replace(&mut self.local, local));
        self.valid.clear();
    }

    /// Answers a check. `None` for what is no request or was sent by somebody who does not know our fragment; such
    /// datagrams get nothing.
    pub fn check(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) -> Option<Vec<u8>> {
        let request = match BindingRequest::read(datagram) {
            Ok(request) => request,
            Err(StunError::Malformed | StunError::NotARequest | StunError::Fingerprint) => return None,
        };
        let fragment = request.username().and_then(|name| name.split(|byte| *byte == b':').next());
        let mine = fragment == Some(self.local.ufrag.as_bytes());
        let credentials = match (mine, &self.before) {
            (true, _) => &self.local,
            (false, Some(before)) if fragment == Some(before.ufrag.as_bytes()) => before,
            (false, _) => return None,
        };
        if !request.is_by(&credentials.password) {
            return Some(request.error(401, None));
        }
        let password = credentials.password.clone();
        if !request.unknown().is_empty() {
            return Some(request.error(420, Some(&password)));
        }
        self.consent_until = Some(now + CONSENT_LASTS);
        if mine {
            self.note_valid(from);
            if request.nominates() {
                self.selected = Some(from);
                self.before = None;
            }
        }
        Some(request.success(from, Some(&password)))
    }

    fn note_valid(&mut self, from: SocketAddr) {
        if !self.valid.contains(&from) {
            if self.valid.len() == MAX_VALID {
                self.valid.remove(0);
            }
            self.valid.push(from);
        }
    }

    /// Whether the peer proved to hold this address: nothing else is listened to.
    pub fn is_valid(&self, from: SocketAddr) -> bool {
        self.selected == Some(from) || self.valid.contains(&from)
    }

    /// Where to send: what the peer nominated.
    pub fn selected(&self) -> Option<SocketAddr> {
        self.selected
    }

    /// When consent ends unless another check comes.
    pub fn consent_until(&self) -> Option<Instant> {
        self.consent_until
    }

    /// Whether the peer may be sent to.
    pub fn has_consent(&self, now: Instant) -> bool {
        self.consent_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{stun, testing::start};

    fn agent() -> IceLite {
        IceLite::new(Credentials { ufrag: "ours".to_owned(), password: "a password of twenty-two".to_owned() })
    }

    fn from(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 7], port))
    }

    #[test]
    fn media_goes_where_the_peer_nominated_and_stops_without_its_checks() {
        let (mut agent, now) = (agent(), start());
        assert!(agent.check(now, from(1), &stun::request("ours:theirs", "a password of twenty-two", false)).is_some());
        assert!(agent.is_valid(from(1)) && agent.selected().is_none());
        assert!(agent.check(now, from(2), &stun::request("ours:theirs", "a password of twenty-two", true)).is_some());
        assert_eq!(agent.selected(), Some(from(2)));
        assert!(agent.has_consent(now + CONSENT_LASTS - Duration::from_millis(1)));
        assert!(!agent.has_consent(now + CONSENT_LASTS));
    }

    #[test]
    fn who_does_not_know_the_password_changes_nothing() {
        let (mut agent, now) = (agent(), start());
        let refusal = agent.check(now, from(1), &stun::request("ours:theirs", "guessed", true)).expect("told so");
        assert_eq!(refusal[..2], [1, 0x11]);
        assert!(agent.check(now, from(1), &stun::request("others:theirs", "guessed", true)).is_none());
        assert!(!agent.is_valid(from(1)) && agent.selected().is_none() && !agent.has_consent(now));
    }

    #[test]
    fn a_restart_keeps_the_old_way_until_the_peer_nominates_a_new_one() {
        let (mut agent, now) = (agent(), start());
        agent.check(now, from(1), &stun::request("ours:theirs", "a password of twenty-two", true));
        agent.restart(Credentials { ufrag: "anew".to_owned(), password: "another password of many".to_owned() });
        assert!(agent.check(now, from(1), &stun::request("ours:theirs", "a password of twenty-two", false)).is_some());
        assert_eq!(agent.selected(), Some(from(1)));
        agent.check(now, from(2), &stun::request("anew:theirs", "another password of many", true));
        assert_eq!(agent.selected(), Some(from(2)));
        assert!(agent.check(now, from(1), &stun::request("ours:theirs", "a password of twenty-two", false)).is_none());
    }
}
