use crate::support::{Lab, Phone, header, local, sdp, trunk};
use carillon_sip_core::message::{HeaderName, Message, Method, Request};
use carillon_sip_leg::{Command, Event, LegId, Target};
use proptest::prelude::*;

fn dialled(from_user: &str, from_name: Option<&str>, to: Target, headers: Vec<(String, String)>) -> Option<Request> {
    let mut lab = Lab::new();
    lab.registered("1001", "192.0.2.10:5060");
    lab.order(Command::Dial {
        leg: LegId(100),
        to,
        from_user: from_user.to_owned(),
        from_name: from_name.map(str::to_owned),
        sdp_offer: local(20_100),
        headers,
    });
    let [trunk, desk] = ["192.0.2.80:5060", "192.0.2.10:5060"].map(crate::support::address);
    let mut sent = lab.messages(trunk);
    sent.extend(lab.messages(desk).into_iter().filter(|message| matches!(message, Message::Request(_))));
    match sent.pop() {
        Some(Message::Request(request)) => Some(request),
        _ => None,
    }
}

#[test]
fn an_invite_says_what_was_ordered_and_nothing_more() {
    let invite = dialled(
        "+390612345",
        Some("Rosa \"R\" Neri"),
        trunk("+390699999"),
        vec![("Alert-Info".to_owned(), "<http://ring.example>".to_owned())],
    )
    .expect("an INVITE");
    assert_eq!(invite.uri.to_string(), "sip:+390699999@192.0.2.80:5060");
    assert!(header(&invite, HeaderName::From).starts_with(r#""Rosa \"R\" Neri" <sip:+390612345@192.0.2.1>;tag="#));
    assert_eq!(header(&invite, HeaderName::To), "<sip:+390699999@192.0.2.80>");
    assert_eq!(header(&invite, HeaderName::AlertInfo), "<http://ring.example>");
    assert!(String::from_utf8_lossy(&invite.body).contains("m=audio 20100 RTP/AVP 8 0 101"));
    let names: Vec<String> = invite.headers.iter().map(|(name, _)| name.to_string()).collect();
    let expected = [
        "Via",
        "From",
        "To",
        "Session-Expires",
        "Min-SE",
        "Alert-Info",
        "Content-Type",
        "Call-ID",
        "CSeq",
        "Max-Forwards",
        "Contact",
        "Allow",
        "Supported",
        "User-Agent",
    ];
    assert_eq!(names, expected);
}

#[test]
fn headers_of_the_caller_stay_on_the_callers_leg() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let secret = "only-for-the-first-leg";
    let invite = caller
        .invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")))
        .with(HeaderName::new("X-Account").expect("name"), secret)
        .with(HeaderName::Subject, secret)
        .with(HeaderName::RecordRoute, format!("<sip:{secret}.example.net;lr>"));
    caller.say(&mut lab, &invite);
    lab.event();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    lab.dial(crate::support::phone("1001"));
    let outgoing = String::from_utf8_lossy(&lab.asked(desk.at, Method::Invite).to_bytes()).into_owned();
    assert!(!outgoing.contains(secret) && !outgoing.contains(&caller.call_id) && !outgoing.contains("192.0.2.80"), "{outgoing}");
}

#[test]
fn headers_that_route_or_frame_cannot_be_ordered() {
    let ordered = ["Via", "route", "Content-Length", "l", "Call-ID", "i", "From", "Contact", "Bad Name", ""];
    let headers = ordered.map(|name| (name.to_owned(), "sip:evil.example.com".to_owned())).to_vec();
    let invite = dialled("1", None, trunk("2"), headers).expect("an INVITE");
    assert!(!String::from_utf8_lossy(&invite.to_bytes()).contains("evil"));
}

proptest! {
    #[test]
    fn any_text_gives_one_well_formed_invite_or_none(
        from_user in "\\PC{0,40}|[\\r\\n@<>;?&%+0-9a-z]{0,40}",
        from_name in "\\PC{0,40}|[\\r\\n\\\\\"<>]{0,40}",
        number in "\\PC{0,40}|[\\r\\n@<>;?&%+0-9a-z]{0,40}",
        value in "\\PC{0,40}|[\\r\\n:a]{0,40}",
    ) {
        let target = Target::Trunk { name: "lab".to_owned(), number };
        if let Some(invite) = dialled(&from_user, Some(&from_name), target, vec![("X-Note".to_owned(), value)]) {
            let user = invite.uri.user().unwrap_or_default().into_owned();
            prop_assert!(!user.is_empty() && user.chars().all(|c| c.is_ascii_alphanumeric() || "*#+.-".contains(c)), "{}", user);
            prop_assert_eq!(invite.headers.len(), 14);
            prop_assert!(invite.headers.from().is_ok() && invite.headers.to().is_ok());
        }
    }
}

#[test]
fn the_caller_is_told_in_bounded_text_without_control_characters() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let long = "n".repeat(1000);
    let mut invite = caller.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")));
    invite.headers.set(HeaderName::From, format!("\"a\\\u{7}b{long}\" <sip:%0d%0a{long}@carrier.example.net>;tag=1"));
    caller.say(&mut lab, &invite);
    let Event::Invited { caller, caller_name, .. } = lab.event() else { panic!("no call") };
    for text in [caller, caller_name.expect("a name")] {
        assert!(text.chars().count() == 128 && !text.contains(char::is_control));
    }
}

#[test]
fn a_call_made_for_another_has_one_hop_less() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let mut invite = caller.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")));
    invite.headers.set(HeaderName::MaxForwards, 7u8);
    caller.say(&mut lab, &invite);
    let Event::Invited { hops_left: 6, .. } = lab.event() else { panic!("six hops are left of seven") };
    let headers = vec![("Max-Forwards".to_owned(), "6".to_owned())];
    let onward = dialled("1", None, trunk("2"), headers).expect("an INVITE");
    assert_eq!(onward.headers.max_forwards().expect("a number"), Some(6));
    let nonsense = dialled("1", None, trunk("2"), vec![("Max-Forwards".to_owned(), "many".to_owned())]).expect("an INVITE");
    assert_eq!(nonsense.headers.max_forwards().expect("a number"), Some(70));
}
