use crate::kit::CallTest;

#[test]
fn a_welcome_is_skipped_and_the_plan_goes_on() {
    let mut t = CallTest::from_trunk("5007");
    t.committed();
    t.answered("caller");
    t.expect([
        "* inbound call",
        "* caller begins",
        "* step greeting",
        "answer caller",
        "* caller answered",
        "play welcome opening-hours to caller",
    ]);
    t.not_heard();
    t.expect_nothing();
    t.seconds(2);
    t.expect(["* step farewell", "play goodbye to caller"]);
    t.heard();
    t.expect(["hang up caller: plan_ended"]);
    t.gone("caller");
    t.expect(["* caller ended by dialplan: plan_ended", "* call ended by dialplan: plan_ended", "over"]);
}

#[test]
fn without_its_consent_prompt_a_recorded_call_does_not_go_on() {
    for (called, by) in [("5001", "dialplan"), ("5002", "system")] {
        let mut t = CallTest::from_trunk(called);
        t.committed();
        t.answered("caller");
        t.not_heard();
        t.seconds(1);
        assert!(!t.call.is_over());
        t.seconds(1);
        t.gone("caller");
        let ending = t.cdr().ending.expect("the call ended");
        assert_eq!(
            serde_json::to_value(ending).expect("an ending is plain data"),
            serde_json::json!({ "by": by, "reason": "plan_failed" })
        );
        assert!(t.cdr().queues.is_empty(), "{called}: nobody waits who was not told");
    }
}
