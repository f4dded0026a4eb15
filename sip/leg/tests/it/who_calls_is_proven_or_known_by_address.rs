use crate::support::{Lab, Phone, STRANGER, TRUNK, address, sdp};
use carillon_sip_core::message::{HeaderName, Method, Response};
use carillon_sip_leg::{Command, Event, Peer, RefusedWhy, TrunkPeer};

fn offer() -> Option<String> {
    Some(sdp("192.0.2.10:4000", "sendrecv"))
}

#[test]
fn a_trunk_is_known_by_its_address_and_port() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let invite = caller.invite("200", offer()).with(HeaderName::Subject, "hello");
    caller.say(&mut lab, &invite);
    let Event::Invited { from, caller: number, called, offer, call_id, .. } = lab.event() else { panic!("no call") };
    assert_eq!((from, number.as_str(), called.as_str()), (Peer::Trunk("lab".to_owned()), "+390612345", "200"));
    assert_eq!((offer, call_id), (Some(invite.body.to_vec()), caller.call_id.clone()));

    let mut neighbour = Phone { at: address("192.0.2.80:5999"), ..Phone::trunk("+390612345") };
    neighbour.hang_on();
    let invite = neighbour.invite("200", None);
    neighbour.say(&mut lab, &invite);
    lab.answered(neighbour.at, 403);
    assert!(matches!(lab.event(), Event::Refused { why: RefusedWhy::UnknownSource, .. }));
}

#[test]
fn a_phone_proves_itself_and_then_its_call_comes_in() {
    let mut lab = Lab::new();
    let mut phone = Phone::new("1001", "192.0.2.10:5060");
    let invite = phone.invite("1002", offer());
    phone.say(&mut lab, &invite);
    let challenge = lab.answered(phone.at, 401);
    lab.expect_no_event();
    let proven = phone.prove(&invite, &challenge);
    phone.say(&mut lab, &proven);
    assert!(matches!(lab.event(), Event::Invited { from: Peer::Phone(name), caller, .. } if name == "1001" && caller == "1001"));
}

#[test]
fn a_phone_that_calls_as_another_is_refused() {
    let mut lab = Lab::new();
    let mut phone = Phone::new("1001", "192.0.2.10:5060");
    let invite = phone.invite("200", offer());
    phone.say(&mut lab, &invite);
    let challenge = lab.answered(phone.at, 401);
    let mut proven = phone.prove(&invite, &challenge);
    proven.headers.set(HeaderName::From, "<sip:1002@192.0.2.1>;tag=t1001");
    phone.say(&mut lab, &proven);
    lab.answered(phone.at, 403);
    assert!(matches!(lab.event(), Event::Refused { why: RefusedWhy::NotTheirs, .. }));
}

#[test]
fn whoever_says_to_be_local_is_challenged_whether_there_is_such_a_user_or_not() {
    let shape = |user: &str| {
        let mut lab = Lab::new();
        let mut stranger = Phone { call_id: "one".to_owned(), tag: "one".to_owned(), ..Phone::new(user, STRANGER) };
        let invite = stranger.invite("200", None);
        stranger.say(&mut lab, &invite);
        let challenge: Response = lab.answered(stranger.at, 401);
        let text = String::from_utf8_lossy(&challenge.to_bytes()).replace(user, "USER");
        text.split(";tag=").next().map(str::to_owned)
    };
    assert_eq!(shape("1001"), shape("9999"));
}

#[test]
fn a_stranger_with_a_name_from_elsewhere_gets_no_hint() {
    for user in ["1001", "9999"] {
        let mut lab = Lab::new();
        let mut stranger = Phone { domain: "elsewhere.example.com".to_owned(), ..Phone::new(user, STRANGER) };
        let invite = stranger.invite("200", offer());
        stranger.say(&mut lab, &invite);
        let refusal = lab.answered(stranger.at, 403);
        assert!(!refusal.headers.has(&HeaderName::WwwAuthenticate) && refusal.body.is_empty());
    }
}

#[test]
fn a_carriers_caller_whose_number_is_like_an_extension_is_still_the_carriers() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("1001");
    let invite = caller.invite("200", offer());
    caller.say(&mut lab, &invite);
    assert!(matches!(lab.event(), Event::Invited { from: Peer::Trunk(_), .. }));
}

#[test]
fn a_registered_path_must_prove_itself_even_at_a_trunks_address() {
    let mut lab = Lab::new();
    lab.registered("1001", TRUNK);
    let mut caller = Phone::trunk("+390612345");
    let invite = caller.invite("200", offer());
    caller.say(&mut lab, &invite);
    lab.answered(caller.at, 401);
}

#[test]
fn trunks_are_replaced_as_a_whole() {
    let mut lab = Lab::new();
    lab.order(Command::SetTrunks(vec![TrunkPeer::new("other", address("192.0.2.90:0"), carillon_sip_core::Transport::Udp)]));
    let mut old = Phone::trunk("+390612345");
    let invite = old.invite("200", offer());
    old.say(&mut lab, &invite);
    lab.answered(old.at, 403);
    lab.events();
    let mut new = Phone { at: address("192.0.2.90:39999"), ..Phone::trunk("+390612345") };
    new.hang_on();
    let invite = new.invite("200", offer());
    new.say(&mut lab, &invite);
    assert!(matches!(lab.event(), Event::Invited { from: Peer::Trunk(name), .. } if name == "other"), "port 0 means any port");
}

#[test]
fn a_forged_identity_header_changes_nothing() {
    let mut lab = Lab::new();
    let mut stranger = Phone { domain: "elsewhere.example.com".to_owned(), ..Phone::new("1001", STRANGER) };
    let identity = HeaderName::new("P-Asserted-Identity").expect("a name");
    let invite = stranger.request(Method::Invite, "sip:200@192.0.2.1").with(identity, "<sip:1001@192.0.2.1>");
    stranger.say(&mut lab, &invite);
    lab.answered(stranger.at, 403);
}

#[test]
fn a_trunk_vouches_for_its_caller_and_a_phone_does_not() {
    let told = |lab: &mut Lab, mut peer: Phone, prove: bool| {
        let invite = peer
            .invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")))
            .with(HeaderName::PAssertedIdentity, "\"Rosa Neri\" <tel:+39-06-777>")
            .with(HeaderName::Privacy, "id")
            .with(HeaderName::Diversion, "<sip:555@carrier.example.net>;reason=no-answer");
        peer.say(lab, &invite);
        if prove {
            let challenge = lab.answered(peer.at, 401);
            let ack = peer.request_with_seq(Method::Ack, "sip:200@192.0.2.1", peer.seq);
            peer.say(lab, &ack);
            let mut proven = peer.prove(&invite, &challenge);
            for name in [HeaderName::PAssertedIdentity, HeaderName::Privacy, HeaderName::Diversion] {
                proven.headers.copy(&invite.headers, &name);
            }
            peer.say(lab, &proven);
        }
        match lab.call_event() {
            Event::Invited { identity, is_private, diverted, .. } => (identity, is_private, diverted),
            other => panic!("{other:?}"),
        }
    };
    let mut lab = Lab::new();
    let (identity, is_private, diverted) = told(&mut lab, Phone::trunk("+390612345"), false);
    let identity = identity.expect("a trunk is believed");
    assert_eq!((identity.number.as_str(), identity.name.as_deref(), is_private), ("+3906777", Some("Rosa Neri"), true));
    assert_eq!((diverted[0].number.as_str(), diverted[0].reason.as_deref()), ("555", Some("no-answer")));
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    let (identity, is_private, diverted) = told(&mut lab, desk, true);
    assert_eq!((identity, is_private, diverted.len()), (None, false, 1));
}

#[test]
fn telephone_numbers_are_read_in_every_header() {
    let mut lab = Lab::new();
    let caller = Phone::trunk("x");
    let mut invite = caller.request_with_seq(Method::Invite, "tel:+39-06-(200)", 1);
    invite.headers.set(HeaderName::From, "<tel:+39.333.1>;tag=a");
    invite.headers.set(HeaderName::To, "<tel:+3906200>");
    caller.say(&mut lab, &invite.with_body("application/sdp", sdp("192.0.2.80:4000", "sendrecv")));
    assert!(
        matches!(lab.call_event(), Event::Invited { caller, called, .. } if (caller.as_str(), called.as_str()) == ("+393331", "+3906200"))
    );
}
