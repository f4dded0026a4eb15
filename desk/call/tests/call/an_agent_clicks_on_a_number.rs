//! Click-to-dial: the agent's phone first, then the other side (D1, H5, I5, K7).

use carillon_call::LegEnd;
use carillon_model::{CallKind, EndedBy, Reason};

use crate::kit::{CallTest, site::agent};

#[test]
fn the_own_phone_answers_first_and_then_the_number_is_dialled() {
    let mut t = CallTest::clicked("1001", "+442055555555", None);
    t.expect(["* outbound call"]);
    t.committed();
    t.expect(["acd: reserve 1001"]);
    t.reserved("1001");
    t.expect(["* caller begins", "dial caller to answer at once"]);
    assert_eq!(t.shown(), Some("+442055555555"), "the phone shows whom it will call");
    t.rings("caller");
    t.answered("caller");
    t.expect(["* caller rings", "* caller answered", "* +442055555555 begins", "dial +442055555555"]);
    assert_eq!(t.shown(), Some("+390200000"), "the route's number");
    t.rings("+442055555555");
    t.expect(["* +442055555555 rings", "ringback to caller"]);
    t.seconds(5);
    t.answered("+442055555555");
    t.expect(["* +442055555555 answered", "silence to caller", "bridge caller +442055555555", "* caller and +442055555555 talk"]);
    t.seconds(30);
    t.hangs_up("+442055555555");
    t.gone("caller");
    t.expect([
        "* +442055555555 ended by callee: hung_up",
        "hang up caller: hung_up",
        "* caller ended by callee: hung_up",
        "acd: 1001 worked",
        "acd: 1001 free",
        "* call ended by callee: hung_up",
        "over",
    ]);
    let cdr = t.cdr();
    assert_eq!((cdr.kind, cdr.agent, cdr.ring_ms, cdr.talk_ms), (CallKind::Outbound, Some(agent("1001")), 5_000, 30_000));
    assert_eq!((cdr.caller.as_str(), cdr.called.as_str()), ("1001", "+442055555555"));
}

#[test]
fn an_agent_who_does_not_answer_dials_nothing() {
    let mut t = CallTest::clicked("1001", "+442055555555", None);
    t.committed();
    t.reserved("1001");
    t.seconds(30);
    t.gone("caller");
    t.expect([
        "* outbound call",
        "acd: reserve 1001",
        "* caller begins",
        "dial caller to answer at once",
        "hang up caller: no_answer",
        "* caller ended by system: no_answer",
        "acd: 1001 free",
        "* call ended by system: no_answer",
        "over",
    ]);
}

#[test]
fn an_agent_who_declines_dials_nothing() {
    let mut t = CallTest::clicked("1001", "+442055555555", None);
    t.committed();
    t.reserved("1001");
    t.ends("caller", LegEnd::Remote, Some(603), Reason::Rejected);
    t.expect([
        "* outbound call",
        "acd: reserve 1001",
        "* caller begins",
        "dial caller to answer at once",
        "* caller ended by caller: rejected",
        "acd: 1001 free",
        "* call ended by caller: rejected",
        "over",
    ]);
}

#[test]
fn an_agent_at_work_is_not_rung() {
    let mut t = CallTest::clicked("1001", "+442055555555", None);
    t.committed();
    t.busy("1001");
    t.expect(["* outbound call", "acd: reserve 1001", "* call ended by system: busy", "over"]);
}

#[test]
fn a_number_that_is_busy_is_heard_and_told() {
    let mut t = CallTest::clicked("1001", "+442055555555", None);
    t.committed();
    t.reserved("1001");
    t.answered("caller");
    t.ends("+442055555555", LegEnd::Remote, Some(486), Reason::Busy);
    t.seconds(5);
    t.gone("caller");
    t.expect([
        "* outbound call",
        "acd: reserve 1001",
        "* caller begins",
        "dial caller to answer at once",
        "* caller answered",
        "* +442055555555 begins",
        "dial +442055555555",
        "* +442055555555 ended by callee: busy",
        "busy tone to caller",
        "hang up caller: busy",
        "* caller ended by callee: busy",
        "acd: 1001 free",
        "* call ended by callee: busy",
        "over",
    ]);
}

#[test]
fn whoever_hangs_up_on_the_busy_tone_leaves_the_reason_as_it_is() {
    let mut t = CallTest::clicked("1001", "+442055555555", None);
    t.committed();
    t.reserved("1001");
    t.answered("caller");
    t.ends("+442055555555", LegEnd::Remote, Some(404), Reason::NumberUnknown);
    t.hangs_up("caller");
    assert_eq!(t.cdr().ending.map(|ending| (ending.by, ending.reason)), Some((EndedBy::Callee, Reason::NumberUnknown)));
}

#[test]
fn an_agent_who_hangs_up_while_it_rings_stops_the_ringing() {
    let mut t = CallTest::clicked("1001", "+442055555555", None);
    t.committed();
    t.reserved("1001");
    t.answered("caller");
    t.rings("+442055555555");
    t.hangs_up("caller");
    t.gone("+442055555555");
    assert_eq!(t.cdr().ending.map(|ending| (ending.by, ending.reason)), Some((EndedBy::Caller, Reason::Cancelled)));
}

#[test]
fn a_call_in_a_queues_name_shows_its_number_and_counts_as_its_work() {
    let mut t = CallTest::clicked("1003", "+442055555555", Some("support"));
    t.committed();
    t.reserved("1003");
    t.answered("caller");
    assert_eq!(t.shown(), Some("+390200222"));
    t.answered("+442055555555");
    t.hangs_up("caller");
    let said = t.said();
    assert!(said.contains(&"acd: 1003 worked for a queue".to_owned()), "{said:?}");
}

#[test]
fn a_colleague_is_called_by_the_same_click() {
    let mut t = CallTest::clicked("1001", "1002", None);
    t.committed();
    t.reserved("1001");
    t.answered("caller");
    t.reserved("1002");
    t.rings("1002");
    t.answered("1002");
    t.expect([
        "* internal call",
        "acd: reserve 1001",
        "* caller begins",
        "dial caller to answer at once",
        "* caller answered",
        "acd: reserve 1002",
        "* 1002 begins",
        "dial 1002",
        "* 1002 rings",
        "ringback to caller",
        "* 1002 answered",
        "acd: 1002 is there",
        "silence to caller",
        "bridge caller 1002",
        "* caller and 1002 talk",
    ]);
}

#[test]
fn what_the_network_says_is_heard_in_place_of_a_tone() {
    let mut t = CallTest::clicked("1001", "+442055555555", None);
    t.committed();
    t.reserved("1001");
    t.answered("caller");
    t.rings("+442055555555");
    t.said();
    t.early("+442055555555");
    t.expect(["silence to caller", "bridge caller +442055555555 early"]);
    t.rings("+442055555555");
    t.expect_nothing();
    t.ends("+442055555555", LegEnd::Remote, Some(486), Reason::Busy);
    t.expect(["* +442055555555 ended by callee: busy", "busy tone to caller"]);
    t.seconds(5);
    t.gone("caller");
    let cdr = t.cdr();
    assert_eq!((cdr.ending.map(|ending| ending.reason), cdr.answered_at), (Some(Reason::Busy), None), "it was no talk");
}

#[test]
fn a_keypad_call_hears_it_too_before_it_is_answered() {
    let mut t = CallTest::from_phone("1001", "+442055555555");
    t.committed();
    t.said();
    t.early("+442055555555");
    t.expect(["let caller hear"]);
    t.early("caller");
    t.expect(["bridge caller +442055555555 early"]);
    t.answered("+442055555555");
    t.expect(["* +442055555555 answered", "answer caller"]);
    t.answered("caller");
    t.expect(["* caller answered", "bridge caller +442055555555", "* caller and +442055555555 talk"]);
}

#[test]
fn whoever_asks_hears_it_of_whom_is_asked() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "+4533333333").expect("they talk");
    t.said();
    t.early("+4533333333");
    t.expect(["bridge 1001 +4533333333 early"]);
    t.rings("+4533333333");
    t.expect(["* +4533333333 rings"]);
}
