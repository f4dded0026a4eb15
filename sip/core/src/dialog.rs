//! Dialogs (RFC 3261 section 12): what both ends remember of a call between its requests.

use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::message::{CSeq, Contacts, HeaderName, Headers, Method, Request, Response, SipUri, Uri};
use crate::transport::{FlowId, Hop, Transport};

/// One dialog of an endpoint. Numbers are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId(pub(crate) u64);

impl fmt::Display for DialogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dlg_{}", self.0)
    }
}

/// How far a dialog has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogState {
    /// Made by a provisional response.
    Early,
    /// Made or confirmed by a 2xx.
    Confirmed,
}

/// Which end of the dialog's first INVITE we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogRole {
    /// We sent it.
    Caller,
    /// We received it.
    Callee,
}

/// A request came with a lower CSeq number than the one before (RFC 3261 12.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfOrder;

/// A dialog: tags, route set, remote target, sequence numbers, and the one peer that may speak in it.
///
/// Requests in it go to [`Dialog::hop`], where its peer was last seen, and never to the host in a Contact: a phone behind NAT
/// cannot be reached there, and a foreign host must not be.
#[derive(Debug, Clone)]
pub struct Dialog {
    role: DialogRole,
    state: DialogState,
    call_id: Bytes,
    local_tag: Bytes,
    remote_tag: Bytes,
    local: Bytes,
    remote: Bytes,
    local_seq: u32,
    remote_seq: Option<u32>,
    remote_target: Uri,
    routes: Vec<Uri>,
    hop: Hop,
    reconnects_to: Option<SocketAddr>,
}

impl Dialog {
    /// The dialog that our response with this To tag makes (RFC 3261 12.1.1).
    pub(crate) fn of_callee(request: &Request, local_tag: &str, hop: Hop) -> Self {
        let headers = &request.headers;
        let local_with_tag = [headers.get(&HeaderName::To).unwrap_or_default(), b";tag=", local_tag.as_bytes()].concat();
        Self {
            role: DialogRole::Callee,
            state: DialogState::Early,
            call_id: value(headers, &HeaderName::CallId),
            local_tag: Bytes::copy_from_slice(local_tag.as_bytes()),
            remote_tag: tag(headers, &HeaderName::From),
            local: local_with_tag.into(),
            remote: value(headers, &HeaderName::From),
            local_seq: 0,
            remote_seq: headers.cseq().ok().map(|cseq| cseq.seq),
            remote_target: contact(headers).or_else(|| headers.from().ok().map(|from| from.uri)).unwrap_or_else(|| request.uri.clone()),
            routes: record_routes(headers),
            hop,
            reconnects_to: None,
        }
    }

    /// The dialog that a response to our request makes (RFC 3261 12.1.2). `asked` is where the request went, `hop` where the
    /// response came from.
    pub(crate) fn of_caller(request: &Request, response: &Response, asked: &Hop, hop: Hop) -> Self {
        let mut routes = record_routes(&response.headers);
        routes.reverse();
        Self {
            role: DialogRole::Caller,
            state: DialogState::Early,
            call_id: value(&request.headers, &HeaderName::CallId),
            local_tag: tag(&request.headers, &HeaderName::From),
            remote_tag: tag(&response.headers, &HeaderName::To),
            local: value(&request.headers, &HeaderName::From),
            remote: value(&response.headers, &HeaderName::To),
            local_seq: request.headers.cseq().map_or(0, |cseq| cseq.seq),
            remote_seq: None,
            remote_target: contact(&response.headers).unwrap_or_else(|| request.uri.clone()),
            routes,
            hop: Hop { flow: hop.flow.or(asked.flow), ..*asked },
            reconnects_to: (asked.transport.is_stream() && asked.flow.is_none()).then_some(asked.remote),
        }
    }

    /// The Call-ID.
    pub fn call_id(&self) -> &[u8] {
        &self.call_id
    }

    /// Our tag.
    pub fn local_tag(&self) -> &[u8] {
        &self.local_tag
    }

    /// The peer's tag; empty with a peer of RFC 2543.
    pub fn remote_tag(&self) -> &[u8] {
        &self.remote_tag
    }

    /// Where the peer wants its requests to be addressed: its last Contact.
    pub fn remote_target(&self) -> &Uri {
        &self.remote_target
    }

    /// Where requests in the dialog go, and the only peer they are taken from.
    pub fn hop(&self) -> Hop {
        self.hop
    }

    /// Early or confirmed.
    pub fn state(&self) -> DialogState {
        self.state
    }

    /// Which end of the first INVITE we are.
    pub fn role(&self) -> DialogRole {
        self.role
    }

    /// Whether a packet may speak for the peer. Over UDP, where anybody can write any source address, it must come from exactly
    /// the dialog's address and port. A stream proves its address, and a peer may open a new one: the same host will do.
    pub(crate) fn is_from_peer(&self, hop: &Hop) -> bool {
        is_same_speaker(&self.hop, hop)
    }

    /// RFC 3261 12.2.2: sequence numbers must not fall.
    pub(crate) fn accept_seq(&mut self, seq: u32) -> Result<(), OutOfOrder> {
        match self.remote_seq {
            Some(last) if seq < last => Err(OutOfOrder),
            Some(_) | None => {
                self.remote_seq = Some(seq);
                Ok(())
            }
        }
    }

    /// Follows the peer to a new address.
    pub(crate) fn move_to(&mut self, hop: Hop) {
        self.hop = hop;
    }

    /// A stream that we opened can be opened again; one that the peer opened cannot.
    pub(crate) fn handle_flow_closed(&mut self, flow: FlowId) {
        if self.hop.flow == Some(flow)
            && let Some(remote) = self.reconnects_to
        {
            self.hop = Hop { remote, flow: None, ..self.hop };
        }
    }

    /// RFC 3261 12.2.1.2 and 12.2.2: a target refresh request or its 2xx names the peer's target anew.
    pub(crate) fn refresh_target(&mut self, headers: &Headers) {
        if let Some(target) = contact(headers) {
            self.remote_target = target;
        }
    }

    /// Our 2xx went out.
    pub(crate) fn confirm(&mut self) {
        self.state = DialogState::Confirmed;
    }

    /// A 2xx came; the route set is taken afresh from it (RFC 3261 13.2.2.4).
    pub(crate) fn confirm_by(&mut self, response: &Response) {
        if self.state == DialogState::Early {
            self.routes = record_routes(&response.headers);
            self.routes.reverse();
            self.state = DialogState::Confirmed;
        }
        self.refresh_target(&response.headers);
    }

    /// The next request in the dialog, without Via (RFC 3261 12.2.1.1).
    pub(crate) fn request(&mut self, method: Method) -> Request {
        self.local_seq += 1;
        self.request_with_seq(method, self.local_seq)
    }

    /// The ACK to a 2xx, without Via. It bears the number of its INVITE (RFC 3261 13.2.2.4).
    pub(crate) fn ack(&self, seq: u32) -> Request {
        self.request_with_seq(Method::Ack, seq)
    }

    fn request_with_seq(&self, method: Method, seq: u32) -> Request {
        let (uri, routes) = self.routing();
        let mut request = Request::new(method.clone(), uri)
            .with(HeaderName::From, self.local.clone())
            .with(HeaderName::To, self.remote.clone())
            .with(HeaderName::CallId, self.call_id.clone())
            .with(HeaderName::CSeq, CSeq::new(seq, method));
        for route in routes {
            request.headers.push(HeaderName::Route, format!("<{route}>"));
        }
        request
    }

    /// Request-URI and Route of a request in the dialog. A first route without `lr` is an RFC 2543 router and wants to stand in the
    /// Request-URI itself, the target last among the routes.
    fn routing(&self) -> (Uri, Vec<Uri>) {
        match self.routes.split_first() {
            Some((first, rest)) if !is_loose(first) => {
                let routes = rest.iter().chain([&self.remote_target]).cloned().collect();
                (without_headers(first), routes)
            }
            Some(_) | None => (self.remote_target.clone(), self.routes.clone()),
        }
    }
}

/// Whether two packets come from one speaker: see [`Dialog::is_from_peer`].
pub(crate) fn is_same_speaker(known: &Hop, hop: &Hop) -> bool {
    match hop.transport {
        Transport::Udp => known.transport == Transport::Udp && known.remote == hop.remote,
        _ => hop.flow.is_some() && known.flow == hop.flow || known.remote.ip() == hop.remote.ip(),
    }
}

fn value(headers: &Headers, name: &HeaderName) -> Bytes {
    Bytes::copy_from_slice(headers.get(name).unwrap_or_default())
}

fn tag(headers: &Headers, name: &HeaderName) -> Bytes {
    let address = headers.address(name.clone()).ok();
    address.and_then(|address| address.tag().map(|tag| Bytes::copy_from_slice(tag.as_bytes()))).unwrap_or_default()
}

fn contact(headers: &Headers) -> Option<Uri> {
    match headers.contacts() {
        Ok(Contacts::List(list)) => list.into_iter().next().map(|contact| without_headers(&contact.uri)),
        Ok(Contacts::Star) | Err(_) => None,
    }
}

fn record_routes(headers: &Headers) -> Vec<Uri> {
    headers.record_routes().unwrap_or_default().into_iter().map(|route| route.uri).collect()
}

fn is_loose(route: &Uri) -> bool {
    route.sip().is_none_or(|uri| uri.params.has("lr"))
}

/// A Request-URI has no headers and no method (RFC 3261 19.1.1).
fn without_headers(uri: &Uri) -> Uri {
    match uri {
        Uri::Sip(uri) => {
            let mut params = uri.params.clone();
            params.remove("method");
            SipUri { headers: None, params, ..uri.clone() }.into()
        }
        Uri::Tel(_) | Uri::Other(_) => uri.clone(),
    }
}
