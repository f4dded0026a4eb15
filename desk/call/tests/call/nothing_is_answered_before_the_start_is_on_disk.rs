use carillon_call::LegEnd;
use carillon_model::{EndedBy, Reason};

use crate::kit::CallTest;

#[test]
fn nothing_happens_until_the_commit() {
    let mut t = CallTest::from_trunk("5001");
    t.expect(["* inbound call", "* caller begins"]);
    t.seconds(5);
    t.press('1');
    t.expect_nothing();
    t.committed();
    t.expect(["* step sales-consent", "answer caller"]);
    t.committed();
    t.expect_nothing();
}

#[test]
fn a_caller_who_cancels_meanwhile_has_a_record_all_the_same() {
    let mut t = CallTest::from_trunk("5001");
    t.ends("caller", LegEnd::Remote, Some(487), Reason::Cancelled);
    t.expect(["* inbound call", "* caller begins", "* caller ended by caller: cancelled", "* call ended by caller: cancelled", "over"]);
    t.committed();
    t.expect_nothing();
}

#[test]
fn a_call_ended_meanwhile_is_refused() {
    let mut t = CallTest::from_trunk("5001");
    t.hang_up(EndedBy::Supervisor);
    t.expect(["* inbound call", "* caller begins", "refuse caller: hung_up"]);
}
