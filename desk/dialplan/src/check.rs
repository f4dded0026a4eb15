//! What a plan that parses may still have wrong: names of things that are not there, steps nobody reaches, loops without end, and
//! routes that would let strangers call out at our cost.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    plan::{Callee, DialTo, Named, Plan, Step, StepKind},
    problem::Problem,
    say::is_saying,
};

/// What there is for a plan to name. `None`: not known here, not checked.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Short names of queues.
    pub queues: Option<BTreeSet<String>>,
    /// Names of prompts.
    pub prompts: Option<BTreeSet<String>>,
    /// Short names of trunks.
    pub trunks: Option<BTreeSet<String>>,
    /// Names of phones.
    pub phones: Option<BTreeSet<String>>,
}

impl Plan {
    /// All problems of a plan, in the order of the file; none: it can be used.
    pub fn check(&self, known: &Known) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.unknown_names(known, &mut problems);
        self.unreachable_steps(&mut problems);
        self.endless_loops(&mut problems);
        self.shadowed_routes(&mut problems);
        self.strangers_calling_out(&mut problems);
        problems.sort();
        problems.dedup();
        problems
    }

    fn unknown_names(&self, known: &Known, problems: &mut Vec<Problem>) {
        let mut wants = |what: &str, names: &Option<BTreeSet<String>>, named: &Named| {
            if names.as_ref().is_some_and(|names| !names.contains(&named.name)) {
                problems.push(named.place.problem(&self.file, format!("there is no {what} `{}`", named.name)));
            }
        };
        for route in &self.routes {
            if let crate::route::From::Trunk(trunk) = &route.from {
                wants("trunk", &known.trunks, trunk);
            }
        }
        for step in self.steps.values() {
            let played = step.kind.played().into_iter().filter(|prompt| !is_saying(&prompt.name));
            played.chain(step.kind.said_alone()).for_each(|prompt| wants("prompt", &known.prompts, prompt));
            match &step.kind {
                StepKind::Queue { queue, .. } => wants("queue", &known.queues, queue),
                StepKind::Dial { to: DialTo::Phone(Callee::Fixed(phone)), .. } => wants("phone", &known.phones, phone),
                StepKind::Dial { to: DialTo::Number { trunk: Some(trunk), .. }, .. } => wants("trunk", &known.trunks, trunk),
                StepKind::Dial { .. }
                | StepKind::Announce { .. }
                | StepKind::Play { .. }
                | StepKind::Menu { .. }
                | StepKind::HangUp { .. } => {}
            }
        }
    }

    fn unreachable_steps(&self, problems: &mut Vec<Problem>) {
        let reached = self.reached_from(self.routes.iter().map(|route| route.step.name.as_str()));
        for (name, step) in &self.steps {
            if !reached.contains(name.as_str()) {
                problems.push(step.place.problem(&self.file, format!("nothing leads to step `{name}`")));
            }
        }
    }

    /// Two kinds of loop never end: prompts that lead only to prompts, and exits taken at once that lead only to such exits.
    fn endless_loops(&self, problems: &mut Vec<Problem>) {
        let after_playing = |step: &Step| match &step.kind {
            StepKind::Announce { then, .. } | StepKind::Play { then, .. } => vec![then.name.clone()],
            StepKind::Menu { .. } | StepKind::Queue { .. } | StepKind::Dial { .. } | StepKind::HangUp { .. } => Vec::new(),
        };
        let at_once = |step: &Step| step.kind.instant_exits().into_iter().map(|named| named.name.clone()).collect();
        self.loops(after_playing, "is played round and round: nothing in the loop lets the caller go on", problems);
        self.loops(at_once, "comes back to itself at once, without anybody being waited for: put a play or a menu in between", problems);
    }

    fn loops(&self, exits: impl Fn(&Step) -> Vec<String>, message: &str, problems: &mut Vec<Problem>) {
        let next: BTreeMap<&str, Vec<String>> = self.steps.iter().map(|(name, step)| (name.as_str(), exits(step))).collect();
        for (name, step) in &self.steps {
            let mut seen = BTreeSet::new();
            let mut ahead: Vec<&str> = vec![name];
            while let Some(at) = ahead.pop() {
                for exit in next.get(at).into_iter().flatten() {
                    if seen.insert(exit.as_str()) {
                        ahead.push(exit);
                    }
                }
            }
            if seen.contains(name.as_str()) {
                problems.push(step.place.problem(&self.file, format!("step `{name}` {message}")));
            }
        }
    }

    fn shadowed_routes(&self, problems: &mut Vec<Problem>) {
        for (at, route) in self.routes.iter().enumerate() {
            if let Some(earlier) = self.routes[..at].iter().find(|earlier| earlier.covers(route)) {
                let message = format!("no call comes here: the route at line {} takes them all first", earlier.place.line);
                problems.push(route.place.problem(&self.file, message));
            }
        }
    }

    /// A call from outside must never be sent out again to the number it asked for: that is how exchanges are robbed.
    fn strangers_calling_out(&self, problems: &mut Vec<Problem>) {
        for route in self.routes.iter().filter(|route| route.from.may_be_trunk()) {
            let calls_out = |name: &&str| {
                matches!(
                    self.steps.get(*name).map(|step| &step.kind),
                    Some(StepKind::Dial { to: DialTo::Number { number: Callee::Called, .. }, .. })
                )
            };
            let reached = self.reached_from([route.step.name.as_str()]);
            if let Some(step) = reached.iter().find(|name| calls_out(name)) {
                let message = format!("callers from outside could call out through step `{step}`: give the route from = \"phone\"");
                problems.push(route.place.problem(&self.file, message));
            }
        }
    }

    fn reached_from<'a>(&'a self, starts: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut ahead: Vec<&str> = starts.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(name) = ahead.pop() {
            if reached.insert(name)
                && let Some(step) = self.steps.get(name)
            {
                ahead.extend(step.kind.exits().into_iter().map(|exit| exit.name.as_str()));
            }
        }
        reached
    }
}
