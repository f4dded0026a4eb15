use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use carillon_call::{Call, Control, Effect, Event, FeatureOutcome, Keys, LegEnd, Newcomer, Onward, Supervise};
use carillon_model::{
    AcdToCall, CallToAcd, EndedBy, Ending, Fact, IdSource, LegId, Now, Number, OfferId, OfferOutcome, Origin, PhoneId, PlayId, QueueExit,
    Reason, RecordingId, Refusal, Supervision, TicketId,
};
use proptest::{prelude::*, sample::Index};

use crate::kit::{
    Watch, beginning,
    site::{self, agent, phone},
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    /// Whatever comes in whatever order: no panic, no effect for a leg that has ended, one end a leg and one a call, nothing after
    /// the end, every phone that was taken released, every waiting left.
    #[test]
    fn any_order_of_events_ends_once(dialled in dialled(), steps in prop::collection::vec(step(), 0..60)) {
        let mut run = Run::new(dialled);
        for step in steps {
            run.step(&step);
        }
        run.end();
    }
}

#[derive(Debug, Clone, Copy)]
enum Dialled {
    Trunk(&'static str),
    Phone(&'static str),
    Click(&'static str),
}

/// One event; which of the legs, offers and plays there are is drawn by index.
#[derive(Debug, Clone)]
enum Step {
    Commit,
    Ring(Index),
    Early(Index),
    Answer(Index),
    LegEnds(Index, LegEnd, Reason),
    Digit(char),
    PlayEnds(Index, bool),
    MediaLost(Index),
    Offer(&'static str),
    Withdraw(Index, OfferOutcome),
    Grant(Index),
    Refuse(Index, Refusal),
    Exit(Index, QueueExit),
    Reserve(Index, bool),
    Controls(&'static str, Control),
    Supervises(&'static str, Supervision),
    StopsSupervising(&'static str),
    Holds(Index, bool),
    Replaces(Index),
    GivesAway(Index),
    Adopts(Index),
    HangUp(EndedBy),
    Feature(FeatureOutcome),
    Drain,
    FileCloses,
    Wait(u64),
}

fn dialled() -> impl Strategy<Value = Dialled> {
    let trunk = prop::sample::select(vec!["5000", "5001", "5002", "5003", "5004", "5005", "5006", "5007", "7777"]);
    let phone =
        prop::sample::select(vec!["1001", "1002", "5000", "5001", "5003", "5005", "+390255555555", "+442055555555", "*45", "*47", "7777"]);
    let click = prop::sample::select(vec!["1002", "+442055555555", "+390255555555", "+4533333333", "112"]);
    prop_oneof![trunk.prop_map(Dialled::Trunk), phone.prop_map(Dialled::Phone), click.prop_map(Dialled::Click)]
}

/// Weighted so that many runs get as far as a talk.
fn step() -> impl Strategy<Value = Step> {
    let end = prop::sample::select(vec![LegEnd::Remote, LegEnd::Local, LegEnd::Network]);
    let reasons =
        vec![Reason::HungUp, Reason::Cancelled, Reason::Busy, Reason::NoAnswer, Reason::Rejected, Reason::Unreachable, Reason::PeerLost];
    let outcomes = vec![
        OfferOutcome::NoAnswer,
        OfferOutcome::Declined,
        OfferOutcome::CallerGone,
        OfferOutcome::AnsweredElsewhere,
        OfferOutcome::Withdrawn,
    ];
    let refusals = vec![Refusal::Expired, Refusal::Taken, Refusal::Withdrawn, Refusal::Unknown];
    let exits = vec![QueueExit::Timeout, QueueExit::Full, QueueExit::NoAgents, QueueExit::Ended];
    let phones = vec!["1001", "1002", "1003"];
    prop_oneof![
        6 => Just(Step::Commit),
        3 => any::<Index>().prop_map(Step::Ring),
        2 => any::<Index>().prop_map(Step::Early),
        8 => any::<Index>().prop_map(Step::Answer),
        2 => (any::<Index>(), end, prop::sample::select(reasons)).prop_map(|(leg, end, reason)| Step::LegEnds(leg, end, reason)),
        2 => prop::sample::select(vec!['1', '2', '9', '#']).prop_map(Step::Digit),
        8 => (any::<Index>(), prop::bool::weighted(0.8)).prop_map(|(play, completed)| Step::PlayEnds(play, completed)),
        1 => any::<Index>().prop_map(Step::MediaLost),
        6 => prop::sample::select(phones).prop_map(Step::Offer),
        2 => (any::<Index>(), prop::sample::select(outcomes)).prop_map(|(offer, outcome)| Step::Withdraw(offer, outcome)),
        6 => any::<Index>().prop_map(Step::Grant),
        2 => (any::<Index>(), prop::sample::select(refusals)).prop_map(|(offer, why)| Step::Refuse(offer, why)),
        1 => (any::<Index>(), prop::sample::select(exits)).prop_map(|(ticket, exit)| Step::Exit(ticket, exit)),
        5 => (prop::sample::select(vec!["1001", "1002", "1003"]), control()).prop_map(|(phone, control)| Step::Controls(phone, control)),
        3 => (prop::sample::select(vec!["1002", "1003"]), supervision()).prop_map(|(phone, mode)| Step::Supervises(phone, mode)),
        1 => prop::sample::select(vec!["1002", "1003"]).prop_map(Step::StopsSupervising),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(leg, holds)| Step::Holds(leg, holds)),
        2 => any::<Index>().prop_map(Step::Replaces),
        1 => any::<Index>().prop_map(Step::GivesAway),
        1 => any::<Index>().prop_map(Step::Adopts),
        1 => prop::sample::select(vec![EndedBy::Supervisor, EndedBy::Agent]).prop_map(Step::HangUp),
        1 => prop::sample::select(vec![FeatureOutcome::Done, FeatureOutcome::Wrong, FeatureOutcome::Refused]).prop_map(Step::Feature),
        1 => Just(Step::Drain),
        4 => (any::<Index>(), prop::bool::weighted(0.8)).prop_map(|(phone, free)| Step::Reserve(phone, free)),
        1 => Just(Step::FileCloses),
        2 => prop::sample::select(vec![1, 3, 30, 200]).prop_map(Step::Wait),
    ]
}

fn supervision() -> impl Strategy<Value = Supervision> {
    prop::sample::select(vec![Supervision::Listen, Supervision::Whisper, Supervision::Barge])
}

fn control() -> impl Strategy<Value = Control> {
    let onward = |number: &str| Onward::To(site::leads_to("1001", number).expect("it leads somewhere"));
    let consult = |number: &str| Control::Consult(site::leads_to("1001", number).expect("it leads somewhere"));
    prop::sample::select(vec![
        Control::Hold,
        Control::Resume,
        Control::Transfer(Onward::Queue("orders".into())),
        Control::Transfer(onward("1002")),
        Control::Transfer(onward("1003")),
        Control::Transfer(onward("+4533333333")),
        consult("1002"),
        consult("1003"),
        consult("+4533333333"),
        consult("112"),
        Control::Transfer(Onward::Step { step: "anna".into(), number: Number::new("5004") }),
        Control::Transfer(Onward::Step { step: "nowhere".into(), number: Number::new("5006") }),
        Control::HangUp,
        Control::Swap,
        Control::Swap,
        Control::Complete,
        Control::Complete,
        Control::CancelConsult,
        Control::ThreeWay,
        Control::ThreeWay,
        Control::Press(Keys::new("12#").expect("keys")),
    ])
}

struct Run {
    call: Call,
    now: Now,
    watch: Watch,
    legs: Vec<LegId>,
    legs_gone: BTreeSet<LegId>,
    plays: Vec<(LegId, PlayId)>,
    offers: Vec<(OfferId, PhoneId)>,
    claims: BTreeSet<OfferId>,
    tickets: Vec<TicketId>,
    waiting: BTreeSet<TicketId>,
    holds_by_phone: BTreeMap<PhoneId, i32>,
    reservations: Vec<PhoneId>,
    recording: Option<RecordingId>,
}

impl Run {
    fn new(dialled: Dialled) -> Self {
        Self::with_seed(dialled, 3)
    }

    fn with_seed(dialled: Dialled, seed: u64) -> Self {
        let setup = match dialled {
            Dialled::Trunk(called) => site::setup(Origin::Trunk(site::LAB), "+390212345678", called),
            Dialled::Phone(called) => site::setup(Origin::Phone(phone("1001")), "1001", called),
            Dialled::Click(called) => site::clicked("1001", called, None).expect("a number the agent may dial"),
        };
        let now = beginning();
        let mut run = Self {
            call: Call::new(now, setup, IdSource::new(seed)),
            now,
            watch: Watch::default(),
            legs: Vec::new(),
            legs_gone: BTreeSet::new(),
            plays: Vec::new(),
            offers: Vec::new(),
            claims: BTreeSet::new(),
            tickets: Vec::new(),
            waiting: BTreeSet::new(),
            holds_by_phone: BTreeMap::new(),
            reservations: Vec::new(),
            recording: None,
        };
        run.drain();
        run
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Commit => {
                self.watch.committed();
                self.event(Event::Committed);
            }
            // Of a click there is no leg at first.
            Step::Ring(_)
            | Step::Early(_)
            | Step::Answer(_)
            | Step::LegEnds(..)
            | Step::Digit(_)
            | Step::MediaLost(_)
            | Step::Holds(..)
            | Step::Replaces(_)
            | Step::GivesAway(_)
            | Step::Adopts(_)
                if self.legs.is_empty() => {}
            Step::Ring(leg) => self.event(Event::LegRinging { leg: *leg.get(&self.legs) }),
            Step::Early(leg) => self.event(Event::LegEarly { leg: *leg.get(&self.legs) }),
            Step::Answer(leg) => self.event(Event::LegAnswered { leg: *leg.get(&self.legs) }),
            Step::LegEnds(leg, by, reason) => self.leg_ends(*leg.get(&self.legs), *by, *reason),
            Step::Holds(leg, holds) => self.event(Event::LegHolds { leg: *leg.get(&self.legs), holds: *holds }),
            Step::Replaces(_) | Step::GivesAway(_) | Step::Adopts(_) if self.call.is_over() => {}
            Step::Replaces(old) => {
                let newcomer = LegId::from_u128(0xE000 + self.legs.len() as u128);
                let origin = Origin::Phone(phone("1003"));
                let newcomer = Newcomer { leg: newcomer, origin, party: Number::new("1003"), agent: Some(agent("1003")) };
                // Refused as often as not, as the two that follow.
                let _ = self.call.replace(self.now, *old.get(&self.legs), newcomer);
                self.drain();
            }
            Step::GivesAway(own) => self.gives_away(*own.get(&self.legs)),
            Step::Adopts(own) => {
                let mut other = Self::with_seed(Dialled::Phone("1002"), 4);
                other.step(&Step::Commit);
                other.event(Event::Acd(AcdToCall::Reserved { phone: phone("1002"), agent: Some(agent("1002")) }));
                for leg in other.legs.clone().into_iter().rev() {
                    other.event(Event::LegAnswered { leg });
                }
                let party = other.call.give_away(other.now, other.legs[0], Number::new("1001")).expect("they talk");
                if !self.legs.contains(&party.leg) {
                    let _ = self.call.adopt(self.now, *own.get(&self.legs), party);
                    self.drain();
                }
            }
            Step::Controls(phone, control) => {
                if !self.call.is_over() {
                    // Refused as often as not.
                    let _ = self.call.control(self.now, agent(phone), control.clone());
                    self.drain();
                }
            }
            Step::Supervises(_, _) | Step::StopsSupervising(_) if self.call.is_over() => {}
            Step::Supervises(name, mode) => {
                let wanted = Supervise::Begin { phone: phone(name), number: Number::new(*name), mode: *mode };
                let _ = self.call.supervise(self.now, agent(name).into(), wanted);
                self.drain();
            }
            Step::StopsSupervising(name) => {
                let _ = self.call.supervise(self.now, agent(name).into(), Supervise::Stop);
                self.drain();
            }
            Step::Digit(digit) => self.event(Event::Digit { leg: self.legs[0], digit: *digit }),
            Step::PlayEnds(play, completed) => {
                if !self.plays.is_empty() {
                    let (leg, play) = *play.get(&self.plays);
                    self.event(Event::PlayEnded { leg, play, completed: *completed });
                }
            }
            Step::MediaLost(leg) => self.event(Event::MediaLost { leg: *leg.get(&self.legs) }),
            Step::Offer(name) => self.offer(name),
            Step::Withdraw(offer, outcome) => {
                if let Some(offer) = self.about_offer(offer, |offer| AcdToCall::Withdraw { offer, outcome: *outcome }) {
                    self.claims.remove(&offer);
                }
            }
            Step::Grant(offer) => self.grant(offer),
            Step::Refuse(offer, why) => {
                if let Some(offer) = self.about_offer(offer, |offer| AcdToCall::Refused { offer, why: *why }) {
                    self.claims.remove(&offer);
                }
            }
            Step::Exit(ticket, exit) => self.exit(ticket, *exit),
            Step::Reserve(phone, free) => self.reserve(phone, *free),
            Step::HangUp(by) => self.event(Event::HangUp { ending: Ending::new(*by, Reason::HungUp) }),
            Step::Feature(outcome) => self.event(Event::FeatureDone(*outcome)),
            Step::Drain => self.event(Event::Drain),
            Step::FileCloses => self.file_closes(),
            Step::Wait(seconds) => self.wait(*seconds),
        }
    }

    /// Lets everything come to its end as a driver would, then looks whether it did.
    fn end(mut self) {
        self.event(Event::Drain);
        for leg in self.legs.clone() {
            self.leg_ends(leg, LegEnd::Local, Reason::HungUp);
        }
        self.file_closes();
        assert!(self.call.is_over(), "every leg is gone and the call goes on: {:?}", self.call);
        assert_eq!(self.call.poll_timeout(), None);
        assert!(self.waiting.is_empty(), "a waiting was never left");
        assert!(self.holds_by_phone.values().all(|holds| *holds == 0), "phones taken and not released: {:?}", self.holds_by_phone);
        let known = self.legs.clone();
        for leg in known {
            self.event(Event::LegAnswered { leg });
            self.event(Event::MediaLost { leg });
        }
        self.offer("1003");
        self.wait(600);
    }

    fn gives_away(&mut self, own: LegId) {
        if let Ok(party) = self.call.give_away(self.now, own, Number::new("1002")) {
            self.drain();
            self.legs_gone.insert(party.leg);
            self.watch.leg_gone(party.leg);
            // The other call releases it.
            if let Some(holds) = party.phone().and_then(|phone| self.holds_by_phone.get_mut(&phone)) {
                *holds -= 1;
            }
        }
    }

    fn offer(&mut self, name: &str) {
        let Some(ticket) = self.tickets.last().copied() else { return };
        let offer = OfferId::from_u128(self.offers.len() as u128 + 1);
        self.offers.push((offer, phone(name)));
        let until = self.now.mono + Duration::from_secs(15);
        self.event(Event::Acd(AcdToCall::Offer { offer, ticket, agent: agent(name), phone: phone(name), until }));
    }

    fn grant(&mut self, offer: &Index) {
        if self.offers.is_empty() || self.call.is_over() {
            return;
        }
        let (offer, phone) = *offer.get(&self.offers);
        // `acd` grants only what was claimed, once, and one offer a ticket.
        if self.claims.remove(&offer) {
            *self.holds_by_phone.entry(phone).or_default() += 1;
            self.waiting.clear();
        }
        self.event(Event::Acd(AcdToCall::Granted { offer }));
    }

    /// `acd` answers what was asked, once; an answer that comes when the call is over finds nobody, and `CallGone` undoes it.
    fn reserve(&mut self, phone: &Index, free: bool) {
        if self.reservations.is_empty() || self.call.is_over() {
            return;
        }
        let phone = self.reservations.swap_remove(phone.index(self.reservations.len()));
        if free {
            *self.holds_by_phone.entry(phone).or_default() += 1;
            self.event(Event::Acd(AcdToCall::Reserved { phone, agent: site::agent_at(phone) }));
        } else {
            self.event(Event::Acd(AcdToCall::Busy { phone }));
        }
    }

    fn exit(&mut self, ticket: &Index, exit: QueueExit) {
        if !self.tickets.is_empty() {
            let ticket = *ticket.get(&self.tickets);
            self.waiting.remove(&ticket);
            self.event(Event::Acd(AcdToCall::Exit { ticket, exit }));
        }
    }

    fn about_offer(&mut self, offer: &Index, message: impl Fn(OfferId) -> AcdToCall) -> Option<OfferId> {
        if self.offers.is_empty() {
            return None;
        }
        let (offer, _) = *offer.get(&self.offers);
        self.event(Event::Acd(message(offer)));
        Some(offer)
    }

    fn leg_ends(&mut self, leg: LegId, by: LegEnd, reason: Reason) {
        if self.legs_gone.insert(leg) {
            self.watch.leg_gone(leg);
            self.event(Event::LegEnded { leg, by, status: None, reason, quality: None });
        }
    }

    fn file_closes(&mut self) {
        if let Some(recording) = self.recording {
            self.event(Event::RecordingClosed { recording, length_ms: 1_000, bytes: 32_044, gap_ms: 0, error: None });
        }
    }

    fn wait(&mut self, seconds: u64) {
        let time = Duration::from_secs(seconds);
        self.now = Now { mono: self.now.mono + time, wall: self.now.wall + time };
        self.call.handle_timeout(self.now);
        self.drain();
        assert!(self.call.poll_timeout().is_none_or(|due| due > self.now.mono), "due and not done");
    }

    fn event(&mut self, event: Event) {
        self.call.handle_event(self.now, event);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.call.poll_effect() {
            self.watch.effect(&effect);
            match effect {
                Effect::Fact(Fact::LegStarted { leg, .. }) => self.legs.push(leg),
                Effect::Play { leg, play, .. } | Effect::PlayMusic { leg, play, .. } => self.plays.push((leg, play)),
                Effect::StartRecording { recording, .. } => self.recording = Some(recording),
                Effect::Acd(CallToAcd::Join { ticket, .. }) => {
                    self.tickets.push(ticket);
                    self.waiting.insert(ticket);
                }
                Effect::Acd(CallToAcd::Leave { ticket, .. }) => assert!(self.waiting.remove(&ticket), "left what was not waited in"),
                Effect::Acd(CallToAcd::Answered { offer }) => assert!(self.claims.insert(offer), "claimed twice"),
                Effect::Acd(CallToAcd::Reserve { phone, .. }) => self.reservations.push(phone),
                Effect::Acd(CallToAcd::PhoneBusy { phone }) => *self.holds_by_phone.entry(phone).or_default() += 1,
                Effect::Acd(CallToAcd::PhoneFree { phone }) => *self.holds_by_phone.entry(phone).or_default() -= 1,
                _ => {}
            }
        }
    }
}
