//! The dialplan: which number goes where, and what a caller meets on the way. Text in, decisions out.
//!
//! A plan is one TOML file of routes and steps. [`Plan::load`] or [`Plan::parse`] read it, [`Plan::check`] holds it against the
//! queues, prompts, phones and trunks there are, [`Plan::route`] finds the first step for a call, and a [`Walk`] takes the call from
//! step to step: it says what to do next ([`Action`]) and is told how that went ([`Outcome`]). Nothing here waits or reads a clock.
//!
//! Beside a plan lies `cases.toml`: calls made up by the plan's author and what each must meet, run by [`run_cases`].
//!
//! **Consent.** A recorded queue names the prompt its callers must hear first. A call announces it as the caller enters the queue, unless the
//! caller heard that prompt already: so a plan that wants another order (consent, then the welcome) has an `announce` step with
//! `consent = true` where it belongs, and a plan that says nothing still announces. Either way it is heard once.
//!
//! **Early refusal.** A `hang_up` step reached by a call that was never answered refuses it at once, with the SIP status its reason stands for
//! and without its prompt: nobody is answered, and charged, to be told that a number does not exist. An answered call hears the prompt.

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
mod say;
mod walk;

pub use action::{Action, DialTarget, MenuEnd, Next, Outcome};
pub use cases::{CasesRun, run_cases_text};
pub use check::Known;
pub use files::{CASES_FILE, PLAN_FILE, run_cases};
pub use plan::Plan;
pub use problem::Problem;
pub use route::Ask;
pub use say::{Language, Saying, Situation};
pub use walk::Walk;
