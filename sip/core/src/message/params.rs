use std::borrow::Cow;
use std::fmt;

use super::lex;
use crate::limits;

/// Parameters of a header value or URI (`;name=value;flag`) in their order. Names compare without case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// The value as written (a quoted one with its quotes); `Some(None)` for a flag.
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_deref())
    }

    /// The value of a parameter that has one, as written.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.get(name).flatten()
    }

    /// The value of a parameter that has one, without quotes and escapes.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.value(name).map(lex::unquote)
    }

    /// Whether the parameter is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a parameter: in its place when it was there, else at the end. The value is written as given.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        match self.0.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some(found) => found.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// All parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads what stands behind the first semicolon. One semicolon too many at the very end is let through.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut params = Vec::new();
        let mut pieces = lex::split(bytes, b';').peekable();
        while let Some(piece) = pieces.next() {
            let piece = lex::trim(piece);
            if piece.is_empty() && pieces.peek().is_none() && !params.is_empty() {
                break;
            }
            if params.len() == limits::PARAMS {
                return Err("too many parameters");
            }
            params.push(parameter(piece)?);
        }
        Ok(Self(params))
    }
}

fn parameter(piece: &[u8]) -> Result<(String, Option<String>), &'static str> {
    let equals = piece.iter().position(|&b| b == b'=');
    let name = lex::trim_end(&piece[..equals.unwrap_or(piece.len())]);
    if name.is_empty() || name.iter().any(|&b| b <= b' ' || matches!(b, 0x7f | b'"' | b'<' | b'>' | b',')) {
        return Err("bad parameter name");
    }
    let value = match equals {
        None => None,
        Some(at) => Some(value(lex::trim_start(&piece[at + 1..]))?),
    };
    Ok((lex::text(name).into_owned(), value))
}

fn value(value: &[u8]) -> Result<String, &'static str> {
    let sound = match value.first() {
        Some(b'"') => lex::quoted_end(value) == Some(value.len()),
        Some(_) => !value.iter().any(|&b| b <= b' ' || matches!(b, 0x7f | b'"' | b'<' | b'>' | b',')),
        // `;name=` is seen on the wire and says no more than the flag.
        None => true,
    };
    if sound { Ok(lex::text(value).into_owned()) } else { Err("bad parameter value") }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            write!(f, ";{name}")?;
            if let Some(value) = value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}
