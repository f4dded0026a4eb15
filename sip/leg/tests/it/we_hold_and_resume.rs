use crate::support::{Lab, Phone, local, phone, sdp, seconds};
use carillon_media_sdp::Direction;
use carillon_sip_core::message::{Message, Method, Request};
use carillon_sip_leg::{Command, EndCause, Event, LegId};
use std::time::Duration;

/// A trunk's call that is up; the trunk is the dialog's caller.
fn called() -> (Lab, Phone, LegId) {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let (_, leg) = caller.call_in_and_answer(&mut lab);
    (lab, caller, leg)
}

/// A phone that we called and that answered; we are the dialog's caller.
fn calling() -> (Lab, Phone, LegId) {
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    let leg = lab.dial(phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    desk.pick_up(&mut lab, &invite);
    lab.asked(desk.at, Method::Ack);
    lab.events();
    (lab, desk, leg)
}

fn set(lab: &mut Lab, leg: LegId, direction: Direction) {
    lab.order(Command::SetDirection { leg, direction });
}

fn body(request: &Request) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

/// Our newest re-INVITE; its copies and those before it are taken away.
fn last_invite(lab: &mut Lab, peer: &Phone) -> Option<Request> {
    let requests = lab.messages(peer.at).into_iter().filter_map(|message| match message {
        Message::Request(request) if request.method == Method::Invite => Some(request),
        _ => None,
    });
    requests.last()
}

/// Answers our re-INVITE with this direction and takes our ACK.
fn agree(lab: &mut Lab, peer: &Phone, invite: &Request, direction: &str) {
    let ok = peer.respond(invite, 200).with_body("application/sdp", sdp("192.0.2.80:4000", direction));
    peer.reply(lab, &ok);
    lab.asked(peer.at, Method::Ack);
}

#[test]
fn we_hold_by_a_reinvite_and_resume_by_another() {
    for (hold, offered, answered, (send, recv)) in
        [(Direction::SendOnly, "a=sendonly", "recvonly", (true, false)), (Direction::Inactive, "a=inactive", "inactive", (false, false))]
    {
        let (mut lab, caller, leg) = called();
        set(&mut lab, leg, hold);
        let invite = lab.asked(caller.at, Method::Invite);
        assert!(body(&invite).contains(offered) && body(&invite).contains("o=carillon 77 2 "), "{}", body(&invite));
        agree(&mut lab, &caller, &invite, answered);
        assert!(matches!(lab.event(), Event::MediaChanged { media, .. } if (media.send, media.recv) == (send, recv)));

        set(&mut lab, leg, Direction::SendRecv);
        let invite = lab.asked(caller.at, Method::Invite);
        assert!(body(&invite).contains("a=sendrecv") && body(&invite).contains("o=carillon 77 3 "));
        agree(&mut lab, &caller, &invite, "sendrecv");
        assert!(matches!(lab.event(), Event::MediaChanged { media, .. } if media.send && media.recv));

        set(&mut lab, leg, Direction::SendRecv);
        lab.expect_silence(caller.at);
        lab.expect_no_event();
    }
}

#[test]
fn a_held_peer_that_offers_again_stays_held() {
    let (mut lab, mut caller, leg) = called();
    set(&mut lab, leg, Direction::SendOnly);
    let invite = lab.asked(caller.at, Method::Invite);
    agree(&mut lab, &caller, &invite, "recvonly");
    lab.event();
    let again = caller.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")));
    caller.say(&mut lab, &again);
    let ok = lab.answered(caller.at, 200);
    assert!(String::from_utf8_lossy(&ok.body).contains("a=sendonly"));
}

#[test]
fn our_side_moves_to_another_port() {
    let (mut lab, caller, leg) = called();
    lab.order(Command::SetMedia { leg, local: local(22_000) });
    let invite = lab.asked(caller.at, Method::Invite);
    assert!(body(&invite).contains("m=audio 22000 "), "{}", body(&invite));
    agree(&mut lab, &caller, &invite, "sendrecv");
    assert!(matches!(lab.event(), Event::MediaChanged { .. }));
}

#[test]
fn when_both_ask_at_once_both_are_told_to_wait_and_each_waits_another_time() {
    let sides =
        [(called(), Duration::ZERO, Duration::from_millis(2000)), (calling(), Duration::from_millis(2100), Duration::from_millis(4000))];
    for ((mut lab, peer, leg), soonest, latest) in sides {
        set(&mut lab, leg, Direction::SendOnly);
        let invite = lab.asked(peer.at, Method::Invite);
        peer.reply(&mut lab, &peer.respond(&invite, 491));
        lab.asked(peer.at, Method::Ack);
        lab.expect_no_event();
        let asked = lab.now;
        let again = loop {
            assert!(lab.now - asked <= latest, "nobody asked again");
            match last_invite(&mut lab, &peer) {
                Some(invite) => break invite,
                None => lab.wait(Duration::from_millis(10)),
            }
        };
        assert!(lab.now - asked >= soonest, "{:?}", lab.now - asked);
        agree(&mut lab, &peer, &again, "recvonly");
        assert!(matches!(lab.event(), Event::MediaChanged { media, .. } if media.send && !media.recv));
    }
}

#[test]
fn an_offer_of_the_peers_that_is_not_finished_is_waited_for() {
    let (mut lab, mut caller, leg) = called();
    let theirs = caller.invite("200", Some(sdp("192.0.2.80:4000", "sendrecv")));
    caller.say(&mut lab, &theirs);
    let ok = lab.answered(caller.at, 200);
    // No ACK yet: ours may not go out.
    set(&mut lab, leg, Direction::Inactive);
    lab.expect_silence(caller.at);
    caller.ack(&mut lab, &theirs, &ok, None);
    lab.wait(seconds(2));
    let invite = last_invite(&mut lab, &caller).expect("we ask");
    agree(&mut lab, &caller, &invite, "inactive");
    assert!(matches!(lab.event(), Event::MediaChanged { media, .. } if !media.send && !media.recv));
}

#[test]
fn of_several_orders_the_last_counts() {
    let (mut lab, caller, leg) = called();
    set(&mut lab, leg, Direction::SendOnly);
    set(&mut lab, leg, Direction::Inactive);
    set(&mut lab, leg, Direction::SendRecv);
    let first = lab.asked(caller.at, Method::Invite);
    agree(&mut lab, &caller, &first, "recvonly");
    let second = lab.asked(caller.at, Method::Invite);
    assert!(body(&second).contains("a=sendrecv"));
    agree(&mut lab, &caller, &second, "sendrecv");
    lab.expect_silence(caller.at);
    let told: Vec<bool> = lab
        .events()
        .into_iter()
        .map(|event| match event {
            Event::MediaChanged { media, .. } => media.recv,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [false, true]);
}

#[test]
fn a_peer_that_refuses_is_heard_as_before() {
    let (mut lab, caller, leg) = called();
    set(&mut lab, leg, Direction::Inactive);
    let invite = lab.asked(caller.at, Method::Invite);
    caller.reply(&mut lab, &caller.respond(&invite, 488));
    lab.asked(caller.at, Method::Ack);
    assert_eq!(lab.event(), Event::MediaChangeRefused { leg, status: Some(488) });
    lab.wait(seconds(60));
    lab.expect_silence(caller.at);
    lab.expect_no_event();
}

#[test]
fn a_peer_that_always_offers_at_the_same_moment_is_asked_a_few_times_only() {
    let (mut lab, caller, leg) = called();
    set(&mut lab, leg, Direction::Inactive);
    let mut asked = 0;
    while let Some(invite) = last_invite(&mut lab, &caller) {
        asked += 1;
        caller.reply(&mut lab, &caller.respond(&invite, 491));
        lab.asked(caller.at, Method::Ack);
        lab.wait(seconds(3));
    }
    assert_eq!(asked, 8);
    assert_eq!(lab.events(), [Event::MediaChangeRefused { leg, status: Some(491) }]);
}

#[test]
fn a_peer_that_is_gone_ends_the_leg() {
    for status in [481, 408] {
        let (mut lab, caller, leg) = called();
        set(&mut lab, leg, Direction::Inactive);
        let invite = lab.asked(caller.at, Method::Invite);
        caller.reply(&mut lab, &caller.respond(&invite, status));
        lab.asked(caller.at, Method::Ack);
        lab.asked(caller.at, Method::Bye);
        assert!(matches!(lab.event(), Event::Ended { leg: ended, cause: EndCause::PeerLost, .. } if ended == leg));
    }
    let (mut lab, _, leg) = called();
    set(&mut lab, leg, Direction::Inactive);
    lab.wait(seconds(33));
    assert!(matches!(lab.event(), Event::Ended { leg: ended, cause: EndCause::PeerLost, .. } if ended == leg));
    lab.wait(seconds(120));
    assert_eq!(lab.ua_timer(), None, "something of the leg is left");
}

#[test]
fn a_peer_that_never_makes_up_its_mind_is_not_waited_for() {
    let (mut lab, caller, leg) = called();
    set(&mut lab, leg, Direction::Inactive);
    let invite = lab.asked(caller.at, Method::Invite);
    caller.reply(&mut lab, &caller.respond(&invite, 100));
    lab.messages(caller.at);
    lab.wait(Duration::from_millis(32_100));
    let cancel = lab.asked(caller.at, Method::Cancel);
    caller.reply(&mut lab, &caller.respond(&cancel, 200));
    caller.reply(&mut lab, &caller.respond(&invite, 487));
    lab.asked(caller.at, Method::Ack);
    assert_eq!(lab.events(), [Event::MediaChangeRefused { leg, status: Some(487) }]);
}

#[test]
fn hanging_up_while_we_ask_leaves_nothing_behind() {
    let (mut lab, mut caller, _) = called();
    set(&mut lab, LegId(1), Direction::Inactive);
    let invite = lab.asked(caller.at, Method::Invite);
    caller.reply(&mut lab, &caller.respond(&invite, 100));
    let bye = caller.request(Method::Bye, "sip:192.0.2.1");
    caller.say(&mut lab, &bye);
    lab.answered(caller.at, 200);
    assert!(matches!(lab.event(), Event::Ended { cause: EndCause::HungUp, .. }));
    lab.wait(seconds(120));
    lab.expect_no_event();
    assert_eq!(lab.ua_timer(), None, "a request of the leg is left");
}
