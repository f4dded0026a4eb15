//! Feature codes: a call to the server itself, by which an agent at a telephone logs in and out, pauses and resumes.

use std::time::{Duration, Instant};

use carillon_model::{EndedBy, Ending, LegId, Now, Number, PlayId, Reason};

use crate::{Call, Effect, Keys, call::Stage};

/// How often number and PIN may be wrong in one call.
const TRIES: u8 = 3;
/// How long a key is waited for.
const KEY_WITHIN: Duration = Duration::from_secs(8);
/// How long the server may take to carry out what was asked for.
const DONE_WITHIN: Duration = Duration::from_secs(15);
/// The longest number or PIN; what is pressed beyond it counts for nothing.
const MOST_KEYS: usize = 16;

/// A code dialled on a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureCode {
    /// `*45`
    LogIn,
    /// `*46`
    LogOut,
    /// `*47`
    Pause,
    /// `*48`
    Resume,
}

impl FeatureCode {
    /// The code that is dialled, if it is one.
    pub fn of(dialled: &Number) -> Option<Self> {
        match dialled.as_str() {
            "*45" => Some(Self::LogIn),
            "*46" => Some(Self::LogOut),
            "*47" => Some(Self::Pause),
            "*48" => Some(Self::Resume),
            _ => None,
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::LogIn => "service-logged-in",
            Self::LogOut => "service-logged-out",
            Self::Pause => "service-paused",
            Self::Resume => "service-ready",
        }
    }
}

/// What whoever is at a telephone wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeatureRequest {
    /// To log in with it.
    LogIn {
        /// The agent's number.
        number: Keys,
        /// The agent's PIN.
        pin: Keys,
    },
    /// To log out.
    LogOut,
    /// To pause, for the usual reason.
    Pause,
    /// To end the pause.
    Resume,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureOutcome {
    /// It is so.
    Done,
    /// No agent has this number and PIN.
    Wrong,
    /// Nobody works with this telephone.
    NobodyHere,
    /// It cannot be: the agent works elsewhere, the telephone is another's, too many were wrong of late.
    Refused,
}

/// A feature code at work.
pub(crate) struct Service {
    code: FeatureCode,
    wrong: u8,
    step: Step,
}

enum Step {
    /// Our answer is on its way.
    Answering,
    /// The number is asked for, or the PIN once that is known.
    Asking { play: Option<PlayId>, number: Option<Keys>, pressed: String, until: Option<Instant> },
    /// The server is at it.
    Carrying { until: Instant },
    /// What came of it is said; then it is asked anew, or that was all.
    Saying { play: PlayId, again: bool },
}

impl Service {
    pub(crate) fn until(&self) -> Option<Instant> {
        match self.step {
            Step::Asking { until, .. } => until,
            Step::Carrying { until } => Some(until),
            Step::Answering | Step::Saying { .. } => None,
        }
    }
}

impl Call {
    pub(crate) fn serve(&mut self, code: FeatureCode) {
        self.answer_caller();
        self.stage = Stage::Service(Service { code, wrong: 0, step: Step::Answering });
    }

    /// The telephone hears us.
    pub(crate) fn service_begins(&mut self, now: Now, service: Service) {
        let request = match service.code {
            FeatureCode::LogIn => return self.ask(now, service, None),
            FeatureCode::LogOut => FeatureRequest::LogOut,
            FeatureCode::Pause => FeatureRequest::Pause,
            FeatureCode::Resume => FeatureRequest::Resume,
        };
        self.have_done(now, service, request);
    }

    fn ask(&mut self, now: Now, service: Service, number: Option<Keys>) {
        let prompt = if number.is_none() { "service-number" } else { "service-pin" };
        let play = Some(self.play_to(now, self.served, vec![prompt.to_owned()]));
        self.stage = Stage::Service(Service { step: Step::Asking { play, number, pressed: String::new(), until: None }, ..service });
    }

    fn have_done(&mut self, now: Now, service: Service, request: FeatureRequest) {
        let Some(phone) = self.legs.get(&self.served).and_then(|leg| leg.phone) else { return };
        self.effect(Effect::Feature { phone, request });
        self.stage = Stage::Service(Service { step: Step::Carrying { until: now.mono + DONE_WITHIN }, ..service });
    }

    /// A key pressed to the server. `#` ends what is entered, `*` takes it back.
    pub(crate) fn service_key(&mut self, now: Now, leg: LegId, key: char) {
        let Stage::Service(Service { step: Step::Asking { play, pressed, until, .. }, .. }) = &mut self.stage else { return };
        let stops = play.take().is_some();
        *until = Some(now.mono + KEY_WITHIN);
        match key {
            '*' => pressed.clear(),
            '0'..='9' if pressed.len() < MOST_KEYS => pressed.push(key),
            _ => {}
        }
        if stops {
            self.effect(Effect::StopPlay { leg });
        }
        if key == '#' {
            self.entered(now);
        }
    }

    fn entered(&mut self, now: Now) {
        let Stage::Service(service) = std::mem::replace(&mut self.stage, Stage::Turning) else { return };
        let Step::Asking { number, pressed, .. } = &service.step else { return self.stage = Stage::Service(service) };
        match (number.clone(), Keys::new(pressed)) {
            (None, Some(number)) => self.ask(now, service, Some(number)),
            (Some(number), Some(pin)) => self.have_done(now, service, FeatureRequest::LogIn { number, pin }),
            (_, None) => self.came_of_it(now, service, FeatureOutcome::Wrong),
        }
    }

    /// The server did it, or not.
    pub(crate) fn feature_done(&mut self, now: Now, outcome: FeatureOutcome) {
        match std::mem::replace(&mut self.stage, Stage::Turning) {
            Stage::Service(service) if matches!(service.step, Step::Carrying { .. }) => self.came_of_it(now, service, outcome),
            stage => self.stage = stage,
        }
    }

    fn came_of_it(&mut self, now: Now, service: Service, outcome: FeatureOutcome) {
        let wrong = service.wrong + u8::from(outcome == FeatureOutcome::Wrong);
        let prompt = match outcome {
            FeatureOutcome::Done => service.code.done(),
            FeatureOutcome::Wrong => "service-wrong",
            FeatureOutcome::NobodyHere => "service-nobody",
            FeatureOutcome::Refused => "service-refused",
        };
        let again = outcome == FeatureOutcome::Wrong && wrong < TRIES;
        let play = self.play_to(now, self.served, vec![prompt.to_owned()]);
        self.stage = Stage::Service(Service { wrong, step: Step::Saying { play, again }, ..service });
    }

    /// A prompt ended. One that cannot be played keeps nobody from what it says.
    pub(crate) fn service_said(&mut self, now: Now, ended: PlayId) {
        match std::mem::replace(&mut self.stage, Stage::Turning) {
            Stage::Service(mut service) => match &mut service.step {
                Step::Asking { play, until, .. } if *play == Some(ended) => {
                    (*play, *until) = (None, Some(now.mono + KEY_WITHIN));
                    self.stage = Stage::Service(service);
                }
                Step::Saying { play, again: true } if *play == ended => self.ask(now, service, None),
                Step::Saying { play, again: false } if *play == ended => self.close(Ending::new(EndedBy::System, Reason::PlanEnded)),
                _ => self.stage = Stage::Service(service),
            },
            stage => self.stage = stage,
        }
    }

    /// No key came, or the server did not get round to it.
    pub(crate) fn service_due(&mut self, now: Now) {
        match &self.stage {
            Stage::Service(Service { step: Step::Asking { .. }, .. }) => self.entered(now),
            _ => self.feature_done(now, FeatureOutcome::Refused),
        }
    }
}
