//! What must hold for any bytes the network sends: properties, the corpus and the fuzz target all ask this.

use bytes::Bytes;
use carillon_sip_core::limits;
use carillon_sip_core::message::{Contacts, Framed, HeaderName, Headers, Message, Response, StreamFramer, validate, validate_response};

/// Cuts a stream that comes in pieces of these sizes, reads every message of it, and gives them all.
pub(crate) fn stream(stream: &[u8], pieces: &[usize]) -> Vec<Bytes> {
    let mut framer = StreamFramer::new();
    let mut messages = Vec::new();
    let mut rest = stream;
    for &piece in pieces.iter().cycle() {
        let (now, later) = rest.split_at(piece.min(rest.len()));
        framer.feed(now);
        while let Some(Ok(framed)) = framer.next() {
            match framed {
                Framed::Message(message) => messages.push(message),
                Framed::KeepAlive => {}
            }
        }
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    assert!(messages.iter().map(Bytes::len).sum::<usize>() <= stream.len());
    messages.iter().for_each(|message| datagram(message));
    messages
}

/// Reads a datagram with every view, and holds what came out against what went in.
pub(crate) fn datagram(bytes: &[u8]) {
    match Message::parse_datagram(Bytes::copy_from_slice(bytes)) {
        Ok(message) => {
            let printed = message.to_bytes();
            // Full names for compact ones, a blank behind each colon, Content-Length: no more is added.
            assert!(printed.len() <= bytes.len() + 24 * message.headers().len() + 64);
            assert_eq!(Message::parse_datagram(printed).expect("what we print, we read"), message);
            look(message.headers());
            match &message {
                Message::Request(request) => drop(validate(request)),
                Message::Response(response) => drop(validate_response(response)),
            }
        }
        Err(error) => {
            let Some(request) = error.request else { return };
            look(&request.headers);
            let answer = Response::to(&request, error.status.unwrap_or(400)).with_reason(error.reason).to_bytes();
            assert!(answer.len() <= bytes.len() + 1024);
        }
    }
}

/// Every view; and what a view read, it prints so that it reads the same again.
fn look(headers: &Headers) {
    let mut again = Headers::default();
    for name in [HeaderName::From, HeaderName::To, HeaderName::ReferTo] {
        if let Ok(address) = headers.address(name.clone()) {
            again.set(name.clone(), &address);
            assert_eq!(again.address(name), Ok(address));
        }
    }
    if let Ok(Contacts::List(contacts)) = headers.contacts() {
        contacts.iter().for_each(|contact| again.push(HeaderName::Contact, contact));
        assert_eq!(again.contacts(), Ok(Contacts::List(contacts)));
    }
    if let Ok(vias) = headers.vias() {
        assert!(vias.len() <= limits::VIAS);
        vias.iter().for_each(|via| again.push(HeaderName::Via, via));
        assert_eq!(again.vias(), Ok(vias));
    }
    let _ = (headers.cseq(), headers.call_id(), headers.max_forwards(), headers.expires(), headers.content_type(), headers.routes());
    headers.iter().for_each(|(name, _)| assert!(headers.tokens(name).len() <= limits::LIST_VALUES));
}
