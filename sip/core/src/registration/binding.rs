//! One place where a user's phone can be reached, and its form on disk.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::message::Uri;
use crate::transport::{FlowId, Hop, Transport};

/// One binding of a registrar. Numbers are never used twice in the life of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingId(pub(crate) u64);

impl fmt::Display for BindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bnd_{}", self.0)
    }
}

/// One contact of a user (RFC 3261 10).
#[derive(Debug, Clone)]
pub struct Binding {
    /// Its number.
    pub id: BindingId,
    /// Whose it is.
    pub user: String,
    /// What a request to it has in its Request-URI: the Contact as the phone gave it.
    pub contact: Uri,
    /// Where requests to it go: the source of its last REGISTER, never the host in its Contact.
    pub hop: Hop,
    /// `+sip.instance` with `reg-id`, which name the same phone at another address (RFC 5626).
    pub instance: Option<String>,
    /// The proxies between us and the phone (RFC 3327): the value of the Route header that requests to it carry.
    pub path: Option<String>,
    /// Preference in thousandths, 1000 if the phone said nothing.
    pub q: u16,
    /// Call-ID of the last REGISTER.
    pub call_id: String,
    /// CSeq number of the last REGISTER.
    pub seq: u32,
    /// User-Agent of the last REGISTER.
    pub user_agent: Option<String>,
    /// When it ends unless refreshed.
    pub expires: Instant,
    /// Whether requests can be expected to arrive: false once a stream has closed or pings went unanswered.
    pub is_reachable: bool,
}

impl Binding {
    /// Whole seconds until it ends, rounded up.
    pub fn remaining_seconds(&self, now: Instant) -> u64 {
        self.expires.saturating_duration_since(now).as_millis().div_ceil(1000) as u64
    }

    /// The form that outlives a restart.
    pub fn save(&self, now: Instant) -> SavedBinding {
        SavedBinding {
            user: self.user.clone(),
            contact: self.contact.to_string(),
            instance: self.instance.clone(),
            path: self.path.clone(),
            q: self.q,
            call_id: self.call_id.clone(),
            seq: self.seq,
            user_agent: self.user_agent.clone(),
            transport: self.hop.transport.name().to_owned(),
            local: self.hop.local.to_string(),
            remote: self.hop.remote.to_string(),
            remaining_seconds: self.remaining_seconds(now),
        }
    }

    /// The device, whichever of its connections this is; `None` of a phone that does not say.
    pub fn device(&self) -> Option<&str> {
        let instance = self.instance.as_deref()?;
        Some(instance.rsplit_once(';').map_or(instance, |(device, _)| device))
    }

    /// What names the device in an address of its own (`gr`, RFC 5627): the name in its `+sip.instance`. `None` of a phone that gives none, or
    /// one that would need escapes.
    pub fn gr(&self) -> Option<&str> {
        let urn = self.device()?.strip_prefix('<')?.strip_suffix('>')?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()[]/:&+$%".contains(&byte);
        (!urn.is_empty() && urn.bytes().all(is_plain)).then_some(urn)
    }

    /// Where its packets come from: what a hop must agree in to be this phone's.
    pub(super) fn source(&self) -> Source {
        Source::of(&self.hop)
    }
}

/// What tells one peer from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source {
    transport: Transport,
    remote: SocketAddr,
    flow: Option<FlowId>,
}

impl Source {
    pub(super) fn of(hop: &Hop) -> Self {
        Self { transport: hop.transport, remote: hop.remote, flow: hop.flow }
    }
}

/// A binding as plain values, for a database. Whoever keeps it turns the seconds that remain into a time of the wall, and back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedBinding {
    /// Whose it is.
    pub user: String,
    /// The Contact URI.
    pub contact: String,
    /// `+sip.instance` with `reg-id`.
    pub instance: Option<String>,
    /// The proxies on the way to the phone.
    pub path: Option<String>,
    /// Preference in thousandths.
    pub q: u16,
    /// Call-ID of the last REGISTER.
    pub call_id: String,
    /// CSeq number of the last REGISTER.
    pub seq: u32,
    /// User-Agent of the last REGISTER.
    pub user_agent: Option<String>,
    /// Name of the transport.
    pub transport: String,
    /// Our socket's address and port.
    pub local: String,
    /// The phone's address and port.
    pub remote: String,
    /// Seconds until it ends.
    pub remaining_seconds: u64,
}

impl SavedBinding {
    /// The binding again; `None` if a value cannot be read or its time is over. A phone over UDP is where it was. A stream is not: its binding
    /// comes back unreachable and waits for the phone to connect.
    pub(super) fn restore(self, now: Instant, id: BindingId) -> Option<Binding> {
        let transport = Transport::named(&self.transport)?;
        if self.remaining_seconds == 0 {
            return None;
        }
        Some(Binding {
            id,
            user: self.user,
            contact: self.contact.parse().ok()?,
            hop: Hop { transport, local: self.local.parse().ok()?, remote: self.remote.parse().ok()?, flow: None },
            instance: self.instance,
            path: self.path,
            q: self.q,
            call_id: self.call_id,
            seq: self.seq,
            user_agent: self.user_agent,
            expires: now.checked_add(Duration::from_secs(self.remaining_seconds))?,
            is_reachable: !transport.is_stream(),
        })
    }
}
