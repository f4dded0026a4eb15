use carillon_call::Place;
use carillon_model::{OfferOutcome, Reason};

use crate::kit::CallTest;

#[test]
fn the_caller_keeps_the_ticket_the_place_and_the_music() {
    let mut t = CallTest::waiting_in("5001");
    t.position(2);
    t.position(1);
    t.offer("1001");
    t.rings("1001");
    t.seconds(15);
    t.withdraw("1001", OfferOutcome::NoAnswer);
    t.expect(["* 1001 begins", "dial 1001", "* 1001 rings", "hang up 1001: no_answer"]);
    t.offer("1002");
    t.gone("1001");
    t.expect(["* 1002 begins", "dial 1002", "* 1001 ended by system: no_answer"]);
    assert_eq!(t.call.place(), Some(Place { position: 1, waiting: 4, estimated_wait_ms: None }));
    t.seconds(3);
    t.answered("1002");
    t.granted("1002");
    t.expect([
        "* 1002 answered",
        "acd: 1002 answered",
        "silence to caller",
        "bridge caller 1002",
        "* left the queue: answered",
        "* caller and 1002 talk",
        "record caller left",
        "record 1002 right",
        "* recording",
    ]);
    assert_eq!(t.call.place(), None);
    let cdr = t.cdr();
    assert_eq!((cdr.queues.len(), cdr.wait_ms, cdr.ring_ms), (1, 18_000, 18_000));
    assert_eq!(cdr.legs[1].ending.map(|ending| ending.reason), Some(Reason::NoAnswer));
    assert_eq!(cdr.agent, cdr.offers[1].agent.into());
}
