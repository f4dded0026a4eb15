//! From text to plan, with every mistake found on the way.

use std::{collections::BTreeMap, ops::RangeInclusive};

use carillon_model::Reason;
use serde::de::{DeserializeOwned, IntoDeserializer};
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use crate::{
    action::reason_of,
    hours::Window,
    plan::{Callee, DialTo, Named, Plan, Step, StepKind},
    problem::{Problem, Source},
    raw::{OneOrMany, RawAnnounce, RawDial, RawHangUp, RawHours, RawMenu, RawPlay, RawQueue, RawRoute, Text},
    route::{From, Pattern, Route},
    say::{Saying, is_saying},
};

/// Longest plan that is read.
pub(crate) const MAX_TEXT: usize = 1024 * 1024;
/// Most prompts played in one step.
const MAX_PROMPTS: usize = 20;
const KEYS: &str = "0123456789*#ABCD";
const KINDS: &str = "announce, play, menu, queue, dial, hang_up";

impl Plan {
    /// Reads a plan. `file` is only for the problems' sake.
    ///
    /// # Errors
    /// All problems found: text that is no TOML, keys and kinds there are none of, values out of range, steps that do not exist.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let source = Source { file, text };
        if text.len() > MAX_TEXT {
            return Err(vec![source.problem(0, "the plan is longer than 1 MiB")]);
        }
        let document = DeTable::parse(text).map_err(|error| vec![source.toml_problem(&error, 0)])?;
        let mut reader = Reader { source: &source, problems: Vec::new() };
        let plan = reader.plan(document.into_inner());
        reader.unknown_steps(&plan);
        if reader.problems.is_empty() {
            return Ok(plan);
        }
        reader.problems.sort();
        Err(reader.problems)
    }
}

struct Reader<'a> {
    source: &'a Source<'a>,
    problems: Vec<Problem>,
}

/// A part of the plan could not be read; the problem is noted.
struct Noted;

type Read<T> = Result<T, Noted>;

impl Reader<'_> {
    fn plan(&mut self, document: DeTable<'_>) -> Plan {
        let mut plan = Plan { file: self.source.file.to_owned(), routes: Vec::new(), steps: BTreeMap::new() };
        for (key, value) in document {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("route", DeValue::Array(_)) => plan.routes = self.routes(value),
                ("step", DeValue::Table(_)) => plan.steps = self.steps(value),
                ("route", _) => self.note(key.span().start, "routes are written as [[route]]"),
                ("step", _) => self.note(key.span().start, "steps are written as [step.NAME]"),
                (other, _) => {
                    let message = format!("`{other}` is nothing a plan has; it has [[route]] and [step.NAME]");
                    self.note(key.span().start, message);
                }
            }
        }
        if plan.routes.is_empty() && self.problems.is_empty() {
            self.note(0, "a plan needs at least one [[route]]");
        }
        plan
    }

    fn routes(&mut self, list: Spanned<DeValue<'_>>) -> Vec<Route> {
        let DeValue::Array(routes) = list.into_inner() else { return Vec::new() };
        routes.into_iter().filter_map(|route| self.route(route).ok()).collect()
    }

    fn route(&mut self, value: Spanned<DeValue<'_>>) -> Read<Route> {
        let offset = value.span().start;
        let raw: RawRoute = self.read(value)?;
        let from = self.from(&raw)?;
        let hours = raw.hours.map(|hours| self.hours(hours)).transpose()?.unwrap_or_default();
        Ok(Route {
            place: self.source.place(offset),
            from,
            called: self.patterns(raw.called)?,
            caller: raw.caller.map(|caller| self.patterns(caller)).transpose()?.unwrap_or_default(),
            hours,
            step: self.named(raw.step),
        })
    }

    fn from(&mut self, raw: &RawRoute) -> Read<From> {
        match (&raw.trunk, &raw.from) {
            (None, None) => Ok(From::Anywhere),
            (Some(trunk), None) => Ok(From::Trunk(self.named(trunk.clone()))),
            (None, Some(from)) => match from.get_ref().as_str() {
                "phone" => Ok(From::Phone),
                "trunk" => Ok(From::AnyTrunk),
                _ => self.fail(from.span().start, "`from` is \"phone\" or \"trunk\"; leave it out for both"),
            },
            (Some(_), Some(from)) => self.fail(from.span().start, "a route has `trunk` or `from`, not both"),
        }
    }

    fn patterns(&mut self, texts: Spanned<OneOrMany>) -> Read<Vec<Pattern>> {
        let offset = texts.span().start;
        let patterns: Result<Vec<_>, _> = texts.into_inner().into_vec().iter().map(|text| Pattern::parse(text)).collect();
        match patterns {
            Ok(patterns) if patterns.is_empty() => self.fail(offset, "the list of numbers is empty"),
            Ok(patterns) => Ok(patterns),
            Err(message) => self.fail(offset, message),
        }
    }

    fn hours(&mut self, hours: Spanned<RawHours>) -> Read<Vec<Window>> {
        let offset = hours.span().start;
        let windows = match hours.into_inner() {
            RawHours::One(window) => vec![window],
            RawHours::Many(windows) => windows,
        };
        let windows: Result<Vec<_>, _> = windows.iter().map(|raw| Window::new(&raw.days, &raw.from, &raw.to)).collect();
        match windows {
            Ok(windows) if windows.is_empty() => self.fail(offset, "the list of hours is empty"),
            Ok(windows) => Ok(windows),
            Err(message) => self.fail(offset, message),
        }
    }

    fn steps(&mut self, table: Spanned<DeValue<'_>>) -> BTreeMap<String, Step> {
        let DeValue::Table(steps) = table.into_inner() else { return BTreeMap::new() };
        let mut read = BTreeMap::new();
        for (name, value) in steps {
            let place = self.source.place(name.span().start);
            if let Ok(kind) = self.step(name.span().start, value) {
                read.insert(name.into_inner().into_owned(), Step { place, kind });
            }
        }
        read
    }

    fn step(&mut self, offset: usize, value: Spanned<DeValue<'_>>) -> Read<StepKind> {
        let span = value.span();
        let DeValue::Table(mut table) = value.into_inner() else {
            return self.fail(offset, "a step is a table: [step.NAME]");
        };
        let Some(kind) = table.remove("kind") else {
            return self.fail(offset, format!("the step has no `kind`; kinds are {KINDS}"));
        };
        let kind_offset = kind.span().start;
        let rest = Spanned::new(span, DeValue::Table(table));
        match kind.get_ref().as_str() {
            Some("announce") => self.announce(rest),
            Some("play") => self.play(rest),
            Some("menu") => self.menu(rest),
            Some("queue") => self.queue(rest),
            Some("dial") => self.dial(offset, rest),
            Some("hang_up") => self.hang_up(rest),
            Some(other) => self.fail(kind_offset, format!("`{other}` is no kind of step; kinds are {KINDS}")),
            None => self.fail(kind_offset, format!("`kind` is one of {KINDS}, in quotes")),
        }
    }

    fn announce(&mut self, value: Spanned<DeValue<'_>>) -> Read<StepKind> {
        let raw: RawAnnounce = self.read(value)?;
        Ok(StepKind::Announce { prompt: self.named(raw.prompt), consent: raw.consent, then: self.named(raw.then) })
    }

    fn play(&mut self, value: Spanned<DeValue<'_>>) -> Read<StepKind> {
        let raw: RawPlay = self.read(value)?;
        Ok(StepKind::Play { prompts: self.prompts(raw.prompts)?, skip: raw.skip, then: self.named(raw.then) })
    }

    fn menu(&mut self, value: Spanned<DeValue<'_>>) -> Read<StepKind> {
        let offset = value.span().start;
        let raw: RawMenu = self.read(value)?;
        let mut keys = BTreeMap::new();
        for (key, step) in raw.keys {
            let mut characters = key.get_ref().chars();
            match (characters.next(), characters.next()) {
                (Some(one), None) if KEYS.contains(one) => keys.insert(one, self.named(step)),
                _ => return self.fail(key.span().start, format!("`{}` is no key; keys are 0-9 * # A-D, in quotes", key.get_ref())),
            };
        }
        if keys.is_empty() {
            return self.fail(offset, "a menu needs at least one key");
        }
        Ok(StepKind::Menu {
            prompts: self.prompts(raw.prompts)?,
            keys,
            timeout_ms: self.within("timeout_ms", raw.timeout_ms, 5_000, 100..=60_000)?,
            tries: self.within("tries", raw.tries, 3, 1..=10)?,
            wrong: raw.wrong.map(|wrong| self.named(wrong)),
            otherwise: self.named(raw.otherwise),
        })
    }

    fn queue(&mut self, value: Spanned<DeValue<'_>>) -> Read<StepKind> {
        let raw: RawQueue = self.read(value)?;
        Ok(StepKind::Queue {
            queue: self.named(raw.queue),
            priority: raw.priority,
            wait_for_nobody: raw.wait_for_nobody,
            on_timeout: raw.on_timeout.map(|step| self.named(step)),
            on_full: raw.on_full.map(|step| self.named(step)),
            on_no_agents: raw.on_no_agents.map(|step| self.named(step)),
        })
    }

    fn dial(&mut self, offset: usize, value: Spanned<DeValue<'_>>) -> Read<StepKind> {
        let raw: RawDial = self.read(value)?;
        let to = match (raw.phone, raw.number, raw.trunk) {
            (Some(phone), None, None) => DialTo::Phone(self.callee(phone)),
            (None, Some(number), trunk) => DialTo::Number { number: self.callee(number), trunk: trunk.map(|trunk| self.named(trunk)) },
            (Some(_), None, Some(trunk)) => return self.fail(trunk.span().start, "a phone is ours: no trunk leads to it"),
            (Some(_), Some(_), _) | (None, None, _) => {
                return self.fail(offset, "a dial step has either `phone` or `number` (\"{called}\": what was dialled)");
            }
        };
        Ok(StepKind::Dial {
            to,
            ring_ms: self.within("ring_ms", raw.ring_ms, 30_000, 1_000..=600_000)?,
            on_busy: raw.on_busy.map(|step| self.named(step)),
            on_no_answer: raw.on_no_answer.map(|step| self.named(step)),
            on_failed: raw.on_failed.map(|step| self.named(step)),
        })
    }

    fn hang_up(&mut self, value: Spanned<DeValue<'_>>) -> Read<StepKind> {
        let raw: RawHangUp = self.read(value)?;
        let reason = match raw.reason {
            None => Reason::PlanEnded,
            Some(word) => match reason_of(word.get_ref()) {
                Ok(reason) => reason,
                Err(message) => return self.fail(word.span().start, message),
            },
        };
        Ok(StepKind::HangUp { reason, prompt: raw.prompt.map(|prompt| self.named(prompt)) })
    }

    fn prompts(&mut self, prompts: Spanned<OneOrMany>) -> Read<Vec<Named>> {
        let place = self.source.place(prompts.span().start);
        let offset = prompts.span().start;
        let names = prompts.into_inner().into_vec();
        if names.is_empty() || names.len() > MAX_PROMPTS {
            return self.fail(offset, format!("give 1 to {MAX_PROMPTS} prompts"));
        }
        if let Some(wrong) = names.iter().filter(|name| is_saying(name)).find_map(|name| Saying::parse(name).err()) {
            return self.fail(offset, wrong);
        }
        Ok(names.into_iter().map(|name| Named { name, place }).collect())
    }

    fn callee(&self, text: Text) -> Callee {
        if text.get_ref() == "{called}" { Callee::Called } else { Callee::Fixed(self.named(text)) }
    }

    fn within(&mut self, key: &str, given: Option<Spanned<u32>>, default: u32, range: RangeInclusive<u32>) -> Read<u32> {
        match given {
            None => Ok(default),
            Some(value) if range.contains(value.get_ref()) => Ok(value.into_inner()),
            Some(value) => self.fail(value.span().start, format!("`{key}` lies between {} and {}", range.start(), range.end())),
        }
    }

    fn named(&self, text: Text) -> Named {
        let place = self.source.place(text.span().start);
        Named { name: text.into_inner(), place }
    }

    fn read<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'_>>) -> Read<T> {
        let offset = value.span().start;
        let deserializer: ValueDeserializer<'_> = value.into_deserializer();
        T::deserialize(deserializer).map_err(|error| {
            let problem = self.source.toml_problem(&error, offset);
            self.problems.push(problem);
            Noted
        })
    }

    fn unknown_steps(&mut self, plan: &Plan) {
        // A step that was refused is missing here too: what leads to it is not the mistake.
        if !self.problems.is_empty() {
            return;
        }
        let mentioned = plan.routes.iter().map(|route| &route.step).chain(plan.steps.values().flat_map(|step| step.kind.exits()));
        for step in mentioned.filter(|step| !plan.steps.contains_key(&step.name)) {
            self.problems.push(step.place.problem(self.source.file, format!("there is no step `{}`: write [step.{0}]", step.name)));
        }
    }

    fn fail<T>(&mut self, offset: usize, message: impl Into<String>) -> Read<T> {
        self.note(offset, message);
        Err(Noted)
    }

    fn note(&mut self, offset: usize, message: impl Into<String>) {
        self.problems.push(self.source.problem(offset, message));
    }
}
