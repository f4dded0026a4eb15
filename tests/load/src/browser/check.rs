//! The checks of the side that chooses the way (RFC 8445 section 7.2.2), and says with each that it goes on listening.

use aws_lc_rs::hmac;

const BINDING_REQUEST: u16 = 0x0001;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const CONTROLLING: u16 = 0x802A;
/// Over the CRC-32 of FINGERPRINT (RFC 8489 section 14.7).
const FINGERPRINT_XOR: u32 = 0x5354_554e;
const HEADER: usize = 20;

/// The check of one pair, ready to be sent as often as is wished.
pub(super) struct Check {
    request: Vec<u8>,
}

impl Check {
    /// `theirs` and `ours` are the fragments of the two descriptions, `password` is theirs.
    pub(super) fn new(theirs: &str, ours: &str, password: &str) -> Self {
        let mut request = Vec::with_capacity(128);
        request.extend(BINDING_REQUEST.to_be_bytes());
        request.extend([0, 0]);
        request.extend(COOKIE);
        let transaction: [u8; 12] = std::array::from_fn(|at| ours.as_bytes().get(at).copied().unwrap_or(7));
        request.extend(transaction);
        attribute(&mut request, USERNAME, format!("{theirs}:{ours}").as_bytes());
        attribute(&mut request, PRIORITY, &0x6e00_1eff_u32.to_be_bytes());
        attribute(&mut request, CONTROLLING, &[1; 8]);
        attribute(&mut request, USE_CANDIDATE, &[]);
        // Each of the two counts itself in the length that it covers (RFC 8489 sections 14.5 and 14.7).
        set_length(&mut request, 24);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let tag = hmac::sign(&key, &request);
        attribute(&mut request, MESSAGE_INTEGRITY, tag.as_ref());
        set_length(&mut request, 8);
        let sum = crc32fast::hash(&request) ^ FINGERPRINT_XOR;
        attribute(&mut request, FINGERPRINT, &sum.to_be_bytes());
        Self { request }
    }

    pub(super) fn request(&self) -> &[u8] {
        &self.request
    }
}

fn attribute(request: &mut Vec<u8>, kind: u16, value: &[u8]) {
    request.extend(kind.to_be_bytes());
    request.extend((value.len() as u16).to_be_bytes());
    request.extend(value);
    request.resize(request.len().next_multiple_of(4), 0);
}

fn set_length(request: &mut [u8], to_come: usize) {
    let length = (request.len() + to_come - HEADER) as u16;
    request[2..4].copy_from_slice(&length.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use carillon_media_secure::{Credentials, IceLite};

    use super::*;

    #[test]
    fn the_servers_own_agent_takes_it_and_no_other() {
        let credentials = Credentials { ufrag: "server".to_owned(), password: "a-password-of-24-letters".to_owned() };
        let from = "127.0.0.1:4000".parse().expect("an address");
        let mut agent = IceLite::new(credentials.clone());
        let right = Check::new("server", "load0001", &credentials.password);
        assert!(agent.check(Instant::now(), from, right.request()).is_some());
        assert_eq!(agent.selected(), Some(from));
        let mut agent = IceLite::new(credentials);
        let wrong = Check::new("server", "load0001", "another");
        agent.check(Instant::now(), from, wrong.request());
        assert_eq!(agent.selected(), None);
    }
}
