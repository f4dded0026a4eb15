//! The caller and somebody hear each other, and are recorded if that is wanted and who must be told was told.

use std::time::{Duration, Instant};

use carillon_model::{Fact, LegId, Now, QueueId, RecordingId, RecordingPolicy};

use crate::{Call, Effect, call::Stage, leg::Leg};

/// How long the writer may take to close a file before the call ends without knowing its length.
const FILE_CLOSES_WITHIN: Duration = Duration::from_secs(60);

/// The call's recording: one file a call.
pub(crate) struct Recording {
    id: RecordingId,
    state: RecordingState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RecordingState {
    Running,
    /// Told to end; the file is to be closed by then.
    Stopping(Instant),
    Closed,
}

impl Call {
    /// Lets the caller and `partner` hear each other.
    pub(crate) fn bridge(&mut self, partner: LegId) {
        let caller = self.caller();
        if matches!(self.stage, Stage::Waiting(_)) {
            self.effect(Effect::StopPlay { leg: caller });
        }
        self.effect(Effect::Bridge { a: caller, b: partner });
        for (leg, hears) in [(caller, partner), (partner, caller)] {
            if let Some(leg) = self.legs.get_mut(&leg) {
                leg.hears = Some(hears);
            }
        }
    }

    /// They talk. `listeners` are those who must have heard the policy's consent prompt before anything is recorded.
    pub(crate) fn talk(&mut self, now: Now, partner: LegId, queue: Option<QueueId>, policy: &RecordingPolicy, listeners: &[LegId]) {
        self.fact(Fact::CallBridged { call: self.setup.call, a: self.caller(), b: partner });
        self.stage = Stage::Talking;
        let told = listeners.iter().all(|leg| self.consent_due(*leg, policy).is_none());
        if policy.record && told {
            self.record(now, partner, queue);
        }
    }

    /// The consent prompt this leg must still hear before it may be recorded.
    pub(crate) fn consent_due(&self, leg: LegId, policy: &RecordingPolicy) -> Option<String> {
        self.legs.get(&leg)?.consent_due(policy)
    }

    /// The same for a caller outside, before the call goes out again: people on our own phones are not told.
    pub(crate) fn outside_caller_consent_due(&self, policy: &RecordingPolicy) -> Option<String> {
        self.legs.get(&self.caller()).filter(|leg| leg.is_outside())?.consent_due(policy)
    }

    pub(crate) fn consent_heard(&mut self, leg: LegId, prompt: String) {
        if let Some(heard) = self.legs.get_mut(&leg) {
            heard.consents.insert(prompt.clone());
            self.fact(Fact::CallConsent { call: self.setup.call, leg, prompt });
        }
    }

    fn record(&mut self, now: Now, partner: LegId, queue: Option<QueueId>) {
        let recording = RecordingId::new(self.ids.next(now.wall));
        let file = format!("{}/{recording}.wav", now.wall.strftime("%Y/%m/%d"));
        let agent = [partner, self.caller()].iter().find_map(|leg| self.legs.get(leg)?.agent);
        self.effect(Effect::StartRecording { recording, left: self.caller(), file: file.clone() });
        self.effect(Effect::SetRecordingRight { recording, right: Some(partner) });
        self.fact(Fact::RecordingStarted { recording, call: self.setup.call, queue, agent, file });
        self.recording = Some(Recording { id: recording, state: RecordingState::Running });
    }

    /// Ends the recording with the last leg that was spoken with.
    pub(crate) fn stop_recording_when_alone(&mut self, now: Now) {
        if self.legs.values().any(Leg::is_partner) {
            return;
        }
        if let Some(recording) = self.recording.as_mut().filter(|recording| recording.state == RecordingState::Running) {
            recording.state = RecordingState::Stopping(now.mono + FILE_CLOSES_WITHIN);
            let recording = recording.id;
            self.effect(Effect::StopRecording { recording });
            self.fact(Fact::RecordingStopped { recording, call: self.setup.call });
        }
    }

    pub(crate) fn recording_closed(&mut self, id: RecordingId, length_ms: u64, bytes: u64, gap_ms: u64, error: Option<String>) {
        let call = self.setup.call;
        let Some(recording) = self.recording.as_mut().filter(|recording| recording.id == id) else { return };
        match std::mem::replace(&mut recording.state, RecordingState::Closed) {
            RecordingState::Closed => return,
            RecordingState::Stopping(_) => {}
            // The writer gave up in mid-call (disk full): the span ends here.
            RecordingState::Running => self.fact(Fact::RecordingStopped { recording: id, call }),
        }
        self.fact(Fact::RecordingClosed { recording: id, call, length_ms, bytes, gap_ms, error });
    }

    pub(crate) fn recording_timeout(&mut self, now: Now) {
        if self.recording_until().is_some_and(|until| until <= now.mono)
            && let Some(id) = self.recording.as_ref().map(|recording| recording.id)
        {
            let error = format!("the writer did not close the file within {} s", FILE_CLOSES_WITHIN.as_secs());
            self.recording_closed(id, 0, 0, 0, Some(error));
        }
    }

    pub(crate) fn recording_is_open(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| recording.state != RecordingState::Closed)
    }

    /// When waiting for the file to be closed ends; `None` when nothing is waited for.
    pub(crate) fn recording_until(&self) -> Option<Instant> {
        match self.recording.as_ref()?.state {
            RecordingState::Stopping(until) => Some(until),
            RecordingState::Running | RecordingState::Closed => None,
        }
    }
}

impl Leg {
    pub(crate) fn consent_due(&self, policy: &RecordingPolicy) -> Option<String> {
        policy.consent.as_ref().filter(|prompt| policy.record && !self.consents.contains(*prompt)).cloned()
    }
}
