use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A host in a URI or Via: an address or a name.
#[derive(Debug, Clone, Eq)]
pub enum Host {
    /// An address; IPv6 is printed in brackets.
    Ip(IpAddr),
    /// A domain name as written; compared without case.
    Name(String),
}

impl Host {
    /// The address, if the host is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Name(_) => None,
        }
    }

    /// Reads `host [":" port]`; IPv6 stands in brackets. `None` when it is neither address nor name.
    pub(super) fn with_port(text: &str) -> Option<(Self, Option<u16>)> {
        let colon = match text.strip_prefix('[') {
            Some(inner) => inner.find(']')? + 2,
            None => text.find(':').unwrap_or(text.len()),
        };
        let port = match text.get(colon..)? {
            "" => None,
            port => Some(super::lex::number(port.strip_prefix(':')?.as_bytes())?),
        };
        Some((text[..colon].parse().ok()?, port))
    }
}

/// The text is neither an address nor a domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host")]
pub struct NotAHost;

impl FromStr for Host {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return inner.parse::<Ipv6Addr>().map(|ip| Self::Ip(ip.into())).map_err(|_| NotAHost);
        }
        // A name that ends in digits would be an address gone wrong (RFC 3261 25.1, toplabel).
        if text.bytes().next_back().is_some_and(|b| b.is_ascii_digit())
            && let Ok(ip) = text.parse()
        {
            return Ok(Self::Ip(IpAddr::V4(ip)));
        }
        if is_name(text) { Ok(Self::Name(text.to_owned())) } else { Err(NotAHost) }
    }
}

/// A domain name. Underscores are let through: they are common in private networks.
fn is_name(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    text.len() <= 253
        && text.split('.').all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')))
        && !text.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ip(a), Self::Ip(b)) => a == b,
            (Self::Name(a), Self::Name(b)) => a.eq_ignore_ascii_case(b),
            (Self::Ip(_), Self::Name(_)) | (Self::Name(_), Self::Ip(_)) => false,
        }
    }
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        Self::Ip(ip)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}
