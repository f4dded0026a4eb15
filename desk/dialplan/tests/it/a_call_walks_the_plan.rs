use std::sync::Arc;

use carillon_dialplan::{Action, MenuEnd, Next, Outcome, Plan, Walk};
use carillon_model::{QueueExit, Reason};

const PLAN: &str = r#"
    route = [{ called = "*", step = "menu" }]
    [step]
    menu = { kind = "menu", prompts = ["welcome", "choose"], keys = { "1" = "consent", "2" = "wait" }, tries = 2, wrong = "sorry", otherwise = "bye" }
    consent = { kind = "announce", prompt = "consent", consent = true, then = "wait" }
    wait = { kind = "queue", queue = "sales", priority = 3, wait_for_nobody = true, on_timeout = "hello", on_full = "desk" }
    hello = { kind = "play", prompts = "hello", then = "wait" }
    desk = { kind = "dial", phone = "{called}", ring_ms = 20000, on_busy = "out" }
    out = { kind = "dial", number = "+39021234", trunk = "lab", on_no_answer = "bye" }
    bye = { kind = "hang_up", reason = "rejected", prompt = "goodbye" }
"#;

struct Caller {
    walk: Walk,
    last: Next,
}

impl Caller {
    fn at(step: &str) -> Self {
        let plan = Plan::parse("plan.toml", PLAN).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let (walk, last) = Walk::start(Arc::new(plan), step, "1004");
        Self { walk, last }
    }

    fn then(&mut self, outcome: Outcome) -> String {
        self.last = self.walk.next(outcome);
        self.last.action.to_string()
    }
}

#[test]
fn a_menu_asks_again_with_an_apology_for_a_wrong_key_only_and_gives_up_after_its_tries() {
    let mut caller = Caller::at("menu");
    assert_eq!(caller.last.entered.as_deref(), Some("menu"));
    assert_eq!(caller.then(Outcome::Key('7')), "menu sorry welcome choose");
    assert_eq!(caller.last.entered, None);
    assert_eq!(caller.then(Outcome::NoKey), "play goodbye");
    assert_eq!(caller.last.menu, Some(MenuEnd { step: "menu".into(), key: None }));
    assert_eq!(caller.last.entered.as_deref(), Some("bye"));
    assert_eq!(caller.then(Outcome::Played), "hang up rejected");

    let mut silent = Caller::at("menu");
    assert_eq!(silent.then(Outcome::NoKey), "menu welcome choose");
    assert_eq!(silent.then(Outcome::Key('2')), "queue sales");
    assert_eq!(silent.last.menu, Some(MenuEnd { step: "menu".into(), key: Some('2') }));
}

#[test]
fn every_end_of_a_queue_has_its_exit_and_without_one_the_call_ends_with_its_reason() {
    for (exit, then) in [
        (QueueExit::Timeout, "play hello"),
        (QueueExit::Full, "dial phone 1004"),
        (QueueExit::NoAgents, "hang up no_agents"),
        (QueueExit::Ended, "hang up plan_ended"),
    ] {
        assert_eq!(Caller::at("wait").then(Outcome::LeftQueue(exit)), then);
    }
    assert_eq!(Caller::at("wait").last.action, Action::Queue { queue: "sales".into(), priority: 3, wait_for_nobody: true });
}

#[test]
fn every_end_of_a_dialling_has_its_exit() {
    let mut caller = Caller::at("desk");
    assert!(!caller.last.action.needs_answer());
    assert_eq!(caller.then(Outcome::NotReached(Reason::Busy)), "dial number +39021234 by lab");
    assert_eq!(caller.then(Outcome::NotReached(Reason::NoAnswer)), "hang up rejected", "nobody answered: no prompt is played");
    assert_eq!(Caller::at("desk").then(Outcome::NotReached(Reason::NoAnswer)), "hang up no_answer");
    assert_eq!(Caller::at("desk").then(Outcome::NotReached(Reason::Unreachable)), "hang up unreachable");
}

#[test]
fn without_its_consent_prompt_a_call_does_not_go_on_and_without_a_welcome_it_does() {
    assert_eq!(Caller::at("consent").then(Outcome::PlayFailed), "hang up plan_failed");
    assert_eq!(Caller::at("consent").then(Outcome::Played), "queue sales");
    assert_eq!(Caller::at("hello").then(Outcome::PlayFailed), "queue sales");
}

#[test]
fn a_loop_that_never_waits_ends_all_the_same() {
    let mut caller = Caller::at("wait");
    let mut actions = 0;
    while !matches!(caller.last.action, Action::HangUp { .. }) {
        let queued = matches!(caller.last.action, Action::Queue { .. });
        caller.then(if queued { Outcome::LeftQueue(QueueExit::Timeout) } else { Outcome::PlayFailed });
        actions += 1;
        assert!(actions < 10_000, "it goes on for ever");
    }
    assert_eq!(caller.last.action, Action::HangUp { reason: Reason::PlanFailed });
}

#[test]
fn what_does_not_belong_to_the_step_ends_the_call() {
    assert_eq!(Caller::at("menu").then(Outcome::LeftQueue(QueueExit::Full)), "hang up plan_failed");
    assert_eq!(Caller::at("wait").then(Outcome::Played), "hang up plan_failed");
    assert_eq!(Caller::at("nowhere").last.action.to_string(), "hang up plan_failed");
}
