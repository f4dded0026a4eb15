use crate::kit::CallTest;

#[test]
fn a_key_cuts_the_prompt_short() {
    let mut t = asked();
    t.seconds(2);
    t.press('1');
    t.expect(["silence to caller", "* key 1", "* step orders", "* queued", "music calm to caller", "acd: join at 3 for anybody"]);
}

#[test]
fn a_key_pressed_after_the_prompt_needs_no_silence() {
    let mut t = asked();
    t.heard();
    t.seconds(4);
    t.press('2');
    t.expect(["* key 2", "* step support", "play consent to caller"]);
}

#[test]
fn nothing_pressed_is_asked_again_and_then_seen_off() {
    let mut t = asked();
    t.seconds(60);
    t.expect_nothing();
    t.heard();
    t.seconds(5);
    t.expect(["play choose to caller"]);
    t.heard();
    t.seconds(5);
    t.expect(["* key none", "* step farewell", "play goodbye to caller"]);
}

#[test]
fn a_wrong_key_is_told_and_asked_again() {
    let mut t = asked();
    t.press('9');
    t.expect(["silence to caller", "play wrong-key choose to caller"]);
    t.press('9');
    t.expect(["silence to caller", "* key none", "* step farewell", "play goodbye to caller"]);
}

#[test]
fn keys_outside_a_menu_mean_nothing() {
    let mut t = CallTest::waiting_in("5003");
    t.press('1');
    t.expect_nothing();
}

/// The caller's number and the time, in words; whoever knows them presses a key.
#[test]
fn prompts_that_may_be_skipped_end_with_any_key_and_say_what_is_so_now() {
    let mut t = CallTest::from_trunk("5010");
    t.committed();
    t.answered("caller");
    t.expect([
        "* inbound call",
        "* caller begins",
        "* step told",
        "answer caller",
        "* caller answered",
        "play welcome say-plus say-3 say-9 say-0 say-2 say-1 say-2 say-3 say-4 say-5 say-6 say-7 say-8 say-9 say-am to caller",
    ]);
    t.press('#');
    t.expect(["silence to caller", "* step farewell", "play goodbye to caller"]);
    t.press('#');
    t.expect_nothing();
}

fn asked() -> CallTest {
    let mut t = CallTest::from_trunk("5000");
    t.committed();
    t.answered("caller");
    t.expect(["* inbound call", "* caller begins", "* step reception", "answer caller", "* caller answered", "play choose to caller"]);
    t
}
