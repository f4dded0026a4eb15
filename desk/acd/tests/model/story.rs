//! Random hours: what people and phones do, step by step, played to the engine and to the model.

use std::time::{Duration, Instant};

use carillon_acd::{Acd, Effect, Event, Setup};
use carillon_model::{
    AcdToCall, Agent, AgentId, AutoAnswer, CallId, CallToAcd, DialRights, EndedBy, Fact, Membership, Now, Number, OfferId, OfferOutcome,
    PauseId, Phone, PhoneId, Queue, QueueExit, QueueId, RecordingPolicy, Refusal, Strategy as Choice, TicketId, Typology,
};
use proptest::prelude::*;

use crate::reference::Reference;

pub(crate) const AGENTS: u128 = 4;
const PHONES: u128 = 4;
const CALLERS: usize = 6;
const QUEUES: u128 = 2;

/// One thing that happens. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Wait(u64),
    LogIn(u128, u128, Option<u128>),
    LogOut(u128),
    Pause(u128, u128),
    PauseIn(u128, u128, u128),
    ResumeIn(u128, u128),
    Resume(u128),
    EndWrapUp(u128),
    Decline(u128),
    PhoneUp(u128),
    PhoneDown(u128),
    Join { caller: usize, queue: u128, priority: i32, wait_for_nobody: bool },
    HangUp { caller: usize, says_so: bool },
    Answer(u128),
    Fail(u128, OfferOutcome),
    EndTalk(u128),
    PhoneBusy { caller: usize, phone: u128 },
    PhoneFree { caller: usize, phone: u128 },
    Reserve { caller: usize, phone: u128, is_called: bool },
    PhoneAnswered { caller: usize, phone: u128 },
    Worked { caller: usize, phone: u128, queue: Option<u128> },
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let agent = || 0..AGENTS;
    let phone = || 0..PHONES;
    let caller = || 0..CALLERS;
    let failure = prop_oneof![
        2 => Just(OfferOutcome::NoAnswer),
        1 => Just(OfferOutcome::Busy),
        2 => Just(OfferOutcome::Declined),
        1 => Just(OfferOutcome::Unreachable),
        1 => Just(OfferOutcome::Withdrawn),
    ];
    let step = prop_oneof![
        6 => prop_oneof![Just(0), Just(1), Just(999), Just(1_000), Just(5_000), Just(15_000), 0..40_000_u64].prop_map(Step::Wait),
        5 => (agent(), phone(), prop_oneof![3 => Just(None), 1 => (0..2_u128).prop_map(Some)])
            .prop_map(|(agent, phone, pause)| Step::LogIn(agent, phone, pause)),
        1 => agent().prop_map(Step::LogOut),
        1 => (agent(), 0..2_u128).prop_map(|(agent, pause)| Step::Pause(agent, pause)),
        1 => (agent(), 0..QUEUES, 0..2_u128).prop_map(|(agent, queue, pause)| Step::PauseIn(agent, queue, pause)),
        1 => (agent(), 0..QUEUES).prop_map(|(agent, queue)| Step::ResumeIn(agent, queue)),
        3 => agent().prop_map(Step::Resume),
        1 => agent().prop_map(Step::EndWrapUp),
        1 => agent().prop_map(Step::Decline),
        2 => phone().prop_map(Step::PhoneUp),
        1 => phone().prop_map(Step::PhoneDown),
        8 => (caller(), 0..QUEUES, prop_oneof![4 => Just(0), 1 => Just(5)], any::<bool>())
            .prop_map(|(caller, queue, priority, wait_for_nobody)| Step::Join { caller, queue, priority, wait_for_nobody }),
        2 => (caller(), any::<bool>()).prop_map(|(caller, says_so)| Step::HangUp { caller, says_so }),
        6 => agent().prop_map(Step::Answer),
        2 => (agent(), failure).prop_map(|(agent, outcome)| Step::Fail(agent, outcome)),
        3 => agent().prop_map(Step::EndTalk),
        1 => (caller(), phone()).prop_map(|(caller, phone)| Step::PhoneBusy { caller, phone }),
        2 => (caller(), phone()).prop_map(|(caller, phone)| Step::PhoneFree { caller, phone }),
        2 => (caller(), phone(), any::<bool>()).prop_map(|(caller, phone, is_called)| Step::Reserve { caller, phone, is_called }),
        2 => (caller(), phone()).prop_map(|(caller, phone)| Step::PhoneAnswered { caller, phone }),
        2 => (caller(), phone(), prop::option::of(0..QUEUES)).prop_map(|(caller, phone, queue)| Step::Worked { caller, phone, queue }),
    ];
    // A day begins with phones on and somebody at work; else most of it would be refusals.
    prop::collection::vec(step, 1..120).prop_map(|mut steps| {
        let morning = [Step::PhoneUp(0), Step::PhoneUp(1), Step::PhoneUp(2), Step::LogIn(0, 0, None), Step::LogIn(1, 1, None)];
        steps.splice(0..0, morning);
        steps
    })
}

/// How often what mattered happened.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) grants: u32,
    pub(crate) expired: u32,
    pub(crate) taken: u32,
    pub(crate) auto_pauses: u32,
    pub(crate) timeouts: u32,
    pub(crate) no_agents: u32,
    pub(crate) full: u32,
    pub(crate) requeues: u32,
}

impl Seen {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            grants: self.grants + other.grants,
            expired: self.expired + other.expired,
            taken: self.taken + other.taken,
            auto_pauses: self.auto_pauses + other.auto_pauses,
            timeouts: self.timeouts + other.timeouts,
            no_agents: self.no_agents + other.no_agents,
            full: self.full + other.full,
            requeues: self.requeues + other.requeues,
        }
    }
}

pub(crate) struct Story {
    acd: Acd,
    now: Now,
    reference: Reference,
    /// Each caller's present call; a caller who hung up calls anew.
    calls: [CallId; CALLERS],
    next_call: u128,
    last_offers: Vec<Option<(CallId, OfferId)>>,
    pub(crate) seen: Seen,
}

pub(crate) fn agent(at: u128) -> AgentId {
    AgentId::from_u128(at + 1)
}

fn phone(at: u128) -> PhoneId {
    PhoneId::from_u128(at + 1)
}

fn queue(at: u128) -> QueueId {
    QueueId::from_u128(at + 1)
}

/// Every call has one ticket.
fn ticket_of(call: CallId) -> TicketId {
    TicketId::from_u128(call.as_u128())
}

fn setup(ring_all: bool) -> Setup {
    let queue_of = |at: u128| Queue {
        id: queue(at),
        name: format!("queue-{at}"),
        label: format!("Queue {at}"),
        strategy: if ring_all && at == 0 { Choice::RingAll } else { Choice::LongestIdle },
        offer_ms: 15_000,
        wrapup_ms: if at == 0 { 10_000 } else { 0 },
        misses_pause: if at == 0 { 2 } else { 0 },
        max_wait_ms: (at == 0).then_some(60_000),
        max_waiting: 3,
        music: "hold".to_owned(),
        recording: RecordingPolicy::default(),
        caller_id: None,
        keep_recordings_days: None,
    };
    let agent_of = |at: u128| {
        let number = Number::new(format!("20{at}"));
        (
            agent(at),
            Agent {
                number,
                typology: Typology::External,
                wrapup_ms: (at == 3).then_some(3_000),
                dials: DialRights::usual(),
                caller_id: None,
                remote_control: true,
                alias: None,
                parts: carillon_model::Parts::default(),
                logs_in_paused: false,
            },
        )
    };
    let phone_of = |at: u128| Phone {
        id: phone(at),
        name: format!("100{at}"),
        label: format!("Desk {at}"),
        any_media_source: false,
        auto_answer: AutoAnswer::Off,
        dials: DialRights::inside(),
        media_security: carillon_model::MediaSecurity::default(),
    };
    // Agents 0, 1 and 3 work in the first queue, 2 as a second choice; 3 in the second, 0 as a second choice.
    let memberships = [(0, 0, 1), (0, 1, 1), (0, 2, 2), (0, 3, 1), (1, 0, 2), (1, 3, 1)];
    Setup {
        queues: (0..QUEUES).map(queue_of).collect(),
        agents: (0..AGENTS).map(agent_of).collect(),
        memberships: memberships
            .iter()
            .map(|(of, who, priority)| Membership { queue: queue(*of), agent: agent(*who), priority: *priority })
            .collect(),
        phones: (0..PHONES).map(phone_of).collect(),
        restart_wrapup_ms: 10_000,
        outside_wrapup_ms: 7_000,
        release_unreachable_ms: Some(45_000),
    }
}

impl Story {
    pub(crate) fn new(ring_all: bool) -> Self {
        #[expect(clippy::disallowed_methods, reason = "an Instant can be had no other way; from here on it goes by hand")]
        let start = Instant::now();
        let mut story = Self {
            acd: Acd::new(7),
            now: Now { mono: start, wall: "2026-11-20T10:00:00Z".parse().expect("a time") },
            reference: Reference::new(setup(ring_all)),
            calls: std::array::from_fn(|at| CallId::from_u128(at as u128 + 1)),
            next_call: 100,
            last_offers: vec![None; AGENTS as usize],
            seen: Seen::default(),
        };
        story.event(Event::Configure(setup(ring_all)));
        story
    }

    pub(crate) fn live(&mut self, step: &Step) {
        match *step {
            Step::Wait(ms) => self.wait(ms),
            Step::LogIn(who, with, why) => {
                let pause = why.map(|why| PauseId::from_u128(why + 1));
                let expected = self.reference.log_in(agent(who), phone(with), pause);
                let done = self.acd.log_in(self.now, agent(who), phone(with), pause);
                assert_eq!(done.is_ok(), expected, "{done:?}");
            }
            Step::LogOut(who) => {
                let expected = self.reference.log_out(agent(who));
                assert_eq!(self.acd.log_out(self.now, agent(who), EndedBy::Agent).is_ok(), expected);
            }
            Step::Pause(who, why) => {
                let expected = self.reference.pause(agent(who), PauseId::from_u128(why + 1));
                assert_eq!(self.acd.pause(self.now, agent(who), PauseId::from_u128(why + 1)).is_ok(), expected);
            }
            Step::PauseIn(who, of, why) => {
                let expected = self.reference.pause_in(agent(who), queue(of), PauseId::from_u128(why + 1));
                let done = self.acd.pause_in(self.now, agent(who), queue(of), PauseId::from_u128(why + 1));
                assert_eq!(done.is_ok(), expected, "{done:?}");
            }
            Step::ResumeIn(who, of) => {
                let expected = self.reference.resume_in(agent(who), queue(of));
                assert_eq!(self.acd.resume_in(self.now, agent(who), queue(of)).is_ok(), expected);
            }
            Step::Resume(who) => {
                let expected = self.reference.resume(agent(who));
                assert_eq!(self.acd.resume(self.now, agent(who)).is_ok(), expected);
            }
            Step::EndWrapUp(who) => {
                let expected = self.reference.end_wrap_up(self.now.mono, agent(who));
                assert_eq!(self.acd.end_wrap_up(self.now, agent(who)).is_ok(), expected);
            }
            Step::Decline(who) => self.decline(who),
            Step::PhoneUp(which) => {
                self.reference.phone_up(phone(which));
                self.acd.handle_event(self.now, Event::PhoneReachable { phone: phone(which) });
            }
            Step::PhoneDown(which) => {
                self.reference.phone_down(phone(which));
                self.acd.handle_event(self.now, Event::PhoneUnreachable { phone: phone(which) });
            }
            Step::Join { caller, queue: at, priority, wait_for_nobody } => self.join(caller, queue(at), priority, wait_for_nobody),
            Step::HangUp { caller, says_so } => self.hang_up(caller, says_so),
            Step::Answer(who) => {
                if let Some((call, offer)) = self.last_offers[who as usize] {
                    self.reference.claim(self.now.mono, call, offer);
                    self.says(call, CallToAcd::Answered { offer });
                }
            }
            Step::Fail(who, outcome) => {
                if let Some((call, offer)) = self.last_offers[who as usize] {
                    self.reference.call_failed_offer(offer, outcome);
                    self.says(call, CallToAcd::Failed { offer, outcome });
                }
            }
            Step::EndTalk(who) => {
                if let Some((call, phone)) = self.reference.talk_of(agent(who)) {
                    self.phone_free(call, phone);
                }
            }
            Step::PhoneBusy { caller, phone: which } => {
                self.reference.phone_busy(self.calls[caller], phone(which));
                self.says(self.calls[caller], CallToAcd::PhoneBusy { phone: phone(which) });
            }
            Step::PhoneFree { caller, phone: which } => self.phone_free(self.calls[caller], phone(which)),
            Step::Reserve { caller, phone: which, is_called } => {
                self.reference.reserve(self.calls[caller], phone(which), is_called);
                self.says(self.calls[caller], CallToAcd::Reserve { phone: phone(which), is_called });
            }
            Step::PhoneAnswered { caller, phone: which } => {
                self.reference.phone_answered(self.calls[caller], phone(which));
                self.says(self.calls[caller], CallToAcd::PhoneAnswered { phone: phone(which) });
            }
            Step::Worked { caller, phone: which, queue: of } => {
                let (call, phone, queue) = (self.calls[caller], phone(which), of.map(queue));
                self.reference.worked(self.now.mono, call, phone, queue);
                self.says(call, CallToAcd::Worked { phone, queue });
            }
        }
        self.listen();
    }

    pub(crate) fn end_all_calls(&mut self) {
        for caller in 0..CALLERS {
            self.hang_up(caller, true);
            self.listen();
        }
        self.wait(120_000);
        self.listen();
        assert!(self.acd.waiting().is_empty());
        assert_eq!(self.acd.poll_timeout(), None, "nothing is left to wait for");
    }

    fn wait(&mut self, ms: u64) {
        let end = self.now.mono + Duration::from_millis(ms);
        let mut wakes = 0;
        while let Some(at) = self.acd.poll_timeout().filter(|at| *at <= end) {
            self.set_clock(at);
            self.acd.handle_timeout(self.now);
            self.listen();
            wakes += 1;
            assert!(wakes < 1_000, "the engine spins");
        }
        self.set_clock(end);
        // Waking it for nothing must change nothing.
        self.acd.handle_timeout(self.now);
    }

    fn set_clock(&mut self, to: Instant) {
        let passed = to.duration_since(self.now.mono);
        self.now = Now { mono: to, wall: self.now.wall.checked_add(passed).expect("in range") };
    }

    fn join(&mut self, caller: usize, queue: QueueId, priority: i32, wait_for_nobody: bool) {
        let call = self.calls[caller];
        let ticket = ticket_of(call);
        self.seen.requeues += u32::from(self.reference.join(self.now.mono, call, ticket, queue, priority, wait_for_nobody));
        self.says(call, CallToAcd::Join { ticket, queue, priority, wait_for_nobody });
    }

    fn hang_up(&mut self, caller: usize, says_so: bool) {
        let call = self.calls[caller];
        if says_so {
            self.reference.leave(ticket_of(call));
            self.says(call, CallToAcd::Leave { ticket: ticket_of(call), exit: QueueExit::Abandoned });
            self.listen();
        }
        self.reference.call_gone(self.now.mono, call);
        self.acd.handle_event(self.now, Event::CallGone { call });
        for last in self.last_offers.iter_mut().filter(|last| last.is_some_and(|(of, _)| of == call)) {
            *last = None;
        }
        self.calls[caller] = CallId::from_u128(self.next_call);
        self.next_call += 1;
    }

    fn decline(&mut self, who: u128) {
        let Some((_, offer)) = self.last_offers[who as usize] else { return };
        let expected = self.reference.decline(agent(who), offer);
        assert_eq!(self.acd.decline(self.now, agent(who), offer).is_ok(), expected);
    }

    fn phone_free(&mut self, call: CallId, phone: PhoneId) {
        self.reference.phone_free(self.now.mono, call, phone);
        self.says(call, CallToAcd::PhoneFree { phone });
    }

    fn says(&mut self, call: CallId, message: CallToAcd) {
        self.event(Event::FromCall { call, message });
    }

    fn event(&mut self, event: Event) {
        self.acd.handle_event(self.now, event);
    }

    /// Lets the model judge all that was said, and then what is left standing.
    fn listen(&mut self) {
        while let Some(effect) = self.acd.poll_effect() {
            match &effect {
                Effect::ToCall { call, message } => {
                    self.note(*call, message);
                    self.reference.hear(self.now.mono, *call, message);
                }
                Effect::Fact(fact) => {
                    if let Fact::AgentStateChanged { why: Some(carillon_model::Reason::NoAnswer), .. } = fact {
                        self.seen.auto_pauses += 1;
                    }
                    self.reference.read(self.now, fact);
                }
            }
        }
        self.reference.at_rest(self.now.mono);
        self.reference.agrees_with_views(&self.acd);
    }

    fn note(&mut self, call: CallId, message: &AcdToCall) {
        match message {
            AcdToCall::Offer { offer, agent, .. } => self.last_offers[agent.as_u128() as usize - 1] = Some((call, *offer)),
            AcdToCall::Granted { .. } => self.seen.grants += 1,
            AcdToCall::Refused { why: Refusal::Expired, .. } => self.seen.expired += 1,
            AcdToCall::Refused { why: Refusal::Taken, .. } => self.seen.taken += 1,
            AcdToCall::Exit { exit: QueueExit::Timeout, .. } => self.seen.timeouts += 1,
            AcdToCall::Exit { exit: QueueExit::NoAgents, .. } => self.seen.no_agents += 1,
            AcdToCall::Exit { exit: QueueExit::Full, .. } => self.seen.full += 1,
            _ => {}
        }
    }
}
