//! A plan's own tests: calls made up by its author, and what each must meet.
//!
//! ```toml
//! [[case]]
//! name = "a caller who presses 2 waits for support"
//! given = { trunk = "lab", called = "5000", caller = "+390612345678", at = "2026-03-02T10:30" }
//! pressed = ["2"]
//! meets = ["no_agents"]
//! expected = ["menu menu-sales-support", "announce consent", "queue support", "hang up no_agents"]
//! ```
//! `pressed` are the keys in turn, `""` for none; when they run out nothing is pressed. `meets` is what becomes of each queue and dial
//! step in turn: `timeout`, `full`, `no_agents`, `busy`, `no_answer`, `failed`; when they run out somebody takes the call and the case ends.

use std::{collections::VecDeque, sync::Arc};

use carillon_model::{QueueExit, Reason};
use jiff::civil::DateTime;
use serde::Deserialize;
use toml::Spanned;

use crate::{
    action::{Action, Outcome},
    plan::Plan,
    problem::{Problem, Source},
    route::Ask,
    walk::Walk,
};

/// How the cases of a plan went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasesRun {
    /// Cases that went as expected.
    pub passed: usize,
    /// One for each that did not, at its place.
    pub failed: Vec<Problem>,
}

/// Actions after which a case is taken to run for ever.
const MAX_ACTIONS: usize = 100;
const UNKNOWN: &str = "no route";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCases {
    case: Vec<Spanned<RawCase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    given: RawGiven,
    #[serde(default)]
    pressed: Vec<String>,
    #[serde(default)]
    meets: Vec<Meeting>,
    expected: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGiven {
    trunk: Option<String>,
    called: String,
    #[serde(default)]
    caller: String,
    at: Option<Spanned<String>>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Meeting {
    Timeout,
    Full,
    NoAgents,
    Busy,
    NoAnswer,
    Failed,
}

/// Runs cases from text; `file` is only for the problems' sake.
///
/// # Errors
/// Text that is not cases.
pub fn run_cases_text(plan: &Plan, file: &str, text: &str) -> Result<CasesRun, Vec<Problem>> {
    let source = Source { file, text };
    let cases: RawCases = toml::from_str(text).map_err(|error| vec![source.toml_problem(&error, 0)])?;
    let plan = Arc::new(plan.clone());
    let mut run = CasesRun { passed: 0, failed: Vec::new() };
    for case in cases.case {
        let offset = case.span().start;
        let case = case.into_inner();
        let local = local_time(&source, &case.given).map_err(|problem| vec![problem])?;
        let met = play_out(&plan, &case, local);
        if met == case.expected {
            run.passed += 1;
        } else {
            let message = format!("case \"{}\": expected {:?}, met {met:?}", case.name, case.expected);
            run.failed.push(source.problem(offset, message));
        }
    }
    Ok(run)
}

/// A Monday morning, unless the case says otherwise.
fn local_time(source: &Source<'_>, given: &RawGiven) -> Result<DateTime, Problem> {
    let Some(at) = &given.at else { return Ok(DateTime::constant(2026, 3, 2, 10, 0, 0, 0)) };
    let wrong = |error| source.problem(at.span().start, format!("`at` is a date and time such as \"2026-03-02T10:00\": {error}"));
    at.get_ref().parse().map_err(wrong)
}

fn play_out(plan: &Arc<Plan>, case: &RawCase, local: DateTime) -> Vec<String> {
    let ask = Ask { trunk: case.given.trunk.as_deref(), called: &case.given.called, caller: &case.given.caller, local };
    let Some(step) = plan.route(&ask) else { return vec![UNKNOWN.to_owned()] };
    let mut pressed: VecDeque<_> = case.pressed.iter().map(|keys| keys.chars().next()).collect();
    let mut meets: VecDeque<_> = case.meets.iter().copied().collect();
    let (mut walk, mut next) = Walk::start(Arc::clone(plan), step, &case.given.called);
    let mut met = Vec::new();
    while met.len() < MAX_ACTIONS {
        met.push(next.action.to_string());
        let Some(outcome) = outcome(&next.action, &mut pressed, &mut meets) else { break };
        next = walk.next(outcome);
    }
    met
}

/// What happens to an action in a case; `None` ends it.
fn outcome(action: &Action, pressed: &mut VecDeque<Option<char>>, meets: &mut VecDeque<Meeting>) -> Option<Outcome> {
    match action {
        Action::Announce { .. } | Action::Play { .. } => Some(Outcome::Played),
        Action::Menu { .. } => Some(pressed.pop_front().flatten().map_or(Outcome::NoKey, Outcome::Key)),
        Action::Queue { .. } | Action::Dial { .. } => meets.pop_front().map(|meeting| match meeting {
            Meeting::Timeout => Outcome::LeftQueue(QueueExit::Timeout),
            Meeting::Full => Outcome::LeftQueue(QueueExit::Full),
            Meeting::NoAgents => Outcome::LeftQueue(QueueExit::NoAgents),
            Meeting::Busy => Outcome::NotReached(Reason::Busy),
            Meeting::NoAnswer => Outcome::NotReached(Reason::NoAnswer),
            Meeting::Failed => Outcome::NotReached(Reason::Unreachable),
        }),
        Action::HangUp { .. } => None,
    }
}
