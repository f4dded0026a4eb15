use carillon_model::{OfferOutcome, Reason, Refusal};

use crate::kit::CallTest;

#[test]
fn the_answer_reaches_acd_after_the_offer_ran_out() {
    let mut t = CallTest::waiting_in("5001");
    t.offer("1001");
    t.seconds(15);
    t.answered("1001");
    t.expect(["* 1001 begins", "dial 1001", "* 1001 answered", "acd: 1001 answered"]);
    t.refused("1001", Refusal::Expired);
    t.expect(["hang up 1001: answered_late"]);
    t.gone("1001");
    t.expect(["* 1001 ended by system: answered_late"]);
    // The caller waits on and the next agent is asked.
    t.offer("1002");
    t.expect(["* 1002 begins", "dial 1002"]);
}

#[test]
fn the_withdrawal_comes_between_the_claim_and_its_refusal() {
    let mut t = CallTest::waiting_in("5001");
    t.offer("1001");
    t.answered("1001");
    t.expect(["* 1001 begins", "dial 1001", "* 1001 answered", "acd: 1001 answered"]);
    t.withdraw("1001", OfferOutcome::NoAnswer);
    t.expect(["hang up 1001: answered_late"]);
    t.refused("1001", Refusal::Expired);
    t.expect_nothing();
    t.gone("1001");
    t.expect(["* 1001 ended by system: answered_late"]);
}

#[test]
fn the_answer_crosses_our_cancel() {
    let mut t = CallTest::waiting_in("5001");
    t.offer("1001");
    t.rings("1001");
    t.seconds(15);
    t.withdraw("1001", OfferOutcome::NoAnswer);
    t.expect(["* 1001 begins", "dial 1001", "* 1001 rings", "hang up 1001: no_answer"]);
    t.answered("1001");
    t.gone("1001");
    t.expect(["* 1001 answered", "* 1001 ended by system: answered_late"]);
    let leg = t.cdr().legs[1].clone();
    assert!(leg.answered_at.is_some());
    assert_eq!(leg.ending.map(|ending| ending.reason), Some(Reason::AnsweredLate));
    assert_eq!(t.cdr().answered_at, None, "an answer that was refused connects nobody");
}
