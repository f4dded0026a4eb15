use carillon_call::LegEnd;
use carillon_model::{CallKind, EndedBy, Reason};

use crate::kit::{CallTest, site::agent};

#[test]
fn one_phone_calls_another_and_both_are_busy_until_their_legs_end() {
    let mut t = CallTest::from_phone("1001", "1002");
    t.committed();
    t.expect(["* internal call", "* caller begins", "acd: 1001 busy", "acd: reserve 1002"]);
    t.reserved("1002");
    t.rings("1002");
    t.expect(["* 1002 begins", "dial 1002", "* 1002 rings", "ring caller"]);
    t.seconds(4);
    t.answered("1002");
    t.expect(["* 1002 answered", "acd: 1002 is there", "answer caller"]);
    t.answered("caller");
    t.expect(["* caller answered", "bridge caller 1002", "* caller and 1002 talk"]);
    t.seconds(10);
    t.hangs_up("1002");
    t.expect(["* 1002 ended by callee: hung_up", "acd: 1002 free", "hang up caller: hung_up"]);
    t.gone("caller");
    t.expect(["* caller ended by callee: hung_up", "acd: 1001 free", "* call ended by callee: hung_up", "over"]);
    let cdr = t.cdr();
    assert_eq!((cdr.kind, cdr.ring_ms, cdr.talk_ms, cdr.recordings.len()), (CallKind::Internal, 4_000, 10_000, 0));
    assert_eq!(cdr.agent, Some(agent("1002")));
}

#[test]
fn a_colleague_at_work_is_busy_and_the_phone_does_not_ring() {
    let mut t = CallTest::from_phone("1001", "1002");
    t.committed();
    t.busy("1002");
    t.gone("caller");
    t.expect([
        "* internal call",
        "* caller begins",
        "acd: 1001 busy",
        "acd: reserve 1002",
        "refuse caller: busy",
        "* caller ended by system: busy",
        "acd: 1001 free",
        "* call ended by system: busy",
        "over",
    ]);
}

#[test]
fn a_phone_reserved_for_a_caller_who_is_gone_is_given_back() {
    let mut t = CallTest::from_phone("1001", "1002");
    t.committed();
    t.hang_up(EndedBy::Supervisor);
    t.reserved("1002");
    t.expect(["* internal call", "* caller begins", "acd: 1001 busy", "acd: reserve 1002", "refuse caller: hung_up", "acd: 1002 free"]);
}

#[test]
fn a_plans_dial_to_a_colleague_at_work_takes_the_plans_exit() {
    let mut t = CallTest::from_trunk("5004");
    t.committed();
    t.busy("1001");
    t.expect(["* inbound call", "* caller begins", "* step anna", "acd: reserve 1001", "* step farewell", "refuse caller: plan_ended"]);
}

#[test]
fn whoever_cannot_be_had_is_told_to_the_caller_by_the_same_reason() {
    for (reason, status, by) in [
        (Reason::Busy, 486, "callee"),
        (Reason::Rejected, 603, "callee"),
        (Reason::NoAnswer, 480, "callee"),
        (Reason::Unreachable, 503, "callee"),
    ] {
        let mut t = CallTest::from_phone("1001", "+442055555555");
        t.committed();
        t.rings("+442055555555");
        t.ends("+442055555555", LegEnd::Remote, Some(status), reason);
        t.gone("caller");
        let word = serde_json::to_value(reason).expect("a reason has a name");
        let word = word.as_str().expect("its name is text");
        t.expect([
            "* outbound call",
            "* caller begins",
            "acd: 1001 busy",
            "* +442055555555 begins",
            "dial +442055555555",
            "* +442055555555 rings",
            "ring caller",
            &format!("* +442055555555 ended by {by}: {word}"),
            &format!("refuse caller: {word}"),
            &format!("* caller ended by {by}: {word}"),
            "acd: 1001 free",
            &format!("* call ended by {by}: {word}"),
            "over",
        ]);
    }
}

#[test]
fn a_plans_dial_that_is_busy_takes_the_plans_exit() {
    let mut t = CallTest::from_trunk("5004");
    t.committed();
    t.reserved("1001");
    t.ends("1001", LegEnd::Remote, Some(486), Reason::Busy);
    t.expect([
        "* inbound call",
        "* caller begins",
        "* step anna",
        "acd: reserve 1001",
        "* 1001 begins",
        "dial 1001",
        "* 1001 ended by callee: busy",
        "acd: 1001 free",
        "* step farewell",
        "refuse caller: plan_ended",
    ]);
}

#[test]
fn a_plans_dial_rings_as_long_as_it_says_and_an_answer_after_that_is_too_late() {
    let mut t = CallTest::from_trunk("5004");
    t.committed();
    t.reserved("1001");
    t.rings("1001");
    t.seconds(20);
    t.answered("1001");
    t.gone("1001");
    t.gone("caller");
    t.expect([
        "* inbound call",
        "* caller begins",
        "* step anna",
        "acd: reserve 1001",
        "* 1001 begins",
        "dial 1001",
        "* 1001 rings",
        "ring caller",
        "hang up 1001: no_answer",
        "refuse caller: no_answer",
        "* 1001 answered",
        "* 1001 ended by system: answered_late",
        "acd: 1001 free",
        "* caller ended by system: no_answer",
        "* call ended by system: no_answer",
        "over",
    ]);
}

#[test]
fn the_caller_gives_up_while_it_rings() {
    let mut t = CallTest::from_phone("1001", "+390255555555");
    t.committed();
    t.rings("+390255555555");
    t.ends("caller", LegEnd::Remote, Some(487), Reason::Cancelled);
    t.gone("+390255555555");
    t.expect([
        "* outbound call",
        "* caller begins",
        "acd: 1001 busy",
        "* +390255555555 begins",
        "dial +390255555555",
        "* +390255555555 rings",
        "ring caller",
        "* caller ended by caller: cancelled",
        "acd: 1001 free",
        "hang up +390255555555: cancelled",
        "* +390255555555 ended by caller: cancelled",
        "* call ended by caller: cancelled",
        "over",
    ]);
}

#[test]
fn who_was_called_hangs_up_in_the_consent_prompt() {
    let mut t = CallTest::from_phone("1001", "+390255555555");
    t.committed();
    t.answered("+390255555555");
    t.hangs_up("+390255555555");
    t.expect([
        "* outbound call",
        "* caller begins",
        "acd: 1001 busy",
        "* +390255555555 begins",
        "dial +390255555555",
        "* +390255555555 answered",
        "play consent to +390255555555",
        "* +390255555555 ended by callee: hung_up",
        "refuse caller: hung_up",
    ]);
    assert!(t.cdr().consents.is_empty());
}

#[test]
fn a_phone_that_calls_itself_is_busy() {
    let mut t = CallTest::from_phone("1001", "1001");
    t.committed();
    t.expect(["* internal call", "* caller begins", "acd: 1001 busy", "refuse caller: busy"]);
}
