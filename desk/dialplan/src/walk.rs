//! One call's way through a plan.

use std::sync::Arc;

use carillon_model::{QueueExit, Reason};

use crate::{
    action::{Action, DialTarget, MenuEnd, Next, Outcome},
    plan::{Callee, DialTo, Named, Plan, StepKind},
};

/// Steps after which a call is ended: no plan that means well needs as many, and a loop must end some time.
const MAX_STEPS: u32 = 1_000;

/// Takes one call through a plan. [`Walk::start`] gives the first action; after each has been carried out, [`Walk::next`] is told
/// how it went and gives the following one, until [`Action::HangUp`]. The end of the call simply drops the walk.
#[derive(Debug, Clone)]
pub struct Walk {
    plan: Arc<Plan>,
    called: String,
    step: String,
    steps_taken: u32,
    menu_tries: u32,
    /// An action given so far needed the caller's leg answered.
    answered: bool,
    /// Set while the last prompt before a hang-up plays.
    ending: Option<Reason>,
}

impl Walk {
    /// Begins at a step, usually the one [`Plan::route`] found. `called` is what the caller dialled.
    /// A step the plan does not have ends the call with [`Reason::PlanFailed`].
    pub fn start(plan: Arc<Plan>, step: &str, called: &str) -> (Self, Next) {
        let mut walk =
            Self { plan, called: called.to_owned(), step: String::new(), steps_taken: 0, menu_tries: 0, answered: false, ending: None };
        let first = walk.enter(step);
        (walk, first)
    }

    /// The step the call is in.
    pub fn step(&self) -> &str {
        &self.step
    }

    /// What the caller dialled.
    pub fn called(&self) -> &str {
        &self.called
    }

    /// The last action went so; what next? An outcome that does not belong to it ends the call with [`Reason::PlanFailed`].
    pub fn next(&mut self, outcome: Outcome) -> Next {
        if let Some(reason) = self.ending {
            return self.stay(Action::HangUp { reason });
        }
        let plan = Arc::clone(&self.plan);
        let Some(step) = plan.steps.get(&self.step) else { return self.failed() };
        match (&step.kind, outcome) {
            // Nobody is recorded who was not told: without its consent prompt a call must not go on.
            (StepKind::Announce { consent: true, .. }, Outcome::PlayFailed) => self.failed(),
            (StepKind::Announce { then, .. } | StepKind::Play { then, .. }, Outcome::Played | Outcome::PlayFailed) => {
                self.enter(&then.name)
            }
            (StepKind::Menu { keys, .. }, Outcome::Key(key)) if keys.contains_key(&key) => {
                let target = keys[&key].name.clone();
                self.leave_menu(Some(key), &target)
            }
            (StepKind::Menu { tries, otherwise, .. }, Outcome::Key(_) | Outcome::NoKey | Outcome::PlayFailed) => {
                if self.menu_tries >= *tries {
                    return self.leave_menu(None, &otherwise.name);
                }
                self.menu_again(&step.kind, matches!(outcome, Outcome::Key(_)))
            }
            (StepKind::Queue { on_timeout, on_full, on_no_agents, .. }, Outcome::LeftQueue(exit)) => match exit {
                QueueExit::Timeout => self.follow(on_timeout.as_ref(), Reason::QueueTimeout),
                QueueExit::Full => self.follow(on_full.as_ref(), Reason::QueueFull),
                QueueExit::NoAgents => self.follow(on_no_agents.as_ref(), Reason::NoAgents),
                QueueExit::Answered | QueueExit::Abandoned | QueueExit::Ended => self.stay(Action::HangUp { reason: Reason::PlanEnded }),
            },
            (StepKind::Dial { on_busy, on_no_answer, on_failed, .. }, Outcome::NotReached(reason)) => match reason {
                Reason::Busy => self.follow(on_busy.as_ref(), reason),
                Reason::NoAnswer => self.follow(on_no_answer.as_ref(), reason),
                _ => self.follow(on_failed.as_ref(), reason),
            },
            (StepKind::Announce { .. } | StepKind::Play { .. } | StepKind::HangUp { .. }, _)
            | (StepKind::Menu { .. } | StepKind::Queue { .. } | StepKind::Dial { .. }, _) => self.failed(),
        }
    }

    fn enter(&mut self, name: &str) -> Next {
        self.step = name.to_owned();
        self.steps_taken += 1;
        self.menu_tries = 1;
        let plan = Arc::clone(&self.plan);
        let Some(step) = plan.steps.get(name).filter(|_| self.steps_taken <= MAX_STEPS) else { return self.failed() };
        let action = match &step.kind {
            StepKind::Announce { prompt, consent, .. } => Action::Announce { prompt: prompt.name.clone(), consent: *consent },
            StepKind::Play { prompts, skip, .. } => Action::Play { prompts: names(prompts), skip: *skip },
            StepKind::Menu { prompts, keys, timeout_ms, .. } => {
                Action::Menu { prompts: names(prompts), keys: keys.keys().copied().collect(), timeout_ms: *timeout_ms }
            }
            StepKind::Queue { queue, priority, wait_for_nobody, .. } => {
                Action::Queue { queue: queue.name.clone(), priority: *priority, wait_for_nobody: *wait_for_nobody }
            }
            StepKind::Dial { to, ring_ms, .. } => Action::Dial { target: self.target(to), ring_ms: *ring_ms },
            StepKind::HangUp { reason, prompt } => self.last_words(*reason, prompt.as_ref()),
        };
        self.answered |= action.needs_answer();
        Next { entered: Some(self.step.clone()), menu: None, action }
    }

    /// A call that was answered hears the prompt first. One that was not is refused at once, with the status its reason stands for:
    /// nobody is answered, and charged, to be told that the number does not exist.
    fn last_words(&mut self, reason: Reason, prompt: Option<&Named>) -> Action {
        match prompt {
            Some(prompt) if self.answered => {
                self.ending = Some(reason);
                Action::Play { prompts: vec![prompt.name.clone()], skip: false }
            }
            _ => Action::HangUp { reason },
        }
    }

    fn target(&self, to: &DialTo) -> DialTarget {
        let text = |callee: &Callee| match callee {
            Callee::Called => self.called.clone(),
            Callee::Fixed(named) => named.name.clone(),
        };
        match to {
            DialTo::Phone(phone) => DialTarget::Phone(text(phone)),
            DialTo::Number { number, trunk } => {
                DialTarget::Number { number: text(number), trunk: trunk.as_ref().map(|trunk| trunk.name.clone()) }
            }
        }
    }

    fn leave_menu(&mut self, key: Option<char>, target: &str) -> Next {
        let left = MenuEnd { step: self.step.clone(), key };
        Next { menu: Some(left), ..self.enter(target) }
    }

    fn menu_again(&mut self, menu: &StepKind, wrong_key: bool) -> Next {
        let StepKind::Menu { prompts, keys, timeout_ms, wrong, .. } = menu else { return self.failed() };
        self.menu_tries += 1;
        let first = wrong.iter().filter(|_| wrong_key).map(|wrong| wrong.name.clone());
        let prompts = first.chain(names(prompts)).collect();
        self.stay(Action::Menu { prompts, keys: keys.keys().copied().collect(), timeout_ms: *timeout_ms })
    }

    fn follow(&mut self, exit: Option<&Named>, otherwise: Reason) -> Next {
        match exit {
            Some(step) => self.enter(&step.name),
            None => self.stay(Action::HangUp { reason: otherwise }),
        }
    }

    fn failed(&self) -> Next {
        self.stay(Action::HangUp { reason: Reason::PlanFailed })
    }

    fn stay(&self, action: Action) -> Next {
        Next { entered: None, menu: None, action }
    }
}

fn names(named: &[Named]) -> Vec<String> {
    named.iter().map(|named| named.name.clone()).collect()
}
