//! Attended transfer by the phones themselves: REFER with Replaces and INVITE with Replaces are a consultation that is completed.

use carillon_call::{Control, ControlRefused, LegEnd};
use carillon_model::Reason;

use crate::kit::CallTest;

/// Anna's phone has the caller of a recorded queue on hold and talks with Bruno by a call of its own.
fn two_calls() -> (CallTest, CallTest) {
    let mut queue_call = CallTest::talking_with("1001", "5001");
    queue_call.seconds(10);
    queue_call.phone_holds("1001", true);
    queue_call.said();
    let mut own_call = CallTest::second_call("1001", "1002");
    own_call.committed();
    own_call.reserved("1002");
    own_call.answered("1002");
    own_call.answered("caller");
    own_call.said();
    (queue_call, own_call)
}

#[test]
fn the_caller_and_the_colleague_talk_and_the_phone_leaves_both_calls() {
    let (mut queue_call, mut own_call) = two_calls();
    assert!(queue_call.call.weight() > own_call.call.weight(), "the recorded call goes on, the other ends");
    let bruno = own_call.gives_away("caller", "+390212345678").expect("they talk");
    own_call.expect([
        "* caller gives the call to +390212345678 after a talk",
        "* 1002 ended by caller: transferred",
        "hang up caller: transferred",
    ]);
    queue_call.adopts("1001", bruno).expect("the caller is there");
    queue_call.expect([
        "* 1002 begins",
        "* 1002 answered",
        "acd: 1002 busy",
        "* 1001 gives the call to 1002 after a talk",
        "* caller off hold",
        "bridge caller 1002",
        "* caller and 1002 talk",
        "record 1002 right",
        "hang up 1001: transferred",
    ]);
    own_call.gone("caller");
    assert_eq!(own_call.cdr().ending.map(|ending| ending.reason), Some(Reason::Transferred));
    queue_call.gone("1001");
    queue_call.seconds(5);
    queue_call.hangs_up("caller");
    queue_call.gone("1002");
    let cdr = queue_call.cdr();
    assert_eq!((cdr.talk_ms, cdr.hold_ms, cdr.transfers.len(), cdr.recordings.len()), (15_000, 0, 1, 1));
}

#[test]
fn only_a_phone_that_talks_with_one_party_can_put_two_calls_together() {
    let (mut queue_call, mut own_call) = two_calls();
    queue_call.phone_holds("1001", false);
    queue_call.said();
    queue_call.asks("1001", "1003").expect("they talk");
    let party = own_call.gives_away("caller", "+390212345678").expect("they talk");
    queue_call.said();
    assert_eq!(queue_call.adopts("1001", party), Err(ControlRefused::Consulting));
    queue_call.expect_nothing();
}

#[test]
fn a_leg_takes_the_place_of_another() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(10);
    t.replaces("1001", "1003").expect("they talk");
    t.expect(["* 1003 begins", "acd: 1003 busy", "answer 1003"]);
    assert_eq!(t.replaces("1001", "1002"), Err(ControlRefused::Consulting), "one at a time");
    t.answered("1003");
    t.expect([
        "* 1003 answered",
        "* 1001 gives the call to 1003 after a talk",
        "bridge caller 1003",
        "* caller and 1003 talk",
        "record 1003 right",
        "hang up 1001: transferred",
    ]);
    t.gone("1001");
    t.hangs_up("caller");
    t.gone("1003");
    assert_eq!(t.cdr().transfers.len(), 1);
}

#[test]
fn the_caller_too_may_be_replaced_also_while_on_hold() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.control("1001", Control::Hold).expect("they talk");
    t.replaces("caller", "1003").expect("they are there");
    t.said();
    t.answered("1003");
    let said = t.said();
    assert!(said.contains(&"bridge 1003 1001".into()) && said.contains(&"record 1003 left".into()), "{said:?}");
    t.gone("caller");
    t.hangs_up("1003");
    t.gone("1001");
    assert!(t.cdr().ending.is_some());
}

#[test]
fn whoever_comes_too_late_or_gives_up_changes_nothing() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.replaces("1001", "1003").expect("they talk");
    t.said();
    t.ends("1003", LegEnd::Remote, None, Reason::Cancelled);
    t.expect(["* 1003 ended by callee: cancelled", "acd: 1003 free"]);
    t.control("1001", Control::Hold).expect("the talk goes on");
    t.hangs_up("caller");
    assert_eq!(t.replaces("1001", "1003"), Err(ControlRefused::NotTalking));
}
