//! Whatever is built reads back as it was; whatever the network sends, reading it neither panics nor grows.

#[path = "survival/message.rs"]
mod survival;

use std::fs;
use std::net::IpAddr;
use std::sync::LazyLock;

use bytes::Bytes;
use carillon_sip_core::message::{
    CSeq, Contacts, HeaderName, Headers, Host, Message, Method, NameAddr, Request, Response, SipUri, Uri, Via, validate,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn host() -> impl Strategy<Value = Host> {
    prop_oneof![any::<IpAddr>().prop_map(Host::Ip), "([a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\\.){0,3}[A-Za-z]{1,6}\\.?".prop_map(Host::Name),]
}

fn sip_uri() -> impl Strategy<Value = SipUri> {
    let user = prop_oneof![Just(None), any::<String>().prop_map(Some)];
    (any::<bool>(), user, host(), any::<Option<u16>>(), params(), option::of("[a-zA-Z0-9%=&-]{1,20}")).prop_map(
        |(secure, user, host, port, params, headers)| {
            let mut uri = SipUri { secure, port, headers, ..SipUri::new(host) };
            params.into_iter().for_each(|(name, value)| uri.params.set(&name, value.as_deref()));
            match user {
                Some(user) => uri.with_user(&user),
                None => uri,
            }
        },
    )
}

fn uri() -> impl Strategy<Value = Uri> {
    prop_oneof![
        6 => sip_uri().prop_map(Uri::Sip),
        1 => "tel:\\+?[0-9.()-]{1,15}(;ext=[0-9]{1,4})?".prop_map(|text| text.parse().expect("a telephone number")),
        1 => "(urn|h323|bell\\.tower\\+x):[!-~&&[^<>\"]]{1,20}".prop_map(|text| text.parse().expect("another scheme")),
    ]
}

fn params() -> impl Strategy<Value = Vec<(String, Option<String>)>> {
    vec(("[a-z][a-z0-9-]{0,8}", option::of("[A-Za-z0-9.!%*_+~-]{1,10}")), 0..4)
}

fn address() -> impl Strategy<Value = NameAddr> {
    let display = option::of(any::<String>().prop_map(|text| text.replace(['\r', '\n'], " ")));
    let quoted = option::of("\"([^\"\\\\\r\n]|\\\\[^\r\n]){0,12}\"");
    (display, uri(), params(), quoted).prop_map(|(display, uri, params, quoted)| {
        let mut address = NameAddr { display, ..NameAddr::new(uri) };
        params.into_iter().for_each(|(name, value)| address.params.set(&name, value.as_deref()));
        quoted.into_iter().for_each(|quoted| address.params.set("quoted", Some(&quoted)));
        address
    })
}

fn method() -> impl Strategy<Value = Method> {
    let known = select(vec![Method::Invite, Method::Ack, Method::Bye, Method::Options, Method::Register, Method::Notify]);
    prop_oneof![known, "[A-Za-z0-9.!%*_+`'~-]{1,20}".prop_map(|text| text.parse().expect("a token"))]
}

fn via() -> impl Strategy<Value = Via> {
    ("[A-Z]{2,4}", host(), any::<Option<u16>>(), "z9hG4bK[a-zA-Z0-9.-]{1,20}", params()).prop_map(
        |(transport, host, port, branch, params)| {
            let mut via = Via::new(&transport, host, port, &branch);
            params.into_iter().for_each(|(name, value)| via.params.set(&name, value.as_deref()));
            via.params.set("rport", None);
            via
        },
    )
}

/// What a request is made of, kept beside it to compare with what is read.
#[derive(Debug, Clone)]
struct Parts {
    method: Method,
    uri: SipUri,
    vias: Vec<Via>,
    from: NameAddr,
    to: NameAddr,
    contacts: Vec<NameAddr>,
    seq: u32,
    other: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

fn parts() -> impl Strategy<Value = Parts> {
    let other = vec(("X-[A-Za-z0-9!%'-]{1,20}", vec(any::<u8>(), 0..40)), 0..6);
    let head = (method(), sip_uri(), vec(via(), 1..4), address(), (sip_uri(), address()));
    (head, vec(address(), 0..4), 0..1u32 << 31, other, vec(any::<u8>(), 0..200)).prop_map(|(head, contacts, seq, other, body)| {
        let (method, uri, vias, from, (to_uri, to)) = head;
        // A REGISTER's To and any Request-URI must be plain SIP for the request to be valid.
        let to = NameAddr { uri: to_uri.into(), ..to };
        let contacts = contacts.into_iter().map(without_expires).collect();
        Parts { method, uri: SipUri { headers: None, ..uri }, vias, from, to, contacts, seq, other, body }
    })
}

fn without_expires(mut contact: NameAddr) -> NameAddr {
    contact.params.remove("expires");
    contact
}

impl Parts {
    fn request(&self) -> Request {
        let mut request = Request::new(self.method.clone(), self.uri.clone());
        self.fill(&mut request.headers);
        request.body = self.body.clone().into();
        request
    }

    fn fill(&self, headers: &mut Headers) {
        self.vias.iter().for_each(|via| headers.push(HeaderName::Via, via));
        headers.push(HeaderName::From, &self.from);
        headers.push(HeaderName::To, &self.to);
        headers.push(HeaderName::CallId, "generated@example.net");
        headers.push(HeaderName::CSeq, CSeq::new(self.seq, self.method.clone()));
        self.contacts.iter().for_each(|contact| headers.push(HeaderName::Contact, contact));
        self.other.iter().for_each(|(name, value)| headers.push(HeaderName::new(name).expect("a token"), value.as_slice()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_request_reads_back_as_it_was_built(parts in parts()) {
        let built = parts.request();
        let printed = built.to_bytes();
        let read = Message::parse_datagram(printed.clone()).expect("it parses");
        prop_assert_eq!(read.to_bytes(), printed);
        let Message::Request(read) = read else { panic!("a request") };
        prop_assert_eq!(&read, &built);
        validate(&read).expect("it is valid");
        prop_assert_eq!(read.headers.vias(), Ok(parts.vias));
        prop_assert_eq!(read.headers.from(), Ok(parts.from));
        prop_assert_eq!(read.headers.to(), Ok(parts.to));
        prop_assert_eq!(read.headers.contacts(), Ok(Contacts::List(parts.contacts)));
        prop_assert_eq!(read.headers.cseq(), Ok(CSeq::new(parts.seq, parts.method)));
        prop_assert_eq!(&read.body[..], &parts.body[..]);
    }

    #[test]
    fn a_response_reads_back_as_it_was_built(parts in parts(), status in 100u16..700, reason in "[^\r\n]{0,30}") {
        let mut built = Response::new(status).with_reason(&reason);
        parts.fill(&mut built.headers);
        built.body = parts.body.into();
        let read = Message::parse_datagram(built.to_bytes()).expect("it parses");
        prop_assert_eq!(read, Message::Response(built));
    }

    #[test]
    fn messages_on_a_stream_come_out_as_they_went_in(all in vec(parts(), 1..4), pieces in vec(1usize..300, 1..20)) {
        let messages: Vec<Bytes> = all.iter().map(|parts| parts.request().to_bytes()).collect();
        prop_assert_eq!(survival::stream(&messages.concat(), &pieces), messages);
    }

    #[test]
    fn a_mutated_message_is_read_or_refused_and_neither_panics_nor_grows(message in torture(), mutations in vec(mutation(), 0..6), pieces in vec(1usize..500, 1..8)) {
        let mut bytes = message;
        mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
        survival::datagram(&bytes);
        survival::stream(&bytes, &pieces);
    }

    #[test]
    fn any_bytes_at_all_are_survived(bytes in vec(any::<u8>(), 0..400)) {
        survival::datagram(&bytes);
        survival::stream(&bytes, &[3]);
    }
}

static TORTURE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/sip/torture");
    let mut files: Vec<_> = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("readable")).collect()
});

fn torture() -> impl Strategy<Value = Vec<u8>> {
    any::<Index>().prop_map(|index| index.get(&TORTURE).clone())
}

#[derive(Debug, Clone)]
enum Mutation {
    Set(Index, u8),
    Delete(Index, usize),
    Double(Index, usize),
    Graft(Index, Index, Index, usize),
    Word(Index, &'static str),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    // Bytes and words the grammar turns on.
    let byte = prop_oneof![any::<u8>(), select(b"\r\n \t:;,<>\"\\@=/?[]%*\0\xff".to_vec())];
    let word = select(vec![
        "\r\n",
        "\r\n ",
        "\r\n\r\n",
        "Content-Length: 9\r\n",
        "l:0\r\n",
        "::",
        "sip:",
        "\"",
        "<",
        "99999999999999999999",
        ";;",
        "SIP/2.0",
    ]);
    prop_oneof![
        (any::<Index>(), byte).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (any::<Index>(), 1usize..60).prop_map(|(at, length)| Mutation::Delete(at, length)),
        (any::<Index>(), 1usize..200).prop_map(|(at, length)| Mutation::Double(at, length)),
        (any::<Index>(), any::<Index>(), any::<Index>(), 1usize..200)
            .prop_map(|(at, file, from, length)| Mutation::Graft(at, file, from, length)),
        (any::<Index>(), word).prop_map(|(at, word)| Mutation::Word(at, word)),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::Set(at, byte) => *at.get_mut(bytes) = *byte,
            Self::Delete(at, length) => drop(bytes.drain(span(at, *length, bytes.len()))),
            Self::Double(at, length) => bytes.extend_from_within(span(at, *length, bytes.len())),
            Self::Graft(at, file, from, length) => {
                let other = file.get(&TORTURE);
                let at = at.index(bytes.len());
                bytes.splice(at..at, other[span(from, *length, other.len())].iter().copied());
            }
            Self::Word(at, word) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, word.bytes());
            }
        }
    }
}

fn span(at: &Index, length: usize, whole: usize) -> std::ops::Range<usize> {
    let start = at.index(whole);
    start..(start + length).min(whole)
}
