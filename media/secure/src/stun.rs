//! STUN (RFC 8489) as far as a lite agent and a SIP listener need it: read a binding request, write its answer.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::hmac;

const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const HEADER: usize = 20;
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
/// Over the CRC-32 of FINGERPRINT (RFC 8489 section 14.7).
const FINGERPRINT_XOR: u32 = 0x5354_554e;
/// More attributes than any agent sends.
const MAX_ATTRIBUTES: usize = 32;

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;

/// Why bytes were not taken for a binding request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StunError {
    /// Not STUN, or not whole.
    #[error("not a STUN message")]
    Malformed,
    /// STUN, but not a binding request.
    #[error("not a binding request")]
    NotARequest,
    /// The fingerprint does not fit its message.
    #[error("wrong fingerprint")]
    Fingerprint,
}

/// A binding request.
#[derive(Debug)]
pub(crate) struct BindingRequest<'a> {
    bytes: &'a [u8],
    username: Option<&'a [u8]>,
    /// Where MESSAGE-INTEGRITY begins.
    integrity_at: Option<usize>,
    nominates: bool,
    unknown: Vec<u16>,
}

/// Whether a datagram looks like STUN (RFC 7983, RFC 8489 section 5).
pub fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER && datagram[0] < 4 && datagram[4..8] == COOKIE
}

/// The answer to a binding request without credentials, as a SIP listener gives it (RFC 5626 section 4.4.2): the address
/// the request came from. The answer is never more than 44 bytes.
///
/// # Errors
/// [`StunError`] for anything else; it is not answered.
pub fn binding_response(request: &[u8], from: SocketAddr) -> Result<Vec<u8>, StunError> {
    let request = BindingRequest::read(request)?;
    Ok(request.success(from, None))
}

impl<'a> BindingRequest<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, StunError> {
        if !is_stun(bytes) || usize::from(u16_at(bytes, 2)) + HEADER != bytes.len() || !bytes.len().is_multiple_of(4) {
            return Err(StunError::Malformed);
        }
        if u16_at(bytes, 0) != BINDING_REQUEST {
            return Err(StunError::NotARequest);
        }
        let mut request = Self { bytes, username: None, integrity_at: None, nominates: false, unknown: Vec::new() };
        let mut at = HEADER;
        for _ in 0..MAX_ATTRIBUTES {
            if at == bytes.len() {
                return Ok(request);
            }
            let len = usize::from(u16_at(bytes.get(..at + 4).ok_or(StunError::Malformed)?, at + 2));
            let value = bytes.get(at + 4..at + 4 + len).ok_or(StunError::Malformed)?;
            request.attribute(u16_at(bytes, at), value, at)?;
            at += 4 + len.next_multiple_of(4);
        }
        Err(StunError::Malformed)
    }

    fn attribute(&mut self, kind: u16, value: &'a [u8], at: usize) -> Result<(), StunError> {
        // What stands behind the integrity is not covered by it, so that it does not count (RFC 8489 section 14.5).
        if self.integrity_at.is_some() && kind != FINGERPRINT {
            return Ok(());
        }
        match kind {
            USERNAME => self.username = Some(value),
            MESSAGE_INTEGRITY if value.len() == 20 => self.integrity_at = Some(at),
            MESSAGE_INTEGRITY => return Err(StunError::Malformed),
            USE_CANDIDATE => self.nominates = true,
            FINGERPRINT => {
                let stated = value.first_chunk().map(|bytes| u32::from_be_bytes(*bytes)).ok_or(StunError::Malformed)?;
                if at + 8 != self.bytes.len() || crc32fast::hash(&self.bytes[..at]) ^ FINGERPRINT_XOR != stated {
                    return Err(StunError::Fingerprint);
                }
            }
            PRIORITY | 0x8000.. => {}
            unknown => self.unknown.push(unknown),
        }
        Ok(())
    }

    pub(crate) fn username(&self) -> Option<&'a [u8]> {
        self.username
    }

    /// Whether the controlling agent takes this pair (RFC 8445 section 7.3.1.5).
    pub(crate) fn nominates(&self) -> bool {
        self.nominates
    }

    /// Attributes that must be understood and are not.
    pub(crate) fn unknown(&self) -> &[u16] {
        &self.unknown
    }

    /// Whether who sent it knows this password.
    pub(crate) fn is_by(&self, password: &str) -> bool {
        let Some(at) = self.integrity_at else { return false };
        // The length in the header counts up to the integrity's end, whatever follows (RFC 8489 section 14.5).
        let mut head = [0; HEADER];
        head.copy_from_slice(&self.bytes[..HEADER]);
        set_length(&mut head, at + 24 - HEADER);
        let mut context = hmac::Context::with_key(&key(password));
        context.update(&head);
        context.update(&self.bytes[HEADER..at]);
        aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), &self.bytes[at + 4..at + 24]).is_ok()
    }

    /// The success that names where the request came from; with a password, proved and with a fingerprint.
    pub(crate) fn success(&self, from: SocketAddr, password: Option<&str>) -> Vec<u8> {
        let mut message = self.head(BINDING_SUCCESS);
        let mut value = vec![0, if from.is_ipv4() { 1 } else { 2 }];
        value.extend((from.port() ^ 0x2112).to_be_bytes());
        match from.ip() {
            IpAddr::V4(ip) => value.extend(ip.octets().iter().zip(&self.bytes[4..]).map(|(octet, mask)| octet ^ mask)),
            IpAddr::V6(ip) => value.extend(ip.octets().iter().zip(&self.bytes[4..]).map(|(octet, mask)| octet ^ mask)),
        }
        push(&mut message, XOR_MAPPED_ADDRESS, &value);
        finish(message, password)
    }

    /// An error: 400, 401 or 420 (with what was not understood).
    pub(crate) fn error(&self, code: u16, password: Option<&str>) -> Vec<u8> {
        let mut message = self.head(BINDING_ERROR);
        let reason: &[u8] = match code {
            401 => b"Unauthorized",
            420 => b"Unknown Attribute",
            _ => b"Bad Request",
        };
        let mut value = vec![0, 0, (code / 100) as u8, (code % 100) as u8];
        value.extend(reason);
        push(&mut message, ERROR_CODE, &value);
        if code == 420 {
            push(&mut message, UNKNOWN_ATTRIBUTES, &self.unknown.iter().flat_map(|kind| kind.to_be_bytes()).collect::<Vec<_>>());
        }
        finish(message, password)
    }

    fn head(&self, kind: u16) -> Vec<u8> {
        let mut message = Vec::with_capacity(96);
        message.extend(kind.to_be_bytes());
        message.extend([0, 0]);
        message.extend(&self.bytes[4..HEADER]);
        message
    }
}

fn push(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
    let len = message.len() - HEADER;
    set_length(message, len);
}

fn finish(mut message: Vec<u8>, password: Option<&str>) -> Vec<u8> {
    if let Some(password) = password {
        let len = message.len() - HEADER + 24;
        set_length(&mut message, len);
        let tag = hmac::sign(&key(password), &message);
        push(&mut message, MESSAGE_INTEGRITY, tag.as_ref());
        let len = message.len() - HEADER + 8;
        set_length(&mut message, len);
        let crc = crc32fast::hash(&message) ^ FINGERPRINT_XOR;
        push(&mut message, FINGERPRINT, &crc.to_be_bytes());
    }
    message
}

fn key(password: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes())
}

fn set_length(message: &mut [u8], len: usize) {
    message[2..4].copy_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// Writes a binding request as an agent does that checks a pair.
#[cfg(test)]
pub(crate) fn request(username: &str, password: &str, nominate: bool) -> Vec<u8> {
    let mut message = vec![0, 1, 0, 0];
    message.extend(COOKIE);
    message.extend([7; 12]);
    push(&mut message, USERNAME, username.as_bytes());
    push(&mut message, PRIORITY, &[0, 0, 1, 0]);
    if nominate {
        push(&mut message, USE_CANDIDATE, &[]);
    }
    finish(message, Some(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 section 2.1, with the software's name and the password it states.
    #[test]
    fn the_sample_request_of_the_rfc_is_by_who_knows_the_password() {
        let text = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36\
                    000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
        let bytes: Vec<u8> = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal")).collect();
        let request = BindingRequest::read(&bytes).expect("whole");
        assert_eq!(request.username(), Some(&b"evtj:h6vY"[..]));
        assert!(request.is_by("VOkJxbRl1RmTxUk/WvJxBt"));
        assert!(!request.is_by("VOkJxbRl1RmTxUk/WvJxBT"));
        let mut changed = bytes.clone();
        changed[30] ^= 1;
        assert_eq!(BindingRequest::read(&changed).map(|_| ()), Err(StunError::Fingerprint));
    }

    #[test]
    fn an_answer_names_the_address_under_the_mask() {
        let request = request("a:b", "secret", false);
        let answer = binding_response(&request, "192.0.2.1:32853".parse().expect("an address")).expect("answered");
        assert_eq!(answer[..4], [1, 1, 0, 12]);
        assert_eq!(answer[20..], [0, 0x20, 0, 8, 0, 1, 0xA1, 0x47, 0xE1, 0x12, 0xA6, 0x43]);
        let answer = binding_response(&request, "[2001:db8::1]:5060".parse().expect("an address")).expect("answered");
        assert_eq!(answer.len(), 44);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(mut bytes in proptest::collection::vec(0u8.., 0..200), stun in 0..2) {
            if stun == 1 && bytes.len() >= HEADER {
                bytes[..2].copy_from_slice(&[0, 1]);
                let len = bytes.len() - HEADER;
                set_length(&mut bytes, len);
                bytes[4..8].copy_from_slice(&COOKIE);
            }
            if let Ok(request) = BindingRequest::read(&bytes) {
                request.is_by("secret");
                request.error(420, Some("secret"));
            }
        }
    }
}
