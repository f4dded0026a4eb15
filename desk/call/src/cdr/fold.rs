//! From facts to the record: the same fold live, at the end, and after a crash.

use std::collections::{BTreeMap, BTreeSet};

use carillon_model::{Entry, Fact, LegId, LegRole, QueueExit, RecordingId, UserId};
use jiff::Timestamp;

use super::{Cdr, CdrConsent, CdrDisposition, CdrLeg, CdrOffer, CdrQueue, CdrRecording, CdrTransfer};

impl Cdr {
    /// The record of a call from all its entries, in order. `None` without the call's start.
    pub fn fold(entries: &[Entry]) -> Option<Self> {
        let mut builder = CdrBuilder::new();
        entries.iter().for_each(|entry| builder.apply(entry));
        builder.into_cdr()
    }
}

/// The fold itself: give it a call's entries as they come with [`CdrBuilder::apply`], read [`CdrBuilder::cdr`] at any time.
#[derive(Debug, Clone, Default)]
pub struct CdrBuilder {
    cdr: Option<Cdr>,
    clock: Clock,
    ringing: Span<LegId>,
    bridged: Span<(LegId, LegId)>,
    held: Span<LegId>,
    supervisors: BTreeMap<LegId, UserId>,
    waiting_since: Option<u64>,
    recording_since: Option<u64>,
}

impl CdrBuilder {
    /// A fold that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The record so far; `None` before the call's start.
    pub fn cdr(&self) -> Option<&Cdr> {
        self.cdr.as_ref()
    }

    /// The record.
    pub fn into_cdr(self) -> Option<Cdr> {
        self.cdr
    }

    /// Takes the next entry. Entries of another call, and any before the start, change nothing.
    pub fn apply(&mut self, entry: &Entry) {
        if self.cdr.is_none() {
            self.cdr = started(entry);
            self.clock = Clock::starting(entry);
        }
        let Some(cdr) = self.cdr.as_mut().filter(|cdr| entry.fact.call() == Some(cdr.call)) else { return };
        let (at, ms) = (entry.at, self.clock.read(entry));
        if cdr.ended_at.is_none() {
            cdr.total_ms = self.clock.since_start();
        }
        match &entry.fact {
            Fact::LegStarted { leg, role, party, agent, phone, trunk, offer, .. } => {
                if matches!(role, LegRole::Agent | LegRole::Callee) {
                    self.ringing.enter(*leg, ms);
                }
                cdr.legs.push(CdrLeg {
                    leg: *leg,
                    role: *role,
                    party: party.clone(),
                    agent: *agent,
                    phone: *phone,
                    trunk: *trunk,
                    offer: *offer,
                    started_at: at,
                    ringing_at: None,
                    answered_at: None,
                    took_over_at: None,
                    ended_at: None,
                    ending: None,
                    status: None,
                    quality: None,
                });
            }
            Fact::LegRinging { leg, .. } => {
                if let Some(leg) = cdr.leg_mut(*leg) {
                    leg.ringing_at.get_or_insert(at);
                }
            }
            Fact::LegAnswered { leg, .. } => {
                cdr.ring_ms += self.ringing.leave(|ringing| ringing == leg, ms);
                if let Some(leg) = cdr.leg_mut(*leg) {
                    leg.answered_at.get_or_insert(at);
                }
            }
            Fact::LegEnded { leg, ending, status, quality, .. } => {
                cdr.ring_ms += self.ringing.leave(|ringing| ringing == leg, ms);
                cdr.talk_ms += self.bridged.leave(|(a, b)| a == leg || b == leg, ms);
                cdr.hold_ms += self.held.leave(|held| held == leg, ms);
                if let Some(leg) = cdr.leg_mut(*leg) {
                    leg.ended_at = Some(at);
                    leg.ending = Some(*ending);
                    leg.status = *status;
                    leg.quality.clone_from(quality);
                }
            }
            Fact::CallBridged { a, b, .. } => {
                self.bridged.enter((*a, *b), ms);
                // A supervisor who is bridged has taken the agent's place: from now on the call is that person's work.
                for id in [a, b] {
                    if let Some((supervisor, leg)) = self.supervisors.remove(id).zip(cdr.leg_mut(*id)) {
                        (leg.agent, leg.took_over_at) = (Some(supervisor.into()), Some(at));
                    }
                }
                if cdr.answered_at.is_none() {
                    cdr.answered_at = Some(at);
                    cdr.connected = cdr.leg_mut(*b).map(|leg| leg.party.clone());
                    cdr.agent = [*b, *a].into_iter().find_map(|leg| cdr.leg_mut(leg).and_then(|leg| leg.agent));
                }
            }
            Fact::CallSupervised { leg, supervisor, .. } => drop(self.supervisors.insert(*leg, *supervisor)),
            Fact::CallHeld { leg, .. } => self.held.enter(*leg, ms),
            Fact::CallResumed { leg, .. } => cdr.hold_ms += self.held.leave(|held| held == leg, ms),
            Fact::CallTransferred { by, to, attended, .. } => {
                cdr.transfers.push(CdrTransfer { by: *by, to: to.clone(), attended: *attended, at });
            }
            Fact::CallQueued { ticket, queue, party, .. } => {
                self.waiting_since = Some(ms);
                cdr.queues.push(CdrQueue {
                    ticket: *ticket,
                    queue: *queue,
                    party: party.clone(),
                    queued_at: at,
                    left_at: None,
                    wait_ms: 0,
                    exit: None,
                });
            }
            Fact::CallDequeued { ticket, exit, .. } => {
                let wait_ms = since(&mut self.waiting_since, ms);
                cdr.left_queue(at, wait_ms, *exit, |queue| queue.ticket == *ticket);
            }
            Fact::CallConsent { leg, prompt, .. } => {
                cdr.consents.push(CdrConsent { leg: *leg, prompt: prompt.clone(), heard_at: at });
            }
            Fact::OfferCreated { offer, ticket, queue, agent, phone, .. } => cdr.offers.push(CdrOffer {
                offer: *offer,
                ticket: *ticket,
                queue: *queue,
                agent: *agent,
                phone: *phone,
                offered_at: at,
                ended_at: None,
                outcome: None,
            }),
            Fact::OfferEnded { offer, outcome, .. } => {
                if let Some(offer) = cdr.offers.iter_mut().find(|o| o.offer == *offer) {
                    offer.ended_at = Some(at);
                    offer.outcome = Some(*outcome);
                }
            }
            Fact::RecordingStarted { recording, queue, agent, file, .. } => {
                self.recording_since = Some(ms);
                cdr.recordings.push(CdrRecording {
                    recording: *recording,
                    queue: *queue,
                    agent: *agent,
                    file: file.clone(),
                    started_at: at,
                    stopped_at: None,
                    span_ms: 0,
                    length_ms: None,
                    bytes: None,
                    gap_ms: 0,
                    error: None,
                });
            }
            Fact::RecordingStopped { recording, .. } => {
                let span_ms = since(&mut self.recording_since, ms);
                cdr.stopped_recording(at, span_ms, |stopped| stopped.recording == *recording);
            }
            Fact::RecordingClosed { recording, length_ms, bytes, gap_ms, error, .. } => {
                if let Some(recording) = cdr.recording_mut(*recording) {
                    recording.length_ms = Some(*length_ms);
                    recording.bytes = Some(*bytes);
                    recording.gap_ms = *gap_ms;
                    recording.error.clone_from(error);
                }
            }
            Fact::CallEnded { ending, .. } => {
                // What a call that failed was still in ends with it.
                let (wait_ms, span_ms) = (since(&mut self.waiting_since, ms), since(&mut self.recording_since, ms));
                cdr.left_queue(at, wait_ms, QueueExit::Ended, |queue| queue.exit.is_none());
                cdr.stopped_recording(at, span_ms, |recording| recording.stopped_at.is_none());
                cdr.ended_at.get_or_insert(at);
                cdr.ending.get_or_insert(*ending);
            }
            Fact::CallDisposed { disposed, .. } => cdr.disposition = Some(CdrDisposition { disposed: disposed.clone(), at }),
            Fact::CallStarted { .. }
            | Fact::CallStep { .. }
            | Fact::CallMenu { .. }
            | Fact::CallThreeWay { .. }
            | Fact::LegHearing { .. }
            | Fact::RecordingPaused { .. }
            | Fact::RecordingResumed { .. }
            | Fact::EmergencyDialled { .. }
            | Fact::AgentStateChanged { .. }
            | Fact::ServerStarted { .. }
            | Fact::ServerStopped { .. }
            | Fact::AlarmRaised { .. }
            | Fact::AlarmCleared { .. }
            | Fact::AgentLoggedIn { .. }
            | Fact::AgentLoggedOut { .. }
            | Fact::AgentNoted { .. }
            | Fact::AgentQueuePaused { .. }
            | Fact::AgentQueueResumed { .. }
            | Fact::PhoneReachable { .. }
            | Fact::PhoneUnreachable { .. }
            | Fact::TrunkUp { .. }
            | Fact::TrunkDown { .. } => {}
        }
    }
}

impl Cdr {
    fn leg_mut(&mut self, leg: LegId) -> Option<&mut CdrLeg> {
        self.legs.iter_mut().find(|l| l.leg == leg)
    }

    fn left_queue(&mut self, at: Timestamp, wait_ms: u64, exit: QueueExit, left: impl Fn(&CdrQueue) -> bool) {
        self.wait_ms += wait_ms;
        if let Some(queue) = self.queues.iter_mut().rfind(|queue| left(queue)) {
            (queue.left_at, queue.wait_ms, queue.exit) = (Some(at), wait_ms, Some(exit));
        }
    }

    fn stopped_recording(&mut self, at: Timestamp, span_ms: u64, stopped: impl Fn(&CdrRecording) -> bool) {
        if let Some(recording) = self.recordings.iter_mut().rfind(|recording| stopped(recording)) {
            (recording.stopped_at, recording.span_ms) = (Some(at), span_ms);
        }
    }

    fn recording_mut(&mut self, recording: RecordingId) -> Option<&mut CdrRecording> {
        self.recordings.iter_mut().find(|r| r.recording == recording)
    }
}

/// How long something lasted that ends now; 0 if it was not so.
fn since(began: &mut Option<u64>, ms: u64) -> u64 {
    began.take().map_or(0, |began| ms.saturating_sub(began))
}

fn started(entry: &Entry) -> Option<Cdr> {
    let Fact::CallStarted { call, number, kind, origin, caller, caller_name, called } = &entry.fact else { return None };
    Some(Cdr {
        call: *call,
        number: *number,
        kind: *kind,
        origin: origin.clone(),
        caller: caller.clone(),
        caller_name: caller_name.clone(),
        called: called.clone(),
        connected: None,
        agent: None,
        started_at: entry.at,
        answered_at: None,
        ended_at: None,
        ending: None,
        ring_ms: 0,
        wait_ms: 0,
        talk_ms: 0,
        hold_ms: 0,
        total_ms: 0,
        queues: Vec::new(),
        offers: Vec::new(),
        legs: Vec::new(),
        transfers: Vec::new(),
        consents: Vec::new(),
        recordings: Vec::new(),
        disposition: None,
    })
}

/// The monotonic clock of the epoch the call lived in. Entries of a later epoch (a file repaired after a crash) do not move it.
#[derive(Debug, Clone, Default)]
struct Clock {
    epoch: u64,
    start: u64,
    last: u64,
}

impl Clock {
    fn starting(entry: &Entry) -> Self {
        Self { epoch: entry.epoch, start: entry.mono_ms, last: entry.mono_ms }
    }

    fn read(&mut self, entry: &Entry) -> u64 {
        if entry.epoch == self.epoch {
            self.last = self.last.max(entry.mono_ms);
        }
        self.last
    }

    fn since_start(&self) -> u64 {
        self.last.saturating_sub(self.start)
    }
}

/// Time in which at least one of several things was so.
#[derive(Debug, Clone)]
struct Span<T> {
    members: BTreeSet<T>,
    since: u64,
}

impl<T> Default for Span<T> {
    fn default() -> Self {
        Self { members: BTreeSet::new(), since: 0 }
    }
}

impl<T: Ord> Span<T> {
    fn enter(&mut self, member: T, ms: u64) {
        if self.members.is_empty() {
            self.since = ms;
        }
        self.members.insert(member);
    }

    /// Takes out who leaves; what the span lasted, once nobody is left in it.
    fn leave(&mut self, leaves: impl Fn(&T) -> bool, ms: u64) -> u64 {
        let before = self.members.len();
        self.members.retain(|member| !leaves(member));
        if before > 0 && self.members.is_empty() { ms.saturating_sub(self.since) } else { 0 }
    }
}
