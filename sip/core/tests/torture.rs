//! Every message of RFC 4475 and RFC 5118, as `fixtures/sip/torture/verdicts.txt` says it must fare.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use bytes::Bytes;
use carillon_sip_core::message::{
    Framed, HeaderName, Host, Message, Method, ParseError, Request, Response, StreamFramer, Uri, validate, validate_response,
};
use carillon_sip_core::{Endpoint, EndpointConfig, EndpointEvent, FlowId, Hop};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sip/torture")
}

fn fixture(case: &str) -> Bytes {
    fs::read(folder().join(format!("{case}.sip"))).unwrap_or_else(|error| panic!("{case}: {error}")).into()
}

struct Verdict {
    case: String,
    over: String,
    message: String,
    endpoint: String,
}

impl Verdict {
    fn read(line: &str) -> Self {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [case, over, message, endpoint, _, ref reason @ ..] => Self {
                case: case.to_owned(),
                over: over.to_owned(),
                message: [&[message], reason].concat().join(" "),
                endpoint: endpoint.to_owned(),
            },
            _ => panic!("not a verdict: {line}"),
        }
    }
}

/// The whole list, held against the folder: none missing, none left out.
fn verdicts() -> Vec<Verdict> {
    let list = fs::read_to_string(folder().join("verdicts.txt")).expect("the list is there");
    let verdicts: Vec<Verdict> = list.lines().filter(|line| !line.starts_with('#')).map(Verdict::read).collect();
    let files = fs::read_dir(folder())
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").file_name().into_string().expect("plain name"));
    let on_disk: BTreeSet<String> = files.filter_map(|name| name.strip_suffix(".sip").map(str::to_owned)).collect();
    let listed: BTreeSet<String> = verdicts.iter().map(|verdict| verdict.case.clone()).collect();
    assert_eq!(listed, on_disk);
    assert_eq!((verdicts.len(), listed.len()), (61, 61), "49 cases of RFC 4475, 12 of RFC 5118");
    verdicts
}

/// Reads a message as it comes by its transport, a stream in pieces of the given size.
fn read(over: &str, bytes: &Bytes, piece: usize) -> Result<Message, ParseError> {
    let message = match over {
        "udp" | "udp6" => Message::parse_datagram(bytes.clone())?,
        "tcp" => {
            let mut framer = StreamFramer::new();
            let framed = bytes.chunks(piece).find_map(|piece| {
                framer.feed(piece);
                framer.next()
            });
            match framed.expect("the stream holds one message").map_err(|error| error.0)? {
                Framed::Message(message) => Message::parse_datagram(message)?,
                Framed::KeepAlive => panic!("no keep-alive was sent"),
            }
        }
        other => panic!("no such transport: {other}"),
    };
    match &message {
        Message::Request(request) => validate(request)?,
        Message::Response(response) => validate_response(response)?,
    }
    Ok(message)
}

#[test]
fn every_message_is_read_or_refused_as_its_verdict_says() {
    for Verdict { case, over, message: expected, .. } in verdicts() {
        let bytes = fixture(&case);
        for piece in [1, 7, 1448, usize::MAX] {
            let outcome = match read(&over, &bytes, piece.min(bytes.len())) {
                Ok(_) => "ok".to_owned(),
                Err(ParseError { status: Some(status), reason, .. }) => format!("{status} {reason}"),
                Err(ParseError { status: None, reason, .. }) => format!("drop {reason}"),
            };
            assert_eq!(outcome, expected, "{case} in pieces of {piece}");
        }
    }
}

#[test]
fn an_endpoint_hands_on_answers_or_drops_every_message_as_its_verdict_says() {
    for Verdict { case, over, endpoint: expected, .. } in verdicts() {
        assert_eq!(endpoint_does(&case, &over), expected, "{case}");
    }
}

/// What an endpoint does by itself: the method its user hears of, the status of its answer, or nothing.
#[expect(clippy::disallowed_methods, reason = "a test needs one Instant to begin from")]
fn endpoint_does(case: &str, over: &str) -> String {
    let address = |text: &str| text.parse().expect("an address");
    let (local, remote) = (address("192.0.2.20:5060"), address("192.0.2.10:40404"));
    let hop = match over {
        "udp" => Hop::udp(local, remote),
        "udp6" => Hop::udp(address("[2001:db8::20]:5060"), address("[2001:db8::10]:40404")),
        _ => Hop::tcp(local, remote, Some(FlowId(1))),
    };
    let packet = fixture(case);
    let mut endpoint = Endpoint::new(EndpointConfig::new([3; 32]));
    endpoint.handle_packet(Instant::now(), hop, packet.clone());
    let mut done = Vec::new();
    while let Some(transmit) = endpoint.poll_transmit() {
        assert_eq!(transmit.hop, hop, "{case}: an answer went elsewhere");
        assert!(over == "tcp" || transmit.bytes.len() <= packet.len() + 1024, "{case}: an answer must not amplify");
        match Message::parse_datagram(transmit.bytes) {
            Ok(Message::Response(response)) => done.push(response.status.to_string()),
            other => panic!("{case}: sent {other:?}"),
        }
    }
    while let Some(event) = endpoint.poll_event() {
        match event {
            EndpointEvent::Request { request, .. } => done.push(request.method.to_string()),
            other => panic!("{case}: {other:?}"),
        }
    }
    if done.is_empty() { "nothing".to_owned() } else { done.join(" ") }
}

#[test]
fn every_refusal_can_be_answered_and_the_answer_reads() {
    for Verdict { case, over, .. } in verdicts() {
        let bytes = fixture(&case);
        let Err(ParseError { status: Some(status), request, reason }) = read(&over, &bytes, 100) else { continue };
        let request = request.unwrap_or_else(|| panic!("{case}: nothing to answer"));
        let answer = Response::to(&request, status).with_reason(reason);
        assert!(answer.headers.has(&HeaderName::Via), "{case}");
        assert!(answer.to_bytes().len() <= bytes.len() + 1024, "{case}: an answer must not amplify");
        assert!(matches!(Message::parse_datagram(answer.to_bytes()), Ok(Message::Response(_))), "{case}");
    }
}

#[test]
fn what_was_read_prints_and_reads_again_as_the_same() {
    for Verdict { case, over, .. } in verdicts() {
        if let Ok(message) = read(&over, &fixture(&case), 100) {
            assert_eq!(read("udp", &message.to_bytes(), 0).unwrap_or_else(|error| panic!("{case}: {error}")), message, "{case}");
        }
    }
}

fn request(case: &str) -> Request {
    match Message::parse_datagram(fixture(case)) {
        Ok(Message::Request(request)) => request,
        other => panic!("{case}: {other:?}"),
    }
}

#[test]
fn unusual_spacing_says_what_usual_spacing_would() {
    let headers = request("wsinv").headers;
    let from = headers.from().expect("From");
    assert_eq!((from.display.as_deref(), from.tag()), (Some(r#"Quentin \"Q\" Marsh"#), Some("4417ab")));
    assert_eq!(headers.cseq().map(|cseq| (cseq.seq, cseq.method)), Ok((31, Method::Invite)));
    assert_eq!(headers.max_forwards(), Ok(Some(70)));
    assert_eq!(headers.get(&HeaderName::Subject), Some(&b""[..]));
    assert_eq!(headers.text(&HeaderName::new("newheader").expect("a token")).as_deref(), Some("a value nobody knows, folded three times"));
    let vias = headers.vias().expect("Via");
    assert_eq!(vias.iter().map(|via| via.branch()).collect::<Vec<_>>(), [Some("77ac12bd"), Some("z9hG4bK22kx"), Some("z9hG4bK77aa")]);
    assert_eq!(vias[1].host, Host::Name("relay.example.org".to_owned()));
    let contacts = headers.addresses(HeaderName::Contact).expect("Contact");
    assert_eq!((contacts[0].display.as_deref(), contacts[0].q_thousandths()), (Some(r#"Quoted text """#), Some(410)));
}

#[test]
fn unusual_characters_survive() {
    let intmeth = request("intmeth");
    assert_eq!(intmeth.method.as_str(), "!queue-Method0189_*+`.%carillon'~");
    assert_eq!(intmeth.headers.to().expect("To").display.as_deref(), Some("NUL:\0 BEL:\u{7} DEL:\u{7f}"));
    assert_eq!(intmeth.headers.from().expect("From").params.text("someparam''~+*_!.-%").as_deref(), Some("колокол"));
    let nulls = request("escnull").headers.addresses(HeaderName::Contact).expect("Contact");
    assert_eq!(nulls.iter().map(|contact| contact.uri.user().map(|user| user.len())).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert_ne!(request("esc02").method, Method::Register);
    assert_eq!(request("esc01").uri.user().as_deref(), Some("sips:carla@example.org"));
    assert_eq!(request("semiuri").uri.user().as_deref(), Some("night;shift=u@example.org"));
    assert_eq!(request("lwsdisp").headers.from().expect("From").display.as_deref(), Some("bruno"));
    assert_eq!(request("longreq").headers.vias().expect("Via").len(), 34);
    assert_eq!(request("transports").headers.vias().expect("Via")[3].transport, "PIGEON");
    assert!(request("mpart01").body.ends_with(b"\r\n\x00\r\n--almost\r\n--rope--\r\n"));
    assert!(request("dblreq").body.is_empty());
}

#[test]
fn addresses_are_told_from_ports() {
    let uri = |case: &str| match request(case).uri {
        Uri::Sip(uri) => (uri.host.to_string(), uri.port),
        other => panic!("{case}: {other}"),
    };
    assert_eq!(uri("port-ambiguous"), ("[2001:db8::10:5070]".to_owned(), None));
    assert_eq!(uri("port-unambiguous"), ("[2001:db8::10]".to_owned(), Some(5070)));
    assert_eq!(uri("ipv6-correct-abnf-2-colons").0, "[2001:db8::c000:201]");
    for case in ["via-received-param-with-delim", "via-received-param-no-delim"] {
        assert_eq!(request(case).headers.top_via().expect("Via").received(), "2001:db8::9:255".parse().ok(), "{case}");
    }
}
