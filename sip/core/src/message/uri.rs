use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::{Host, Params, lex};
use crate::limits;

/// A URI of any scheme (RFC 3261 19.1, RFC 3966).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uri {
    /// `sip:` and `sips:`
    Sip(SipUri),
    /// `tel:`
    Tel(TelUri),
    /// Any other scheme, kept as written (a request for it gets 416).
    Other(String),
}

/// Not a URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UriError(pub(super) &'static str);

impl Uri {
    /// Reads a URI as it stands between angle brackets or in a start line: no blanks, no quotes, no brackets.
    pub fn parse(bytes: &[u8]) -> Result<Self, UriError> {
        if bytes.len() > limits::URI {
            return Err(UriError("URI too long"));
        }
        if bytes.iter().any(|&b| b <= b' ' || matches!(b, 0x7f | b'"' | b'<' | b'>')) {
            return Err(UriError("bad character in URI"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| UriError("URI is not UTF-8"))?;
        let (scheme, rest) = text.split_once(':').ok_or(UriError("URI without scheme"))?;
        if scheme.eq_ignore_ascii_case("sip") {
            SipUri::parse_rest(false, rest).map(Self::Sip)
        } else if scheme.eq_ignore_ascii_case("sips") {
            SipUri::parse_rest(true, rest).map(Self::Sip)
        } else if scheme.eq_ignore_ascii_case("tel") {
            TelUri::parse_rest(rest).map(Self::Tel)
        } else if is_scheme(scheme) && !rest.is_empty() {
            Ok(Self::Other(text.to_owned()))
        } else {
            Err(UriError("bad URI scheme"))
        }
    }

    /// The scheme as written for other schemes, else `sip`, `sips` or `tel`.
    pub fn scheme(&self) -> &str {
        match self {
            Self::Sip(uri) if uri.secure => "sips",
            Self::Sip(_) => "sip",
            Self::Tel(_) => "tel",
            Self::Other(text) => text.split(':').next().unwrap_or_default(),
        }
    }

    /// The SIP or SIPS URI, if it is one.
    pub fn sip(&self) -> Option<&SipUri> {
        match self {
            Self::Sip(uri) => Some(uri),
            Self::Tel(_) | Self::Other(_) => None,
        }
    }

    /// Who is meant: the user part without escapes, or the telephone number. `None` for a bare host and foreign schemes.
    pub fn user(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Sip(uri) => uri.user_text(),
            Self::Tel(uri) => Some(Cow::Borrowed(&uri.number)),
            Self::Other(_) => None,
        }
    }
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        Self::parse(text.as_bytes())
    }
}

impl From<SipUri> for Uri {
    fn from(uri: SipUri) -> Self {
        Self::Sip(uri)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sip(uri) => uri.fmt(f),
            Self::Tel(uri) => uri.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// A `sip:` or `sips:` URI. Its texts are kept as written, escapes and all; `==` compares them so
/// ([`SipUri::same_as`] is the equality of RFC 3261 19.1.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipUri {
    /// `sips:`
    pub secure: bool,
    /// The user part with its escapes ([`SipUri::user_text`] has it without); may be empty, as gateways write `sip:@host`.
    pub user: Option<String>,
    /// The password, which nobody should use (RFC 3261 19.1.1).
    pub password: Option<String>,
    /// The host.
    pub host: Host,
    /// The port, when written.
    pub port: Option<u16>,
    /// URI parameters (`transport`, `lr`, `ob`).
    pub params: Params,
    /// What stands behind `?`, as written.
    pub headers: Option<String>,
}

impl SipUri {
    /// `sip:host`
    pub fn new(host: Host) -> Self {
        Self { secure: false, user: None, password: None, host, port: None, params: Params::default(), headers: None }
    }

    /// `sip:address:port`
    pub fn at(address: SocketAddr) -> Self {
        Self { port: Some(address.port()), ..Self::new(Host::Ip(address.ip())) }
    }

    /// The same with a user, whose characters are escaped where a URI needs it.
    #[must_use]
    pub fn with_user(mut self, user: &str) -> Self {
        self.user = Some(escape(user));
        self
    }

    /// The same with a port.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// The same with a parameter; the value is written as given.
    #[must_use]
    pub fn with_param(mut self, name: &str, value: Option<&str>) -> Self {
        self.params.set(name, value);
        self
    }

    /// The user part without escapes.
    pub fn user_text(&self) -> Option<Cow<'_, str>> {
        self.user.as_deref().map(unescape)
    }

    /// The `transport` parameter, as written.
    pub fn transport(&self) -> Option<&str> {
        self.params.value("transport")
    }

    /// The value of a header that stands behind `?` (RFC 3261 19.1.1), without escapes. Names compare without case.
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let headers = self.headers.as_deref()?.split('&');
        let mut pairs = headers.map(|header| header.split_once('=').unwrap_or((header, "")));
        pairs.find(|(key, _)| unescape(key).eq_ignore_ascii_case(name)).map(|(_, value)| unescape(value))
    }

    /// Whether two URIs name the same thing (RFC 3261 19.1.4): escapes and case folded, `user`, `ttl`, `method`, `maddr` and `transport`
    /// in both or neither, other parameters where both have them, headers in both.
    pub fn same_as(&self, other: &Self) -> bool {
        // Also where a parameter stands twice, which RFC 3261 forbids and of which only the first is compared.
        if self == other {
            return true;
        }
        self.secure == other.secure
            && self.user_text() == other.user_text()
            && self.password.as_deref().map(unescape) == other.password.as_deref().map(unescape)
            && self.host == other.host
            && self.port == other.port
            && params_agree(&self.params, &other.params)
            && params_agree(&other.params, &self.params)
            && sorted_headers(self) == sorted_headers(other)
    }

    fn parse_rest(secure: bool, rest: &str) -> Result<Self, UriError> {
        let (userinfo, rest) = match rest.split_once('@') {
            Some((userinfo, rest)) => (Some(userinfo), rest),
            None => (None, rest),
        };
        if rest.contains('@') {
            return Err(UriError("more than one @ in URI"));
        }
        let (user, password) =
            match userinfo.map(|info| info.split_once(':').map_or((info, None), |(user, password)| (user, Some(password)))) {
                Some((user, password)) => (Some(user.to_owned()), password.map(str::to_owned)),
                None => (None, None),
            };
        let (rest, headers) = match rest.split_once('?') {
            Some((rest, headers)) => (rest, Some(headers.to_owned())),
            None => (rest, None),
        };
        let (hostport, params) = match rest.split_once(';') {
            Some((hostport, params)) => (hostport, Params::parse(params.as_bytes()).map_err(UriError)?),
            None => (rest, Params::default()),
        };
        let (host, port) = Host::with_port(hostport).ok_or(UriError("bad host in URI"))?;
        Ok(Self { secure, user, password, host, port, params, headers })
    }
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secure { "sips:" } else { "sip:" })?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
            if let Some(password) = &self.password {
                write!(f, ":{password}")?;
            }
            f.write_str("@")?;
        }
        self.host.fmt(f)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)?;
        match &self.headers {
            Some(headers) => write!(f, "?{headers}"),
            None => Ok(()),
        }
    }
}

fn params_agree(ours: &Params, theirs: &Params) -> bool {
    const IN_BOTH: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];
    ours.iter().all(|(name, value)| match theirs.get(name) {
        Some(other) => value.map(|v| unescape(v).to_ascii_lowercase()) == other.map(|v| unescape(v).to_ascii_lowercase()),
        None => !IN_BOTH.iter().any(|must| must.eq_ignore_ascii_case(name)),
    })
}

fn sorted_headers(uri: &SipUri) -> Vec<String> {
    let mut headers: Vec<String> = uri.headers.iter().flat_map(|all| all.split('&')).map(|one| unescape(one).into_owned()).collect();
    headers.sort();
    headers
}

/// A `tel:` URI (RFC 3966).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelUri {
    /// The number as written, visual separators and all.
    pub number: String,
    /// Its parameters (`phone-context`, `ext`).
    pub params: Params,
}

impl TelUri {
    fn parse_rest(rest: &str) -> Result<Self, UriError> {
        let (number, params) = match rest.split_once(';') {
            Some((number, params)) => (number, Params::parse(params.as_bytes()).map_err(UriError)?),
            None => (rest, Params::default()),
        };
        let sound = !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'+' | b'-' | b'.' | b'(' | b')' | b'*' | b'#' | b'%'));
        if sound { Ok(Self { number: number.to_owned(), params }) } else { Err(UriError("bad telephone number")) }
    }
}

impl fmt::Display for TelUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tel:{}{}", self.number, self.params)
    }
}

/// Escapes what may not stand in a user part (RFC 3261 25.1, user-unreserved).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Takes escapes out; a `%` that begins none stays.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|&b| char::from(b).to_digit(16));
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(lex::text(&plain).into_owned())
}
