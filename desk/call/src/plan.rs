//! The dialplan carried out: what the walk wants done to the caller, and how it went.

use std::time::{Duration, Instant};

use carillon_dialplan::{Action, Next, Outcome, Saying, Situation, Walk};
use carillon_model::{EndedBy, Ending, Fact, LegId, Now, Number, PlayId, Reason};

use crate::{
    Call, Effect,
    call::Stage,
    dial::is_the_end,
    leg::{Leg, LegState},
};

/// How long a prompt that ended too early may be the first sign of a leg that is ending. After that it is a prompt that cannot be played.
const PROMPT_GRACE: Duration = Duration::from_secs(2);

/// Prompts on their way to the caller.
pub(crate) struct Playing {
    play: PlayId,
    /// Any key ends it.
    skip: bool,
    /// Set when hearing it to the end is consent.
    consent: Option<String>,
    /// The action that waits for the consent; `None`: the prompts are the action.
    before: Option<Action>,
    /// Set once the play ended too early.
    pub(crate) gives_up: Option<Instant>,
}

/// A question to the caller.
pub(crate) struct Menu {
    /// Set while its prompts play.
    play: Option<PlayId>,
    timeout: Duration,
    /// Set once the prompts were heard.
    pub(crate) key_until: Option<Instant>,
    /// Set once the play ended too early.
    pub(crate) gives_up: Option<Instant>,
}

impl Call {
    pub(crate) fn walk_from(&mut self, now: Now, step: &str, called: &Number) {
        let (walk, first) = Walk::start(self.setup.plan.clone(), step, called.as_str());
        self.walk = Some(walk);
        self.follow(now, first);
    }

    /// The walk's last action went so.
    pub(crate) fn walk_on(&mut self, now: Now, outcome: Outcome) {
        if let Some(next) = self.plan_says(now, outcome) {
            self.follow(now, next);
        }
    }

    /// What the plan wants next. A call given on that reached nobody, and has no exit there, comes back instead.
    fn plan_says(&mut self, now: Now, outcome: Outcome) -> Option<Next> {
        let next = self.walk.as_mut()?.next(outcome);
        match outcome {
            Outcome::NotReached(reason) if self.is_given_on && is_the_end(&next) => {
                self.comes_back(now, Ending::new(EndedBy::System, reason));
                None
            }
            _ => Some(next),
        }
    }

    pub(crate) fn follow(&mut self, now: Now, mut next: Next) {
        // A loop: steps that fail at once follow each other without end until the walk calls it enough.
        loop {
            let call = self.setup.call;
            if let Some(menu) = next.menu {
                self.fact(Fact::CallMenu { call, step: menu.step, key: menu.key });
            }
            if let Some(step) = next.entered {
                self.fact(Fact::CallStep { call, step });
            }
            let Some(outcome) = self.attempt(now, next.action) else { return };
            let Some(following) = self.plan_says(now, outcome) else { return };
            next = following;
        }
    }

    pub(crate) fn carry_out(&mut self, now: Now, action: Action) {
        if let Some(outcome) = self.attempt(now, action) {
            self.walk_on(now, outcome);
        }
    }

    /// Begins an action; how it went, when that is known at once.
    fn attempt(&mut self, now: Now, action: Action) -> Option<Outcome> {
        if action.needs_answer() && !self.is_caller_answered() {
            self.answer_caller();
            self.stage = Stage::Answering(action);
            return None;
        }
        match action {
            Action::Announce { prompt, consent } => {
                let heard = consent.then(|| prompt.clone());
                self.play(now, vec![prompt], heard, None);
                None
            }
            // A caller without a number, who was to hear it.
            Action::Play { prompts, .. } if self.in_words(now, prompts.clone()).is_empty() => Some(Outcome::Played),
            Action::Play { prompts, skip } => {
                let play = self.play_to(now, self.served, prompts);
                self.stage = Stage::Playing(Playing { play, skip, consent: None, before: None, gives_up: None });
                None
            }
            Action::Menu { prompts, keys: _, timeout_ms } => {
                let timeout = Duration::from_millis(timeout_ms.into());
                let is_said = !self.in_words(now, prompts.clone()).is_empty();
                let play = is_said.then(|| self.play_to(now, self.served, prompts));
                let key_until = (!is_said).then(|| now.mono + timeout);
                self.stage = Stage::Menu(Menu { play, timeout, key_until, gives_up: None });
                None
            }
            Action::Queue { ref queue, priority, wait_for_nobody } => {
                let Some(queue) = self.setup.site.queue(queue).cloned() else {
                    self.close(Ending::new(EndedBy::Dialplan, Reason::PlanFailed));
                    return None;
                };
                match self.consent_due(self.served, &queue.recording) {
                    Some(prompt) => self.play(now, vec![prompt.clone()], Some(prompt), Some(action)),
                    None => self.join(now, &queue, priority, wait_for_nobody),
                }
                None
            }
            Action::Dial { ref target, ring_ms } => {
                let destination = match self.setup.site.dial_target(target) {
                    Ok(destination) => destination,
                    Err(reason) => return Some(Outcome::NotReached(reason)),
                };
                match self.outside_caller_consent_due(&destination.recording) {
                    Some(_) if !self.is_caller_answered() => {
                        self.answer_caller();
                        self.stage = Stage::Answering(action);
                    }
                    Some(prompt) => self.play(now, vec![prompt.clone()], Some(prompt), Some(action)),
                    None => return self.dial(now, destination, Duration::from_millis(ring_ms.into())),
                }
                None
            }
            Action::HangUp { reason } => {
                self.close(Ending::new(EndedBy::Dialplan, reason));
                None
            }
        }
    }

    /// A key. Outside a menu, a feature code and prompts that may be skipped it means nothing.
    pub(crate) fn digit(&mut self, now: Now, leg: LegId, digit: char) {
        self.key_beside_supervisor(leg, digit);
        if leg != self.served {
            return;
        }
        if matches!(self.stage, Stage::Service(_)) {
            return self.service_key(now, leg, digit);
        }
        if matches!(&self.stage, Stage::Playing(playing) if playing.skip) {
            self.effect(Effect::StopPlay { leg });
            return self.walk_on(now, Outcome::Played);
        }
        let Stage::Menu(menu) = &self.stage else { return };
        if menu.play.is_some() {
            self.effect(Effect::StopPlay { leg });
        }
        self.walk_on(now, Outcome::Key(digit));
    }

    pub(crate) fn no_key(&mut self, now: Now) {
        self.walk_on(now, Outcome::NoKey);
    }

    /// Prompts ended. Only those the call waits for matter; one stopped for a key or replaced does not.
    pub(crate) fn prompt_ended(&mut self, now: Now, play: PlayId, completed: bool) {
        let gives_up = (!completed).then(|| now.mono + PROMPT_GRACE);
        match &mut self.stage {
            Stage::Playing(playing) if playing.play == play => {
                playing.gives_up = gives_up;
                if completed {
                    self.prompt_heard(now);
                }
            }
            Stage::Menu(menu) if menu.play == Some(play) => {
                menu.play = None;
                menu.gives_up = gives_up;
                menu.key_until = completed.then(|| now.mono + menu.timeout);
            }
            Stage::Dialling(dialling) if dialling.consent == Some(play) => {
                dialling.gives_up = gives_up;
                if completed {
                    self.callee_consents(now);
                }
            }
            Stage::Service(_) => self.service_said(now, play),
            _ => {}
        }
    }

    /// Prompts that cannot be played. Nobody is recorded who was not told: without its consent prompt the call does not go on.
    pub(crate) fn prompt_failed(&mut self, now: Now) {
        match &self.stage {
            Stage::Playing(Playing { before: Some(_), .. }) | Stage::Dialling(_) => {
                self.close(Ending::new(EndedBy::System, Reason::PlanFailed));
            }
            _ => self.walk_on(now, Outcome::PlayFailed),
        }
    }

    fn prompt_heard(&mut self, now: Now) {
        let Stage::Playing(playing) = std::mem::replace(&mut self.stage, Stage::Turning) else { return };
        if let Some(prompt) = playing.consent {
            self.consent_heard(self.served, prompt);
        }
        match playing.before {
            Some(action) => self.carry_out(now, action),
            None => self.walk_on(now, Outcome::Played),
        }
    }

    fn play(&mut self, now: Now, sounds: Vec<String>, consent: Option<String>, before: Option<Action>) {
        let play = self.play_to(now, self.served, sounds);
        self.stage = Stage::Playing(Playing { play, skip: false, consent, before, gives_up: None });
    }

    pub(crate) fn play_to(&mut self, now: Now, leg: LegId, prompts: Vec<String>) -> PlayId {
        let sounds = self.in_words(now, prompts);
        let play = self.new_play(now);
        self.effect(Effect::Play { leg, play, sounds });
        play
    }

    /// Puts the words in place of what is to be said.
    fn in_words(&self, now: Now, prompts: Vec<String>) -> Vec<String> {
        let speech = &self.setup.speech;
        let situation = Situation {
            called: self.walk.as_ref().map_or(self.setup.called.as_str(), Walk::called),
            caller: self.setup.caller.as_str(),
            local: now.wall.to_zoned(speech.time_zone.clone()).datetime(),
        };
        let said = prompts.into_iter().flat_map(|prompt| match Saying::parse(&prompt) {
            Ok(saying) => saying.sounds(speech.language, &situation),
            Err(_) => vec![prompt],
        });
        said.collect()
    }

    /// Answers the caller once; later calls change nothing.
    pub(crate) fn answer_caller(&mut self) {
        let leg = self.served;
        if let Some(caller) = self.live_served().filter(|leg| leg.came_in && matches!(leg.state, LegState::Trying | LegState::Ringing)) {
            caller.state = LegState::Answering;
            self.effect(Effect::Answer { leg });
        }
    }

    pub(crate) fn is_caller_answered(&self) -> bool {
        self.legs.get(&self.served).is_some_and(Leg::is_answered)
    }
}
