use crate::support::{Lab, Phone, address, phone, seconds};
use carillon_sip_core::{
    Hop, Transport,
    message::{HeaderName, Message, Method},
};
use carillon_sip_leg::{Command, End, EndCause, Event, SavedBinding};

/// Lets 30 seconds pass; whether the phone was asked, and answers if it is to.
fn round(lab: &mut Lab, desk: &Phone, answers: bool) -> bool {
    lab.wait(seconds(30));
    let asked = lab.messages(desk.at).into_iter().find_map(|message| match message {
        Message::Request(request) if request.method == Method::Options => Some(request),
        _ => None,
    });
    if let Some(options) = asked.as_ref().filter(|_| answers) {
        desk.reply(lab, &desk.respond(options, 405));
    }
    asked.is_some()
}

fn reachability(lab: &mut Lab) -> Vec<String> {
    let news = lab.events().into_iter().filter_map(|event| match event {
        Event::Registered { phone, .. } => Some(format!("{phone} is there")),
        Event::Unregistered { phone, why } => Some(format!("{phone} {why:?}")),
        _ => None,
    });
    news.collect()
}

#[test]
fn two_questions_without_an_answer_make_it_unreachable_and_one_answer_brings_it_back() {
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    for _ in 0..5 {
        assert!(round(&mut lab, &desk, true), "asked every 30 seconds");
    }
    assert!(reachability(&mut lab).is_empty(), "any answer will do");

    round(&mut lab, &desk, false);
    round(&mut lab, &desk, false);
    assert!(reachability(&mut lab).is_empty(), "one miss is none");
    round(&mut lab, &desk, false);
    assert_eq!(reachability(&mut lab), ["1001 NoAnswer"]);
    lab.dial(phone("1001"));
    assert!(matches!(lab.event(), Event::Ended { by: End::Network, cause: EndCause::Unreachable, .. }));

    assert!(round(&mut lab, &desk, true), "it is still asked");
    assert_eq!(reachability(&mut lab), ["1001 is there"]);
}

#[test]
fn a_phone_that_registers_again_is_back_at_once() {
    let mut lab = Lab::new();
    let mut desk = lab.registered("1001", "192.0.2.10:5060");
    lab.wait(seconds(125));
    assert_eq!(reachability(&mut lab), ["1001 NoAnswer"]);
    lab.messages(desk.at);
    assert_eq!(desk.register(&mut lab, 600).status, 200);
    assert_eq!(reachability(&mut lab), ["1001 is there"]);
}

#[test]
fn a_connection_that_closes_takes_its_phone_along_until_it_connects_again() {
    let mut lab = Lab::new();
    let mut desk = Phone { flow: Some(3), ..Phone::new("1001", "192.0.2.10:40000") };
    assert_eq!(desk.register(&mut lab, 600).status, 200);
    assert_eq!(reachability(&mut lab), ["1001 is there"]);
    lab.close(3);
    assert_eq!(reachability(&mut lab), ["1001 ConnectionLost"]);
    lab.wait(seconds(120));
    lab.expect_silence(desk.at);
    desk.flow = Some(4);
    assert_eq!(desk.register(&mut lab, 600).status, 200);
    assert_eq!(reachability(&mut lab), ["1001 is there"]);
}

#[test]
fn an_account_that_is_taken_away_takes_its_registrations_along() {
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    lab.order(Command::SetAccounts(vec![]));
    assert_eq!(reachability(&mut lab), ["1001 AccountRemoved"]);
    assert!(!round(&mut lab, &desk, false));
}

fn saved(user: &str, transport: Transport, at: &str) -> SavedBinding {
    let us = address("192.0.2.1:5060");
    let hop = match transport {
        Transport::Udp => Hop::udp(us, address(at)),
        transport => Hop { transport, local: us, remote: address(at), flow: None },
    };
    SavedBinding {
        phone: user.to_owned(),
        contact: format!("sip:{user}@{at}"),
        hop,
        instance: None,
        path: None,
        preference: 1000,
        call_id: "before".to_owned(),
        cseq: 7,
        expires_in: seconds(300),
        user_agent: Some("Desk 7".to_owned()),
        reachable: true,
    }
}

#[test]
fn after_a_restart_phones_over_udp_ring_and_phones_over_tcp_wait_for_their_connection() {
    let mut lab = Lab::new();
    lab.order(Command::RestoreBindings(vec![
        saved("1001", Transport::Udp, "192.0.2.10:5060"),
        saved("1002", Transport::Tcp, "192.0.2.12:40000"),
    ]));
    assert_eq!(reachability(&mut lab), ["1001 is there"]);
    lab.dial(phone("1001"));
    let invite = lab.asked(address("192.0.2.10:5060"), Method::Invite);
    assert_eq!(invite.uri.to_string(), "sip:1001@192.0.2.10:5060");
    lab.order(Command::Dial {
        leg: carillon_sip_leg::LegId(101),
        to: phone("1002"),
        from_user: "1".to_owned(),
        from_name: None,
        sdp_offer: crate::support::local(20_102),
        headers: vec![],
    });
    assert!(matches!(lab.event(), Event::Ended { cause: EndCause::Unreachable, .. }));

    let mut desk = Phone { flow: Some(9), contact: "<sip:1002@192.0.2.12:40000>".to_owned(), ..Phone::new("1002", "192.0.2.12:40001") };
    assert_eq!(desk.register(&mut lab, 600).status, 200);
    assert_eq!(reachability(&mut lab), ["1002 is there"]);
}

#[test]
fn what_is_kept_can_be_brought_back() {
    let mut lab = Lab::new();
    let mut desk = Phone::new("1001", "192.0.2.10:5060");
    let request = desk.request(Method::Register, "sip:192.0.2.1").with(HeaderName::Expires, 600u32);
    desk.say(&mut lab, &request);
    let challenge = lab.answered(desk.at, 401);
    let proven = desk.prove(&request, &challenge);
    desk.say(&mut lab, &proven);
    lab.event();
    let Event::BindingsChanged { bindings, .. } = lab.event() else { panic!("not told") };

    let mut restarted = Lab::new();
    restarted.order(Command::RestoreBindings(bindings.clone()));
    assert!(matches!(restarted.event(), Event::Registered { binding, .. } if bindings.as_slice() == std::slice::from_ref(&binding)));
}

#[test]
fn a_gone_phone_that_was_kept_as_gone_is_asked_before_it_is_called() {
    let mut lab = Lab::new();
    lab.order(Command::RestoreBindings(vec![SavedBinding { reachable: false, ..saved("1001", Transport::Udp, "192.0.2.10:5060") }]));
    lab.expect_no_event();
    lab.wait(seconds(0));
    let desk = Phone::new("1001", "192.0.2.10:5060");
    let options = lab.asked(desk.at, Method::Options);
    desk.reply(&mut lab, &desk.respond(&options, 200));
    assert_eq!(reachability(&mut lab), ["1001 is there"]);
}
