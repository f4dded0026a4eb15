//! Session timers (RFC 4028) on legs of both kinds.

use crate::support::{Lab, Phone, local, phone, sdp, seconds};
use carillon_sip_core::message::{HeaderName, Method, Request, Response};
use carillon_sip_leg::{Command, EndCause, Event, LegId};

/// A trunk's call with these headers, answered and acknowledged; its 200.
fn called(fields: &[(HeaderName, &str)]) -> (Lab, Phone, LegId, Response) {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let mut invite = caller.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")));
    fields.iter().for_each(|(name, value)| invite.headers.push(name.clone(), *value));
    caller.say(&mut lab, &invite);
    let leg = LegId(1);
    lab.order(Command::Answer { leg, local: local(20_000) });
    let ok = lab.answered(caller.at, 200);
    caller.ack(&mut lab, &invite, &ok, None);
    lab.events();
    (lab, caller, leg, ok)
}

fn text(headers: &carillon_sip_core::message::Headers, name: HeaderName) -> String {
    headers.text(&name).unwrap_or_default().into_owned()
}

fn refreshed(lab: &mut Lab, peer: &Phone, request: &Request, session: &str) {
    let mut ok = peer.respond(request, 200);
    if !session.is_empty() {
        ok.headers.push(HeaderName::SessionExpires, session);
    }
    if request.method == Method::Invite {
        ok = ok.with_body("application/sdp", sdp("192.0.2.80:4000", "sendrecv"));
    }
    peer.reply(lab, &ok);
    if request.method == Method::Invite {
        lab.asked(peer.at, Method::Ack);
    }
}

#[test]
fn a_caller_that_promised_to_refresh_and_does_not_is_gone() {
    let timer = [(HeaderName::Supported, "timer"), (HeaderName::SessionExpires, "120")];
    let (mut lab, mut caller, leg, ok) = called(&timer);
    assert_eq!(
        (text(&ok.headers, HeaderName::SessionExpires), text(&ok.headers, HeaderName::Require)),
        ("120;refresher=uac".into(), "timer".into())
    );
    lab.wait(seconds(80));
    lab.expect_no_event();
    let update = caller
        .request(Method::Update, "sip:192.0.2.1")
        .with(HeaderName::Supported, "timer")
        .with(HeaderName::SessionExpires, "120;refresher=uac");
    caller.say(&mut lab, &update);
    assert_eq!(text(&lab.answered(caller.at, 200).headers, HeaderName::SessionExpires), "120;refresher=uac");
    lab.wait(seconds(80));
    lab.expect_no_event();
    lab.wait(seconds(10));
    let bye = lab.asked(caller.at, Method::Bye);
    assert!(text(&bye.headers, HeaderName::Reason).contains("Session timer expired"));
    assert!(matches!(lab.event(), Event::Ended { leg: ended, cause: EndCause::SessionExpired, .. } if ended == leg));
}

#[test]
fn we_refresh_for_a_caller_that_knows_nothing_of_timers() {
    let (mut lab, caller, _, ok) = called(&[]);
    assert_eq!(
        (text(&ok.headers, HeaderName::SessionExpires), text(&ok.headers, HeaderName::Require)),
        ("1800;refresher=uas".into(), String::new())
    );
    lab.wait(seconds(899));
    lab.expect_silence(caller.at);
    lab.wait(seconds(1));
    let invite = lab.asked(caller.at, Method::Invite);
    assert!(String::from_utf8_lossy(&invite.body).contains("o=carillon 77 1 "), "nothing has changed");
    assert_eq!(text(&invite.headers, HeaderName::SessionExpires), "1800;refresher=uac");
    // It answers without a word of timers: there is none from now on.
    refreshed(&mut lab, &caller, &invite, "");
    lab.expect_no_event();
    lab.wait(seconds(10_000));
    lab.expect_silence(caller.at);
    lab.expect_no_event();
}

#[test]
fn we_refresh_by_update_where_it_is_known_and_by_invite_where_it_turns_out_not_to_be() {
    let (mut lab, caller, leg, _) = called(&[(HeaderName::Allow, "INVITE, ACK, BYE, UPDATE"), (HeaderName::SessionExpires, "200")]);
    lab.wait(seconds(100));
    let update = lab.asked(caller.at, Method::Update);
    assert!(update.body.is_empty() && update.headers.has(&HeaderName::Contact));
    refreshed(&mut lab, &caller, &update, "200;refresher=uac");
    lab.wait(seconds(100));
    let update = lab.asked(caller.at, Method::Update);
    caller.reply(&mut lab, &caller.respond(&update, 405));
    let invite = lab.asked(caller.at, Method::Invite);
    refreshed(&mut lab, &caller, &invite, "200;refresher=uac");
    lab.expect_no_event();
    // Nobody answers any more.
    lab.wait(seconds(140));
    assert!(matches!(lab.event(), Event::Ended { leg: ended, cause: EndCause::PeerLost, .. } if ended == leg));
}

#[test]
fn an_interval_too_brief_is_refused_by_us_and_made_longer_for_others() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let invite = caller.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")));
    let brief = invite.with(HeaderName::Supported, "timer").with(HeaderName::SessionExpires, "30");
    caller.say(&mut lab, &brief);
    assert_eq!(text(&lab.answered(caller.at, 422).headers, HeaderName::MinSe), "90");

    let desk = lab.registered("1001", "192.0.2.10:5060");
    let leg = lab.dial(phone("1001"));
    let first = lab.asked(desk.at, Method::Invite);
    desk.reply(&mut lab, &desk.respond(&first, 422).with(HeaderName::MinSe, 3600u32));
    lab.asked(desk.at, Method::Ack);
    let second = lab.asked(desk.at, Method::Invite);
    let same = |name: HeaderName| assert_eq!(text(&first.headers, name.clone()), text(&second.headers, name));
    same(HeaderName::CallId);
    same(HeaderName::From);
    assert_eq!(second.headers.cseq().expect("CSeq").seq, 2);
    assert_eq!(
        (text(&second.headers, HeaderName::SessionExpires), text(&second.headers, HeaderName::MinSe)),
        ("3600".into(), "3600".into())
    );
    let ok = desk.respond(&second, 200).with(HeaderName::SessionExpires, "3600;refresher=uas");
    desk.reply(&mut lab, &ok.with_body("application/sdp", sdp("192.0.2.10:4000", "sendrecv")));
    lab.asked(desk.at, Method::Ack);
    lab.wait(seconds(3600));
    assert!(
        lab.events().iter().any(|event| matches!(event, Event::Ended { leg: ended, cause: EndCause::SessionExpired, .. } if *ended == leg))
    );
}

#[test]
fn a_hold_of_ours_keeps_the_session_alive() {
    let (mut lab, caller, leg, _) = called(&[(HeaderName::SessionExpires, "200")]);
    lab.wait(seconds(90));
    lab.order(Command::SetDirection { leg, direction: carillon_media_sdp::Direction::Inactive });
    let invite = lab.asked(caller.at, Method::Invite);
    assert_eq!(text(&invite.headers, HeaderName::SessionExpires), "200;refresher=uac");
    refreshed(&mut lab, &caller, &invite, "200;refresher=uac");
    lab.wait(seconds(99));
    lab.expect_silence(caller.at);
    lab.wait(seconds(1));
    lab.asked(caller.at, Method::Invite);
}
