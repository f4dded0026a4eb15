use crate::support::{Lab, Phone, STRANGER, sdp};
use carillon_sip_core::message::{HeaderName, Method};
use carillon_sip_leg::{Command, Event, RefusedWhy};

fn options(lab: &mut Lab, number: u32) -> carillon_sip_core::message::Response {
    let mut asker = Phone { call_id: format!("o{number}"), domain: "elsewhere.example.com".to_owned(), ..Phone::new("monitor", STRANGER) };
    let options = asker.request(Method::Options, "sip:192.0.2.1");
    asker.say(lab, &options);
    lab.response(asker.at)
}

#[test]
fn options_are_answered_with_what_we_take() {
    let mut lab = Lab::new();
    let ok = options(&mut lab, 1);
    assert_eq!((ok.status, ok.headers.get(&HeaderName::Accept)), (200, Some(&b"application/sdp"[..])));
    assert!(ok.headers.text(&HeaderName::Allow).expect("Allow").contains("INVITE"));
}

#[test]
fn a_draining_server_takes_no_calls_and_keeps_those_it_has() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in_and_answer(&mut lab);
    lab.order(Command::Drain { still_taken: ["112".to_owned()].into() });
    let refusal = options(&mut lab, 1);
    assert_eq!((refusal.status, refusal.headers.has(&HeaderName::RetryAfter)), (503, true));

    let mut late = Phone { call_id: "late".to_owned(), ..Phone::trunk("+390699999") };
    let invite = late.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")));
    late.say(&mut lab, &invite);
    lab.answered(late.at, 503);
    assert!(matches!(lab.event(), Event::Refused { why: RefusedWhy::Draining, .. }));
    lab.messages(late.at);

    let hold = caller.invite("200", Some(sdp("192.0.2.80:4000", "sendonly")));
    caller.say(&mut lab, &hold);
    lab.answered(caller.at, 200);
    assert!(matches!(lab.event(), Event::MediaChanged { leg: held, .. } if held == leg));
    let asked = caller.request(Method::Options, "sip:192.0.2.1");
    caller.say(&mut lab, &asked);
    lab.answered(caller.at, 200);
}

#[test]
fn a_draining_server_takes_the_numbers_it_was_told_to_from_phones_alone() {
    let mut lab = Lab::new();
    let mut desk = lab.registered("1001", "192.0.2.10:5060");
    lab.order(Command::Drain { still_taken: ["112".to_owned()].into() });
    for (number, status) in [("200", Some(503)), ("112", None)] {
        desk.hang_on();
        let invite = desk.invite(number, Some(sdp("192.0.2.10:4000", "sendrecv")));
        desk.say(&mut lab, &invite);
        let challenge = lab.answered(desk.at, 401);
        let proven = desk.prove(&invite, &challenge);
        desk.say(&mut lab, &proven);
        match status {
            Some(status) => {
                lab.answered(desk.at, status);
                assert!(matches!(lab.call_event(), Event::Refused { why: RefusedWhy::Draining, .. }));
            }
            None => assert!(matches!(lab.call_event(), Event::Invited { called, .. } if called == "112")),
        }
    }
    let mut trunk = Phone::trunk("+390612345");
    let invite = trunk.invite("112", Some(sdp("192.0.2.80:4000", "sendrecv")));
    trunk.say(&mut lab, &invite);
    lab.answered(trunk.at, 503);
}
