//! One call and its events, by the names of the parties.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use carillon_call::{
    Call, CallSetup, Cdr, Control, ControlRefused, Effect, Event, FeatureOutcome, FeatureRequest, Keys, LegEnd, Newcomer, Onward, Party,
    Supervise, Taking, Target, Tone,
};
use carillon_model::{
    AcdToCall, CallToAcd, EndedBy, Ending, Entry, Fact, Hearing, IdSource, LegId, LegRole, Now, Number, OfferId, OfferOutcome, Origin,
    PlayId, Quality, QueueExit, Reason, RecordingId, Refusal, Supervision, TicketId,
};
use jiff::Timestamp;

use super::{Watch, site};

pub(crate) const CALLER: &str = "caller";

/// A call under test. Each event is carried in at the current virtual time and its effects are read back as sentences;
/// [`CallTest::expect`] compares all sentences since the last time.
pub(crate) struct CallTest {
    pub(crate) call: Call,
    now: Now,
    begun: Instant,
    watch: Watch,
    said: Vec<String>,
    pub(crate) entries: Vec<Entry>,
    legs_by_name: BTreeMap<String, LegId>,
    offers_by_phone: BTreeMap<String, OfferId>,
    offers_made: u128,
    ticket: Option<TicketId>,
    prompt: Option<(LegId, PlayId)>,
    recording: Option<RecordingId>,
    shown: Option<String>,
}

impl CallTest {
    /// A caller outside dials `called`; the call is not committed yet.
    pub(crate) fn from_trunk(called: &str) -> Self {
        Self::new(Origin::Trunk(site::LAB), "+390212345678", called)
    }

    /// One of our phones dials `called`.
    pub(crate) fn from_phone(phone: &str, called: &str) -> Self {
        Self::new(Origin::Phone(site::phone(phone)), phone, called)
    }

    /// An agent at one of our phones clicks on a number.
    pub(crate) fn clicked(phone: &str, called: &str, queue: Option<&str>) -> Self {
        Self::begun(site::clicked(phone, called, queue).expect("a number the agent may dial"))
    }

    /// An agent who clicked on a number and talks with who answered there.
    pub(crate) fn talking_after_a_click(phone: &str, called: &str) -> Self {
        let mut test = Self::clicked(phone, called, None);
        test.committed();
        test.reserved(phone);
        test.answered(CALLER);
        test.answered(called);
        test.said.clear();
        test
    }

    /// One more call of a phone that is on one already.
    pub(crate) fn second_call(phone: &str, called: &str) -> Self {
        Self::begun_with(site::setup(Origin::Phone(site::phone(phone)), phone, called), 8)
    }

    fn new(origin: Origin, caller: &str, called: &str) -> Self {
        Self::begun(site::setup(origin, caller, called))
    }

    fn begun(setup: CallSetup) -> Self {
        Self::begun_with(setup, 7)
    }

    /// The seed makes the ids of legs: those of two calls differ.
    fn begun_with(setup: CallSetup, seed: u64) -> Self {
        let now = beginning();
        let mut test = Self {
            call: Call::new(now, setup, IdSource::new(seed)),
            now,
            begun: now.mono,
            watch: Watch::default(),
            said: Vec::new(),
            entries: Vec::new(),
            legs_by_name: BTreeMap::new(),
            offers_by_phone: BTreeMap::new(),
            offers_made: 0,
            ticket: None,
            prompt: None,
            recording: None,
            shown: None,
        };
        test.drain();
        test
    }

    /// A caller who waits in the queue behind `called`, with all that led there out of the way.
    pub(crate) fn waiting_in(called: &str) -> Self {
        let mut test = Self::from_trunk(called);
        test.committed();
        test.answered(CALLER);
        while test.ticket.is_none() {
            test.heard();
        }
        test.said.clear();
        test
    }

    /// A caller who talks with the agent on that phone.
    pub(crate) fn talking_with(phone: &str, called: &str) -> Self {
        let mut test = Self::waiting_in(called);
        test.offer(phone);
        test.answered(phone);
        test.granted(phone);
        test.said.clear();
        test
    }

    /// All sentences since the last time.
    pub(crate) fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said)
    }

    /// The number shown by the last dialling.
    pub(crate) fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    pub(crate) fn expect<const N: usize>(&mut self, sentences: [&str; N]) {
        assert_eq!(self.said, sentences);
        self.said.clear();
    }

    pub(crate) fn expect_nothing(&mut self) {
        self.expect([]);
    }

    /// Waits, doing what comes due at its time.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now.mono + time;
        while let Some(due) = self.call.poll_timeout().filter(|due| *due <= end) {
            self.pass(due.saturating_duration_since(self.now.mono));
            self.call.handle_timeout(self.now);
            self.drain();
            assert!(self.call.poll_timeout().is_none_or(|next| next > self.now.mono), "the time came and nothing was done");
        }
        self.pass(end.saturating_duration_since(self.now.mono));
    }

    pub(crate) fn seconds(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
    }

    pub(crate) fn committed(&mut self) {
        self.watch.committed();
        self.event(Event::Committed);
    }

    pub(crate) fn rings(&mut self, name: &str) {
        self.event(Event::LegRinging { leg: self.leg(name) });
    }

    /// The leg is heard before it answers.
    pub(crate) fn early(&mut self, name: &str) {
        self.event(Event::LegEarly { leg: self.leg(name) });
    }

    pub(crate) fn answered(&mut self, name: &str) {
        self.event(Event::LegAnswered { leg: self.leg(name) });
    }

    /// The party hangs up.
    pub(crate) fn hangs_up(&mut self, name: &str) {
        self.ends(name, LegEnd::Remote, None, Reason::HungUp);
    }

    /// The leg ends as we told it to.
    pub(crate) fn gone(&mut self, name: &str) {
        self.ends(name, LegEnd::Local, None, Reason::HungUp);
    }

    pub(crate) fn ends(&mut self, name: &str, by: LegEnd, status: Option<u16>, reason: Reason) {
        let leg = self.leg(name);
        self.watch.leg_gone(leg);
        let quality = Some(Quality { received: 500, sent: 500, lost: 1, refused: 0, jitter_us: 1_200, mos_x100: 437, moments: Vec::new() });
        let flowed = self.entries.iter().any(|entry| matches!(entry.fact, Fact::LegAnswered { leg: answered, .. } if answered == leg));
        self.event(Event::LegEnded { leg, by, status, reason, quality: quality.filter(|_| flowed) });
    }

    /// What plays last is heard to its end.
    pub(crate) fn heard(&mut self) {
        self.prompt_ends(true);
    }

    /// What plays last ends too early.
    pub(crate) fn not_heard(&mut self) {
        self.prompt_ends(false);
    }

    pub(crate) fn press(&mut self, digit: char) {
        self.event(Event::Digit { leg: self.leg(CALLER), digit });
    }

    /// Presses keys one after the other.
    pub(crate) fn enters(&mut self, keys: &str) {
        keys.chars().for_each(|key| self.press(key));
    }

    /// The server did what a feature code asked for, or not.
    pub(crate) fn feature(&mut self, outcome: FeatureOutcome) {
        self.event(Event::FeatureDone(outcome));
    }

    pub(crate) fn hearing(&mut self, name: &str, hearing: Hearing) {
        self.event(Event::LegHearing { leg: self.leg(name), hearing });
    }

    pub(crate) fn media_lost(&mut self, name: &str) {
        self.event(Event::MediaLost { leg: self.leg(name) });
    }

    /// The agent at that phone wants something done.
    pub(crate) fn control(&mut self, phone: &str, control: Control) -> Result<(), ControlRefused> {
        let done = self.call.control(self.now, site::agent(phone), control);
        self.drain();
        done
    }

    /// Whoever works with that phone wants to be beside the agent of the call.
    pub(crate) fn supervises(&mut self, phone: &str, mode: Supervision) -> Result<(), ControlRefused> {
        let wanted = Supervise::Begin { phone: site::phone(phone), number: Number::new(phone), mode };
        let done = self.call.supervise(self.now, site::agent(phone).into(), wanted);
        self.drain();
        done
    }

    pub(crate) fn takes_over(&mut self, phone: &str) -> Result<(), ControlRefused> {
        let done = self.call.supervise(self.now, site::agent(phone).into(), Supervise::TakeOver);
        self.drain();
        done
    }

    pub(crate) fn stops_supervising(&mut self, phone: &str) -> Result<(), ControlRefused> {
        let done = self.call.supervise(self.now, site::agent(phone).into(), Supervise::Stop);
        self.drain();
        done
    }

    /// Presses a key on the phone of a leg.
    pub(crate) fn presses(&mut self, name: &str, digit: char) {
        self.event(Event::Digit { leg: self.leg(name), digit });
    }

    /// The agent at that phone gives the call on, or asks somebody: a phone's name or a number.
    pub(crate) fn gives_on(&mut self, phone: &str, to: &str) -> Result<(), ControlRefused> {
        let to = site::leads_to(phone, to).expect("it leads somewhere");
        self.control(phone, Control::Transfer(Onward::To(to)))
    }

    pub(crate) fn asks(&mut self, phone: &str, whom: &str) -> Result<(), ControlRefused> {
        let whom = site::leads_to(phone, whom).expect("it leads somewhere");
        self.control(phone, Control::Consult(whom))
    }

    pub(crate) fn phone_holds(&mut self, name: &str, holds: bool) {
        self.event(Event::LegHolds { leg: self.leg(name), holds });
    }

    /// The phone on that leg gives whom it talks with to another of its calls.
    pub(crate) fn gives_away(&mut self, name: &str, to: &str) -> Result<Party, ControlRefused> {
        let given = self.call.give_away(self.now, self.leg(name), Number::new(to));
        self.drain();
        if let Ok(party) = &given {
            self.watch.leg_gone(party.leg);
        }
        given
    }

    /// The phone on that leg takes somebody from another of its calls.
    pub(crate) fn adopts(&mut self, name: &str, party: Party) -> Result<(), ControlRefused> {
        let adopted = self.call.adopt(self.now, self.leg(name), party);
        self.drain();
        adopted
    }

    /// A phone comes in that shall take the place of a leg.
    pub(crate) fn replaces(&mut self, name: &str, phone: &str) -> Result<(), ControlRefused> {
        let origin = Origin::Phone(site::phone(phone));
        let newcomer = Newcomer { leg: LegId::from_u128(0xE3), origin, party: Number::new(phone), agent: Some(site::agent(phone)) };
        let replaced = self.call.replace(self.now, self.leg(name), newcomer);
        self.drain();
        replaced
    }

    pub(crate) fn hang_up(&mut self, by: EndedBy) {
        self.event(Event::HangUp { ending: Ending::new(by, Reason::HungUp) });
    }

    pub(crate) fn drain_server(&mut self) {
        self.event(Event::Drain);
    }

    pub(crate) fn file_closed(&mut self, length_ms: u64) {
        let recording = self.recording.expect("a recording began");
        self.event(Event::RecordingClosed { recording, length_ms, bytes: 44 + length_ms * 32, gap_ms: 0, error: None });
    }

    pub(crate) fn ticket(&self) -> TicketId {
        self.ticket.expect("the call waits")
    }

    pub(crate) fn position(&mut self, position: u32) {
        let ticket = self.ticket();
        self.acd(AcdToCall::Position { ticket, position, waiting: 4, estimated_wait_ms: None });
    }

    /// `acd` offers the call to the agent on that phone, and its own facts are written.
    pub(crate) fn offer(&mut self, phone: &str) {
        self.offers_made += 1;
        let offer = OfferId::from_u128(0x0FFE_0000 + self.offers_made);
        let ticket = self.ticket();
        self.offers_by_phone.insert(phone.to_owned(), offer);
        let (agent, phone) = (site::agent(phone), site::phone(phone));
        let until = self.now.wall + Duration::from_secs(15);
        let queue = self.cdr().queues.iter().rfind(|waiting| waiting.ticket == ticket).expect("it waits").queue;
        self.write(Fact::OfferCreated { offer, call: site::CALL, ticket, queue, agent, phone, until });
        self.acd(AcdToCall::Offer { offer, ticket, agent, phone, until: self.now.mono + Duration::from_secs(15) });
    }

    pub(crate) fn granted(&mut self, phone: &str) {
        self.offer_ended(phone, OfferOutcome::Answered);
        self.acd(AcdToCall::Granted { offer: self.offer_of(phone) });
    }

    pub(crate) fn refused(&mut self, phone: &str, why: Refusal) {
        self.acd(AcdToCall::Refused { offer: self.offer_of(phone), why });
    }

    pub(crate) fn withdraw(&mut self, phone: &str, outcome: OfferOutcome) {
        self.offer_ended(phone, outcome);
        self.acd(AcdToCall::Withdraw { offer: self.offer_of(phone), outcome });
    }

    /// `acd` lets the call have the phone it asked for, with the agent who works there.
    pub(crate) fn reserved(&mut self, phone: &str) {
        self.acd(AcdToCall::Reserved { phone: site::phone(phone), agent: Some(site::agent(phone)) });
    }

    pub(crate) fn busy(&mut self, phone: &str) {
        self.acd(AcdToCall::Busy { phone: site::phone(phone) });
    }

    pub(crate) fn exit(&mut self, exit: QueueExit) {
        let ticket = self.ticket();
        self.acd(AcdToCall::Exit { ticket, exit });
    }

    pub(crate) fn cdr(&self) -> Cdr {
        Cdr::fold(&self.entries).expect("the call began")
    }

    fn prompt_ends(&mut self, completed: bool) {
        let (leg, play) = self.prompt.expect("a prompt plays");
        self.event(Event::PlayEnded { leg, play, completed });
    }

    fn acd(&mut self, message: AcdToCall) {
        self.event(Event::Acd(message));
    }

    fn offer_ended(&mut self, phone: &str, outcome: OfferOutcome) {
        self.write(Fact::OfferEnded { offer: self.offer_of(phone), call: site::CALL, agent: site::agent(phone), outcome });
    }

    fn event(&mut self, event: Event) {
        self.call.handle_event(self.now, event);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.call.poll_effect() {
            self.watch.effect(&effect);
            if let Effect::Dial { from, .. } = &effect {
                self.shown = Some(from.as_str().to_owned());
            }
            assert!(!format!("{effect:?} {:?}", self.call).contains("+39"), "a whole number would stand in the log: {effect:?}");
            let sentence = self.sentence(&effect);
            self.said.push(sentence);
            if let Effect::Fact(fact) = effect {
                self.write(fact);
            }
        }
        assert_eq!(self.watch.is_over(), self.call.is_over());
    }

    fn write(&mut self, fact: Fact) {
        let mono_ms = u64::try_from((self.now.mono - self.begun).as_millis()).expect("a short test");
        let seq = self.entries.len() as u64 + 1;
        self.entries.push(Entry { epoch: 1, seq, at: self.now.wall, mono_ms: 60_000 + mono_ms, fact });
    }

    fn pass(&mut self, time: Duration) {
        self.now = Now { mono: self.now.mono + time, wall: self.now.wall + time };
    }

    fn sentence(&mut self, effect: &Effect) -> String {
        match effect {
            Effect::Ring { leg } => format!("ring {}", self.name(*leg)),
            Effect::Progress { leg } => format!("let {} hear", self.name(*leg)),
            Effect::Answer { leg } => format!("answer {}", self.name(*leg)),
            Effect::Refuse { leg, reason } => format!("refuse {}: {}", self.name(*leg), word(reason)),
            Effect::Dial { leg, target, taking, .. } => {
                let at_once = match taking {
                    Taking::ByHand => "",
                    Taking::AtOnce => " to answer at once",
                    Taking::ToReturn => " to return",
                };
                let by = matches!(target, Target::Trunk { trunk: site::BACKUP, .. }).then_some(" by backup").unwrap_or_default();
                format!("dial {}{by}{at_once}", self.name(*leg))
            }
            Effect::HangUp { leg, reason } => format!("hang up {}: {}", self.name(*leg), word(reason)),
            Effect::Play { leg, play, sounds } => {
                self.prompt = Some((*leg, *play));
                format!("play {} to {}", sounds.join(" "), self.name(*leg))
            }
            Effect::PlayMusic { leg, music, .. } => format!("music {music} to {}", self.name(*leg)),
            Effect::PlayTone { leg, tone: Tone::Ringback, .. } => format!("ringback to {}", self.name(*leg)),
            Effect::PlayTone { leg, tone: Tone::Busy, .. } => format!("busy tone to {}", self.name(*leg)),
            Effect::Unbridge { leg } => format!("part {}", self.name(*leg)),
            Effect::StopPlay { leg } => format!("silence to {}", self.name(*leg)),
            Effect::BridgeEarly { a, b } => format!("bridge {} {} early", self.name(*a), self.name(*b)),
            Effect::Bridge { a, b } => format!("bridge {} {}", self.name(*a), self.name(*b)),
            Effect::Mix { hears } => {
                let all = hears.iter().map(|(leg, others)| {
                    let others: Vec<_> = others.iter().map(|other| self.name(*other)).collect();
                    format!("{} hears {}", self.name(*leg), others.join(" "))
                });
                format!("mix: {}", all.collect::<Vec<_>>().join(", "))
            }
            Effect::Press { leg, keys } => format!("press {} towards {}", keys.iter().collect::<String>(), self.name(*leg)),
            Effect::StartRecording { recording, left, .. } => {
                self.recording = Some(*recording);
                format!("record {} left", self.name(*left))
            }
            Effect::SetRecordingLeft { left, .. } => format!("record {} left", left.map_or("nobody".into(), |leg| self.name(leg))),
            Effect::SetRecordingRight { right, .. } => format!("record {} right", right.map_or("nobody".into(), |leg| self.name(leg))),
            Effect::RecordMix { without: None, .. } => "record the others right".into(),
            Effect::RecordMix { without: Some(leg), .. } => format!("record the others right without {}", self.name(*leg)),
            Effect::StopRecording { .. } => "stop recording".into(),
            Effect::Feature { request, .. } => match request {
                FeatureRequest::LogIn { number, pin } => format!("log in {} with {}", keys(number), keys(pin)),
                other => format!("{other:?}").to_lowercase(),
            },
            Effect::Acd(message) => self.said_to_acd(message),
            Effect::Fact(fact) => self.fact(fact),
            Effect::Over => "over".into(),
        }
    }

    fn said_to_acd(&mut self, message: &CallToAcd) -> String {
        match message {
            CallToAcd::Join { ticket, priority, wait_for_nobody, .. } => {
                self.ticket = Some(*ticket);
                let patience = if *wait_for_nobody { " for anybody" } else { "" };
                format!("acd: join at {priority}{patience}")
            }
            CallToAcd::Leave { exit, .. } => format!("acd: leave {}", word(exit)),
            CallToAcd::Reserve { phone, .. } => format!("acd: reserve {}", phone.as_u128()),
            CallToAcd::Answered { offer } => format!("acd: {} answered", self.phone_of(*offer)),
            CallToAcd::Failed { offer, outcome } => {
                let phone = self.phone_of(*offer);
                self.offer_ended(&phone, *outcome);
                format!("acd: {phone} failed: {}", word(outcome))
            }
            CallToAcd::Worked { phone, queue } => {
                format!("acd: {} worked{}", phone.as_u128(), if queue.is_some() { " for a queue" } else { "" })
            }
            CallToAcd::PhoneAnswered { phone } => format!("acd: {} is there", phone.as_u128()),
            CallToAcd::PhoneBusy { phone } => format!("acd: {} busy", phone.as_u128()),
            CallToAcd::PhoneFree { phone } => format!("acd: {} free", phone.as_u128()),
        }
    }

    fn fact(&mut self, fact: &Fact) -> String {
        match fact {
            Fact::CallStarted { kind, .. } => format!("* {} call", word(kind)),
            Fact::CallStep { step, .. } => format!("* step {step}"),
            Fact::CallMenu { key, .. } => format!("* key {}", key.map_or("none".into(), String::from)),
            Fact::CallConsent { leg, prompt, .. } => format!("* {} heard {prompt}", self.name(*leg)),
            Fact::CallQueued { .. } => "* queued".into(),
            Fact::CallDequeued { exit, .. } => format!("* left the queue: {}", word(exit)),
            Fact::CallBridged { a, b, .. } => format!("* {} and {} talk", self.name(*a), self.name(*b)),
            Fact::EmergencyDialled { agent, .. } => format!("* emergency{}", if agent.is_some() { " by an agent" } else { "" }),
            Fact::CallHeld { leg, .. } => format!("* {} on hold", self.name(*leg)),
            Fact::CallResumed { leg, .. } => format!("* {} off hold", self.name(*leg)),
            Fact::CallThreeWay { by, asked, .. } => format!("* {} brings {} in", self.name(*by), self.name(*asked)),
            Fact::CallSupervised { leg, mode, beside, .. } => {
                format!("* {} by {} beside {}", word(mode), self.name(*leg), self.name(*beside))
            }
            Fact::CallTransferred { by, to, attended, .. } => {
                format!("* {} gives the call to {}{}", self.name(*by), to.as_str(), if *attended { " after a talk" } else { "" })
            }
            Fact::CallEnded { ending, .. } => format!("* call ended by {}: {}", word(&ending.by), word(&ending.reason)),
            Fact::LegStarted { leg, role, party, .. } => {
                let name = if *role == LegRole::Caller { CALLER } else { party.as_str() };
                self.legs_by_name.insert(name.to_owned(), *leg);
                format!("* {name} begins")
            }
            Fact::LegRinging { leg, .. } => format!("* {} rings", self.name(*leg)),
            Fact::LegAnswered { leg, .. } => format!("* {} answered", self.name(*leg)),
            Fact::LegEnded { leg, ending, .. } => {
                format!("* {} ended by {}: {}", self.name(*leg), word(&ending.by), word(&ending.reason))
            }
            Fact::LegHearing { leg, hearing, .. } => match hearing {
                Hearing::Heard => format!("* {} is heard again", self.name(*leg)),
                Hearing::NothingComes => format!("* nothing comes from {}", self.name(*leg)),
                Hearing::Silence => format!("* {} is silent", self.name(*leg)),
            },
            Fact::RecordingStarted { .. } => "* recording".into(),
            Fact::RecordingStopped { .. } => "* recorded".into(),
            Fact::RecordingPaused { .. } => "* not recorded for now".into(),
            Fact::RecordingResumed { .. } => "* recorded again".into(),
            Fact::RecordingClosed { error, .. } => error.as_ref().map_or("* file closed".into(), |error| format!("* file: {error}")),
            other => panic!("not a call's to write: {other:?}"),
        }
    }

    fn leg(&self, name: &str) -> LegId {
        *self.legs_by_name.get(name).unwrap_or_else(|| panic!("no leg of {name} yet"))
    }

    fn name(&self, leg: LegId) -> String {
        self.legs_by_name.iter().find(|(_, id)| **id == leg).map_or_else(|| format!("{leg:?}"), |(name, _)| name.clone())
    }

    fn offer_of(&self, phone: &str) -> OfferId {
        *self.offers_by_phone.get(phone).unwrap_or_else(|| panic!("no offer to {phone} yet"))
    }

    fn phone_of(&self, offer: OfferId) -> String {
        self.offers_by_phone.iter().find(|(_, id)| **id == offer).map(|(phone, _)| phone.clone()).expect("an offer of this test")
    }
}

fn keys(keys: &Keys) -> String {
    keys.iter().collect()
}

/// The value's name as the API shows it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).expect("an enum that serialises to its name")
}

#[expect(clippy::disallowed_methods, reason = "an `Instant` has no other origin; only differences to it are used")]
pub(crate) fn beginning() -> Now {
    Now { mono: Instant::now(), wall: Timestamp::from_second(1_772_442_000).expect("2026-03-02T09:00:00Z") }
}
