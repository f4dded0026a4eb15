//! What must hold for any challenge and any credentials the network sends.

use std::time::Instant;

use carillon_sip_core::digest::{Challenger, Ha1, Policy, answer};
use carillon_sip_core::message::{HeaderName, Host, Method, Request, SipUri};

/// Takes the bytes for credentials, which must let nobody in, and for a challenge, whose answer must read.
pub(crate) fn header(now: Instant, bytes: &[u8]) {
    let request = || Request::new(Method::Register, SipUri::new(Host::Name("example.net".to_owned())));
    let mut challenger = Challenger::new("carillon", [7; 32], Policy::Both);
    let _ = challenger.challenge(now, false);
    let lookup = |user: &str| Some(Ha1::from_password(user, "carillon", "secret"));
    let forged = request().with(HeaderName::Authorization, bytes);
    assert!(challenger.verify(now, &forged, lookup).is_err());
    if let Some(answer) = answer(bytes, "1001", "secret", &Method::Register, "sip:example.net", 1, "c") {
        let answered = request().with(HeaderName::Authorization, answer);
        // A nonce of somebody else's: never let in, whatever the realm.
        assert!(challenger.verify(now, &answered, lookup).is_err());
    }
}
