use std::fmt;
use std::net::IpAddr;

use super::{Host, Params, lex};

/// One Via value (RFC 3261 20.42).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// The transport as written: `UDP`, `TCP`, or one nobody knows.
    pub transport: String,
    /// The host of sent-by.
    pub host: Host,
    /// The port of sent-by, when written.
    pub port: Option<u16>,
    /// `branch`, `received`, `rport` and others.
    pub params: Params,
}

impl Via {
    /// What RFC 3261 branches begin with (8.1.1.7).
    pub const MAGIC: &'static str = "z9hG4bK";

    /// A Via of our own.
    pub fn new(transport: &str, host: Host, port: Option<u16>, branch: &str) -> Self {
        let mut params = Params::default();
        params.set("branch", Some(branch));
        Self { transport: transport.to_owned(), host, port, params }
    }

    /// The branch, cookie and all.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch")
    }

    /// The address the request came from (RFC 3261 18.2.1); IPv6 with or without brackets (RFC 5118 4.5).
    pub fn received(&self) -> Option<IpAddr> {
        let text = self.params.value("received")?;
        text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text).parse().ok()
    }

    /// RFC 3581: `None` not asked for, `Some(None)` asked for, `Some(Some(port))` filled in.
    pub fn rport(&self) -> Option<Option<u16>> {
        self.params.get("rport").map(|value| lex::number(value?.as_bytes()))
    }

    /// The `maddr` parameter. Nothing is ever sent there.
    pub fn maddr(&self) -> Option<&str> {
        self.params.value("maddr")
    }

    /// The `ttl` parameter.
    pub fn ttl(&self) -> Option<u8> {
        lex::number(self.params.value("ttl")?.as_bytes())
    }

    /// Reads one value: `SIP / 2.0 / UDP host [: port] *( ; param )`, blanks wherever the grammar has them.
    pub(super) fn parse(value: &[u8]) -> Result<Self, &'static str> {
        let (name, rest) = word(value);
        let (version, rest) = word(rest.strip_prefix(b"/").ok_or("Via is not SIP/2.0")?);
        let rest = rest.strip_prefix(b"/").ok_or("Via is not SIP/2.0")?;
        if !name.eq_ignore_ascii_case(b"SIP") || version != b"2.0" {
            return Err("Via is not SIP/2.0");
        }
        let (transport, sent_by) = word(rest);
        if transport.is_empty() {
            return Err("Via without transport");
        }
        let semicolon = sent_by.iter().position(|&b| b == b';').unwrap_or(sent_by.len());
        let params = match sent_by.get(semicolon + 1..) {
            Some(params) => Params::parse(params)?,
            None => Params::default(),
        };
        let (host, port) = host_port(&sent_by[..semicolon]).ok_or("bad host in Via")?;
        Ok(Self { transport: lex::text(transport).into_owned(), host, port, params })
    }
}

/// The next token, and what follows it and its blanks.
fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let bytes = lex::trim_start(bytes);
    let end = bytes.iter().position(|&b| !lex::is_token_byte(b)).unwrap_or(bytes.len());
    (&bytes[..end], lex::trim_start(&bytes[end..]))
}

/// `host [: port]` with blanks around the colon, as only Via allows.
fn host_port(bytes: &[u8]) -> Option<(Host, Option<u16>)> {
    let text = std::str::from_utf8(lex::trim(bytes)).ok()?;
    if !text.contains([' ', '\t']) {
        return Host::with_port(text);
    }
    let (host, port) = text.rsplit_once(':')?;
    Some((host.trim_end_matches([' ', '\t']).parse().ok()?, Some(lex::number(port.trim_start_matches([' ', '\t']).as_bytes())?)))
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)
    }
}
