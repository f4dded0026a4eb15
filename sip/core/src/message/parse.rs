//! From bytes to a message: start line, header fields, framing. Values are not looked into; see `views` and `validate`.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::{HeaderName, Headers, Method, ParseError, Request, Response, Uri, lex};
use crate::limits;

/// A request or a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl Message {
    /// Reads one datagram, or one message a [`StreamFramer`](super::StreamFramer) cut out.
    ///
    /// The body is what Content-Length says; more octets behind it are ignored, fewer are an error (RFC 3261 18.3). Without one
    /// it is the rest. A refused request keeps its head in the error, so that it can be answered; all else is dropped.
    pub fn parse_datagram(packet: Bytes) -> Result<Self, ParseError> {
        let head = Head::read(&packet)?;
        let rest = packet.len() - head.end;
        let fault = match head.length {
            Some(length) if length > rest => Some(Fault(400, "Content-Length beyond the datagram")),
            _ if packet.len() > limits::MESSAGE => Some(Fault(513, "message too large")),
            _ => None,
        };
        let end = head.end + head.length.unwrap_or(rest).min(rest);
        let body = packet.slice(head.end..end);
        head.finish(fault, body)
    }

    /// The message as it goes on the wire.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Request(request) => request.to_bytes(),
            Self::Response(response) => response.to_bytes(),
        }
    }

    /// The header fields.
    pub fn headers(&self) -> &Headers {
        match self {
            Self::Request(request) => &request.headers,
            Self::Response(response) => &response.headers,
        }
    }
}

/// Why a message is refused, first reason only: the status for a request, and words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault(pub(super) u16, pub(super) &'static str);

enum Start {
    Request { method: Method, uri: Uri },
    Response { status: u16, reason: Bytes },
}

/// Start line and header fields, read to their end whatever was wrong on the way, for the sake of the answer.
pub(super) struct Head {
    start: Start,
    headers: Headers,
    pub(super) length: Option<usize>,
    end: usize,
    fault: Option<Fault>,
}

impl Head {
    pub(super) fn read(packet: &Bytes) -> Result<Self, ParseError> {
        // Empty lines before a start line are ignored (RFC 3261 7.5).
        let begin = packet.chunks_exact(2).take_while(|pair| pair == b"\r\n").count() * 2;
        let (start_end, mut at) = line(packet, begin).map_err(|_| ParseError::drop("no start line"))?;
        let (start, mut fault) = start_line(packet, begin..start_end)?;
        if start_end - begin > limits::START_LINE {
            fault = Some(Fault(414, "start line too long"));
        }
        let mut headers = Headers::of_packet(packet, 24);
        let mut length = None;
        loop {
            let field = match field(packet, at) {
                Ok(Some(field)) => field,
                Ok(None) => {
                    at += 2;
                    break;
                }
                Err(reason) => {
                    fault = fault.or(Some(Fault(400, reason)));
                    at = packet.len();
                    break;
                }
            };
            if headers.len() == limits::HEADERS {
                fault = fault.or(Some(Fault(400, "too many header fields")));
                at = packet.len();
                break;
            }
            at = field.next;
            match keep(packet, &field, &mut headers, &mut length) {
                Ok(()) => {}
                Err(reason) => fault = fault.or(Some(Fault(400, reason))),
            }
        }
        Ok(Self { start, headers, length, end: at, fault })
    }

    /// The message, or the refusal for the head's own fault or the one found behind it.
    pub(super) fn finish(self, later: Option<Fault>, body: Bytes) -> Result<Message, ParseError> {
        let headers = self.headers;
        match (self.start, self.fault.or(later)) {
            (Start::Request { method, uri }, None) => Ok(Message::Request(Request { method, uri, headers, body })),
            (Start::Response { status, reason }, None) => Ok(Message::Response(Response { status, reason, headers, body })),
            (Start::Request { method, uri }, Some(fault)) => Err(refusal(Request { method, uri, headers, body: Bytes::new() }, fault)),
            (Start::Response { .. }, Some(fault)) => Err(ParseError::drop(fault.1)),
        }
    }
}

/// A refused request. An ACK is never answered, and an answer without Via has no way back (RFC 3261 18.2.2).
pub(super) fn refusal(request: Request, fault: Fault) -> ParseError {
    let answerable = request.method != Method::Ack && request.headers.has(&HeaderName::Via);
    ParseError { status: answerable.then_some(fault.0), reason: fault.1, request: Some(Box::new(request)) }
}

/// Where the line that begins at `from` ends, and where the next begins. Only CRLF ends a line: two readers that differ
/// about a bare CR or LF see two different messages.
fn line(bytes: &[u8], from: usize) -> Result<(usize, usize), &'static str> {
    let rest = bytes.get(from..).unwrap_or_default();
    let end = from + lex::line_end(rest).ok_or("head without an empty line at its end")?;
    if bytes[end..].starts_with(b"\r\n") { Ok((end, end + 2)) } else { Err("bare CR or LF in the head") }
}

pub(super) struct Field {
    name: Range<usize>,
    value: Range<usize>,
    folded: bool,
    pub(super) next: usize,
}

/// The header field that begins at `from` with its continuation lines (RFC 3261 7.3.1); `None` at the empty line.
pub(super) fn field(bytes: &[u8], from: usize) -> Result<Option<Field>, &'static str> {
    let (mut end, mut next) = line(bytes, from)?;
    if end == from {
        return Ok(None);
    }
    let mut folded = false;
    while bytes.get(next).is_some_and(|&b| lex::is_blank(b)) {
        folded = true;
        (end, next) = line(bytes, next)?;
    }
    // A field without colon keeps its whole text as name, which is then no token.
    let colon = bytes[from..end].iter().position(|&b| b == b':').map_or(end, |at| from + at);
    let name_end = from + lex::trim_end(&bytes[from..colon]).len();
    Ok(Some(Field { name: from..name_end, value: (colon + 1).min(end)..end, folded, next }))
}

/// The value of a folded field. A fold counts as one blank, whatever stood around it (RFC 3261 7.3.1).
fn unfold(raw: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(raw.len());
    for part in raw.split(|&b| b == b'\n').map(|part| lex::trim(part.strip_suffix(b"\r").unwrap_or(part))) {
        if !plain.is_empty() && !part.is_empty() {
            plain.push(b' ');
        }
        plain.extend_from_slice(part);
    }
    plain
}

fn keep(packet: &Bytes, field: &Field, headers: &mut Headers, length: &mut Option<usize>) -> Result<(), &'static str> {
    if field.value.end - field.name.start > limits::HEADER_FIELD {
        return Err("header field too long");
    }
    let name = HeaderName::read(packet, field.name.clone()).ok_or("bad header field name")?;
    let raw = &packet[field.value.clone()];
    match (name, field.folded) {
        (HeaderName::ContentLength, _) => content_length(raw, length)?,
        (name, true) => headers.push_unfolded(name, unfold(raw).into()),
        (name, false) => {
            let value = lex::trim_start(raw);
            let start = field.value.end - value.len();
            headers.push_parsed(name, start, start + lex::trim_end(value).len()).ok_or("header field too far")?;
        }
    }
    Ok(())
}

/// One Content-Length, digits only; a second one is refused even when both agree.
fn content_length(raw: &[u8], length: &mut Option<usize>) -> Result<(), &'static str> {
    if length.is_some() {
        return Err("Content-Length twice");
    }
    *length = Some(lex::number(&unfold(raw)).ok_or("bad Content-Length")?);
    Ok(())
}

/// The Content-Length of a head that ends with its empty line, read exactly as [`Head::read`] reads it.
pub(super) fn framed_length(head: &[u8]) -> Result<usize, &'static str> {
    let mut at = line(head, 0)?.1;
    let mut length = None;
    while let Some(field) = field(head, at)? {
        let name = &head[field.name.clone()];
        if name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l") {
            content_length(&head[field.value], &mut length)?;
        }
        at = field.next;
    }
    length.ok_or("no Content-Length on a stream")
}

fn start_line(packet: &Bytes, range: Range<usize>) -> Result<(Start, Option<Fault>), ParseError> {
    let text = &packet[range.clone()];
    if text.get(..4).is_some_and(|four| four.eq_ignore_ascii_case(b"SIP/")) {
        return status_line(packet, text).map(|start| (start, None));
    }
    let mut words = text.split(|&b| b == b' ');
    let (method, uri, version, more) = (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next(), words.next());
    let (Some(method), Some(version), None) = (method_of(packet, method), version, more) else {
        return broken_request_line(packet, text);
    };
    if let Some(fault) = version_fault(version) {
        return Ok((Start::Request { method, uri: raw_uri(uri) }, Some(fault?)));
    }
    Ok(match Uri::parse(uri) {
        Ok(uri) => (Start::Request { method, uri }, None),
        Err(error) => (Start::Request { method, uri: raw_uri(uri) }, Some(Fault(400, error.0))),
    })
}

/// A line that is not three words: a request with blanks astray if it begins with a method and ends with a version, else nothing of ours.
fn broken_request_line(packet: &Bytes, text: &[u8]) -> Result<(Start, Option<Fault>), ParseError> {
    let words: Vec<&[u8]> = text.split(|&b| lex::is_blank(b)).filter(|word| !word.is_empty()).take(16).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Err(ParseError::drop("not SIP")) };
    let method = method_of(packet, first).ok_or(ParseError::drop("not SIP"))?;
    let fault = match version_fault(last) {
        Some(fault) => fault?,
        None => Fault(400, "bad request line"),
    };
    let uri = words.get(1).map_or(&b""[..], |word| word);
    Ok((Start::Request { method, uri: raw_uri(uri) }, Some(fault)))
}

fn method_of(packet: &Bytes, word: &[u8]) -> Option<Method> {
    Method::from_bytes(&packet.slice_ref(word))
}

/// `None` for SIP/2.0; 505 for another version; an error for what is no SIP at all.
fn version_fault(version: &[u8]) -> Option<Result<Fault, ParseError>> {
    if version.eq_ignore_ascii_case(b"SIP/2.0") {
        return None;
    }
    let number = version.get(..4).filter(|name| name.eq_ignore_ascii_case(b"SIP/")).map(|_| &version[4..]);
    Some(match number {
        None => Err(ParseError::drop("not SIP")),
        Some(number) if number.iter().all(|b| b.is_ascii_digit() || *b == b'.') => Ok(Fault(505, "version not supported")),
        Some(_) => Ok(Fault(400, "bad version")),
    })
}

/// A Request-URI nobody could read, for the log and the answer's sake.
fn raw_uri(text: &[u8]) -> Uri {
    Uri::Other(lex::text(&text[..text.len().min(limits::URI)]).into_owned())
}

fn status_line(packet: &Bytes, text: &[u8]) -> Result<Start, ParseError> {
    let rest = text.get(..8).filter(|version| version.eq_ignore_ascii_case(b"SIP/2.0 ")).map(|_| &text[8..]);
    let rest = rest.ok_or(ParseError::drop("bad status line"))?;
    let (digits, reason) = rest.split_at(rest.iter().position(|&b| b == b' ').unwrap_or(rest.len()));
    let status = lex::number(digits).filter(|status| digits.len() == 3 && (100..700).contains(status));
    let status = status.ok_or(ParseError::drop("bad status code"))?;
    let reason = reason.get(1..).map_or(Bytes::new(), |reason| packet.slice_ref(reason));
    Ok(Start::Response { status, reason })
}

/// The refusal of a stream's head whose framing is not sound.
pub(super) fn refuse_head(head: BytesMut, fault: Fault) -> ParseError {
    match Head::read(&head.freeze()).map(|head| head.finish(Some(fault), Bytes::new())) {
        Ok(Err(error)) | Err(error) => error,
        Ok(Ok(_)) => ParseError::drop(fault.1),
    }
}
