//! Tokens in place of passwords (RFC 8898), for phones in a page: whoever signed in there registers with a token that the page was given.

use carillon_sip_core::{
    FlowId, Hop, Transport,
    message::{HeaderName, Request},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Tokens that wait to be used; a new one pushes out the oldest.
const WAITING: usize = 1024;

#[derive(Default)]
pub(crate) struct Tokens {
    waiting: BTreeMap<String, (Instant, String)>,
    /// Connections that registered by a token, and the phone each speaks for.
    phone_by_flow: BTreeMap<FlowId, String>,
}

impl Tokens {
    pub(crate) fn allow(&mut self, now: Instant, phone: String, token: String, lifetime: Duration) {
        self.waiting.retain(|_, (until, _)| *until > now);
        let oldest = self.waiting.iter().min_by_key(|(_, (until, _))| *until).map(|(token, _)| token.clone());
        if let Some(oldest) = oldest.filter(|_| self.waiting.len() >= WAITING) {
            self.waiting.remove(&oldest);
        }
        self.waiting.insert(token, (now + lifetime, phone));
    }

    /// The phone that a request speaks for by its token, which is then used up, or by the connection it comes by.
    pub(crate) fn prove(&mut self, now: Instant, request: &Request, hop: &Hop) -> Option<String> {
        let flow = hop.flow.filter(|_| is_private(hop))?;
        if let Some((until, phone)) = bearer(request).and_then(|token| self.waiting.remove(&token))
            && until > now
        {
            self.phone_by_flow.insert(flow, phone);
        }
        self.phone_by_flow.get(&flow).cloned()
    }

    pub(crate) fn flow_closed(&mut self, flow: FlowId) {
        self.phone_by_flow.remove(&flow);
    }

    /// A phone that is no more speaks for itself no longer.
    pub(crate) fn keep_only(&mut self, has_account: impl Fn(&str) -> bool) {
        self.phone_by_flow.retain(|_, phone| has_account(phone));
    }
}

/// Where nobody can read a token along the way.
fn is_private(hop: &Hop) -> bool {
    match hop.transport {
        Transport::Wss => true,
        Transport::Ws => hop.remote.ip().to_canonical().is_loopback(),
        Transport::Udp | Transport::Tcp | Transport::Tls => false,
    }
}

fn bearer(request: &Request) -> Option<String> {
    let values = request.headers.get_all(&HeaderName::Authorization).filter_map(|value| std::str::from_utf8(value).ok());
    let mut tokens = values.filter_map(|value| value.trim().split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    tokens.next().map(|(_, token)| token.trim().to_owned())
}
