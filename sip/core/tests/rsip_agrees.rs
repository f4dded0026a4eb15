//! Another stack's reader sees in plain traffic what ours sees. (In other than plain traffic it does not: no IPv6, no compact names, no folding.)

use bytes::Bytes;
use carillon_sip_core::message::{HeaderName, Message, Method, NameAddr, Request, validate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rsip::prelude::{HeadersExt, ToTypedHeader};

/// A plain request as text, as a phone of our own would never write it: not by our printer.
fn plain() -> impl Strategy<Value = String> {
    let method = select(vec!["INVITE", "REGISTER", "OPTIONS", "BYE", "ACK", "CANCEL", "NOTIFY", "INFO", "UPDATE"]);
    let user = "[a-z0-9][a-z0-9_-]{0,11}";
    let host = prop_oneof!["[a-z]{1,8}\\.example\\.(net|org)", "192\\.0\\.2\\.[1-9][0-9]?"];
    let port = prop_oneof![Just(String::new()), (1024u16..).prop_map(|port| format!(":{port}"))];
    let name = prop_oneof![Just(String::new()), "\"[A-Z][a-z]{1,8} [A-Z][a-z]{1,8}\" ".prop_map(|name| name)];
    let extra = vec(("X-[A-Z][a-z]{1,10}", "[A-Za-z0-9][A-Za-z0-9 ,;=]{0,20}[A-Za-z0-9]"), 0..4);
    let people = (user, host.clone(), port, name, "[a-z0-9]{1,10}", prop::option::of("[a-z0-9]{1,10}"));
    (method, people, host, "[a-zA-Z0-9]{1,20}", 1u32..1 << 31, extra, "[a-z=0-9 \r\n]{0,60}").prop_map(
        |(method, (user, host, port, name, from_tag, to_tag), domain, id, seq, extra, body)| {
            let to_tag = to_tag.map(|tag| format!(";tag={tag}")).unwrap_or_default();
            let extra: String = extra.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            format!(
                "{method} sip:{user}@{domain} SIP/2.0\r\nVia: SIP/2.0/UDP {host}{port};branch=z9hG4bK{id}\r\nVia: SIP/2.0/TCP {domain};branch=z9hG4bK0{id}\r\n\
                 Max-Forwards: 70\r\nFrom: {name}<sip:{user}@{host}>;tag={from_tag}\r\nTo: <sip:{user}@{domain}>{to_tag}\r\nCall-ID: {id}@{host}\r\n\
                 CSeq: {seq} {method}\r\nContact: <sip:{user}@{host}{port}>\r\n{extra}Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn both_read_the_same_in_what_came(text in plain()) {
        agree(text.as_bytes());
    }

    #[test]
    fn both_read_the_same_in_what_we_print(text in plain()) {
        agree(&ours(text.as_bytes()).to_bytes());
    }
}

fn ours(bytes: &[u8]) -> Request {
    match Message::parse_datagram(Bytes::copy_from_slice(bytes)) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn agree(bytes: &[u8]) {
    let ours = ours(bytes);
    validate(&ours).expect("it is valid");
    let theirs = rsip::Request::try_from(bytes).expect("the other stack reads it");

    assert_eq!(ours.method.as_str(), theirs.method.to_string());
    assert_eq!(ours.uri.to_string(), theirs.uri.to_string());
    assert_eq!(&ours.body[..], &theirs.body[..]);
    // They keep Content-Length among the headers, we do not.
    assert_eq!(ours.headers.len() + 1, theirs.headers.iter().count());

    let headers = &ours.headers;
    assert_eq!(headers.call_id().expect("Call-ID"), theirs.call_id_header().expect("Call-ID").to_string().trim_start_matches("Call-ID: "));
    let (cseq, their_cseq) = (headers.cseq().expect("CSeq"), theirs.cseq_header().expect("CSeq").typed().expect("CSeq"));
    assert_eq!((cseq.seq, cseq.method.as_str()), (their_cseq.seq, their_cseq.method.to_string().as_str()));
    assert_ne!(cseq.method, Method::Publish);

    let (via, their_via) = (headers.top_via().expect("Via"), theirs.via_header().expect("Via").typed().expect("Via"));
    assert_eq!(via.transport, their_via.transport.to_string());
    assert_eq!(via.branch(), their_via.branch().map(|branch| branch.value()));
    assert_eq!((via.host.to_string(), via.port), (their_via.uri.host().to_string(), their_via.uri.port().map(|port| *port.value())));

    let from = theirs.from_header().expect("From").typed().expect("From");
    same_address(headers.from().expect("From"), from.display_name.as_deref(), &from.uri, from.tag().map(|tag| tag.value()));
    let to = theirs.to_header().expect("To").typed().expect("To");
    same_address(headers.to().expect("To"), to.display_name.as_deref(), &to.uri, to.tag().map(|tag| tag.value()));
    let contact = theirs.contact_header().expect("Contact").typed().expect("Contact");
    same_address(headers.address(HeaderName::Contact).expect("Contact"), contact.display_name.as_deref(), &contact.uri, None);
}

fn same_address(ours: NameAddr, display: Option<&str>, uri: &rsip::Uri, tag: Option<&str>) {
    assert_eq!(ours.display.as_deref(), display.map(|name| name.trim_matches('"')));
    assert_eq!(ours.uri.to_string(), uri.to_string());
    assert_eq!(ours.uri.user().as_deref(), uri.user());
    assert_eq!(ours.tag(), tag);
}
