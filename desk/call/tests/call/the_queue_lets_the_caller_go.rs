use carillon_model::{OfferOutcome, QueueExit};

use crate::kit::CallTest;

#[test]
fn after_the_longest_wait_the_plan_takes_over() {
    let mut t = CallTest::waiting_in("5001");
    t.offer("1001");
    t.seconds(120);
    t.exit(QueueExit::Timeout);
    t.expect([
        "* 1001 begins",
        "dial 1001",
        "* left the queue: timeout",
        "hang up 1001: cancelled",
        "silence to caller",
        "* step farewell",
        "play goodbye to caller",
    ]);
    t.withdraw("1001", OfferOutcome::Withdrawn);
    t.expect_nothing();
    t.gone("1001");
    t.heard();
    t.gone("caller");
    t.expect([
        "* 1001 ended by system: cancelled",
        "hang up caller: plan_ended",
        "* caller ended by dialplan: plan_ended",
        "* call ended by dialplan: plan_ended",
        "over",
    ]);
    assert_eq!((t.cdr().wait_ms, t.cdr().queues[0].exit), (120_000, Some(QueueExit::Timeout)));
}

#[test]
fn with_nobody_logged_in_the_plan_dials_a_phone_and_the_caller_hears_it_ring() {
    let mut t = CallTest::waiting_in("5003");
    t.exit(QueueExit::NoAgents);
    t.reserved("1001");
    t.rings("1001");
    t.expect([
        "* left the queue: no_agents",
        "silence to caller",
        "* step anna",
        "acd: reserve 1001",
        "* 1001 begins",
        "dial 1001",
        "* 1001 rings",
        "ringback to caller",
    ]);
    t.answered("1001");
    t.expect(["* 1001 answered", "acd: 1001 is there", "silence to caller", "bridge caller 1001", "* caller and 1001 talk"]);
}

#[test]
fn a_plan_that_queues_the_same_caller_again_keeps_the_place() {
    let mut t = CallTest::waiting_in("5008");
    let first = t.ticket();
    t.exit(QueueExit::Timeout);
    t.expect(["* left the queue: timeout", "silence to caller", "* step again", "* queued", "music calm to caller", "acd: join at 0"]);
    assert_eq!(t.ticket(), first);
    let cdr = t.cdr();
    assert_eq!(cdr.queues.iter().map(|queue| queue.exit).collect::<Vec<_>>(), [Some(QueueExit::Timeout), None]);
}

#[test]
fn a_server_that_shuts_down_lets_everybody_go_and_says_so() {
    let mut t = CallTest::waiting_in("5001");
    t.exit(QueueExit::Ended);
    t.gone("caller");
    t.expect([
        "* left the queue: ended",
        "hang up caller: shutting_down",
        "* caller ended by system: shutting_down",
        "* call ended by system: shutting_down",
        "over",
    ]);
}

#[test]
fn without_an_exit_in_the_plan_the_queues_word_is_the_reason() {
    for (exit, reason) in [(QueueExit::Full, "queue_full"), (QueueExit::Timeout, "queue_timeout"), (QueueExit::NoAgents, "no_agents")] {
        let mut t = CallTest::waiting_in("5002");
        t.exit(exit);
        let word = serde_json::to_value(exit).expect("an exit has a name");
        let word = word.as_str().expect("its name is text");
        t.expect([&format!("* left the queue: {word}"), "silence to caller", &format!("hang up caller: {reason}")]);
    }
}
