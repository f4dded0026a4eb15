use crate::support::{Lab, Phone, local, sdp, seconds};
use carillon_media_sdp::Direction;
use carillon_sip_core::message::{HeaderName, Message, Method, Request, Response};
use carillon_sip_leg::{Command, Event, HangUpCause, LegId, ReferId, Target};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Anything that may happen to a few legs, in any order.
#[derive(Debug, Clone)]
enum Turn {
    CallIn {
        offers: bool,
    },
    Dial {
        trunk: bool,
    },
    Order {
        leg: u8,
        order: u8,
    },
    /// A peer answers the oldest request it has not answered.
    Reply {
        status: u16,
        with_sdp: bool,
    },
    /// A peer says something in a dialog or about it.
    Say {
        what: u8,
    },
    Wait {
        ms: u32,
    },
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        any::<bool>().prop_map(|offers| Turn::CallIn { offers }),
        any::<bool>().prop_map(|trunk| Turn::Dial { trunk }),
        (any::<u8>(), any::<u8>()).prop_map(|(leg, order)| Turn::Order { leg, order }),
        (prop::sample::select(vec![100, 180, 183, 200, 200, 200, 302, 404, 486, 487, 503, 603]), any::<bool>())
            .prop_map(|(status, with_sdp)| Turn::Reply { status, with_sdp }),
        any::<u8>().prop_map(|what| Turn::Say { what }),
        (0..40_000u32).prop_map(|ms| Turn::Wait { ms }),
    ]
}

struct World {
    lab: Lab,
    caller: Phone,
    desk: Phone,
    calls: Vec<Request>,
    answers: Vec<Response>,
    questions: Vec<Request>,
    legs: Vec<LegId>,
    alive: BTreeSet<LegId>,
    dialled: u128,
}

impl World {
    fn new() -> Self {
        let mut lab = Lab::new();
        let desk = lab.registered("1001", "192.0.2.10:5060");
        let caller = Phone::trunk("+390612345");
        World { lab, caller, desk, calls: vec![], answers: vec![], questions: vec![], legs: vec![], alive: BTreeSet::new(), dialled: 1000 }
    }

    fn play(&mut self, turn: &Turn) {
        match turn {
            Turn::CallIn { offers } => {
                self.caller.hang_on();
                let invite = self.caller.invite("200", offers.then(|| sdp("192.0.2.80:4000", "sendrecv")));
                self.caller.say(&mut self.lab, &invite);
                self.calls.push(invite);
            }
            Turn::Dial { trunk } => {
                self.dialled += 1;
                let leg = LegId(self.dialled);
                self.alive.insert(leg);
                self.legs.push(leg);
                let to = if *trunk { crate::support::trunk("+390699999") } else { Target::Phone { name: "1001".to_owned() } };
                let (from_user, sdp_offer) = ("1".to_owned(), local(20_100));
                self.lab.order(Command::Dial { leg, to, from_user, from_name: None, sdp_offer, headers: vec![] });
            }
            Turn::Order { leg, order } => self.order(*leg, *order),
            Turn::Reply { status, with_sdp } => self.reply(*status, *with_sdp),
            Turn::Say { what } => self.say(*what),
            Turn::Wait { ms } => self.lab.wait(std::time::Duration::from_millis((*ms).into())),
        }
        self.look();
    }

    fn order(&mut self, leg: u8, order: u8) {
        let Some(leg) = self.legs.get(usize::from(leg) % self.legs.len().max(1)).copied() else { return };
        self.lab.order(match order % 11 {
            0 => Command::Ring { leg },
            1 => Command::Answer { leg, local: local(20_000) },
            2 => Command::Refuse { leg, status: 486, reason: None },
            3 => Command::HangUp { leg, cause: HangUpCause::Normal },
            8 => Command::Progress { leg, local: local(20_000) },
            9 => Command::SendDigit { leg, digit: '5', duration_ms: 100 },
            4 => Command::SetDirection { leg, direction: Direction::SendOnly },
            5 => Command::SetDirection { leg, direction: Direction::SendRecv },
            6 => Command::ReferStatus { leg, refer: ReferId(self.caller.seq), status: 100 },
            7 => Command::ReferStatus { leg, refer: ReferId(self.caller.seq), status: 200 },
            _ => Command::HangUp { leg, cause: HangUpCause::AnsweredElsewhere },
        });
    }

    fn reply(&mut self, status: u16, with_sdp: bool) {
        let Some(question) = (!self.questions.is_empty()).then(|| self.questions.remove(0)) else { return };
        let peer = if question.uri.to_string().contains("1001") { &self.desk } else { &self.caller };
        let mut response = peer.respond(&question, status);
        if with_sdp {
            response = response.with_body("application/sdp", sdp("192.0.2.10:4000", "sendrecv"));
        }
        peer.reply(&mut self.lab, &response);
        if response.is_provisional() {
            self.questions.push(question);
        }
    }

    fn say(&mut self, what: u8) {
        let (Some(invite), Some(ok)) = (self.calls.last().cloned(), self.answers.last().cloned()) else { return };
        let seq = invite.headers.cseq().expect("CSeq").seq;
        match what % 8 {
            0 => self.caller.ack(&mut self.lab, &invite, &ok, None),
            1 => self.caller.ack(&mut self.lab, &invite, &ok, Some(sdp("192.0.2.80:4000", "sendrecv"))),
            2 => {
                let cancel = self.caller.request_with_seq(Method::Cancel, "sip:200@192.0.2.1", seq);
                self.caller.say(&mut self.lab, &cancel);
            }
            3 => {
                self.caller.learn(&ok);
                let bye = self.caller.request(Method::Bye, "sip:192.0.2.1");
                self.caller.say(&mut self.lab, &bye);
            }
            4 => {
                self.caller.learn(&ok);
                let hold = self.caller.invite("200", Some(sdp("192.0.2.80:4000", "sendonly")));
                self.caller.say(&mut self.lab, &hold);
            }
            5 => {
                self.caller.learn(&ok);
                let update = self.caller.request(Method::Update, "sip:192.0.2.1");
                let body = sdp("192.0.2.80:4000", "inactive");
                self.caller.say(&mut self.lab, &if what.is_multiple_of(16) { update } else { update.with_body("application/sdp", body) });
            }
            6 => {
                self.caller.learn(&ok);
                let refer = self.caller.request(Method::Refer, "sip:192.0.2.1").with(HeaderName::ReferTo, "<sip:300@192.0.2.1>");
                self.caller.say(&mut self.lab, &refer);
            }
            _ => self.caller.say(&mut self.lab, &invite),
        }
    }

    /// Takes what was sent and told, and holds every event against the legs that live.
    fn look(&mut self) {
        for at in [self.caller.at, self.desk.at] {
            for message in self.lab.messages(at) {
                match message {
                    Message::Request(request) if request.method == Method::Ack => {}
                    Message::Request(request) => self.questions.push(request),
                    Message::Response(response) => self.answers.push(response),
                }
            }
        }
        for event in self.lab.events() {
            match event {
                Event::Invited { leg, .. } => {
                    assert!(self.alive.insert(leg), "an id came twice");
                    self.legs.push(leg);
                }
                Event::Ended { leg, .. } => assert!(self.alive.remove(&leg), "{leg:?} ended without living"),
                Event::Ringing { leg }
                | Event::EarlyMedia { leg, .. }
                | Event::Answered { leg, .. }
                | Event::MediaChanged { leg, .. }
                | Event::MediaChangeRefused { leg, .. }
                | Event::Referred { leg, .. }
                | Event::Digit { leg, .. } => {
                    assert!(self.alive.contains(&leg), "{leg:?} is heard of after its end");
                }
                Event::Traced(_)
                | Event::Registered { .. }
                | Event::Unregistered { .. }
                | Event::BindingsChanged { .. }
                | Event::RegisteredElsewhere { .. }
                | Event::RegistrationRefused { .. }
                | Event::TrunkAnswers { .. }
                | Event::Refused { .. } => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn every_leg_ends_once_and_last(turns in prop::collection::vec(turn(), 1..60)) {
        let mut world = World::new();
        turns.iter().for_each(|turn| world.play(turn));
        for leg in world.alive.clone() {
            world.lab.order(Command::HangUp { leg, cause: HangUpCause::Normal });
        }
        world.look();
        prop_assert!(world.alive.is_empty(), "legs that hanging up did not end: {:?}", world.alive);
        world.lab.order(Command::SetAccounts(vec![]));
        world.lab.wait(seconds(1000));
        world.look();
        prop_assert_eq!(world.lab.ua_timer(), None, "something is left of the calls");
    }
}
