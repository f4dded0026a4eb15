use crate::support::{Lab, Phone, seconds};
use carillon_sip_core::message::{HeaderName, Message, Method, Request, Response};
use carillon_sip_leg::{Event, RefusedWhy, UnregisteredWhy};

/// An answer without what must differ: the tags, the nonce and the user's own name.
fn shape(response: &Response, user: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&response.to_bytes()).replace(user, "USER");
    let lines =
        text.lines().map(|line| line.split("nonce=\"").next().unwrap_or_default().split(";tag=").next().unwrap_or_default().to_owned());
    lines.collect()
}

#[test]
fn a_phone_with_its_password_is_told_and_kept() {
    let mut lab = Lab::new();
    let mut phone = Phone::new("1001", "192.0.2.10:5060");
    let ok = phone.register(&mut lab, 600);
    assert_eq!((ok.status, ok.headers.get(&HeaderName::Contact)), (200, Some(&b"<sip:1001@192.0.2.10:5060>;expires=600"[..])));
    let Event::Registered { phone: name, binding, .. } = lab.event() else { panic!("not told") };
    assert_eq!((name.as_str(), binding.contact.as_str(), binding.expires_in), ("1001", "sip:1001@192.0.2.10:5060", seconds(600)));
    assert!(matches!(lab.event(), Event::BindingsChanged { bindings, .. } if bindings == [binding]));

    assert_eq!(phone.register(&mut lab, 0).status, 200);
    assert_eq!(lab.event(), Event::Unregistered { phone: "1001".to_owned(), why: UnregisteredWhy::ByPhone });
    assert_eq!(lab.event(), Event::BindingsChanged { phone: "1001".to_owned(), bindings: vec![] });
}

#[test]
fn a_registration_that_is_not_refreshed_expires() {
    let mut lab = Lab::new();
    lab.registered("1001", "192.0.2.10:5060");
    lab.wait(seconds(599));
    lab.events();
    lab.wait(seconds(2));
    // It never answered a ping, so it was unreachable before.
    assert!(lab.events().iter().any(|event| matches!(event, Event::BindingsChanged { bindings, .. } if bindings.is_empty())));
}

#[test]
fn known_and_unknown_users_get_the_same_answers() {
    let mut shapes = vec![];
    for user in ["1001", "7777"] {
        let mut lab = Lab::new();
        let mut phone = Phone { password: "guess".to_owned(), ..Phone::new(user, "192.0.2.10:5060") };
        let request = phone.request(Method::Register, "sip:192.0.2.1");
        phone.say(&mut lab, &request);
        let challenge = lab.answered(phone.at, 401);
        let proven = phone.prove(&request, &challenge);
        phone.say(&mut lab, &proven);
        let refusal = lab.answered(phone.at, 403);
        assert!(matches!(lab.event(), Event::Refused { status: 403, why: RefusedWhy::WrongCredentials, .. }));
        shapes.push((shape(&challenge, user), shape(&refusal, user)));
    }
    assert_eq!(shapes[0], shapes[1]);
}

#[test]
fn nobody_registers_for_somebody_else() {
    let mut lab = Lab::new();
    let mut phone = Phone::new("1001", "192.0.2.10:5060");
    let mut request = phone.request(Method::Register, "sip:192.0.2.1");
    phone.say(&mut lab, &request);
    let challenge = lab.answered(phone.at, 401);
    request = phone.prove(&request, &challenge);
    request.headers.set(HeaderName::To, "<sip:1002@192.0.2.1>");
    phone.say(&mut lab, &request);
    lab.answered(phone.at, 403);
    assert!(matches!(lab.event(), Event::Refused { why: RefusedWhy::NotTheirs, .. }));
    lab.expect_no_event();
}

#[test]
fn a_replayed_proof_is_stale() {
    let mut lab = Lab::new();
    let mut phone = Phone::new("1001", "192.0.2.10:5060");
    let request = phone.request(Method::Register, "sip:192.0.2.1");
    phone.say(&mut lab, &request);
    let challenge = lab.answered(phone.at, 401);
    let proven = phone.prove(&request, &challenge);
    phone.say(&mut lab, &proven);
    lab.answered(phone.at, 200);

    let thief = Phone { seq: 50, ..Phone::new("1001", "198.51.100.66:5060") };
    let mut replay = thief.request_with_seq(Method::Register, "sip:192.0.2.1", 51);
    replay.headers.copy(&proven.headers, &HeaderName::Authorization);
    thief.say(&mut lab, &replay);
    let stale = lab.answered(thief.at, 401);
    assert!(stale.headers.text(&HeaderName::WwwAuthenticate).expect("challenge").contains("stale=true"));
}

#[test]
fn who_guesses_passwords_is_not_listened_to_and_the_phone_itself_is() {
    let mut lab = Lab::new();
    for guess in 0..10 {
        let mut thief =
            Phone { password: format!("guess-{guess}"), call_id: format!("g{guess}"), ..Phone::new("1001", "198.51.100.66:5060") };
        assert_eq!(thief.register(&mut lab, 600).status, 403);
    }
    let mut thief = Phone::new("1001", "198.51.100.66:5061");
    let request = thief.request(Method::Register, "sip:192.0.2.1");
    thief.say(&mut lab, &request);
    lab.answered(thief.at, 403);
    assert_eq!(Phone::new("1001", "192.0.2.10:5060").register(&mut lab, 600).status, 200);
    lab.wait(seconds(601));
    lab.messages(thief.at);
    assert_eq!(thief.register(&mut lab, 600).status, 200, "the penalty ends");
}

#[test]
fn another_name_in_from_does_not_make_a_guess_a_first_one() {
    let mut lab = Lab::new();
    let guess = |lab: &mut Lab, nth: u32, password: &str| {
        let mut thief = Phone { password: password.to_owned(), call_id: format!("g{nth}"), ..Phone::new("1001", "198.51.100.66:5060") };
        let alias = format!("<sip:alias-{nth}@192.0.2.1>;tag=t");
        let mut request = thief.request(Method::Register, "sip:192.0.2.1");
        request.headers.set(HeaderName::From, alias.as_str());
        thief.say(lab, &request);
        let challenge = lab.answered(thief.at, 401);
        let mut proven = thief.prove(&request, &challenge);
        // Long stale: whether the answer is 401 or 403 would tell whether the password was right.
        lab.wait(seconds(301));
        proven.headers.set(HeaderName::From, alias);
        thief.say(lab, &proven);
        lab.response(thief.at).status
    };
    assert_eq!(guess(&mut lab, 0, "secret-1001"), 401, "stale");
    (1..=10).for_each(|nth| assert_eq!(guess(&mut lab, nth, "wrong"), 403));
    assert_eq!(guess(&mut lab, 11, "secret-1001"), 403, "not listened to any more");
}

#[test]
fn a_flood_of_refusals_is_told_a_few_times_a_second_and_counted() {
    let mut lab = Lab::new();
    let refused = |lab: &mut Lab, number: u32| {
        let mut stranger =
            Phone { domain: "elsewhere.example.com".to_owned(), call_id: format!("f{number}"), ..Phone::new("x", "198.51.100.66:5060") };
        let invite = stranger.invite("200", None);
        stranger.say(lab, &invite);
    };
    (0..100).for_each(|number| refused(&mut lab, number));
    assert_eq!(lab.events().len(), 5);
    lab.wait(seconds(2));
    refused(&mut lab, 100);
    assert!(matches!(lab.event(), Event::Refused { untold: 95, .. }));
}

#[test]
fn a_registration_that_is_too_brief_is_told_how_long_it_must_be() {
    let mut lab = Lab::new();
    let response = Phone::new("1001", "192.0.2.10:5060").register(&mut lab, 10);
    assert_eq!((response.status, response.headers.get(&HeaderName::MinExpires)), (423, Some(&b"60"[..])));
}

#[test]
fn a_phone_behind_a_proxy_is_called_by_its_path_and_a_device_with_two_connections_once() {
    let mut lab = Lab::new();
    let mut phone = Phone::new("1001", "192.0.2.50:5060");
    let path = "<sip:proxy.example;lr;ob>";
    let registered = |lab: &mut Lab, phone: &mut Phone, contact: String| {
        phone.contact = contact;
        let more = |request: Request| {
            let request = request.with(HeaderName::Path, path).with(HeaderName::Supported, "path, outbound");
            request.with(HeaderName::Require, "path")
        };
        let first = more(phone.request(Method::Register, "sip:192.0.2.1").with(HeaderName::Expires, 600u32));
        phone.say(lab, &first);
        let challenge = lab.answered(phone.at, 401);
        let proven = more(phone.prove(&first, &challenge));
        phone.say(lab, &proven);
        lab.response(phone.at)
    };
    let contact = |reg_id: u32| format!("<sip:1001@10.0.0.{reg_id}>;+sip.instance=\"<urn:uuid:1>\";reg-id={reg_id}");
    for reg_id in [1, 2] {
        let answer = registered(&mut lab, &mut phone, contact(reg_id));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers.text(&HeaderName::Path).as_deref(), Some(path));
        assert_eq!(answer.headers.text(&HeaderName::Require).as_deref(), Some("outbound"));
    }
    lab.dial(crate::support::phone("1001"));
    let invites = lab.messages(phone.at);
    let [Message::Request(invite)] = invites.as_slice() else { panic!("one INVITE was expected: {invites:?}") };
    assert_eq!(invite.headers.text(&HeaderName::Route).as_deref(), Some(path));
    assert_eq!(invite.uri.to_string(), "sip:1001@10.0.0.2", "the newest of its connections");
}
