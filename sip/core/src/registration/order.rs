//! What a REGISTER asks for, read and checked before anything is changed.

use super::RegistrarConfig;
use crate::message::{Contacts, HeaderName, NameAddr, Request, Response, SipUri, Uri};

/// Bytes of a Contact URI that is kept; real ones have under 200.
const CONTACT_BYTES: usize = 512;
/// Bytes of a Path that is kept: a phone behind more proxies than fit is refused.
const PATH_BYTES: usize = 1024;
/// Bytes of a User-Agent that is kept; the rest is cut.
const USER_AGENT_BYTES: usize = 128;

/// One contact to bind, refresh or (with zero seconds) remove.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) contact: Uri,
    pub(super) instance: Option<String>,
    pub(super) q: u16,
    pub(super) seconds: u32,
}

impl Wanted {
    /// Whether it is one of the connections that a device keeps (RFC 5626 4.2).
    pub(super) fn is_one_of_several(&self) -> bool {
        self.instance.as_deref().is_some_and(|instance| !instance.ends_with(';'))
    }
}

#[derive(Debug)]
pub(super) struct Order {
    pub(super) wanted: Vec<Wanted>,
    /// `Contact: *` with `Expires: 0`.
    pub(super) removes_all: bool,
    pub(super) call_id: String,
    pub(super) seq: u32,
    pub(super) user_agent: Option<String>,
    /// The proxies on the way to the phone (RFC 3327), as the value of a Route header.
    pub(super) path: Option<String>,
    /// The phone keeps several connections (RFC 5626) and may be told that one is enough for each call.
    pub(super) knows_outbound: bool,
    /// The user's address, of a phone that wants to be told one for each device (RFC 5627).
    pub(super) wants_gruu_of: Option<SipUri>,
}

/// Why a REGISTER is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Malformed,
    BadPath,
    /// RFC 5627 5.1: what leads here cannot be where a phone is.
    LeadsHere,
    TooBrief {
        min_expires: u32,
    },
    TooManyContacts,
    Overtaken,
    Full,
}

impl Refusal {
    pub(super) fn response(self) -> Response {
        match self {
            Self::Malformed => Response::new(400).with_reason("Bad Contact or Expires"),
            Self::BadPath => Response::new(400).with_reason("Bad Path"),
            Self::LeadsHere => Response::new(403).with_reason("Contact Leads Here"),
            Self::TooBrief { min_expires } => Response::new(423).with(HeaderName::MinExpires, min_expires),
            Self::TooManyContacts => Response::new(403).with_reason("Too Many Contacts"),
            Self::Overtaken => Response::new(500).with_reason("Request Overtaken"),
            Self::Full => Response::new(503).with(HeaderName::RetryAfter, 60u32),
        }
    }
}

impl Order {
    pub(super) fn read(request: &Request, config: &RegistrarConfig) -> Result<Self, Refusal> {
        let headers = &request.headers;
        let of_user = headers.to().ok().and_then(|to| to.uri.sip().cloned());
        let knows = |tag: &str| {
            let mut tags = headers.tokens(&HeaderName::Supported).into_iter().chain(headers.tokens(&HeaderName::Require));
            tags.any(|known| known.eq_ignore_ascii_case(tag))
        };
        // An Expires that cannot be read counts as not written (RFC 3261 20.19 leaves it to us; 10.2.1.1 has a default).
        let expires = headers.expires().unwrap_or(None);
        let (wanted, removes_all) = match headers.contacts() {
            Ok(Contacts::Star) if expires == Some(0) => (Vec::new(), true),
            Ok(Contacts::Star) | Err(_) => return Err(Refusal::Malformed),
            Ok(Contacts::List(list)) => {
                let wanted: Result<Vec<Wanted>, Refusal> =
                    list.iter().map(|contact| wanted(contact, expires, of_user.as_ref(), config)).collect();
                (wanted?, false)
            }
        };
        Ok(Self {
            wanted,
            removes_all,
            call_id: headers.call_id().map_err(|_| Refusal::Malformed)?.to_owned(),
            seq: headers.cseq().map_err(|_| Refusal::Malformed)?.seq,
            path: path(request)?,
            knows_outbound: knows("outbound"),
            wants_gruu_of: of_user.filter(|_| knows("gruu")),
            user_agent: headers.text(&HeaderName::UserAgent).map(|text| text.chars().take(USER_AGENT_BYTES).collect()),
        })
    }
}

fn path(request: &Request) -> Result<Option<String>, Refusal> {
    let proxies = request.headers.addresses(HeaderName::Path).map_err(|_| Refusal::BadPath)?;
    if proxies.is_empty() {
        return Ok(None);
    }
    // A strict router would be another way of sending (RFC 3261 16.12), which RFC 3327 5.2 rules out.
    let is_loose = |proxy: &NameAddr| proxy.uri.sip().is_some_and(|uri| uri.params.has("lr"));
    let path = proxies.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if proxies.iter().all(is_loose) && path.len() <= PATH_BYTES { Ok(Some(path)) } else { Err(Refusal::BadPath) }
}

fn wanted(contact: &NameAddr, expires: Option<u32>, of_user: Option<&SipUri>, config: &RegistrarConfig) -> Result<Wanted, Refusal> {
    let Some(uri) = contact.uri.sip().filter(|uri| uri.to_string().len() <= CONTACT_BYTES) else { return Err(Refusal::Malformed) };
    if uri.params.has("gr") && of_user.is_some_and(|user| user.user_text() == uri.user_text() && user.host == uri.host) {
        return Err(Refusal::LeadsHere);
    }
    let asked = contact.expires().or(expires).unwrap_or(config.default_expires);
    if asked > 0 && asked < config.min_expires {
        return Err(Refusal::TooBrief { min_expires: config.min_expires });
    }
    let instance = contact.params.text("+sip.instance").map(|instance| {
        let reg_id = contact.params.value("reg-id").unwrap_or_default();
        format!("{instance};{reg_id}").chars().take(CONTACT_BYTES).collect()
    });
    Ok(Wanted {
        contact: contact.uri.clone(),
        instance,
        q: contact.q_thousandths().unwrap_or(1000),
        seconds: asked.min(config.max_expires),
    })
}
