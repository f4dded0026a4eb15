//! A whole centre in virtual time: many calls, the real `acd`, phones with people at them, and messages that take their time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use carillon_acd::Acd;
use carillon_call::{Call, CallSetup, Cdr, Effect, Event, LegEnd, Target};
use carillon_model::{
    AgentId, AgentState, CallId, Entry, Fact, IdSource, LegId, Now, OfferId, OfferOutcome, Origin, PhoneId, Reason, RecordingId,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{Watch, beginning, site};

/// Run it to its end with [`Centre::run`]; then look at the records and the journal.
pub(crate) struct Centre {
    rng: StdRng,
    now: Now,
    begun: Instant,
    pub(crate) acd: Acd,
    calls: BTreeMap<CallId, (Call, Watch)>,
    pub(crate) journal: Vec<Entry>,
    /// What happens when, in order; the number keeps what happens at once in the order it was written.
    agenda: BTreeMap<(Instant, u64), Happening>,
    written: u64,
    /// When the last message of each line arrives: none overtakes another.
    lines: BTreeMap<(CallId, Direction), Instant>,
    legs_gone: BTreeSet<LegId>,
    legs_told_to_end: BTreeSet<LegId>,
    legs_bridged: BTreeSet<LegId>,
    phones_in_use: BTreeMap<PhoneId, LegId>,
    recordings: BTreeMap<RecordingId, Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    ToAcd,
    FromAcd,
}

enum Happening {
    CallComes(Box<CallSetup>),
    InCall(CallId, Event),
    InAcd(carillon_acd::Event),
    Resumes(AgentId),
}

impl Centre {
    /// A centre with all three agents at work, and `calls` callers within so many seconds.
    pub(crate) fn new(seed: u64, calls: u32, within_seconds: u64) -> Self {
        let now = beginning();
        let mut centre = Self {
            rng: StdRng::seed_from_u64(seed),
            now,
            begun: now.mono,
            acd: Acd::new(seed),
            calls: BTreeMap::new(),
            journal: Vec::new(),
            agenda: BTreeMap::new(),
            written: 0,
            lines: BTreeMap::new(),
            legs_gone: BTreeSet::new(),
            legs_told_to_end: BTreeSet::new(),
            legs_bridged: BTreeSet::new(),
            phones_in_use: BTreeMap::new(),
            recordings: BTreeMap::new(),
        };
        centre.acd.handle_event(now, carillon_acd::Event::Configure(site::acd_setup()));
        for name in site::PHONES {
            centre.acd.handle_event(now, carillon_acd::Event::PhoneReachable { phone: site::phone(name) });
            centre.acd.log_in(now, site::agent(name), site::phone(name), None).expect("phone and agent are free");
        }
        centre.hear_acd();
        for n in 1..=u128::from(calls) {
            let called = ["5001", "5001", "5003"][centre.below(3)];
            let setup = site::setup(Origin::Trunk(site::LAB), "+390212345678", called);
            let setup = CallSetup { call: CallId::from_u128(n), leg: LegId::from_u128(0x1E6_0000 + n), ..setup };
            let comes = centre.within(0, within_seconds * 1_000);
            centre.later(comes, Happening::CallComes(Box::new(setup)));
        }
        centre
    }

    /// Lets time pass until nothing is left to happen.
    pub(crate) fn run(&mut self) {
        loop {
            let next = self.agenda.first_key_value().map(|((at, _), _)| *at);
            let timers = self.calls.values().filter_map(|(call, _)| call.poll_timeout()).chain(self.acd.poll_timeout());
            let Some(at) = timers.chain(next).min() else { return };
            let passed = at.saturating_duration_since(self.now.mono);
            self.now = Now { mono: self.now.mono + passed, wall: self.now.wall + passed };
            self.acd.handle_timeout(self.now);
            self.hear_acd();
            for id in self.calls.keys().copied().collect::<Vec<_>>() {
                self.with_call(id, |call, now| call.handle_timeout(now));
            }
            while let Some(due) = self.agenda.first_entry().filter(|due| due.key().0 <= self.now.mono) {
                let happening = due.remove();
                self.happen(happening);
            }
        }
    }

    pub(crate) fn open_calls(&self) -> usize {
        self.calls.len()
    }

    /// The records of all calls that began.
    pub(crate) fn records(&self) -> Vec<Cdr> {
        let mut entries_by_call = BTreeMap::<CallId, Vec<Entry>>::new();
        for entry in &self.journal {
            if let Some(call) = entry.fact.call() {
                entries_by_call.entry(call).or_default().push(entry.clone());
            }
        }
        entries_by_call.values().filter_map(|entries| Cdr::fold(entries)).collect()
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::CallComes(setup) => self.call_comes(*setup),
            Happening::InCall(id, event) => self.in_call(id, event),
            Happening::InAcd(event) => {
                self.acd.handle_event(self.now, event);
                self.hear_acd();
            }
            Happening::Resumes(agent) => {
                // Refused when the agent is not paused any more.
                let _ = self.acd.resume(self.now, agent);
                self.hear_acd();
            }
        }
    }

    fn call_comes(&mut self, setup: CallSetup) {
        let (id, leg) = (setup.call, setup.leg);
        let call = Call::new(self.now, setup, IdSource::new(u64::try_from(id.as_u128()).expect("a small number")));
        self.calls.insert(id, (call, Watch::default()));
        self.with_call(id, |_, _| ());
        self.soon(id, Event::Committed);
        let patience = self.within(1_000, 150_000);
        self.later(patience, Happening::InCall(id, ended(leg, LegEnd::Remote, Reason::HungUp)));
    }

    fn in_call(&mut self, id: CallId, event: Event) {
        // A leg that has ended says nothing more, and ends once.
        let leg = match &event {
            Event::LegRinging { leg } | Event::LegAnswered { leg } | Event::LegEnded { leg, .. } | Event::PlayEnded { leg, .. } => {
                Some(*leg)
            }
            _ => None,
        };
        if leg.is_some_and(|leg| self.legs_gone.contains(&leg)) {
            return;
        }
        if let (Event::LegEnded { leg, .. }, Some((_, watch))) = (&event, self.calls.get_mut(&id)) {
            self.legs_gone.insert(*leg);
            self.phones_in_use.retain(|_, in_use| in_use != leg);
            watch.leg_gone(*leg);
        }
        if let (Event::Committed, Some((_, watch))) = (&event, self.calls.get_mut(&id)) {
            watch.committed();
        }
        self.with_call(id, |call, now| call.handle_event(now, event));
    }

    fn with_call(&mut self, id: CallId, act: impl FnOnce(&mut Call, Now)) {
        let Some((mut call, mut watch)) = self.calls.remove(&id) else { return };
        act(&mut call, self.now);
        while let Some(effect) = call.poll_effect() {
            watch.effect(&effect);
            self.carry_out(id, effect);
        }
        if !call.is_over() {
            self.calls.insert(id, (call, watch));
        }
    }

    fn carry_out(&mut self, id: CallId, effect: Effect) {
        match effect {
            Effect::Answer { leg } => self.soon(id, Event::LegAnswered { leg }),
            Effect::Refuse { leg, .. } | Effect::HangUp { leg, .. } => {
                self.legs_told_to_end.insert(leg);
                self.soon(id, ended(leg, LegEnd::Local, Reason::HungUp));
            }
            Effect::Dial { leg, target: Target::Phone(phone), .. } => self.phone_rings(id, leg, phone),
            Effect::Play { leg, play, .. } => {
                self.later(Duration::from_secs(4), Happening::InCall(id, Event::PlayEnded { leg, play, completed: true }));
            }
            Effect::Bridge { a, b } | Effect::BridgeEarly { a, b } => {
                self.legs_bridged.extend([a, b]);
                let first = if self.below(2) == 0 { a } else { b };
                let talk = self.within(3_000, 40_000);
                self.later(talk, Happening::InCall(id, ended(first, LegEnd::Remote, Reason::HungUp)));
            }
            Effect::StartRecording { recording, .. } => drop(self.recordings.insert(recording, self.now.mono)),
            Effect::StopRecording { recording } => {
                let length = self.recordings.get(&recording).map_or(Duration::ZERO, |begun| self.now.mono - *begun);
                let length_ms = u64::try_from(length.as_millis()).expect("a short talk");
                self.soon(id, Event::RecordingClosed { recording, length_ms, bytes: 44 + length_ms * 32, gap_ms: 0, error: None });
            }
            Effect::Acd(message) => self.tell_acd(id, carillon_acd::Event::FromCall { call: id, message }),
            Effect::Fact(fact) => self.write(fact),
            Effect::Over => self.tell_acd(id, carillon_acd::Event::CallGone { call: id }),
            Effect::Ring { .. }
            | Effect::Feature { .. }
            | Effect::Progress { .. }
            | Effect::PlayMusic { .. }
            | Effect::PlayTone { .. }
            | Effect::StopPlay { .. }
            | Effect::SetRecordingLeft { .. }
            | Effect::SetRecordingRight { .. }
            | Effect::Unbridge { .. }
            | Effect::Mix { .. }
            | Effect::Press { .. }
            | Effect::RecordMix { .. }
            | Effect::Dial { target: Target::Trunk { .. }, .. } => {}
        }
    }

    /// A person answers, late, never or at the last moment, declines, or the phone is off the hook.
    fn phone_rings(&mut self, id: CallId, leg: LegId, phone: PhoneId) {
        if let Some(other) = self.phones_in_use.get(&phone).filter(|leg| !self.legs_told_to_end.contains(leg)) {
            // It may still ring for a caller whose withdrawal is on its way, no more.
            assert!(!self.legs_bridged.contains(other), "a phone was offered a call in the middle of another");
            return self.soon(id, ended(leg, LegEnd::Remote, Reason::Busy));
        }
        self.phones_in_use.insert(phone, leg);
        self.soon(id, Event::LegRinging { leg });
        let (at, event) = match self.below(10) {
            0 => (self.within(50, 400), ended(leg, LegEnd::Remote, Reason::Busy)),
            1 => (self.within(1_000, 9_000), ended(leg, LegEnd::Remote, Reason::Rejected)),
            2 => return,
            3 | 4 => (self.within(14_950, 15_080), Event::LegAnswered { leg }),
            _ => (self.within(800, 6_000), Event::LegAnswered { leg }),
        };
        self.later(at, Happening::InCall(id, event));
    }

    fn hear_acd(&mut self) {
        while let Some(effect) = self.acd.poll_effect() {
            match effect {
                carillon_acd::Effect::ToCall { call, message } => {
                    let arrives = self.arrival(call, Direction::FromAcd);
                    self.at(arrives, Happening::InCall(call, Event::Acd(message)));
                }
                carillon_acd::Effect::Fact(fact) => {
                    if let Fact::AgentStateChanged { agent, state: AgentState::Paused, .. } = fact {
                        self.later(Duration::from_secs(20), Happening::Resumes(agent));
                    }
                    self.write(fact);
                }
            }
        }
    }

    fn tell_acd(&mut self, id: CallId, event: carillon_acd::Event) {
        let arrives = self.arrival(id, Direction::ToAcd);
        self.at(arrives, Happening::InAcd(event));
    }

    fn arrival(&mut self, call: CallId, direction: Direction) -> Instant {
        let takes = self.within(0, 40);
        let last = self.lines.entry((call, direction)).or_insert(self.now.mono);
        *last = (*last).max(self.now.mono + takes);
        *last
    }

    fn soon(&mut self, id: CallId, event: Event) {
        let takes = self.within(1, 60);
        self.later(takes, Happening::InCall(id, event));
    }

    fn later(&mut self, time: Duration, happening: Happening) {
        self.at(self.now.mono + time, happening);
    }

    fn at(&mut self, at: Instant, happening: Happening) {
        self.written += 1;
        self.agenda.insert((at, self.written), happening);
    }

    fn within(&mut self, from_ms: u64, to_ms: u64) -> Duration {
        Duration::from_millis(self.rng.random_range(from_ms..=to_ms))
    }

    fn below(&mut self, n: usize) -> usize {
        self.rng.random_range(0..n)
    }

    fn write(&mut self, fact: Fact) {
        let mono_ms = u64::try_from((self.now.mono - self.begun).as_millis()).expect("a short run");
        let seq = self.journal.len() as u64 + 1;
        self.journal.push(Entry { epoch: 1, seq, at: self.now.wall, mono_ms, fact });
    }

    /// How each offer ended, by the journal.
    pub(crate) fn outcomes(&self) -> BTreeMap<OfferId, Vec<OfferOutcome>> {
        let mut outcomes = BTreeMap::<_, Vec<_>>::new();
        for entry in &self.journal {
            match &entry.fact {
                Fact::OfferCreated { offer, .. } => assert!(outcomes.insert(*offer, Vec::new()).is_none(), "an offer was made twice"),
                Fact::OfferEnded { offer, outcome, .. } => outcomes.entry(*offer).or_default().push(*outcome),
                _ => {}
            }
        }
        outcomes
    }
}

fn ended(leg: LegId, by: LegEnd, reason: Reason) -> Event {
    Event::LegEnded { leg, by, status: None, reason, quality: None }
}
