//! What must hold for any bytes on a media port that might be STUN.

use std::{net::SocketAddr, time::Instant};

use carillon_media_secure::{Credentials, IceLite, binding_response, is_stun};

/// Takes them for a check of a peer who does not know our password, and for a request without one.
pub(crate) fn any(now: Instant, bytes: &[u8]) {
    let from = SocketAddr::from(([192, 0, 2, 7], 40_000));
    let mut agent = IceLite::new(Credentials { ufrag: "ufragufr".to_owned(), password: "a password nobody guesses".to_owned() });
    let answer = agent.check(now, from, bytes);
    assert!(!agent.is_valid(from) && agent.selected().is_none() && !agent.has_consent(now), "nobody proved anything");
    assert!(answer.is_none_or(|answer| answer.len() <= bytes.len() + 64));
    if let Ok(answer) = binding_response(bytes, from) {
        assert!(is_stun(bytes) && is_stun(&answer));
    }
}
