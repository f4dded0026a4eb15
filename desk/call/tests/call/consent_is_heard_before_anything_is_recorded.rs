use crate::kit::CallTest;

#[test]
fn a_recorded_queue_announces_by_itself_when_the_plan_did_not() {
    let mut t = CallTest::from_trunk("5002");
    t.committed();
    t.answered("caller");
    t.expect(["* inbound call", "* caller begins", "* step support", "answer caller", "* caller answered", "play consent to caller"]);
    t.heard();
    t.expect(["* caller heard consent", "* queued", "music calm to caller", "acd: join at 0"]);
}

#[test]
fn the_plans_own_consent_step_is_not_repeated_by_the_queue() {
    let mut t = CallTest::from_trunk("5001");
    t.committed();
    t.answered("caller");
    t.heard();
    t.expect([
        "* inbound call",
        "* caller begins",
        "* step sales-consent",
        "answer caller",
        "* caller answered",
        "play consent to caller",
        "* caller heard consent",
        "* step sales",
        "* queued",
        "music calm to caller",
        "acd: join at 0",
    ]);
}

#[test]
fn a_caller_who_leaves_in_the_announcement_has_not_consented() {
    let mut t = CallTest::from_trunk("5001");
    t.committed();
    t.answered("caller");
    t.seconds(3);
    // Closing the leg stops the prompt before its end is told.
    t.not_heard();
    t.hangs_up("caller");
    t.seconds(5);
    t.expect([
        "* inbound call",
        "* caller begins",
        "* step sales-consent",
        "answer caller",
        "* caller answered",
        "play consent to caller",
        "* caller ended by caller: hung_up",
        "* call ended by caller: cancelled",
        "over",
    ]);
    assert!(t.cdr().consents.is_empty());
}

#[test]
fn who_is_called_outside_hears_it_before_the_bridge() {
    let mut t = CallTest::from_phone("1001", "+390255555555");
    t.committed();
    t.rings("+390255555555");
    t.answered("+390255555555");
    t.expect([
        "* outbound call",
        "* caller begins",
        "acd: 1001 busy",
        "* +390255555555 begins",
        "dial +390255555555",
        "* +390255555555 rings",
        "ring caller",
        "* +390255555555 answered",
        "play consent to +390255555555",
    ]);
    t.seconds(6);
    t.heard();
    t.expect(["* +390255555555 heard consent", "answer caller"]);
    t.answered("caller");
    t.expect([
        "* caller answered",
        "bridge caller +390255555555",
        "* caller and +390255555555 talk",
        "record +390255555555 left",
        "record caller right",
        "* recording",
    ]);
    assert_eq!(t.cdr().recordings[0].agent, t.cdr().agent);
    assert!(t.cdr().agent.is_some(), "the agent at the phone that called");
}

#[test]
fn a_caller_from_outside_sent_out_again_hears_it_too() {
    let mut t = CallTest::from_trunk("5005");
    t.committed();
    t.answered("caller");
    t.expect(["* inbound call", "* caller begins", "* step mobile", "answer caller", "* caller answered", "play consent to caller"]);
    t.heard();
    t.expect(["* caller heard consent", "* +390299999999 begins", "dial +390299999999"]);
    t.rings("+390299999999");
    t.expect(["* +390299999999 rings", "ringback to caller"]);
    t.answered("+390299999999");
    t.expect(["* +390299999999 answered", "play consent to +390299999999"]);
    t.heard();
    t.expect([
        "* +390299999999 heard consent",
        "silence to caller",
        "bridge caller +390299999999",
        "* caller and +390299999999 talk",
        "record caller left",
        "record +390299999999 right",
        "* recording",
    ]);
}

#[test]
fn a_route_without_recording_announces_nothing_and_records_nothing() {
    let mut t = CallTest::from_phone("1001", "+442055555555");
    t.committed();
    t.answered("+442055555555");
    t.answered("caller");
    t.expect([
        "* outbound call",
        "* caller begins",
        "acd: 1001 busy",
        "* +442055555555 begins",
        "dial +442055555555",
        "* +442055555555 answered",
        "answer caller",
        "* caller answered",
        "bridge caller +442055555555",
        "* caller and +442055555555 talk",
    ]);
}
