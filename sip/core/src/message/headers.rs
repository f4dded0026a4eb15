use std::borrow::Cow;
use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::{CSeq, HeaderName, NameAddr, Uri, Via, lex};

/// The header fields of a message in their order. Content-Length is not among them: the body's length is the truth, and printing writes it.
///
/// What was read from a packet is kept as offsets into it.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    /// Boxed, so that a message stays small enough to be returned in an error.
    packet: Option<Box<Bytes>>,
    fields: Vec<(HeaderName, Value)>,
}

#[derive(Debug, Clone)]
enum Value {
    /// From, to: in the packet. A packet is shorter than 4 GiB by far ([`crate::limits::MESSAGE`]).
    Parsed(u32, u32),
    Own(Bytes),
}

impl Headers {
    /// The first value as written.
    pub fn get(&self, name: &HeaderName) -> Option<&[u8]> {
        self.get_all(name).next()
    }

    /// The first value as text; what is not UTF-8 is read as Latin-1.
    pub fn text(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        self.get(name).map(lex::text)
    }

    /// All values of a name, a value per header field; lists are not split.
    pub fn get_all<'h, 'n>(&'h self, name: &'n HeaderName) -> impl Iterator<Item = &'h [u8]> + use<'h, 'n> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, value)| self.bytes(value))
    }

    /// Whether the header is there.
    pub fn has(&self, name: &HeaderName) -> bool {
        self.get(name).is_some()
    }

    /// Adds a header field at the end.
    pub fn push(&mut self, name: HeaderName, value: impl Into<HeaderValue>) {
        if name != HeaderName::ContentLength {
            self.fields.push((name, Value::Own(value.into().0)));
        }
    }

    /// Adds a header field at the front.
    pub fn push_front(&mut self, name: HeaderName, value: impl Into<HeaderValue>) {
        if name != HeaderName::ContentLength {
            self.fields.insert(0, (name, Value::Own(value.into().0)));
        }
    }

    /// Puts one value in the place of all that were there, else at the end.
    pub fn set(&mut self, name: HeaderName, value: impl Into<HeaderValue>) {
        let Some(first) = self.fields.iter().position(|(n, _)| *n == name) else { return self.push(name, value) };
        self.fields[first].1 = Value::Own(value.into().0);
        let mut at = 0;
        self.fields.retain(|(n, _)| {
            at += 1;
            at - 1 <= first || *n != name
        });
    }

    /// Takes every field of the name out.
    pub fn remove(&mut self, name: &HeaderName) {
        self.fields.retain(|(n, _)| n != name);
    }

    /// All header fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &[u8])> {
        self.fields.iter().map(|(name, value)| (name, self.bytes(value)))
    }

    /// How many header fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Copies every field of the name from another message, behind what is here.
    pub fn copy(&mut self, from: &Headers, name: &HeaderName) {
        self.copy_some(from, name, usize::MAX);
    }

    /// Copies the first field of the name from another message.
    pub(super) fn copy_first(&mut self, from: &Headers, name: &HeaderName) {
        self.copy_some(from, name, 1);
    }

    fn copy_some(&mut self, from: &Headers, name: &HeaderName, most: usize) {
        let own = |value: &Value| match value {
            Value::Parsed(start, end) => Value::Own(from.packet().slice(*start as usize..*end as usize)),
            Value::Own(bytes) => Value::Own(bytes.clone()),
        };
        self.fields.extend(from.fields.iter().filter(|(n, _)| n == name).take(most).map(|(name, value)| (name.clone(), own(value))));
    }

    /// No headers yet, to be filled from a packet.
    pub(super) fn of_packet(packet: &Bytes, fields: usize) -> Self {
        Self { packet: Some(Box::new(packet.clone())), fields: Vec::with_capacity(fields) }
    }

    /// Adds a field of the packet; `None` when it lies beyond 4 GiB.
    pub(super) fn push_parsed(&mut self, name: HeaderName, start: usize, end: usize) -> Option<()> {
        self.fields.push((name, Value::Parsed(start.try_into().ok()?, end.try_into().ok()?)));
        Some(())
    }

    /// Adds a field whose value came off the wire in several lines.
    pub(super) fn push_unfolded(&mut self, name: HeaderName, value: Bytes) {
        self.fields.push((name, Value::Own(value)));
    }

    pub(super) fn replace_first(&mut self, name: HeaderName, value: HeaderValue) {
        match self.fields.iter_mut().find(|(n, _)| *n == name) {
            Some(field) => field.1 = Value::Own(value.0),
            None => self.push(name, value),
        }
    }

    pub(super) fn write(&self, body: &Bytes, out: &mut BytesMut) {
        for (name, value) in self.iter() {
            out.put_slice(name.as_str().as_bytes());
            out.put_slice(b": ");
            out.put_slice(value);
            out.put_slice(b"\r\n");
        }
        out.put_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        out.put_slice(body);
    }

    pub(super) fn written_len(&self) -> usize {
        self.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
    }

    fn packet(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        self.packet.as_deref().unwrap_or(&NONE)
    }

    fn bytes<'h>(&'h self, value: &'h Value) -> &'h [u8] {
        match value {
            Value::Parsed(start, end) => &self.packet()[*start as usize..*end as usize],
            Value::Own(bytes) => bytes,
        }
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

/// The value of a header field: any bytes but line ends, which become blanks, so that no value can add a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderValue(Bytes);

impl HeaderValue {
    fn clean(bytes: Bytes) -> Self {
        if !bytes.iter().any(|b| matches!(b, b'\r' | b'\n')) && lex::trim(&bytes).len() == bytes.len() {
            return Self(bytes);
        }
        let spaced: Vec<u8> = bytes.iter().map(|&b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }).collect();
        Self(Bytes::copy_from_slice(lex::trim(&spaced)))
    }

    fn display(value: impl fmt::Display) -> Self {
        Self::clean(value.to_string().into())
    }
}

macro_rules! from_bytes {
    ($($type:ty),*) => { $(impl From<$type> for HeaderValue { fn from(value: $type) -> Self { Self::clean(value.into()) } })* };
}
macro_rules! from_display {
    ($($type:ty),*) => { $(impl From<$type> for HeaderValue { fn from(value: $type) -> Self { Self::display(value) } })* };
}

from_bytes!(Bytes, Vec<u8>, String);
from_display!(&Via, Via, &NameAddr, NameAddr, &CSeq, CSeq, &Uri, Uri, u8, u16, u32, u64, usize);

impl From<&str> for HeaderValue {
    fn from(value: &str) -> Self {
        Self::clean(Bytes::copy_from_slice(value.as_bytes()))
    }
}

impl From<&[u8]> for HeaderValue {
    fn from(value: &[u8]) -> Self {
        Self::clean(Bytes::copy_from_slice(value))
    }
}

impl From<Cow<'_, str>> for HeaderValue {
    fn from(value: Cow<'_, str>) -> Self {
        Self::from(value.as_ref())
    }
}
