//! A whole message against RFC 3261: what must be there, once, and readable, before anybody acts on it.

use super::parse::{Fault, refusal};
use super::{Contacts, HeaderError, HeaderName, Headers, Method, NameAddr, ParseError, Request, Response, Uri, Via};

/// Header fields that may stand once only (RFC 3261 7.3.1 and 20).
const ONCE: [HeaderName; 10] = [
    HeaderName::From,
    HeaderName::To,
    HeaderName::CallId,
    HeaderName::CSeq,
    HeaderName::MaxForwards,
    HeaderName::ContentType,
    HeaderName::Expires,
    HeaderName::Event,
    HeaderName::ReferTo,
    HeaderName::Replaces,
];

/// Holds a request against RFC 3261 8.1.1 and 8.2: mandatory headers (Max-Forwards excepted, as RFC 2543 had none), singletons,
/// every address that routing or answering reads, CSeq of the same method, numbers in range.
///
/// Whether we serve its method, URI scheme, extensions or body is not asked here.
pub fn validate(request: &Request) -> Result<(), ParseError> {
    check(request).map_err(|reason| refusal(request.clone(), Fault(400, reason)))
}

/// Holds a response against the same rules; one that fails is dropped (RFC 3261 8.1.3).
pub fn validate_response(response: &Response) -> Result<(), ParseError> {
    check_common(&response.headers).map(|_| ()).map_err(ParseError::drop)
}

fn check(request: &Request) -> Result<(), &'static str> {
    let headers = &request.headers;
    let common = check_common(headers)?;
    if common.method != request.method {
        return Err("CSeq method differs from the request's");
    }
    if common.top_via.branch() == Some(Via::MAGIC) {
        return Err("Via branch says nothing");
    }
    if request.uri.sip().is_some_and(|uri| uri.headers.is_some()) {
        return Err("headers in Request-URI");
    }
    if request.method == Method::Register && !matches!(common.to.uri, Uri::Sip(_)) {
        return Err("no SIP address to register");
    }
    headers.max_forwards().map_err(reason)?;
    headers.expires().map_err(reason)?;
    headers.content_type().map_err(reason)?;
    headers.routes().map_err(reason)?;
    Ok(())
}

/// What both kinds of message have.
struct Common {
    top_via: Via,
    to: NameAddr,
    method: Method,
}

fn check_common(headers: &Headers) -> Result<Common, &'static str> {
    if ONCE.iter().any(|name| headers.get_all(name).nth(1).is_some()) {
        return Err("header field twice that may stand once");
    }
    let mut vias = headers.vias().map_err(reason)?;
    if vias.is_empty() {
        return Err("no Via");
    }
    headers.from().map_err(reason)?;
    headers.call_id().map_err(reason)?;
    let to = headers.to().map_err(reason)?;
    let cseq = headers.cseq().map_err(reason)?;
    headers.record_routes().map_err(reason)?;
    if let Contacts::List(contacts) = headers.contacts().map_err(reason)?
        && contacts.iter().any(endless)
    {
        return Err("Contact expires out of range");
    }
    Ok(Common { top_via: vias.swap_remove(0), to, method: cseq.method })
}

/// Digits that are no number of seconds any more; other nonsense counts as no `expires` at all (RFC 3261 20.10).
fn endless(contact: &NameAddr) -> bool {
    contact.params.value("expires").is_some_and(|value| value.bytes().all(|b| b.is_ascii_digit())) && contact.expires().is_none()
}

/// A reason of its own for the headers whose lack is commonest; the view's words for the rest.
fn reason(error: HeaderError) -> &'static str {
    match (error.header, error.reason) {
        (HeaderName::From, "missing") => "no From",
        (HeaderName::To, "missing") => "no To",
        (HeaderName::CallId, "missing") => "no Call-ID",
        (HeaderName::CSeq, "missing") => "no CSeq",
        (_, words) => words,
    }
}
