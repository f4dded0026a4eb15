//! A site of three agents, three phones and two queues, with a clock of its own.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use carillon_acd::{Acd, AgentView, CommandRefused, Effect, Event, LastKnown, LogInRefused, Setup, Taken};
use carillon_model::{
    AcdToCall, Agent, AgentId, AutoAnswer, CallId, CallToAcd, DialRights, EndedBy, Fact, Membership, Now, Number, OfferId, OfferOutcome,
    PauseId, Phone, PhoneId, Queue, QueueExit, QueueId, RecordingPolicy, Strategy, TicketId, Typology,
};
use jiff::Timestamp;

pub(crate) const AGENTS: [&str; 3] = ["anna", "bruno", "carla"];
pub(crate) const PHONES: [&str; 3] = ["1001", "1002", "1003"];
const CALLERS: [&str; 5] = ["mario", "lucia", "paolo", "elena", "dario"];
const QUEUES: [&str; 2] = ["sales", "support"];
const PAUSES: [&str; 2] = ["lunch", "training"];

pub(crate) struct Site {
    acd: Acd,
    start: Instant,
    now: Now,
    heard: Vec<String>,
    setup: Setup,
    /// The last offer made to each agent, standing or not.
    offers: BTreeMap<AgentId, (CallId, OfferId)>,
    agents_by_offer: BTreeMap<OfferId, AgentId>,
    created: usize,
    ended: usize,
}

fn index(names: &[&str], name: &str) -> u128 {
    let at = names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("nobody is called {name}"));
    u128::try_from(at).expect("a small index") + 1
}

fn name<'a>(names: &[&'a str], bits: u128) -> &'a str {
    names[usize::try_from(bits).expect("one of ours") - 1]
}

pub(crate) fn agent(who: &str) -> AgentId {
    AgentId::from_u128(index(&AGENTS, who))
}

fn phone(which: &str) -> PhoneId {
    PhoneId::from_u128(index(&PHONES, which))
}

fn queue(which: &str) -> QueueId {
    QueueId::from_u128(index(&QUEUES, which))
}

fn call(who: &str) -> CallId {
    CallId::from_u128(index(&CALLERS, who))
}

fn ticket(who: &str) -> TicketId {
    TicketId::from_u128(index(&CALLERS, who))
}

fn pause(why: &str) -> PauseId {
    PauseId::from_u128(index(&PAUSES, why))
}

/// Offers ring 15 s, wrap-up lasts 10 s, three misses pause, ten may wait without limit of time. All agents work in Sales with
/// priority 1, nobody in Support.
pub(crate) fn usual_setup() -> Setup {
    let queues = QUEUES.iter().map(|which| Queue {
        id: queue(which),
        name: (*which).to_owned(),
        label: (*which).to_owned(),
        strategy: Strategy::LongestIdle,
        offer_ms: 15_000,
        wrapup_ms: 10_000,
        misses_pause: 3,
        max_wait_ms: None,
        max_waiting: 10,
        music: "hold".to_owned(),
        recording: RecordingPolicy::default(),
        caller_id: None,
        keep_recordings_days: None,
    });
    let agents = AGENTS.iter().map(|who| {
        let number = Number::new(format!("20{}", agent(who).as_u128()));
        let (typology, dials) = (Typology::External, DialRights::usual());
        (
            agent(who),
            Agent {
                number,
                typology,
                wrapup_ms: None,
                dials,
                caller_id: None,
                remote_control: true,
                alias: None,
                parts: carillon_model::Parts::default(),
                logs_in_paused: false,
            },
        )
    });
    let phones = PHONES.iter().map(|which| Phone {
        id: phone(which),
        name: (*which).to_owned(),
        label: format!("Desk {which}"),
        any_media_source: false,
        auto_answer: AutoAnswer::Off,
        dials: DialRights::inside(),
        media_security: carillon_model::MediaSecurity::default(),
    });
    Setup {
        queues: queues.collect(),
        agents: agents.collect(),
        memberships: AGENTS.iter().map(|who| membership("sales", who, 1)).collect(),
        phones: phones.collect(),
        restart_wrapup_ms: 10_000,
        outside_wrapup_ms: 7_000,
        release_unreachable_ms: None,
    }
}

pub(crate) fn membership(which: &str, who: &str, priority: u32) -> Membership {
    Membership { queue: queue(which), agent: agent(who), priority }
}

impl Site {
    /// The usual site, all phones registered, nobody logged in.
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let mut site = Self::just_started(change);
        for which in PHONES {
            site.phone_reachable(which);
        }
        site
    }

    /// Nothing is known of any phone yet.
    pub(crate) fn just_started(change: impl FnOnce(&mut Setup)) -> Self {
        #[expect(clippy::disallowed_methods, reason = "an Instant can be had no other way; from here on it goes by hand")]
        let start = Instant::now();
        let now = Now { mono: start, wall: "2026-11-20T10:00:00Z".parse().expect("a time") };
        let mut setup = usual_setup();
        change(&mut setup);
        let mut site = Self {
            acd: Acd::new(7),
            start,
            now,
            heard: Vec::new(),
            setup: setup.clone(),
            offers: BTreeMap::new(),
            agents_by_offer: BTreeMap::new(),
            created: 0,
            ended: 0,
        };
        site.event(Event::Configure(setup));
        site
    }

    /// The usual site with these agents logged in, each with the phone of the same place in the list, one second apart.
    pub(crate) fn staffed(who: &[&str]) -> Self {
        Self::staffed_with(who, |_| ())
    }

    pub(crate) fn staffed_with(who: &[&str], change: impl FnOnce(&mut Setup)) -> Self {
        let mut site = Self::with(change);
        for one in who {
            let which = PHONES[usize::try_from(index(&AGENTS, one)).expect("small") - 1];
            site.log_in(one, which).expect("a free phone");
            site.wait(1);
        }
        site.heard.clear();
        site
    }

    pub(crate) fn change_setup(&mut self, change: impl FnOnce(&mut Setup)) {
        change(&mut self.setup);
        self.event(Event::Configure(self.setup.clone()));
    }

    /// Lets time pass, waking the engine exactly when it asks to be.
    pub(crate) fn wait(&mut self, seconds: u64) {
        self.wait_ms(seconds * 1_000);
    }

    pub(crate) fn wait_ms(&mut self, ms: u64) {
        let end = self.now.mono + Duration::from_millis(ms);
        while let Some(at) = self.acd.poll_timeout().filter(|at| *at <= end) {
            self.set_clock(at);
            self.acd.handle_timeout(self.now);
            self.drain();
        }
        self.set_clock(end);
    }

    /// Lets time pass with the engine asleep, as when its driver is late.
    pub(crate) fn oversleep(&mut self, seconds: u64) {
        self.set_clock(self.now.mono + Duration::from_secs(seconds));
    }

    fn set_clock(&mut self, to: Instant) {
        let passed = to.duration_since(self.now.mono);
        self.now = Now { mono: to, wall: self.now.wall.checked_add(passed).expect("in range") };
    }

    pub(crate) fn wall(&self) -> Timestamp {
        self.now.wall
    }

    fn event(&mut self, event: Event) {
        self.acd.handle_event(self.now, event);
        self.drain();
    }

    fn says(&mut self, who: &str, message: CallToAcd) {
        self.event(Event::FromCall { call: call(who), message });
    }

    pub(crate) fn phone_reachable(&mut self, which: &str) {
        self.event(Event::PhoneReachable { phone: phone(which) });
    }

    pub(crate) fn phone_unreachable(&mut self, which: &str) {
        self.event(Event::PhoneUnreachable { phone: phone(which) });
    }

    pub(crate) fn log_in(&mut self, who: &str, with: &str) -> Result<(), LogInRefused> {
        let done = self.acd.log_in(self.now, agent(who), phone(with), None);
        self.drain();
        done
    }

    pub(crate) fn log_in_paused(&mut self, who: &str, with: &str, why: &str) -> Result<(), LogInRefused> {
        let done = self.acd.log_in(self.now, agent(who), phone(with), Some(pause(why)));
        self.drain();
        done
    }

    pub(crate) fn log_out(&mut self, who: &str) -> Result<Taken, CommandRefused> {
        let done = self.acd.log_out(self.now, agent(who), EndedBy::Agent);
        self.drain();
        done
    }

    pub(crate) fn pause(&mut self, who: &str, why: &str) -> Result<Taken, CommandRefused> {
        let done = self.acd.pause(self.now, agent(who), pause(why));
        self.drain();
        done
    }

    pub(crate) fn resume(&mut self, who: &str) -> Result<(), CommandRefused> {
        let done = self.acd.resume(self.now, agent(who));
        self.drain();
        done
    }

    /// The agent pauses in one queue.
    pub(crate) fn pause_in(&mut self, who: &str, which: &str, why: &str) -> Result<Taken, CommandRefused> {
        let done = self.acd.pause_in(self.now, agent(who), queue(which), pause(why));
        self.drain();
        done
    }

    pub(crate) fn resume_in(&mut self, who: &str, which: &str) -> Result<(), CommandRefused> {
        let done = self.acd.resume_in(self.now, agent(who), queue(which));
        self.drain();
        done
    }

    /// How the agents of a queue stand there: available, paused.
    pub(crate) fn counts(&self, which: &str) -> (u32, u32) {
        let views = self.acd.queues();
        let view = views.iter().find(|view| view.queue == queue(which)).expect("a queue");
        (view.agents.available, view.agents.paused)
    }

    pub(crate) fn end_wrap_up(&mut self, who: &str) -> Result<(), CommandRefused> {
        let done = self.acd.end_wrap_up(self.now, agent(who));
        self.drain();
        done
    }

    /// The agent presses Decline on the desktop.
    pub(crate) fn decline(&mut self, who: &str) -> Result<(), CommandRefused> {
        let offer = self.offers.get(&agent(who)).map_or(OfferId::from_u128(0), |(_, offer)| *offer);
        let done = self.acd.decline(self.now, agent(who), offer);
        self.drain();
        done
    }

    pub(crate) fn joins(&mut self, who: &str, which: &str) {
        self.joins_with(who, which, 0, true);
    }

    pub(crate) fn joins_with(&mut self, who: &str, which: &str, priority: i32, wait_for_nobody: bool) {
        self.says(who, CallToAcd::Join { ticket: ticket(who), queue: queue(which), priority, wait_for_nobody });
    }

    /// The caller hangs up.
    pub(crate) fn hangs_up(&mut self, who: &str) {
        self.says(who, CallToAcd::Leave { ticket: ticket(who), exit: QueueExit::Abandoned });
        self.event(Event::CallGone { call: call(who) });
    }

    pub(crate) fn call_gone(&mut self, who: &str) {
        self.event(Event::CallGone { call: call(who) });
    }

    /// The agent's phone answers the last offer made to the agent.
    pub(crate) fn answers(&mut self, who: &str) {
        let (call, offer) = self.last_offer(who);
        self.event(Event::FromCall { call, message: CallToAcd::Answered { offer } });
    }

    /// The agent's phone does not take the last offer.
    pub(crate) fn fails(&mut self, who: &str, outcome: OfferOutcome) {
        let (call, offer) = self.last_offer(who);
        self.event(Event::FromCall { call, message: CallToAcd::Failed { offer, outcome } });
    }

    fn last_offer(&self, who: &str) -> (CallId, OfferId) {
        *self.offers.get(&agent(who)).unwrap_or_else(|| panic!("{who} was never rung"))
    }

    /// The agent's part in a caller's call ends.
    /// The call says that what it did at the phone was work, perhaps in a queue's name.
    pub(crate) fn worked(&mut self, caller: &str, phone_name: &str, of: Option<&str>) {
        let message = CallToAcd::Worked { phone: phone(phone_name), queue: of.map(queue) };
        self.says(caller, message);
    }

    pub(crate) fn phone_free(&mut self, of_call: &str, which: &str) {
        self.says(of_call, CallToAcd::PhoneFree { phone: phone(which) });
    }

    pub(crate) fn phone_busy(&mut self, of_call: &str, which: &str) {
        self.says(of_call, CallToAcd::PhoneBusy { phone: phone(which) });
    }

    pub(crate) fn reserves(&mut self, of_call: &str, which: &str) {
        self.says(of_call, CallToAcd::Reserve { phone: phone(which), is_called: false });
    }

    /// Somebody calls whoever is at the phone.
    pub(crate) fn calls(&mut self, of_call: &str, which: &str) {
        self.says(of_call, CallToAcd::Reserve { phone: phone(which), is_called: true });
    }

    /// Who was called is there.
    pub(crate) fn phone_answered(&mut self, of_call: &str, which: &str) {
        self.says(of_call, CallToAcd::PhoneAnswered { phone: phone(which) });
    }

    /// The grace time begins.
    pub(crate) fn drain_server(&mut self) {
        self.event(Event::Drain);
    }

    /// The grace time is over.
    pub(crate) fn close_server(&mut self) {
        self.event(Event::Close);
    }

    pub(crate) fn restore(&mut self, known: Vec<LastKnown>) {
        self.acd.restore(self.now, known);
        self.drain();
    }

    pub(crate) fn known(who: &str, with: &str, state: carillon_model::AgentState) -> LastKnown {
        LastKnown { agent: agent(who), phone: phone(with), state, pause: None, until: None, paused_in: Vec::new() }
    }

    pub(crate) fn view(&self, who: &str) -> AgentView {
        self.acd.agent(agent(who))
    }

    pub(crate) fn mono(&self) -> Instant {
        self.now.mono
    }

    pub(crate) fn acd(&self) -> &Acd {
        &self.acd
    }

    pub(crate) fn available_phones(&self) -> Vec<&'static str> {
        self.acd.available_phones().into_iter().map(|which| name(&PHONES, which.as_u128())).collect()
    }

    /// Callers in the order of service.
    pub(crate) fn line(&self) -> Vec<&'static str> {
        self.acd.waiting().into_iter().map(|waiting| name(&CALLERS, waiting.call.as_u128())).collect()
    }

    /// Compares what was said since the last look with what should have been.
    #[track_caller]
    pub(crate) fn expect<const N: usize>(&mut self, expected: [&str; N]) {
        let heard = std::mem::take(&mut self.heard);
        assert_eq!(heard, expected, "after {:?}", self.now.mono - self.start);
    }

    pub(crate) fn forget(&mut self) {
        self.heard.clear();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.acd.poll_effect() {
            match effect {
                Effect::ToCall { call, message } => self.hear_message(call, &message),
                Effect::Fact(fact) => self.hear_fact(&fact),
            }
        }
        let standing = self.acd.agents().iter().filter(|view| view.offer.is_some()).count();
        assert_eq!(self.created - self.ended, standing, "every offer that was created ends once, or still stands");
        assert_eq!(self.acd.broken_rules(self.now), Vec::<String>::new());
    }

    fn hear_message(&mut self, to: CallId, message: &AcdToCall) {
        let who = name(&CALLERS, to.as_u128());
        let rung = |offer: &OfferId| self.agents_by_offer.get(offer).map_or("nobody", |agent| name(&AGENTS, agent.as_u128()));
        let said = match message {
            AcdToCall::Position { position, waiting, estimated_wait_ms: None, .. } => format!("{who} is {position} of {waiting}"),
            AcdToCall::Position { position, waiting, estimated_wait_ms: Some(ms), .. } => {
                format!("{who} is {position} of {waiting}, {ms} ms to go")
            }
            AcdToCall::Offer { offer, agent, phone, .. } => {
                self.offers.insert(*agent, (to, *offer));
                self.agents_by_offer.insert(*offer, *agent);
                format!("{who} rings {} on {}", name(&AGENTS, agent.as_u128()), name(&PHONES, phone.as_u128()))
            }
            AcdToCall::Withdraw { offer, outcome } => format!("{who} stops ringing {}: {outcome:?}", rung(offer)),
            AcdToCall::Reserved { phone, agent } => {
                let agent = agent.map_or("nobody", |agent| name(&AGENTS, agent.as_u128()));
                format!("{who} has {agent} on {}", name(&PHONES, phone.as_u128()))
            }
            AcdToCall::Busy { phone } => format!("{who} cannot have {}", name(&PHONES, phone.as_u128())),
            AcdToCall::Granted { offer } => format!("{who} is granted {}", rung(offer)),
            AcdToCall::Refused { offer, why } => format!("{who} is refused {}: {why:?}", rung(offer)),
            AcdToCall::Exit { exit, .. } => format!("{who} is let go: {exit:?}"),
        };
        self.heard.push(said);
    }

    fn hear_fact(&mut self, fact: &Fact) {
        let said = match fact {
            Fact::OfferCreated { .. } => {
                self.created += 1;
                return;
            }
            Fact::OfferEnded { .. } => {
                self.ended += 1;
                return;
            }
            Fact::AgentLoggedIn { agent, phone } => {
                format!("{} logs in with {}", name(&AGENTS, agent.as_u128()), name(&PHONES, phone.as_u128()))
            }
            Fact::AgentQueuePaused { agent, queue, pause } => {
                let (agent, queue) = (name(&AGENTS, agent.as_u128()), name(&QUEUES, queue.as_u128()));
                format!("{agent} pauses in {queue} for {}", name(&PAUSES, pause.as_u128()))
            }
            Fact::AgentQueueResumed { agent, queue } => {
                format!("{} is open for {}", name(&AGENTS, agent.as_u128()), name(&QUEUES, queue.as_u128()))
            }
            Fact::AgentLoggedOut { agent, by } => format!("{} is logged out by {by:?}", name(&AGENTS, agent.as_u128())),
            Fact::AgentStateChanged { agent, state, pause, call, until, why } => {
                let mut said = format!("{}: {state:?}", name(&AGENTS, agent.as_u128()));
                for part in [
                    pause.map(|pause| format!(" for {}", name(&PAUSES, pause.as_u128()))),
                    call.map(|call| format!(" with {}", name(&CALLERS, call.as_u128()))),
                    until.map(|until| format!(" for {} s", self.now.wall.duration_until(until).as_secs())),
                    why.map(|why| format!(" because {why:?}")),
                ] {
                    said.push_str(&part.unwrap_or_default());
                }
                said
            }
            other => panic!("acd does not write {other:?}"),
        };
        self.heard.push(said);
    }
}
