//! Messages of everyday: what phones and gateways send that strict or naive readers trip over.

use bytes::Bytes;
use carillon_sip_core::limits;
use carillon_sip_core::message::{
    CSeq, Contacts, Framed, HeaderName, Host, Message, Method, NameAddr, ParseError, Request, Response, SipUri, StreamFramer, Uri, Via,
    validate,
};

const INVITE: &str = "INVITE sip:1002@pbx.example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.31;branch=z9hG4bK-1\r\nFrom: <sip:1001@pbx.example.net>;tag=a1\r\nTo: <sip:1002@pbx.example.net>\r\nCall-ID: everyday@192.0.2.31\r\nCSeq: 1 INVITE\r\n";

fn parse(text: impl AsRef<[u8]>) -> Result<Request, ParseError> {
    match Message::parse_datagram(Bytes::copy_from_slice(text.as_ref()))? {
        Message::Request(request) => validate(&request).map(|()| request),
        Message::Response(response) => panic!("a response: {response:?}"),
    }
}

/// The INVITE with more header lines, without body.
fn invite(more: impl AsRef<[u8]>) -> Result<Request, ParseError> {
    parse([INVITE.as_bytes(), more.as_ref(), b"\r\n\r\n"].concat())
}

fn refused(result: Result<Request, ParseError>) -> (Option<u16>, &'static str) {
    let error = result.expect_err("it is refused");
    (error.status, error.reason)
}

fn value(header: &str, value: impl AsRef<[u8]>) -> Request {
    let line = [header.as_bytes(), b": ", value.as_ref()].concat();
    invite(&line).unwrap_or_else(|error| panic!("{}: {error}", String::from_utf8_lossy(&line)))
}

fn contact(text: impl AsRef<[u8]>) -> NameAddr {
    match value("Contact", text).headers.contacts() {
        Ok(Contacts::List(mut list)) => list.swap_remove(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn compact_names_in_any_case_are_the_full_ones() {
    let text = INVITE.replace("Via:", "V:").replace("From:", "f:").replace("To:", "t :").replace("Call-ID:", "I:");
    let request = parse(format!("{text}m: <sip:1001@192.0.2.31>\r\nk: timer\r\nl: 2\r\nc: Application/SDP;charset=x\r\n\r\nhi, more"))
        .expect("compact");
    assert_eq!(request.headers.call_id(), Ok("everyday@192.0.2.31"));
    assert_eq!(request.headers.tokens(&HeaderName::Supported), ["timer"]);
    assert_eq!(request.headers.content_type().map(|kind| kind.map(|kind| kind.media_type)), Ok(Some("application/sdp".to_owned())));
    assert_eq!(request.body.as_ref(), b"hi");
}

#[test]
fn a_datagram_without_content_length_has_the_rest_as_body() {
    let request = parse(format!("{INVITE}Content-Type: application/sdp\r\n\r\nv=0\r\n")).expect("no length");
    assert_eq!(request.body.as_ref(), b"v=0\r\n");
    assert!(request.to_bytes().ends_with(b"Content-Length: 5\r\n\r\nv=0\r\n"));
}

#[test]
fn bytes_that_are_no_utf8_hurt_nobody() {
    let from = value("P-Asserted-Identity", b"\"Jos\xe9\" <sip:1001@example.net>").headers.address(HeaderName::PAssertedIdentity);
    assert_eq!(from.map(|address| address.display), Ok(Some("José".to_owned())), "Latin-1 is what old phones send");
    let request = value("User-Agent", b"T\xe9l\xe9phone 7");
    assert_eq!(request.headers.get(&HeaderName::UserAgent), Some(&b"T\xe9l\xe9phone 7"[..]), "kept as it came");
    assert_eq!(request.headers.text(&HeaderName::UserAgent).as_deref(), Some("Téléphone 7"));
}

#[test]
fn addresses_are_read_however_they_are_written() {
    let named =
        contact(r#""A > B, <c> \" d" <sip:x@[2001:db8::1]:5070;transport=tcp>;q=0.7;expires=60;+sip.instance="<urn:uuid:0a;1,2>";ob"#);
    assert_eq!(named.display.as_deref(), Some(r#"A > B, <c> " d"#));
    assert_eq!((named.q_thousandths(), named.expires()), (Some(700), Some(60)));
    assert_eq!(named.params.text("+SIP.instance").as_deref(), Some("<urn:uuid:0a;1,2>"));
    assert!(named.params.has("ob"));
    let uri = named.uri.sip().expect("a SIP URI");
    assert_eq!((uri.host.ip(), uri.port, uri.transport()), ("2001:db8::1".parse().ok(), Some(5070), Some("tcp")));

    let plain = contact("sip:anna@example.net;expires=5");
    assert_eq!(
        (plain.expires(), plain.uri.to_string()),
        (Some(5), "sip:anna@example.net".to_owned()),
        "without brackets parameters are the header's"
    );

    let tel = contact("<tel:+39-02-0000;phone-context=example.net>");
    assert_eq!(tel.uri.user().as_deref(), Some("+39-02-0000"));
    assert_eq!(contact("<urn:service:sos>").uri.scheme(), "urn");
    assert_eq!(contact("<sip:@192.0.2.1>").uri.user().as_deref(), Some(""), "gateways write it for a withheld number");

    let two = value("Contact", "<sip:a@example.net>, \"b, c\" <sip:b@example.net>").headers.addresses(HeaderName::Contact).expect("both");
    assert_eq!(two.len(), 2);
    assert_eq!(value("Contact", "*").headers.contacts(), Ok(Contacts::Star));
    assert_eq!(invite("").map(|request| request.headers.contacts()).expect("parsed"), Ok(Contacts::List(vec![])));
}

#[test]
fn addresses_that_could_be_read_in_two_ways_are_refused() {
    for (contact, reason) in [
        ("<sip:a@b@example.net>", "more than one @ in URI"),
        ("<sip:a@example.net", "address bracket never closed"),
        ("\"a\" sip:a@example.net", "display name without an address in brackets"),
        ("<sip:a@example.net> b", "text behind the address"),
        ("<sip:a@256.1.1.1>", "bad host in URI"),
        ("<sip:a@2001:db8::1>", "bad host in URI"),
        ("<sip:a@example.net:>", "bad host in URI"),
        ("<sip:a@example.net:65536>", "bad host in URI"),
        ("<sip:a@exa_mple..net>", "bad host in URI"),
        ("<a@example.net>", "URI without scheme"),
        ("<sip:a@example.net>,", "URI without scheme"),
        ("<sip:a@example.net>;expires=99999999999", "Contact expires out of range"),
    ] {
        assert_eq!(refused(invite(format!("Contact: {contact}"))), (Some(400), reason), "{contact}");
    }
}

#[test]
fn a_request_that_cannot_be_told_apart_by_two_readers_is_refused() {
    for (more, reason) in [
        ("Content-Length: 0\r\nl: 0", "Content-Length twice"),
        ("Content-Length: 0, 0", "bad Content-Length"),
        ("Content-Length: +0", "bad Content-Length"),
        ("Content-Length: 99999999999999999999999", "bad Content-Length"),
        ("Content-Length: 1", "Content-Length beyond the datagram"),
        ("Subject: a\nX: b", "bare CR or LF in the head"),
        ("Subject: a\rX: b", "bare CR or LF in the head"),
        ("no colon here", "bad header field name"),
        ("Sub ject: a", "bad header field name"),
        (": a", "bad header field name"),
        ("From: <sip:eve@example.org>;tag=2", "header field twice that may stand once"),
        ("Max-Forwards: 256", "not a number in range"),
        ("Content-Type: sdp", "no media type"),
    ] {
        assert_eq!(refused(invite(more)), (Some(400), reason), "{more}");
    }
    assert_eq!(refused(parse(INVITE.replacen("\r\n", "\r\n  folded: before any header\r\n", 1) + "\r\n")).0, Some(400));
    assert_eq!(refused(parse(INVITE)), (Some(400), "head without an empty line at its end"));
}

#[test]
fn what_is_no_sip_or_may_not_be_answered_is_dropped() {
    let dropped = |text: &str| {
        let error = Message::parse_datagram(Bytes::copy_from_slice(text.as_bytes())).and_then(|message| match message {
            Message::Request(request) => validate(&request),
            Message::Response(response) => carillon_sip_core::message::validate_response(&response),
        });
        assert_eq!(error.map_err(|error| error.status), Err(None), "{text:?}");
    };
    for text in [
        "",
        "\r\n\r\n",
        "\0\0\0\0",
        "GET / HTTP/1.1\r\n\r\n",
        "INVITE\r\n\r\n",
        "SIP/2.0 200\r\n",
        "SIP/2.0 99 x\r\n\r\n",
        "SIP/3.0 200 OK\r\n\r\n",
    ] {
        dropped(text);
    }
    dropped("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n\r\n");
    dropped("OPTIONS sip:example.net SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n");
    dropped(&(INVITE.replace("INVITE", "ACK").replace("To:", "X-To:") + "\r\n"));
}

#[test]
fn every_limit_refuses_one_more_and_takes_the_most_allowed() {
    let fields = |more: usize| invite(vec!["X-Bell: 1"; more].join("\r\n"));
    assert!(fields(limits::HEADERS - 5).is_ok());
    assert_eq!(refused(fields(limits::HEADERS - 4)), (Some(400), "too many header fields"));

    let long = |length: usize| invite(format!("X-Bell: {}", "b".repeat(length - "X-Bell: ".len())));
    assert!(long(limits::HEADER_FIELD).is_ok());
    assert_eq!(refused(long(limits::HEADER_FIELD + 1)), (Some(400), "header field too long"));

    let vias = |more: usize| invite(vec!["Via: SIP/2.0/UDP 192.0.2.1"; more].join("\r\n"));
    assert!(vias(limits::VIAS - 1).is_ok());
    assert_eq!(refused(vias(limits::VIAS)), (Some(400), "too many values"));

    let contacts = |count: usize| invite(format!("Contact: {}", vec!["sip:a@b.c"; count].join(",")));
    assert!(contacts(limits::LIST_VALUES).is_ok());
    assert_eq!(refused(contacts(limits::LIST_VALUES + 1)), (Some(400), "too many values"));

    let params = |count: usize| invite(format!("Contact: <sip:a@b.c{}>", ";p".repeat(count)));
    assert!(params(limits::PARAMS).is_ok());
    assert_eq!(refused(params(limits::PARAMS + 1)), (Some(400), "too many parameters"));

    let uri = |length: usize| parse(INVITE.replacen("1002", &"1".repeat(length - "sip:@pbx.example.net".len()), 1) + "\r\n");
    assert!(uri(limits::URI).is_ok());
    assert_eq!(refused(uri(limits::URI + 1)), (Some(400), "URI too long"));
    assert_eq!(refused(uri(limits::START_LINE)), (Some(414), "start line too long"));

    let method = |length: usize| parse(INVITE.replace("INVITE", &"M".repeat(length)) + "\r\n");
    assert!(method(limits::METHOD).is_ok());
    assert_eq!(refused(method(limits::METHOD + 1)), (None, "not SIP"));

    let body = |length: usize| parse(format!("{INVITE}\r\n{}", "b".repeat(length)));
    assert!(body(limits::MESSAGE - INVITE.len() - 2).is_ok());
    assert_eq!(refused(body(limits::MESSAGE - INVITE.len() - 1)), (Some(513), "message too large"));
}

#[test]
fn uris_are_the_same_by_the_rules_of_rfc_3261_19_1_4() {
    let same = |a: &str, b: &str| match (a.parse(), b.parse()) {
        (Ok(Uri::Sip(a)), Ok(Uri::Sip(b))) => {
            assert_eq!(a.same_as(&b), b.same_as(&a));
            a.same_as(&b)
        }
        other => panic!("{other:?}"),
    };
    for (a, b) in [
        ("sip:%61nna@pbx.example.net;transport=TCP", "sip:anna@PBX.Example.NET;Transport=tcp"),
        ("sip:carla@example.net", "sip:carla@example.net;mood=fine"),
        ("sip:carla@example.net;a=1;b=2", "sip:carla@example.net;b=2;c;a=1"),
        ("sip:example.net?Subject=bells&Priority=urgent", "sip:example.net?Priority=urgent&Subject=bells"),
    ] {
        assert!(same(a, b), "{a} {b}");
    }
    for (a, b) in [
        ("sip:anna@example.net", "sip:Anna@example.net"),
        ("sip:anna@example.net", "sips:anna@example.net"),
        ("sip:anna@example.net", "sip:anna@example.net:5060"),
        ("sip:anna@example.net", "sip:anna@example.net;transport=udp"),
        ("sip:anna@example.net;mood=fine", "sip:anna@example.net;mood=low"),
        ("sip:anna@example.net", "sip:anna@example.net?Subject=bells"),
    ] {
        assert!(!same(a, b), "{a} {b}");
    }
}

#[test]
fn nothing_put_into_a_message_adds_a_line_to_it() {
    let host = Host::Name("pbx.example.net".to_owned());
    let evil = "x\r\nX-Evil: yes\r\n\r\n";
    let mut uri = SipUri::new(host.clone()).with_user("a b\r\n@\"<>");
    uri.params.set("p", Some(evil));
    let request = Request::new(Method::Info, uri)
        .with(HeaderName::Via, Via::new("UDP", host.clone(), None, evil))
        .with(HeaderName::From, NameAddr::new(SipUri::new(host.clone())).with_display(evil).with_tag("1"))
        .with(HeaderName::Subject, evil)
        .with_body(evil, "");
    let text = request.to_bytes();
    let heads = text.windows(4).filter(|four| four == b"\r\n\r\n").count();
    let lines = text.split(|&b| b == b'\n').filter(|line| line.to_ascii_lowercase().starts_with(b"x-evil")).count();
    assert_eq!((heads, lines), (1, 0), "{}", String::from_utf8_lossy(&text));
    let response = Response::new(200).with_reason(evil).to_bytes();
    assert_eq!(response.split(|&b| b == b'\n').count(), 4, "{}", String::from_utf8_lossy(&response));
    assert_eq!(SipUri::new(host).with_user("a b@\"<>%").user_text().as_deref(), Some("a b@\"<>%"));
}

#[test]
fn the_topmost_via_changes_and_the_others_stay_as_written() {
    let mut headers =
        parse(INVITE.replace("branch=z9hG4bK-1", "branch=z9hG4bK-1;rport ,  SIP / 2.0/TCP b;x=\",\"") + "\r\n").expect("two Vias").headers;
    let mut via = headers.top_via().expect("Via");
    assert_eq!(via.rport(), Some(None));
    via.params.set("rport", Some("6060"));
    via.params.set("received", Some("192.0.2.99"));
    headers.set_top_via(&via);
    assert_eq!(
        headers.text(&HeaderName::Via).as_deref(),
        Some("SIP/2.0/UDP 192.0.2.31;branch=z9hG4bK-1;rport=6060;received=192.0.2.99,  SIP / 2.0/TCP b;x=\",\"")
    );
    assert_eq!(headers.vias().map(|vias| vias.len()), Ok(2));
}

#[test]
fn an_answer_carries_what_ties_it_to_its_request() {
    let request = invite("Record-Route: <sip:edge.example.net;lr>\r\nVia: SIP/2.0/UDP b").expect("parsed");
    let mut answer = Response::to(&request, 180);
    answer.headers.tag_to("b2");
    answer.headers.tag_to("never a second");
    let text = answer.to_bytes();
    let Ok(Message::Response(read)) = Message::parse_datagram(text) else { panic!("a response") };
    assert_eq!(read, answer);
    assert_eq!((read.status, read.reason.as_ref()), (180, &b"Ringing"[..]));
    assert_eq!(read.headers.vias().map(|vias| vias.len()), Ok(2));
    assert_eq!(read.headers.to().map(|to| to.tag().map(str::to_owned)), Ok(Some("b2".to_owned())));
    assert_eq!(read.headers.cseq(), Ok(CSeq::new(1, Method::Invite)));
    assert!(!read.headers.has(&HeaderName::RecordRoute));
}

#[test]
fn a_stream_is_cut_into_its_messages_however_it_comes() {
    let first = format!("{INVITE}Content-Length: 4\r\n\r\n\r\n\r\n");
    let second = format!("{INVITE}L : \r\n 0\r\n\r\n");
    let stream = format!("\r\n{first}\r\n\r\n\r\n{second}\r\n\r\n");
    let expected = [Framed::Message(first.into()), Framed::KeepAlive, Framed::Message(second.into()), Framed::KeepAlive];
    for piece in 1..=stream.len() {
        let mut framer = StreamFramer::new();
        let mut framed = Vec::new();
        for bytes in stream.as_bytes().chunks(piece) {
            framer.feed(bytes);
            framed.extend(std::iter::from_fn(|| framer.next()).map(|next| next.expect("sound")));
        }
        assert_eq!(framed, expected, "in pieces of {piece}");
        assert!(!framer.is_midway());
    }
}

#[test]
fn a_stream_that_cannot_be_framed_gives_one_error_and_then_nothing() {
    let endless = "A".repeat(limits::START_LINE + 1);
    let bomb = format!("{INVITE}{}", "X-Bell: ding\r\n".repeat(limits::MESSAGE / 14));
    for (stream, status) in [
        (format!("{INVITE}\r\n"), Some(400)),
        (format!("{INVITE}Content-Length: 0\r\nContent-Length: 0\r\n\r\n"), Some(400)),
        (format!("{INVITE}Content-Length: -1\r\n\r\n"), Some(400)),
        (format!("{INVITE}Content-Length: 65536\r\n\r\n"), Some(513)),
        (format!("{INVITE}Content-Length: 0\nX: y\r\n\r\n"), Some(400)),
        (bomb, Some(400)),
        (endless, None),
        ("\x16\x03\x01\x02\r\n\r\n".to_owned(), None),
    ] {
        let mut framer = StreamFramer::new();
        framer.feed(stream.as_bytes());
        let error = framer.next().expect("an outcome").expect_err("an error").0;
        assert_eq!(error.status, status, "{}: {}", error.reason, &stream[..stream.len().min(600)]);
        framer.feed(format!("{INVITE}Content-Length: 0\r\n\r\n").as_bytes());
        assert!(framer.next().is_none());
    }
}
