//! Typed views: one header read when somebody asks for it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::{Contacts, HeaderError, HeaderName, Headers, Method, NameAddr, Params, Uri, Via, lex};
use crate::limits;

/// The CSeq header (RFC 3261 20.16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CSeq {
    /// The number, below 2^31.
    pub seq: u32,
    /// The method.
    pub method: Method,
}

impl CSeq {
    /// A CSeq of our own.
    pub fn new(seq: u32, method: Method) -> Self {
        Self { seq, method }
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.seq, self.method)
    }
}

/// The RAck header (RFC 3262 7.2): which provisional response a PRACK is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RAck {
    /// The response's RSeq.
    pub rseq: u32,
    /// The number in the response's CSeq.
    pub seq: u32,
    /// The method there.
    pub method: Method,
}

/// The Content-Type header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// `application/sdp`, in lower case.
    pub media_type: String,
    /// `boundary`, `charset`.
    pub params: Params,
}

impl Headers {
    /// All Via values, topmost first, lists split.
    pub fn vias(&self) -> Result<Vec<Via>, HeaderError> {
        self.list(HeaderName::Via, limits::VIAS, Via::parse)
    }

    /// The topmost Via value.
    pub fn top_via(&self) -> Result<Via, HeaderError> {
        let value = self.required(HeaderName::Via)?;
        let first = lex::split(value, b',').next().unwrap_or_default();
        Via::parse(first).map_err(|reason| HeaderError::new(HeaderName::Via, reason))
    }

    /// Replaces the topmost Via value and leaves the others as they were written.
    pub fn set_top_via(&mut self, via: &Via) {
        let rest = self.get(&HeaderName::Via).and_then(|value| value.get(lex::split(value, b',').next().map_or(0, <[u8]>::len)..));
        let mut value = via.to_string().into_bytes();
        value.extend_from_slice(rest.unwrap_or_default());
        self.replace_first(HeaderName::Via, value.into());
    }

    /// The From header.
    pub fn from(&self) -> Result<NameAddr, HeaderError> {
        self.address(HeaderName::From)
    }

    /// The To header.
    pub fn to(&self) -> Result<NameAddr, HeaderError> {
        self.address(HeaderName::To)
    }

    /// Adds a tag to the To header as it was written; nothing when there is no To or it has a tag.
    pub fn tag_to(&mut self, tag: &str) {
        if let (Some(value), Ok(to)) = (self.get(&HeaderName::To), self.to())
            && to.tag().is_none()
        {
            let tagged = [value, b";tag=", tag.as_bytes()].concat();
            self.replace_first(HeaderName::To, tagged.into());
        }
    }

    /// Any header that holds one address: Refer-To, Referred-By, P-Asserted-Identity (its first).
    pub fn address(&self, name: HeaderName) -> Result<NameAddr, HeaderError> {
        let value = self.required(name.clone())?;
        NameAddr::parse(value).map_err(|reason| HeaderError::new(name, reason))
    }

    /// Any header that holds a list of addresses; empty when it is missing.
    pub fn addresses(&self, name: HeaderName) -> Result<Vec<NameAddr>, HeaderError> {
        self.list(name, limits::LIST_VALUES, NameAddr::parse)
    }

    /// The Contact headers.
    pub fn contacts(&self) -> Result<Contacts, HeaderError> {
        let mut values = self.get_all(&HeaderName::Contact);
        if let (Some(b"*"), None) = (values.next(), values.next()) {
            return Ok(Contacts::Star);
        }
        self.addresses(HeaderName::Contact).map(Contacts::List)
    }

    /// Route values in order.
    pub fn routes(&self) -> Result<Vec<NameAddr>, HeaderError> {
        self.addresses(HeaderName::Route)
    }

    /// Record-Route values in order.
    pub fn record_routes(&self) -> Result<Vec<NameAddr>, HeaderError> {
        self.addresses(HeaderName::RecordRoute)
    }

    /// The CSeq header.
    pub fn cseq(&self) -> Result<CSeq, HeaderError> {
        let value = self.required(HeaderName::CSeq)?;
        let error = |reason| HeaderError::new(HeaderName::CSeq, reason);
        let blank = value.iter().position(|&b| lex::is_blank(b)).ok_or(error("CSeq without method"))?;
        let seq = lex::number(&value[..blank]).filter(|&seq: &u32| seq < 1 << 31).ok_or(error("bad CSeq number"))?;
        let method = Method::from_bytes(&Bytes::copy_from_slice(lex::trim(&value[blank..]))).ok_or(error("bad CSeq method"))?;
        Ok(CSeq { seq, method })
    }

    /// The RAck header.
    pub fn rack(&self) -> Result<RAck, HeaderError> {
        let value = self.required(HeaderName::RAck)?;
        let error = HeaderError::new(HeaderName::RAck, "bad RAck");
        let mut words = value.split(|&b| lex::is_blank(b)).filter(|word| !word.is_empty());
        let (rseq, seq) = (words.next().and_then(lex::number), words.next().and_then(lex::number));
        let method = words.next().and_then(|word| Method::from_bytes(&Bytes::copy_from_slice(word)));
        match (rseq, seq, method, words.next()) {
            (Some(rseq), Some(seq), Some(method), None) => Ok(RAck { rseq, seq, method }),
            _ => Err(error),
        }
    }

    /// The Call-ID: visible ASCII, at most [`limits::CALL_ID`] bytes.
    pub fn call_id(&self) -> Result<&str, HeaderError> {
        let value = self.required(HeaderName::CallId)?;
        let error = |reason| HeaderError::new(HeaderName::CallId, reason);
        if value.len() > limits::CALL_ID || !value.iter().all(u8::is_ascii_graphic) {
            return Err(error("bad Call-ID"));
        }
        std::str::from_utf8(value).ok().filter(|id| !id.is_empty()).ok_or(error("bad Call-ID"))
    }

    /// Max-Forwards, if it is there; at most 255.
    pub fn max_forwards(&self) -> Result<Option<u8>, HeaderError> {
        self.number(HeaderName::MaxForwards)
    }

    /// Expires in seconds, if it is there.
    pub fn expires(&self) -> Result<Option<u32>, HeaderError> {
        self.number(HeaderName::Expires)
    }

    /// Any header that holds one decimal number.
    pub fn number<T: TryFrom<u64>>(&self, name: HeaderName) -> Result<Option<T>, HeaderError> {
        match self.get(&name) {
            None => Ok(None),
            Some(value) => lex::number(value).map(Some).ok_or(HeaderError::new(name, "not a number in range")),
        }
    }

    /// The Content-Type, if it is there.
    pub fn content_type(&self) -> Result<Option<ContentType>, HeaderError> {
        let Some(value) = self.get(&HeaderName::ContentType) else { return Ok(None) };
        let error = |reason| HeaderError::new(HeaderName::ContentType, reason);
        let mut halves = value.splitn(2, |&b| b == b';');
        let mut words = halves.next().unwrap_or_default().splitn(2, |&b| b == b'/').map(lex::trim);
        let (Some(kind), Some(subtype)) = (words.next(), words.next()) else { return Err(error("no media type")) };
        if !lex::is_token(kind) || !lex::is_token(subtype) {
            return Err(error("bad media type"));
        }
        let params = halves.next().map_or(Ok(Params::default()), Params::parse).map_err(error)?;
        let media_type = format!("{}/{}", lex::text(kind), lex::text(subtype)).to_ascii_lowercase();
        Ok(Some(ContentType { media_type, params }))
    }

    /// The words of a comma-separated header (Require, Supported, Allow, Accept), as written, parameters and all. Empty ones are passed over.
    pub fn tokens(&self, name: &HeaderName) -> Vec<Cow<'_, str>> {
        let words = self.get_all(name).flat_map(|value| lex::split(value, b',')).map(lex::trim);
        words.filter(|word| !word.is_empty()).take(limits::LIST_VALUES).map(lex::text).collect()
    }

    fn required(&self, name: HeaderName) -> Result<&[u8], HeaderError> {
        self.get(&name).ok_or(HeaderError::new(name, "missing"))
    }

    fn list<T>(&self, name: HeaderName, most: usize, parse: fn(&[u8]) -> Result<T, &'static str>) -> Result<Vec<T>, HeaderError> {
        let mut list = Vec::new();
        for value in self.get_all(&name).flat_map(|value| lex::split(value, b',')) {
            if list.len() == most {
                return Err(HeaderError::new(name.clone(), "too many values"));
            }
            list.push(parse(value).map_err(|reason| HeaderError::new(name.clone(), reason))?);
        }
        Ok(list)
    }
}

impl From<Uri> for NameAddr {
    fn from(uri: Uri) -> Self {
        Self::new(uri)
    }
}
