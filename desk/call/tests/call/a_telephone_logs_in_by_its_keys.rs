//! Feature codes (A21, AB9, AB14): a call to the server itself.

use carillon_call::FeatureOutcome;
use carillon_model::CallKind;

use crate::kit::CallTest;

/// A telephone that dialled a code and hears us.
fn dialled(code: &str) -> CallTest {
    let mut t = CallTest::from_phone("1001", code);
    t.committed();
    t.answered("caller");
    t
}

fn entered(t: &mut CallTest, keys: &str) {
    t.heard();
    t.enters(keys);
}

#[test]
fn number_and_pin_log_in_and_it_is_said() {
    let mut t = dialled("*45");
    t.expect([
        "* service call",
        "* caller begins",
        "acd: 1001 busy",
        "answer caller",
        "* caller answered",
        "play service-number to caller",
    ]);
    entered(&mut t, "201#");
    t.expect(["play service-pin to caller"]);
    entered(&mut t, "4711#");
    t.expect(["log in 201 with 4711"]);
    t.feature(FeatureOutcome::Done);
    t.expect(["play service-logged-in to caller"]);
    t.heard();
    t.expect(["hang up caller: plan_ended"]);
    t.gone("caller");
    assert_eq!(t.cdr().kind, CallKind::Service);
    let written: Vec<String> = t.entries.iter().map(|entry| serde_json::to_string(entry).expect("json")).collect();
    assert!(!written.iter().any(|entry| entry.contains("4711")), "the PIN is nowhere: {written:?}");
}

#[test]
fn a_key_ends_the_prompt_and_a_star_takes_back_what_was_entered() {
    let mut t = dialled("*45");
    t.said();
    t.enters("9");
    t.expect(["silence to caller"]);
    t.enters("*201#");
    t.said();
    // Without a hash it is enough to wait.
    t.enters("4711");
    t.expect(["silence to caller"]);
    t.seconds(8);
    t.expect(["log in 201 with 4711"]);
}

#[test]
fn the_third_wrong_try_is_the_last() {
    let mut t = dialled("*45");
    for last in [false, false, true] {
        entered(&mut t, "201#");
        entered(&mut t, "1#");
        t.feature(FeatureOutcome::Wrong);
        t.said();
        t.heard();
        let then = if last { "hang up caller: plan_ended" } else { "play service-number to caller" };
        assert_eq!(t.said(), [then]);
    }
    t.gone("caller");
}

#[test]
fn whoever_presses_nothing_is_asked_three_times() {
    let mut t = dialled("*45");
    for _ in 0..3 {
        t.heard();
        t.seconds(8);
        t.said();
        t.heard();
    }
    t.expect(["hang up caller: plan_ended"]);
    t.gone("caller");
}

#[test]
fn the_other_codes_are_done_at_once_and_what_came_of_it_is_said() {
    for (code, asked, outcome, prompt) in [
        ("*46", "logout", FeatureOutcome::Done, "service-logged-out"),
        ("*47", "pause", FeatureOutcome::Done, "service-paused"),
        ("*48", "resume", FeatureOutcome::Done, "service-ready"),
        ("*47", "pause", FeatureOutcome::NobodyHere, "service-nobody"),
        ("*46", "logout", FeatureOutcome::Refused, "service-refused"),
    ] {
        let mut t = dialled(code);
        assert_eq!(t.said().last().map(String::as_str), Some(asked));
        t.feature(outcome);
        assert_eq!(t.said(), [format!("play {prompt} to caller")]);
        // A prompt that cannot be played keeps nobody.
        t.not_heard();
        t.expect(["hang up caller: plan_ended"]);
        t.gone("caller");
    }
}

#[test]
fn a_server_that_does_not_get_round_to_it_says_so() {
    let mut t = dialled("*47");
    t.said();
    t.seconds(15);
    t.expect(["play service-refused to caller"]);
    t.feature(FeatureOutcome::Done);
    t.expect_nothing();
}

#[test]
fn a_code_from_outside_is_a_number_like_any_other() {
    let mut t = CallTest::from_trunk("*45");
    t.committed();
    assert!(!t.said().iter().any(|said| said.contains("service")));
}
