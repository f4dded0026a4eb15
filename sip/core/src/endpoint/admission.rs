//! What a request outside a dialog must satisfy before anybody hears of it (RFC 3261 8.2.1 to 8.2.2.3).

use super::config::EndpointConfig;
use crate::message::{HeaderName, Method, Request, Uri};

/// Why a request is refused, with the header that says what would have been right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) header: Option<(HeaderName, String)>,
}

impl Refusal {
    pub(super) fn new(status: u16) -> Self {
        Self { status, header: None }
    }

    pub(super) fn with(status: u16, name: HeaderName, value: String) -> Self {
        Self { status, header: Some((name, value)) }
    }
}

/// Inspects method, extensions, Request-URI and hops, in the order of RFC 3261 8.2.
pub(super) fn inspect(request: &Request, is_in_dialog: bool, config: &EndpointConfig) -> Result<(), Refusal> {
    method(request, config)?;
    extensions(request, config)?;
    if is_in_dialog {
        return Ok(());
    }
    scheme(request)?;
    hops(request)
}

/// The value of Allow.
pub(super) fn allow(config: &EndpointConfig) -> String {
    config.methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

fn method(request: &Request, config: &EndpointConfig) -> Result<(), Refusal> {
    match &request.method {
        method if config.methods.contains(method) => Ok(()),
        Method::Other(_) => Err(Refusal::with(501, HeaderName::Allow, allow(config))),
        _ => Err(Refusal::with(405, HeaderName::Allow, allow(config))),
    }
}

/// What a registration may insist on beyond what calls may (RFC 3327, RFC 5626, RFC 5627): the registrar does it for whoever asks.
const OF_REGISTRATIONS: [&str; 3] = ["path", "outbound", "gruu"];

/// Proxy-Require is for proxies (RFC 3261 20.29); we are where the request ends.
fn extensions(request: &Request, config: &EndpointConfig) -> Result<(), Refusal> {
    let wanted = request.headers.tokens(&HeaderName::Require);
    let more = if request.method == Method::Register { &OF_REGISTRATIONS[..] } else { &[] };
    let known = || config.supported.iter().map(String::as_str).chain(more.iter().copied());
    let is_supported = |tag: &str| known().any(|supported| supported.eq_ignore_ascii_case(tag));
    let unknown: Vec<&str> = wanted.iter().map(AsRef::as_ref).filter(|tag| !is_supported(tag)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(Refusal::with(420, HeaderName::Unsupported, unknown.join(", "))) }
}

fn scheme(request: &Request) -> Result<(), Refusal> {
    match &request.uri {
        Uri::Sip(_) | Uri::Tel(_) => Ok(()),
        Uri::Other(_) => Err(Refusal::new(416)),
    }
}

/// A request at its last hop may not cause another one. OPTIONS causes none, and with few hops it is a way to trace a route (11).
fn hops(request: &Request) -> Result<(), Refusal> {
    match request.headers.max_forwards() {
        Ok(Some(0)) if request.method != Method::Options => Err(Refusal::new(483)),
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::new(400)),
    }
}
