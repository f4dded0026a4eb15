use crate::support::{Lab, Phone, address, phone, sdp, seconds};
use carillon_sip_core::message::{HeaderName, Method, Request, Response};
use carillon_sip_leg::{Event, LegId};

/// A call of the trunk's that is up.
struct Held {
    lab: Lab,
    caller: Phone,
    leg: LegId,
}

impl Held {
    fn new() -> Self {
        let mut lab = Lab::new();
        let mut caller = Phone::trunk("+390612345");
        let (_, leg) = caller.call_in_and_answer(&mut lab);
        Held { lab, caller, leg }
    }

    /// Sends a re-INVITE with this body and acknowledges its answer.
    fn reinvite(&mut self, body: Option<String>) -> (Request, Response) {
        let invite = self.caller.invite("200", body);
        self.caller.say(&mut self.lab, &invite);
        let response = self.lab.response(self.caller.at);
        (invite, response)
    }

    /// The same, answered 200 and acknowledged; the body of the answer.
    fn agree(&mut self, body: String) -> String {
        let (invite, ok) = self.reinvite(Some(body));
        assert_eq!(ok.status, 200);
        self.caller.ack(&mut self.lab, &invite, &ok, None);
        String::from_utf8_lossy(&ok.body).into_owned()
    }

    /// What the audio is after a change: where to, whether we send, whether we receive.
    fn changed(&mut self) -> (String, bool, bool) {
        match self.lab.event() {
            Event::MediaChanged { leg, media, .. } if leg == self.leg => (media.remote.to_string(), media.send, media.recv),
            other => panic!("a change was expected: {other:?}"),
        }
    }
}

#[test]
fn every_spelling_of_hold_is_understood_and_undone() {
    let at = "192.0.2.80:4000";
    let zero = sdp(at, "sendrecv").replace("c=IN IP4 192.0.2.80", "c=IN IP4 0.0.0.0");
    let spellings = [
        (sdp(at, "sendonly"), "a=recvonly", (at, false, true)),
        (sdp(at, "inactive"), "a=inactive", (at, false, false)),
        (zero, "a=recvonly", ("0.0.0.0:4000", false, true)),
    ];
    for (hold, answer, (remote, send, recv)) in spellings {
        let mut t = Held::new();
        assert!(t.agree(hold).contains(answer));
        assert_eq!(t.changed(), (remote.to_owned(), send, recv));
        assert!(t.agree(sdp(at, "sendrecv")).contains("a=sendrecv"));
        assert_eq!(t.changed(), (at.to_owned(), true, true));
        t.lab.expect_no_event();
    }
}

#[test]
fn the_peers_audio_moves_to_another_port_and_our_version_grows() {
    let mut t = Held::new();
    let first = t.agree(sdp("192.0.2.80:4000", "sendrecv"));
    t.lab.expect_no_event();
    let second = t.agree(sdp("192.0.2.81:6000", "sendrecv"));
    assert_eq!(t.changed(), ("192.0.2.81:6000".to_owned(), true, true));
    let origin = |text: &str| text.lines().find_map(|line| line.strip_prefix("o=").map(str::to_owned)).expect("o=");
    assert_eq!(
        (origin(&first), origin(&second)),
        ("carillon 77 2 IN IP4 192.0.2.1".to_owned(), "carillon 77 3 IN IP4 192.0.2.1".to_owned())
    );
}

#[test]
fn a_change_we_cannot_follow_is_refused_and_the_call_goes_on() {
    let mut t = Held::new();
    let cases = [
        (sdp("192.0.2.80:4000", "sendrecv").replace("AVP 8", "AVP 18"), 488),
        (sdp("192.0.2.80:4000", "sendrecv").replace("4000", "0"), 488),
        ("nonsense".to_owned(), 400),
    ];
    for (body, status) in cases {
        assert_eq!(t.reinvite(Some(body)).1.status, status);
        t.lab.expect_no_event();
    }
    t.lab.messages(t.caller.at);
    let bye = t.caller.request(Method::Bye, "sip:192.0.2.1");
    t.caller.say(&mut t.lab, &bye);
    t.lab.answered(t.caller.at, 200);
}

#[test]
fn a_reinvite_without_an_offer_gets_ours_and_its_ack_counts() {
    let mut t = Held::new();
    let (invite, ok) = t.reinvite(None);
    assert_eq!(ok.status, 200);
    assert!(String::from_utf8_lossy(&ok.body).contains("m=audio 20000 RTP/AVP 8 0 101"));
    t.lab.expect_no_event();
    t.caller.ack(&mut t.lab, &invite, &ok, Some(sdp("192.0.2.80:4444", "sendrecv")));
    assert_eq!(t.changed(), ("192.0.2.80:4444".to_owned(), true, true));

    let (invite, ok) = t.reinvite(None);
    t.caller.ack(&mut t.lab, &invite, &ok, Some("nonsense".to_owned()));
    t.lab.wait(seconds(1));
    t.lab.expect_no_event();
}

#[test]
fn a_reinvite_while_our_offer_waits_is_told_to_wait() {
    let mut t = Held::new();
    let (_, ok) = t.reinvite(None);
    assert_eq!(ok.status, 200);
    let (_, response) = t.reinvite(Some(sdp("192.0.2.80:4000", "sendonly")));
    assert_eq!(response.status, 491);
    t.lab.expect_no_event();
}

#[test]
fn a_phone_we_called_holds_as_well() {
    let mut lab = Lab::new();
    let mut desk = lab.registered("1001", "192.0.2.10:5060");
    let leg = lab.dial(phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    desk.pick_up(&mut lab, &invite);
    lab.asked(desk.at, Method::Ack);
    assert!(matches!(lab.event(), Event::Answered { .. }));
    let hold = desk.request_as_callee(&invite, Method::Invite).with_body("application/sdp", sdp("192.0.2.10:4000", "sendonly"));
    desk.say(&mut lab, &hold);
    lab.answered(desk.at, 200);
    assert!(matches!(lab.event(), Event::MediaChanged { leg: held, media, .. } if held == leg && media.held()));
}

#[test]
fn hold_is_spelt_a_line_at_a_time_or_for_the_whole_session() {
    let spelt = |session: &str, media: &str| {
        format!("v=0\r\no=- 1 1 IN IP4 192.0.2.80\r\ns=-\r\n{session}t=0 0\r\nm=audio 4000 RTP/AVP 8\r\n{media}")
    };
    let at = "c=IN IP4 192.0.2.80\r\n";
    let nowhere = "c=IN IP4 0.0.0.0\r\n";
    for (session, media, send, recv) in [
        (format!("{at}a=sendonly\r\n"), String::new(), false, true),
        (format!("{at}a=inactive\r\n"), String::new(), false, false),
        // What the line says counts more than what the session does.
        (format!("{at}a=inactive\r\n"), "a=sendrecv\r\n".to_owned(), true, true),
        (at.to_owned(), nowhere.to_owned(), false, true),
        (nowhere.to_owned(), at.to_owned(), true, true),
        (at.to_owned(), format!("{nowhere}a=inactive\r\n"), false, false),
    ] {
        let mut t = Held::new();
        t.agree(sdp("192.0.2.80:4000", "inactive"));
        t.changed();
        t.agree(spelt(&session, &media));
        match t.lab.events().last() {
            Some(Event::MediaChanged { media: plan, .. }) => assert_eq!((plan.send, plan.recv), (send, recv), "{session}{media}"),
            _ => assert_eq!((false, false), (send, recv), "{session}{media}"),
        }
    }
}

#[test]
fn update_changes_the_audio_as_an_invite_would() {
    let mut t = Held::new();
    let mut update = |body: Option<String>| {
        let update = t.caller.request(Method::Update, "sip:192.0.2.1");
        let update = match body {
            Some(body) => update.with_body("application/sdp", body),
            None => update,
        };
        t.caller.say(&mut t.lab, &update);
        t.lab.response(t.caller.at)
    };
    assert_eq!(update(None).status, 200);
    let ok = update(Some(sdp("192.0.2.80:4000", "sendonly")));
    assert_eq!(ok.status, 200);
    assert!(String::from_utf8_lossy(&ok.body).contains("a=recvonly"));
    let allow = ok.headers.text(&HeaderName::Allow).expect("Allow").into_owned();
    assert!(["INVITE", "UPDATE", "REFER"].iter().all(|method| allow.contains(method)), "{allow}");
    assert!(ok.headers.has(&HeaderName::Contact), "an UPDATE says where both sides are");
    assert_eq!(update(Some(sdp("192.0.2.80:4000", "sendrecv").replace("AVP 8", "AVP 18"))).status, 488);
    assert_eq!(t.changed(), ("192.0.2.80:4000".to_owned(), false, true));
    t.lab.expect_no_event();
}

#[test]
fn an_update_while_our_offer_waits_is_told_to_wait() {
    let mut t = Held::new();
    t.reinvite(None);
    let update = t.caller.request(Method::Update, "sip:192.0.2.1").with_body("application/sdp", sdp("192.0.2.80:4000", "sendonly"));
    t.caller.say(&mut t.lab, &update);
    t.lab.answered(t.caller.at, 491);
    t.lab.expect_no_event();
}

#[test]
fn a_hold_that_offers_more_codecs_does_not_change_the_one_in_use() {
    let mut lab = Lab::new();
    let mut caller = Phone::trunk("+390612345");
    let mulaw = sdp("192.0.2.80:4000", "sendrecv").replace("AVP 8", "AVP 0");
    let invite = caller.invite("200", Some(mulaw));
    caller.say(&mut lab, &invite);
    lab.event();
    lab.order(carillon_sip_leg::Command::Answer { leg: LegId(1), local: crate::support::local(20_000) });
    let ok = lab.answered(caller.at, 200);
    caller.ack(&mut lab, &invite, &ok, None);
    lab.event();
    let hold = caller.invite("200", Some(sdp("192.0.2.80:4000", "sendonly").replace("AVP 8", "AVP 8 0")));
    caller.say(&mut lab, &hold);
    lab.answered(caller.at, 200);
    assert!(matches!(lab.event(), Event::MediaChanged { media, .. } if media.codec == carillon_media_sdp::Codec::Pcmu && media.held()));
}

#[test]
fn a_phone_behind_another_nat_says_the_same_and_its_audio_has_moved() {
    let mut lab = Lab::new();
    let desk = lab.registered("1001", "192.0.2.10:5060");
    let leg = lab.dial(phone("1001"));
    let invite = lab.asked(desk.at, Method::Invite);
    desk.pick_up(&mut lab, &invite);
    lab.asked(desk.at, Method::Ack);
    assert!(matches!(lab.event(), Event::Answered { .. }));

    let mut moved = Phone { at: address("203.0.113.7:61000"), seq: 100, ..desk };
    assert_eq!(moved.register(&mut lab, 600).status, 200);
    lab.events();
    let again = moved.request_as_callee(&invite, Method::Invite).with_body("application/sdp", sdp("192.0.2.10:4000", "sendrecv"));
    moved.say(&mut lab, &again);
    lab.answered(moved.at, 200);
    let Event::MediaChanged { leg: changed, signalled_from, .. } = lab.event() else { panic!("nobody was told") };
    assert_eq!((changed, signalled_from), (leg, moved.at.ip()));
}
