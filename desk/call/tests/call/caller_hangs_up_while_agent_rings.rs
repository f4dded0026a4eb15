use carillon_model::{EndedBy, Ending, OfferOutcome, QueueExit, Reason};

use crate::kit::CallTest;

#[test]
fn the_caller_leaves_the_queue_and_the_agents_phone_stops_ringing() {
    let mut t = CallTest::waiting_in("5001");
    t.offer("1001");
    t.rings("1001");
    t.seconds(3);
    t.expect(["* 1001 begins", "dial 1001", "* 1001 rings"]);
    t.hangs_up("caller");
    t.expect(["* caller ended by caller: hung_up", "* left the queue: abandoned", "acd: leave abandoned", "hang up 1001: cancelled"]);
    // `acd` takes the offer back; the leg was told already.
    t.withdraw("1001", OfferOutcome::CallerGone);
    t.expect_nothing();
    t.gone("1001");
    t.expect(["* 1001 ended by caller: cancelled", "* call ended by caller: cancelled", "over"]);

    let cdr = t.cdr();
    assert_eq!(cdr.ending, Some(Ending::new(EndedBy::Caller, Reason::Cancelled)));
    assert_eq!((cdr.queues[0].exit, cdr.queues[0].wait_ms), (Some(QueueExit::Abandoned), 3_000));
    assert_eq!(cdr.offers[0].outcome, Some(OfferOutcome::CallerGone));
    assert_eq!((cdr.answered_at, cdr.agent, cdr.talk_ms), (None, None, 0));
}

#[test]
fn the_agent_answers_as_the_caller_leaves_and_is_released_at_the_end_of_the_leg() {
    let mut t = CallTest::waiting_in("5003");
    t.offer("1001");
    t.answered("1001");
    t.hangs_up("caller");
    t.expect([
        "* 1001 begins",
        "dial 1001",
        "* 1001 answered",
        "acd: 1001 answered",
        "* caller ended by caller: hung_up",
        "* left the queue: abandoned",
        "acd: leave abandoned",
        "hang up 1001: cancelled",
    ]);
    // The claim was granted before the leave was read: nobody is bridged, and the agent's part ends with the leg.
    t.granted("1001");
    t.expect_nothing();
    t.gone("1001");
    t.expect(["* 1001 ended by caller: cancelled", "acd: 1001 free", "* call ended by caller: cancelled", "over"]);
}

#[test]
fn an_offer_that_crosses_the_hang_up_is_given_back() {
    let mut t = CallTest::waiting_in("5003");
    t.offer("1001");
    t.hangs_up("caller");
    t.expect([
        "* 1001 begins",
        "dial 1001",
        "* caller ended by caller: hung_up",
        "* left the queue: abandoned",
        "acd: leave abandoned",
        "hang up 1001: cancelled",
    ]);
    t.offer("1002");
    t.expect(["acd: 1002 failed: caller_gone"]);
}
