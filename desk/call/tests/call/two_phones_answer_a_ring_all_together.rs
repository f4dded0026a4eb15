use carillon_model::{OfferOutcome, Refusal};

use crate::kit::CallTest;

#[test]
fn one_wins_and_the_others_are_told_it_was_answered_elsewhere() {
    let mut t = CallTest::waiting_in("5001");
    for phone in ["1001", "1002", "1003"] {
        t.offer(phone);
        t.rings(phone);
    }
    t.seconds(2);
    t.answered("1002");
    t.answered("1001");
    t.expect([
        "* 1001 begins",
        "dial 1001",
        "* 1001 rings",
        "* 1002 begins",
        "dial 1002",
        "* 1002 rings",
        "* 1003 begins",
        "dial 1003",
        "* 1003 rings",
        "* 1002 answered",
        "acd: 1002 answered",
        "* 1001 answered",
        "acd: 1001 answered",
    ]);
    t.granted("1002");
    t.expect([
        "silence to caller",
        "bridge caller 1002",
        "* left the queue: answered",
        "* caller and 1002 talk",
        "record caller left",
        "record 1002 right",
        "* recording",
    ]);
    t.withdraw("1001", OfferOutcome::AnsweredElsewhere);
    t.withdraw("1003", OfferOutcome::AnsweredElsewhere);
    t.refused("1001", Refusal::Taken);
    t.expect(["hang up 1001: answered_elsewhere", "hang up 1003: answered_elsewhere"]);
    t.gone("1003");
    t.gone("1001");
    t.expect(["* 1003 ended by system: answered_elsewhere", "* 1001 ended by system: answered_elsewhere"]);
    t.seconds(20);
    t.hangs_up("1002");
    t.expect(["* 1002 ended by agent: hung_up", "acd: 1002 free", "hang up caller: hung_up", "stop recording", "* recorded"]);
    let cdr = t.cdr();
    assert_eq!((cdr.ring_ms, cdr.talk_ms), (2_000, 20_000));
    assert_eq!(cdr.connected.as_ref().map(|number| number.as_str()), Some("1002"));
}

#[test]
fn the_loser_is_refused_before_it_is_withdrawn() {
    let mut t = CallTest::waiting_in("5003");
    t.offer("1001");
    t.offer("1002");
    t.answered("1001");
    t.answered("1002");
    t.granted("1001");
    t.expect([
        "* 1001 begins",
        "dial 1001",
        "* 1002 begins",
        "dial 1002",
        "* 1001 answered",
        "acd: 1001 answered",
        "* 1002 answered",
        "acd: 1002 answered",
        "silence to caller",
        "bridge caller 1001",
        "* left the queue: answered",
        "* caller and 1001 talk",
    ]);
    t.refused("1002", Refusal::Taken);
    t.expect(["hang up 1002: answered_elsewhere"]);
    t.withdraw("1002", OfferOutcome::AnsweredElsewhere);
    t.expect_nothing();
    t.gone("1002");
    t.expect(["* 1002 ended by system: answered_elsewhere"]);
}
