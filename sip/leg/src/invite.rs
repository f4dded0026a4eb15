//! Writing the INVITE of an outgoing leg.

use crate::{UaConfig, called::is_dialled, session_timer::Bounds};
use carillon_media_sdp::{LocalMedia, offer};
use carillon_sip_core::{
    Hop, Transport,
    message::{HeaderName, Host, Method, NameAddr, Request, SipUri, Uri},
};

/// What the INVITEs of one leg have in common.
pub(crate) struct Invitation<'a> {
    pub(crate) config: &'a UaConfig,
    pub(crate) from_user: &'a str,
    pub(crate) from_name: Option<&'a str>,
    pub(crate) local: &'a LocalMedia,
    pub(crate) headers: &'a [(String, String)],
}

/// What stands in the user part of a number we call or show: no dial string, no URI, no header can be smuggled in one.
pub(crate) fn clean_number(number: &str) -> String {
    number.chars().filter(|c| is_dialled(*c)).take(64).collect()
}

impl Invitation<'_> {
    /// The INVITE to `target` over `hop`. `callee` is the user part of To, `domain` the host in From where it is not our address.
    pub(crate) fn write(&self, target: Uri, callee: &str, hop: &Hop, domain: Option<&Host>) -> Request {
        let ours = self.our_uri(hop);
        let from = domain.map_or_else(|| ours.clone(), |domain| SipUri::new(domain.clone()));
        let mut from = NameAddr::new(from.with_user(&clean_number(self.from_user)));
        if let Some(name) = self.from_name.map(clean_name).filter(|name| !name.is_empty()) {
            from = from.with_display(&name);
        }
        let to = match target.sip() {
            Some(uri) => SipUri { user: None, ..SipUri::new(uri.host.clone()) }.with_user(callee),
            None => ours.with_user(callee),
        };
        let invite = Request::new(Method::Invite, target).with(HeaderName::From, from).with(HeaderName::To, NameAddr::new(to));
        let bounds = Bounds::of(self.config.session_expires, self.config.min_session_expires);
        // Who refreshes is the callee's to say: it knows whether it can.
        let mut invite = invite.with(HeaderName::SessionExpires, bounds.usual).with(HeaderName::MinSe, bounds.least);
        for (name, value) in self.headers {
            match HeaderName::new(name).filter(is_free) {
                // A number, or the endpoint's own.
                Some(HeaderName::MaxForwards) => {
                    value.parse::<u8>().into_iter().for_each(|hops| invite.headers.set(HeaderName::MaxForwards, hops))
                }
                Some(name) => invite.headers.push(name, value.as_str()),
                None => {}
            }
        }
        invite.with_body(crate::legs::SDP, offer(&self.config.offered_to(hop, self.local)))
    }

    fn our_uri(&self, hop: &Hop) -> SipUri {
        let address = self.config.reach.advertised(hop);
        match address.port() {
            5060 => SipUri::new(Host::Ip(address.ip())),
            _ => SipUri::at(address),
        }
    }
}

/// The Request-URI for a number behind a trunk, in its domain if it has one.
pub(crate) fn trunk_uri(number: &str, hop: &Hop, domain: Option<&Host>) -> Uri {
    let uri = domain.map_or_else(|| SipUri::at(hop.remote), |domain| SipUri::new(domain.clone())).with_user(number);
    match hop.transport {
        Transport::Udp => uri.into(),
        transport => uri.with_param("transport", Some(transport.uri_param())).into(),
    }
}

fn clean_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect::<String>().trim().to_owned()
}

/// Headers that route or frame the message are not the application's to write.
fn is_free(name: &HeaderName) -> bool {
    use HeaderName::{
        Authorization, CSeq, CallId, Contact, ContentLength, ContentType, From, MinSe, ProxyAuthorization, RecordRoute, Require, Route,
        SessionExpires, To, Via,
    };
    let ours = [
        &Authorization,
        &CSeq,
        &CallId,
        &Contact,
        &ContentLength,
        &ContentType,
        &From,
        &MinSe,
        &ProxyAuthorization,
        &RecordRoute,
        &Require,
        &Route,
        &SessionExpires,
        &To,
        &Via,
    ];
    !ours.contains(&name)
}
