//! Building what goes out: heads of responses and the tags, branches and Call-IDs in them.

use std::net::IpAddr;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::servers::{MergeKey, ServerKey};
use crate::message::{HeaderName, Host, Method, Request, Response, Via};
use crate::transport::Hop;

/// The source of everything that must not be guessed.
#[derive(Debug)]
pub(super) struct Secrets {
    rng: StdRng,
    tag_key: [u8; 32],
}

impl Secrets {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        let mut rng = StdRng::from_seed(seed);
        let mut tag_key = [0; 32];
        rng.fill_bytes(&mut tag_key);
        Self { rng, tag_key }
    }

    /// A branch of RFC 3261.
    pub(super) fn branch(&mut self) -> String {
        format!("{}{:016x}", Via::MAGIC, self.rng.next_u64())
    }

    pub(super) fn tag(&mut self) -> String {
        format!("{:016x}", self.rng.next_u64())
    }

    pub(super) fn call_id(&mut self) -> String {
        format!("{:016x}{:016x}", self.rng.next_u64(), self.rng.next_u64())
    }

    /// The number of a first reliable provisional response: 1 to 2^31 - 1 (RFC 3262 3), with room for the next ones.
    pub(super) fn rseq(&mut self) -> u32 {
        1 + self.rng.next_u32() % (1 << 30)
    }

    /// Seconds to wait before trying again, zero to ten (RFC 3261 14.2).
    pub(super) fn retry_after(&mut self) -> u32 {
        self.rng.next_u32() % 11
    }

    /// Our To tag for a request. It is computed, not drawn, so that every copy of the request gets the same one, also where the
    /// answer leaves no state behind (RFC 3261 8.2.7).
    pub(super) fn to_tag(&self, request: &Request, hop: &Hop) -> String {
        let mut hash = Sha256::new();
        hash.update(self.tag_key);
        for name in [HeaderName::CallId, HeaderName::From, HeaderName::CSeq] {
            hash.update(request.headers.get(&name).unwrap_or_default());
            hash.update([0]);
        }
        if let Ok(via) = request.headers.top_via() {
            hash.update(via.branch().unwrap_or_default());
        }
        hash.update(hop.remote.to_string());
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Notes in the top Via where the request really came from (RFC 3261 18.2.1, RFC 3581).
pub(super) fn note_source(request: &mut Request, hop: &Hop) {
    let Ok(mut via) = request.headers.top_via() else { return };
    let source = hop.remote.ip();
    if via.rport().is_some() {
        via.params.set("rport", Some(&hop.remote.port().to_string()));
    }
    if via.rport().is_some() || via.host != Host::Ip(source) {
        via.params.set("received", Some(&source.to_string()));
    }
    request.headers.set_top_via(&via);
}

/// The head of an answer, with our To tag unless it is a 100 (RFC 3261 8.2.6).
pub(super) fn answer(request: &Request, status: u16, to_tag: &str, server_name: &str) -> Response {
    let mut response = Response::to(request, status);
    if status != 100 {
        response.headers.tag_to(to_tag);
    }
    response.headers.push(HeaderName::Server, server_name);
    response
}

/// The ACK to a final response other than 2xx (RFC 3261 17.1.1.3).
pub(super) fn ack_of_failure(invite: &Request, response: &Response) -> Request {
    let mut ack = repeat_head(invite, Method::Ack);
    if let Some(to) = response.headers.get(&HeaderName::To) {
        ack.headers.set(HeaderName::To, to);
    }
    ack
}

/// A CANCEL for an INVITE of ours (RFC 3261 9.1).
pub(super) fn cancel_of(invite: &Request, reason: Option<&str>) -> Request {
    let mut cancel = repeat_head(invite, Method::Cancel);
    if let Some(reason) = reason {
        cancel.headers.push(HeaderName::Reason, reason);
    }
    cancel
}

/// ACK and CANCEL repeat Via, Route, From, To, Call-ID and the CSeq number of their INVITE.
fn repeat_head(invite: &Request, method: Method) -> Request {
    let mut request = Request::new(method.clone(), invite.uri.clone());
    if let Ok(via) = invite.headers.top_via() {
        request.headers.push(HeaderName::Via, via);
    }
    for name in [HeaderName::MaxForwards, HeaderName::Route, HeaderName::From, HeaderName::To, HeaderName::CallId] {
        request.headers.copy(&invite.headers, &name);
    }
    if let Ok(mut cseq) = invite.headers.cseq() {
        cseq.method = method;
        request.headers.push(HeaderName::CSeq, cseq);
    }
    request
}

/// The transaction that a request belongs to, as if its method were `method`: an ACK or CANCEL looks for its INVITE.
///
/// The source address is part of it: phones behind different NATs do share private addresses, and poor generators make the same
/// branches. Peers of RFC 2543 send no branch, and are matched by what they do repeat (17.2.3).
pub(super) fn server_key(request: &Request, method: &Method, source: IpAddr) -> Option<ServerKey> {
    let headers = &request.headers;
    let via = headers.top_via().ok()?;
    let mut key = Vec::with_capacity(96);
    let mut add = |part: &[u8]| {
        key.extend_from_slice(part);
        key.push(0);
    };
    add(source.to_string().as_bytes());
    add(method.as_str().as_bytes());
    add(via.host.to_string().to_ascii_lowercase().as_bytes());
    add(via.port.unwrap_or(5060).to_string().as_bytes());
    match rfc3261_branch(&via) {
        Some(branch) => add(branch.to_ascii_lowercase().as_bytes()),
        None => {
            add(headers.get(&HeaderName::CallId).unwrap_or_default());
            add(headers.from().ok().and_then(|from| from.tag().map(str::to_owned)).unwrap_or_default().as_bytes());
            add(headers.cseq().ok()?.seq.to_string().as_bytes());
            add(via.branch().unwrap_or_default().as_bytes());
        }
    }
    Some(ServerKey(key))
}

/// What repeats when one request comes by two ways (RFC 3261 8.2.2.2). Only a request outside a dialog with a From tag has it.
pub(super) fn merge_key(request: &Request) -> Option<MergeKey> {
    let from = request.headers.from().ok()?;
    let parts = [from.tag()?.as_bytes(), request.headers.get(&HeaderName::CallId)?, request.headers.get(&HeaderName::CSeq)?];
    Some(MergeKey(parts.join(&0)))
}

/// A branch that says more than the bare cookie.
fn rfc3261_branch(via: &Via) -> Option<&str> {
    via.branch().filter(|branch| branch.len() > Via::MAGIC.len() && branch.starts_with(Via::MAGIC))
}
