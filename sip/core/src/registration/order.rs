//! What a REGISTER asks for, read and checked before anything is changed.

use super::RegistrarConfig;
use crate::message::{Contacts, HeaderName, NameAddr, Request, Response, Uri};

/// Bytes of a Contact URI that is kept; real ones have under 200.
const CONTACT_BYTES: usize = 512;
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

#[derive(Debug)]
pub(super) struct Order {
    pub(super) wanted: Vec<Wanted>,
    /// `Contact: *` with `Expires: 0`.
    pub(super) removes_all: bool,
    pub(super) call_id: String,
    pub(super) seq: u32,
    pub(super) user_agent: Option<String>,
}

/// Why a REGISTER is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Malformed,
    TooBrief { min_expires: u32 },
    TooManyContacts,
    Overtaken,
    Full,
}

impl Refusal {
    pub(super) fn response(self) -> Response {
        match self {
            Self::Malformed => Response::new(400).with_reason("Bad Contact or Expires"),
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
        // An Expires that cannot be read counts as not written (RFC 3261 20.19 leaves it to us; 10.2.1.1 has a default).
        let expires = headers.expires().unwrap_or(None);
        let (wanted, removes_all) = match headers.contacts() {
            Ok(Contacts::Star) if expires == Some(0) => (Vec::new(), true),
            Ok(Contacts::Star) | Err(_) => return Err(Refusal::Malformed),
            Ok(Contacts::List(list)) => {
                let wanted: Result<Vec<Wanted>, Refusal> = list.iter().map(|contact| wanted(contact, expires, config)).collect();
                (wanted?, false)
            }
        };
        Ok(Self {
            wanted,
            removes_all,
            call_id: headers.call_id().map_err(|_| Refusal::Malformed)?.to_owned(),
            seq: headers.cseq().map_err(|_| Refusal::Malformed)?.seq,
            user_agent: headers.text(&HeaderName::UserAgent).map(|text| text.chars().take(USER_AGENT_BYTES).collect()),
        })
    }
}

fn wanted(contact: &NameAddr, expires: Option<u32>, config: &RegistrarConfig) -> Result<Wanted, Refusal> {
    if contact.uri.sip().is_none() || contact.uri.to_string().len() > CONTACT_BYTES {
        return Err(Refusal::Malformed);
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
