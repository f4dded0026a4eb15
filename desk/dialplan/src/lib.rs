//! The dialplan: which number goes where, and what a caller meets on the way. Text in, decisions out.
//!
//! A plan is one TOML file of routes and steps. [`Plan::load`] or [`Plan::parse`] read it, [`Plan::check`] holds it against the
//! queues, prompts, phones and trunks there are, [`Plan::route`] finds the first step for a call, and a [`Walk`] takes the call from
//! step to step: it says what to do next ([`Action`]) and is told how that went ([`Outcome`]). Nothing here waits or reads a clock.
//!
//! Beside a plan lies `cases.toml`: calls made up by the plan's author and what each must meet, run by [`run_cases`].
//!
//! **Consent.** A recorded queue names the prompt its callers must hear first. That prompt is announced once a call: by the plan, with
//! an `announce` step that has `consent = true`, or else by the call as it enters the queue. [`Walk::consent_due`] says which, so a plan
//! that wants another order (consent, then the welcome) writes the step, and a plan that says nothing still announces.

mod action;
mod cases;
mod check;
mod files;
mod hours;
mod parse;
mod plan;
mod problem;
mod raw;
mod route;
mod walk;

pub use action::{Action, DialTarget, MenuEnd, Next, Outcome};
pub use cases::{CasesRun, run_cases_text};
pub use check::Known;
pub use files::{CASES_FILE, PLAN_FILE, run_cases};
pub use plan::Plan;
pub use problem::Problem;
pub use route::Ask;
pub use walk::Walk;
