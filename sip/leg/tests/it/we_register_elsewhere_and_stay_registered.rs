use crate::support::{Lab, address, milliseconds, seconds};
use carillon_sip_core::{
    Transport,
    digest::{Challenger, Ha1, Policy},
    message::{HeaderName, Method, Request, Response},
};
use carillon_sip_leg::{Command, Credentials, Event, NotRegistered, Registration};

const REGISTRAR: &str = "192.0.2.90:5060";

fn registration(realm: &str, password: &str) -> Command {
    Command::Register(Registration {
        name: "carrier".to_owned(),
        credentials: Credentials::new("300", realm, password),
        domain: None,
        places: vec![(Transport::Udp, address(REGISTRAR))],
        expires: seconds(600),
    })
}

/// A registrar of realm `away` that knows user 300.
fn registrar() -> Challenger {
    Challenger::new("away", [9; 32], Policy::Both)
}

fn challenged(lab: &mut Lab, registrar: &mut Challenger, request: &Request) {
    let challenges = registrar.challenge(lab.now, false);
    let response =
        challenges.into_iter().fold(Response::to(request, 401), |response, value| response.with(HeaderName::WwwAuthenticate, value));
    lab.send(address(REGISTRAR), response.to_bytes());
}

fn granted(lab: &mut Lab, registrar: &mut Challenger, request: &Request, seconds: u32) {
    let proven = registrar.verify(lab.now, request, |_| Some(Ha1::from_password("300", "away", "a secret")));
    assert_eq!(proven.expect("a proof").name, "300");
    lab.send(address(REGISTRAR), Response::to(request, 200).with(HeaderName::Expires, seconds).to_bytes());
}

/// Why the registration does not hold, which is what is told next.
fn why(lab: &mut Lab) -> NotRegistered {
    match lab.event() {
        Event::RegistrationRefused { name, why, .. } if name == "carrier" => why,
        other => panic!("a refusal was expected: {other:?}"),
    }
}

fn said(lab: &mut Lab, request: &Request, status: u16, header: HeaderName, value: u32) {
    lab.send(address(REGISTRAR), Response::to(request, status).with(header, value).to_bytes());
}

#[test]
fn a_challenge_is_answered_and_the_registration_renewed_before_it_ends() {
    let (mut lab, mut registrar) = (Lab::new(), registrar());
    lab.order(registration("away", "a secret"));
    let first = lab.asked(address(REGISTRAR), Method::Register);
    assert!(!first.headers.has(&HeaderName::Authorization));
    challenged(&mut lab, &mut registrar, &first);
    let second = lab.asked(address(REGISTRAR), Method::Register);
    granted(&mut lab, &mut registrar, &second, 100);
    assert_eq!(lab.event(), Event::RegisteredElsewhere { name: "carrier".to_owned(), lasts: seconds(100) });
    lab.wait(seconds(79));
    lab.expect_silence(address(REGISTRAR));
    lab.wait(seconds(2));
    let renewal = lab.asked(address(REGISTRAR), Method::Register);
    assert_eq!(renewal.headers.call_id().expect("a Call-ID"), first.headers.call_id().expect("a Call-ID"));
    assert!(renewal.headers.cseq().expect("a CSeq").seq > second.headers.cseq().expect("a CSeq").seq);
}

#[test]
fn a_challenge_of_another_realm_gets_no_proof() {
    let (mut lab, mut registrar) = (Lab::new(), registrar());
    lab.order(registration("elsewhere", "a secret"));
    let first = lab.asked(address(REGISTRAR), Method::Register);
    challenged(&mut lab, &mut registrar, &first);
    lab.expect_silence(address(REGISTRAR));
    assert_eq!(why(&mut lab), NotRegistered::OtherRealm("away".to_owned()));
}

#[test]
fn a_wrong_password_is_tried_once_and_again_half_a_minute_later() {
    let (mut lab, mut registrar) = (Lab::new(), registrar());
    lab.order(registration("away", "a wrong one"));
    let first = lab.asked(address(REGISTRAR), Method::Register);
    challenged(&mut lab, &mut registrar, &first);
    let second = lab.asked(address(REGISTRAR), Method::Register);
    challenged(&mut lab, &mut registrar, &second);
    assert_eq!(why(&mut lab), NotRegistered::WrongPassword);
    lab.expect_silence(address(REGISTRAR));
    lab.wait(seconds(31));
    lab.asked(address(REGISTRAR), Method::Register);
}

#[test]
fn a_registrar_that_does_not_answer_is_told_of() {
    let mut lab = Lab::new();
    lab.order(registration("away", "a secret"));
    lab.wait(seconds(40));
    assert_eq!(why(&mut lab), NotRegistered::Silent);
}

#[test]
fn failures_in_a_row_wait_longer_and_longer_but_never_over_a_quarter_of_an_hour() {
    let mut lab = Lab::new();
    lab.order(registration("away", "a secret"));
    let mut longest = seconds(30);
    for nth in 0..9 {
        let request = lab.asked(address(REGISTRAR), Method::Register);
        lab.send(address(REGISTRAR), Response::to(&request, 403).to_bytes());
        let Event::RegistrationRefused { why, again_in, .. } = lab.event() else { panic!("a refusal was expected") };
        assert_eq!(why, NotRegistered::Refused(403));
        assert!(again_in <= longest && again_in >= longest.mul_f64(0.74), "{nth}: {again_in:?}");
        lab.wait(again_in - milliseconds(1));
        lab.expect_silence(address(REGISTRAR));
        lab.wait(milliseconds(2));
        longest = (longest * 2).min(seconds(900));
    }
}

#[test]
fn a_registrar_that_wants_longer_registrations_gets_them() {
    let mut lab = Lab::new();
    lab.order(registration("away", "a secret"));
    let first = lab.asked(address(REGISTRAR), Method::Register);
    said(&mut lab, &first, 423, HeaderName::MinExpires, 1800);
    let second = lab.asked(address(REGISTRAR), Method::Register);
    assert_eq!(second.headers.expires().expect("readable"), Some(1800));
    said(&mut lab, &second, 423, HeaderName::MinExpires, 1800);
    assert_eq!(why(&mut lab), NotRegistered::Refused(423));
}

#[test]
fn what_stands_with_our_contact_counts() {
    let mut lab = Lab::new();
    lab.order(registration("away", "a secret"));
    let first = lab.asked(address(REGISTRAR), Method::Register);
    let contacts = "<sip:other@198.51.100.1>;expires=5, <sip:300@192.0.2.1:5060>;expires=90";
    let granted = Response::to(&first, 200).with(HeaderName::Contact, contacts).with(HeaderName::Expires, 600u32);
    lab.send(address(REGISTRAR), granted.to_bytes());
    assert_eq!(lab.event(), Event::RegisteredElsewhere { name: "carrier".to_owned(), lasts: seconds(90) });
}

#[test]
fn a_registrar_that_is_silent_at_one_place_is_asked_at_the_next() {
    let mut lab = Lab::new();
    let Command::Register(there) = registration("away", "a secret") else { panic!("a registration was expected") };
    let second = "192.0.2.91:5060";
    let places = [REGISTRAR, second].map(|at| (Transport::Udp, address(at))).to_vec();
    lab.order(Command::Register(Registration { places, ..there }));
    lab.wait(seconds(33));
    let request = lab.asked(address(second), Method::Register);
    lab.send(address(second), Response::to(&request, 200).with(HeaderName::Expires, 600u32).to_bytes());
    assert_eq!(lab.event(), Event::RegisteredElsewhere { name: "carrier".to_owned(), lasts: seconds(600) });
}

#[test]
fn a_registration_that_is_no_longer_wanted_is_taken_back_and_others_stay() {
    let mut lab = Lab::new();
    let Command::Register(kept) = registration("away", "a secret") else { panic!("a registration was expected") };
    let gone = Registration { name: "gone".to_owned(), credentials: Credentials::new("400", "away", "x"), ..kept.clone() };
    lab.order(Command::SetRegistrations(vec![kept.clone(), gone]));
    for _ in 0..2 {
        let request = lab.asked(address(REGISTRAR), Method::Register);
        said(&mut lab, &request, 200, HeaderName::Expires, 600);
    }
    lab.order(Command::SetRegistrations(vec![kept]));
    let last = lab.asked(address(REGISTRAR), Method::Register);
    assert_eq!(last.headers.expires().expect("readable"), Some(0));
    assert_eq!(last.headers.to().expect("To").uri.user().as_deref(), Some("400"));
    lab.expect_silence(address(REGISTRAR));
    lab.order(Command::Drain { still_taken: std::collections::BTreeSet::new() });
    let last = lab.asked(address(REGISTRAR), Method::Register);
    assert_eq!(last.headers.expires().expect("readable"), Some(0), "who drains is no longer called");
}
