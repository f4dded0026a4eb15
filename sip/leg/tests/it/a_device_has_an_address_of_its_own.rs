//! GRUU (RFC 5627): a phone that asks for it is told an address that leads to that device alone, over its refreshes and our restart.

use crate::support::{Lab, Phone, address, phone, sdp};
use carillon_sip_core::{
    Transport,
    message::{HeaderName, Message, Method, Request, Response},
};
use carillon_sip_leg::{Command, Event, LegId, Target};

const DESK: &str = "urn:uuid:00000000-0000-1000-8000-000000000001";
const PAGE: &str = "urn:uuid:00000000-0000-1000-8000-000000000002";

/// A device of phone 1001 at an address: both say in Contact what their private network calls them, the same.
fn device(at: &str, urn: &str) -> Phone {
    let mut device = Phone::new("1001", at);
    device.contact = format!("<sip:1001@192.168.1.10>;+sip.instance=\"<{urn}>\"");
    device
}

fn register(lab: &mut Lab, device: &mut Phone, more: &[(HeaderName, &str)]) -> Response {
    let with = |request: Request| more.iter().fold(request, |request, (name, value)| request.with(name.clone(), *value));
    let request = device.request(Method::Register, "sip:192.0.2.1");
    device.say(lab, &request);
    let challenge = lab.answered(device.at, 401);
    let proven = with(device.prove(&request, &challenge));
    device.say(lab, &proven);
    lab.response(device.at)
}

fn gruus(response: &Response) -> Vec<String> {
    let contacts = response.headers.get_all(&HeaderName::Contact).map(|value| String::from_utf8_lossy(value).into_owned());
    contacts.filter_map(|contact| Some(contact.split_once("pub-gruu=\"")?.1.split('"').next()?.to_owned())).collect()
}

const ASKED: [(HeaderName, &str); 1] = [(HeaderName::Supported, "path, gruu")];

#[test]
fn whoever_asks_is_told_it_and_keeps_it() {
    let mut lab = Lab::new();
    let mut desk = device("198.51.100.7:5060", DESK);
    assert_eq!(gruus(&register(&mut lab, &mut desk, &[])), [""; 0], "nobody asked");
    let expected = [format!("sip:1001@192.0.2.1;gr={DESK}")];
    assert_eq!(gruus(&register(&mut lab, &mut desk, &ASKED)), expected);
    assert_eq!(gruus(&register(&mut lab, &mut desk, &[(HeaderName::Require, "gruu")])), expected, "a refresh changes nothing");
    let bindings = lab.events().into_iter().rev().find_map(|event| match event {
        Event::BindingsChanged { bindings, .. } => Some(bindings),
        _ => None,
    });
    let mut restarted = Lab::new();
    restarted.order(Command::RestoreBindings(bindings.expect("bindings")));
    assert_eq!(gruus(&register(&mut restarted, &mut desk, &ASKED)), expected);
    let mut nameless = Phone::new("1002", "198.51.100.9:5060");
    assert_eq!(gruus(&register(&mut restarted, &mut nameless, &ASKED)), [""; 0], "a device without a name has none");
}

#[test]
fn it_leads_to_that_device_and_its_number_to_all() {
    let mut lab = Lab::new();
    let [mut desk, mut page] = [device("198.51.100.7:5060", DESK), device("198.51.100.8:5060", PAGE)];
    register(&mut lab, &mut desk, &ASKED);
    let response = register(&mut lab, &mut page, &ASKED);
    assert_eq!(gruus(&response).len(), 2, "the same private address behind two routers is two devices: {response:?}");
    lab.events();
    let rings = |lab: &mut Lab, device: &Phone| {
        lab.messages(device.at).iter().any(|message| matches!(message, Message::Request(request) if request.method == Method::Invite))
    };
    let one = |device: &str| Target::Device { phone: "1001".to_owned(), device: device.to_owned() };
    for (leg, target, rung) in
        [(100, phone("1001"), [true, true]), (101, one(PAGE), [false, true]), (102, one(&DESK.to_uppercase()), [true, false])]
    {
        lab.dial_as(LegId(leg), target);
        assert_eq!([rings(&mut lab, &desk), rings(&mut lab, &page)], rung, "{leg}");
    }
    lab.dial_as(LegId(103), one("urn:uuid:nobody"));
    assert!(matches!(lab.events().pop(), Some(Event::Ended { leg: LegId(103), .. })));
}

#[test]
fn a_call_to_it_says_which_device_is_meant() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390299999");
    for (uri, meant) in [
        (format!("sip:1001@192.0.2.1;gr={DESK}"), Some(DESK.to_owned())),
        ("sip:1001@192.0.2.1".to_owned(), None),
        ("sip:1001@192.0.2.1;gr".to_owned(), None),
    ] {
        caller.hang_on();
        let invite = caller.request(Method::Invite, &uri).with_body("application/sdp", sdp("192.0.2.80:4000", "sendrecv"));
        caller.say(&mut lab, &invite);
        match lab.call_event() {
            Event::Invited { called, device, .. } => assert_eq!((called.as_str(), device), ("1001", meant)),
            other => panic!("a call was expected: {other:?}"),
        }
    }
}

#[test]
fn an_address_that_leads_here_is_no_place_for_a_phone() {
    let mut lab = Lab::new();
    let mut desk = device("198.51.100.7:5060", DESK);
    desk.contact = format!("<sip:1001@192.0.2.1;gr={DESK}>");
    assert_eq!(register(&mut lab, &mut desk, &ASKED).status, 403);
    lab.dial(phone("1001"));
    lab.expect_silence(address("192.0.2.1:5060"));
    let udp = |event: &Event| matches!(event, Event::BindingsChanged { bindings, .. } if bindings.iter().any(|one| one.hop.transport == Transport::Udp));
    assert!(!lab.events().iter().any(udp));
}
