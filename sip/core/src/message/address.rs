use std::fmt;

use super::{Params, Uri, lex};

/// The value of From, To, Contact, Route and their kin: `"Anna" <sip:anna@example.net>;tag=1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// The display name, without quotes and escapes.
    pub display: Option<String>,
    /// The URI.
    pub uri: Uri,
    /// Parameters of the header, not of the URI.
    pub params: Params,
}

impl NameAddr {
    /// `<uri>`
    pub fn new(uri: impl Into<Uri>) -> Self {
        Self { display: None, uri: uri.into(), params: Params::default() }
    }

    /// The same with a display name.
    #[must_use]
    pub fn with_display(mut self, name: &str) -> Self {
        self.display = Some(name.to_owned());
        self
    }

    /// The same with a tag.
    #[must_use]
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.params.set("tag", Some(tag));
        self
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag")
    }

    /// The `expires` parameter of a Contact, seconds; `None` also when it is no number (RFC 3261 20.10: take the default then).
    pub fn expires(&self) -> Option<u32> {
        lex::number(self.params.value("expires")?.as_bytes())
    }

    /// The `q` parameter of a Contact in thousandths, 0 to 1000.
    pub fn q_thousandths(&self) -> Option<u16> {
        let (whole, fraction) = self.params.value("q")?.split_once('.').unwrap_or((self.params.value("q")?, ""));
        if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let thousandths = lex::number::<u16>(format!("{fraction:0<3}").as_bytes())?;
        match whole {
            "0" | "" => Some(thousandths),
            "1" if thousandths == 0 => Some(1000),
            _ => None,
        }
    }

    /// Reads one value.
    pub(super) fn parse(value: &[u8]) -> Result<Self, &'static str> {
        let value = lex::trim(value);
        let (display, rest) = match value.first() {
            Some(b'"') => {
                let end = lex::quoted_end(value).ok_or("unterminated quoted string")?;
                (Some(lex::unquote(&lex::text(&value[..end])).into_owned()), lex::trim_start(&value[end..]))
            }
            _ => match value.iter().position(|&b| b == b'<') {
                Some(angle) => (display(lex::trim_end(&value[..angle]))?, &value[angle..]),
                None => return Self::without_brackets(value),
            },
        };
        let inner = rest.strip_prefix(b"<").ok_or("display name without an address in brackets")?;
        let end = inner.iter().position(|&b| b == b'>').ok_or("address bracket never closed")?;
        let uri = Uri::parse(&inner[..end]).map_err(|error| error.0)?;
        Ok(Self { display, uri, params: params(&inner[end + 1..])? })
    }

    /// An address without brackets: semicolons begin the header's parameters; a comma or question mark may not stand in the URI (RFC 3261 20).
    fn without_brackets(value: &[u8]) -> Result<Self, &'static str> {
        let semicolon = value.iter().position(|&b| b == b';').unwrap_or(value.len());
        let uri = lex::trim_end(&value[..semicolon]);
        if uri.iter().any(|b| matches!(b, b',' | b'?')) {
            return Err("this URI must stand in brackets");
        }
        Ok(Self { display: None, uri: Uri::parse(uri).map_err(|error| error.0)?, params: params(&value[semicolon..])? })
    }
}

/// A display name without quotes: tokens by the grammar, any words that cannot be mistaken by us.
fn display(name: &[u8]) -> Result<Option<String>, &'static str> {
    match name {
        b"" => Ok(None),
        _ if name.iter().any(|b| matches!(b, b',' | b';' | b'"' | b'>')) => Err("display name needs quotes"),
        _ => Ok(Some(lex::text(name).into_owned())),
    }
}

fn params(rest: &[u8]) -> Result<Params, &'static str> {
    match lex::trim(rest) {
        b"" => Ok(Params::default()),
        rest => Params::parse(rest.strip_prefix(b";").ok_or("text behind the address")?),
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{} ", lex::quote(display))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

/// What the Contact headers of a message say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contacts {
    /// `*`: all bindings (RFC 3261 10.2.2).
    Star,
    /// Addresses, none when there was no Contact.
    List(Vec<NameAddr>),
}
