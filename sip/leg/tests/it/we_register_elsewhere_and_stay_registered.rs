use crate::support::{Lab, address, seconds};
use carillon_sip_core::{
    Transport,
    digest::{Challenger, Ha1, Policy},
    message::{HeaderName, Method, Request, Response},
};
use carillon_sip_leg::{Command, Event, Registration};

const REGISTRAR: &str = "192.0.2.90:5060";

fn registration(realm: &str, password: &str) -> Command {
    Command::Register(Registration {
        user: "300".to_owned(),
        password: password.to_owned(),
        realm: realm.to_owned(),
        registrar: address(REGISTRAR),
        transport: Transport::Udp,
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

#[test]
fn a_challenge_is_answered_and_the_registration_renewed_before_it_ends() {
    let (mut lab, mut registrar) = (Lab::new(), registrar());
    lab.order(registration("away", "a secret"));
    let first = lab.asked(address(REGISTRAR), Method::Register);
    assert!(!first.headers.has(&HeaderName::Authorization));
    challenged(&mut lab, &mut registrar, &first);
    let second = lab.asked(address(REGISTRAR), Method::Register);
    granted(&mut lab, &mut registrar, &second, 100);
    assert_eq!(lab.event(), Event::RegisteredElsewhere { user: "300".to_owned() });
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
    assert_eq!(lab.event(), Event::RegistrationRefused { user: "300".to_owned(), status: Some(401) });
}

#[test]
fn a_wrong_password_is_tried_once_and_again_half_a_minute_later() {
    let (mut lab, mut registrar) = (Lab::new(), registrar());
    lab.order(registration("away", "a wrong one"));
    let first = lab.asked(address(REGISTRAR), Method::Register);
    challenged(&mut lab, &mut registrar, &first);
    let second = lab.asked(address(REGISTRAR), Method::Register);
    challenged(&mut lab, &mut registrar, &second);
    assert_eq!(lab.event(), Event::RegistrationRefused { user: "300".to_owned(), status: Some(401) });
    lab.expect_silence(address(REGISTRAR));
    lab.wait(seconds(31));
    lab.asked(address(REGISTRAR), Method::Register);
}

#[test]
fn a_registrar_that_does_not_answer_is_told_of() {
    let mut lab = Lab::new();
    lab.order(registration("away", "a secret"));
    lab.wait(seconds(40));
    assert_eq!(lab.event(), Event::RegistrationRefused { user: "300".to_owned(), status: None });
}
