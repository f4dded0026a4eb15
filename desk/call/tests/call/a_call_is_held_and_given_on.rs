//! Hold, transfer with and without asking first; the recording follows (R9 of the voice desk: Z4).

use carillon_call::{Control, ControlRefused, LegEnd, Onward};
use carillon_model::{EndedBy, Number, QueueExit, Reason};

use crate::kit::CallTest;

#[test]
fn the_caller_hears_the_queues_music_and_the_recording_is_silent() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(10);
    assert_eq!(t.control("1001", Control::Hold), Ok(()));
    t.expect(["part caller", "music calm to caller", "* caller on hold", "record nobody left", "record nobody right"]);
    assert_eq!(t.control("1001", Control::Hold), Err(ControlRefused::OnHold));
    t.seconds(7);
    assert_eq!(t.control("1001", Control::Resume), Ok(()));
    t.expect(["bridge 1001 caller", "* caller off hold", "record caller left", "record 1001 right"]);
    assert_eq!(t.control("1001", Control::Resume), Err(ControlRefused::NotOnHold));
    assert_eq!(t.control("1002", Control::Hold), Err(ControlRefused::NotTalking), "somebody else's call");
    t.seconds(3);
    t.hangs_up("caller");
    assert_eq!((t.cdr().talk_ms, t.cdr().hold_ms), (20_000, 7_000));
}

#[test]
fn a_phone_that_holds_by_itself_plays_the_same_music() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.phone_holds("1001", true);
    t.expect(["music calm to caller", "* caller on hold"]);
    t.phone_holds("1001", true);
    t.expect_nothing();
    t.seconds(4);
    t.phone_holds("1001", false);
    t.expect(["silence to caller", "* caller off hold"]);
    t.hangs_up("1001");
    assert_eq!(t.cdr().hold_ms, 4_000);
}

#[test]
fn a_call_given_to_a_colleague_rings_there_while_the_agent_is_gone() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(10);
    t.gives_on("1001", "1002").expect("they talk");
    t.expect([
        "* 1001 gives the call to 1002",
        "record nobody left",
        "record nobody right",
        "hang up 1001: transferred",
        "music calm to caller",
        "acd: reserve 1002",
    ]);
    t.gone("1001");
    t.expect(["* 1001 ended by agent: transferred", "acd: 1001 free"]);
    t.reserved("1002");
    t.rings("1002");
    t.answered("1002");
    t.expect([
        "* 1002 begins",
        "dial 1002",
        "* 1002 rings",
        "ringback to caller",
        "* 1002 answered",
        "acd: 1002 is there",
        "silence to caller",
        "bridge caller 1002",
        "* caller and 1002 talk",
        "record caller left",
        "record 1002 right",
    ]);
    t.seconds(20);
    t.hangs_up("1002");
    t.gone("caller");
    t.file_closed(30_000);
    t.expect([
        "* 1002 ended by callee: hung_up",
        "acd: 1002 worked for a queue",
        "acd: 1002 free",
        "hang up caller: hung_up",
        "stop recording",
        "* recorded",
        "* caller ended by callee: hung_up",
        "* call ended by callee: hung_up",
        "* file closed",
        "over",
    ]);
    let cdr = t.cdr();
    assert_eq!((cdr.talk_ms, cdr.transfers.len(), cdr.recordings.len()), (30_000, 1, 1));
}

#[test]
fn a_call_given_to_another_queue_waits_there() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.control("1001", Control::Transfer(Onward::Queue("orders".into()))).expect("they talk");
    t.expect([
        "* 1001 gives the call to orders",
        "record nobody left",
        "record nobody right",
        "hang up 1001: transferred",
        "* queued",
        "music calm to caller",
        "acd: join at 0",
    ]);
    t.gone("1001");
    t.offer("1002");
    t.answered("1002");
    t.granted("1002");
    let said = t.said();
    assert!(said.ends_with(&["* left the queue: answered".into(), "* caller and 1002 talk".into()]), "an unrecorded queue: {said:?}");
    t.hangs_up("caller");
    assert_eq!(t.cdr().queues.len(), 2);
}

/// Abandoned is whoever leaves a queue before its agent, whoever was talked with before.
#[test]
fn a_caller_who_gives_up_in_the_next_queue_gave_up() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(10);
    t.control("1001", Control::Transfer(Onward::Queue("orders".into()))).expect("they talk");
    t.gone("1001");
    t.seconds(40);
    t.hangs_up("caller");
    let cdr = t.cdr();
    assert_eq!(cdr.ending.map(|ending| (ending.by, ending.reason)), Some((EndedBy::Caller, Reason::Cancelled)));
    assert_eq!(cdr.queues.iter().map(|queue| queue.exit).collect::<Vec<_>>(), [Some(QueueExit::Answered), Some(QueueExit::Abandoned)]);
    assert_eq!(cdr.queues[1].wait_ms, 40_000);
    assert_eq!(cdr.legs[0].ending.map(|ending| ending.reason), Some(Reason::HungUp), "the leg itself was hung up");
}

/// R2, R5: each writes it up for the queue in whose name the call was had.
#[test]
fn each_agent_had_the_call_for_the_queue_it_was_given_by() {
    let mut t = CallTest::talking_with("1001", "5001");
    let sales = t.cdr().queues[0].queue;
    t.control("1001", Control::Transfer(Onward::Queue("orders".into()))).expect("they talk");
    t.gone("1001");
    t.offer("1002");
    t.answered("1002");
    t.granted("1002");
    let orders = t.cdr().queues[1].queue;
    t.seconds(5);
    // A colleague is asked and gets the call; then it goes back to where it came from.
    t.asks("1002", "1003").expect("they talk");
    t.reserved("1003");
    t.answered("1003");
    t.seconds(5);
    t.control("1002", Control::Complete).expect("they talk");
    t.gone("1002");
    t.control("1003", Control::Transfer(Onward::Queue("sales".into()))).expect("they talk");
    t.gone("1003");
    let had: Vec<_> = t.cdr().had_by().into_values().map(|had| had.queue).collect();
    assert_eq!(had, [Some(sales), Some(orders), Some(orders)], "whoever was asked has it for who asked");
    // Who has it twice writes it up for the last time.
    t.offer("1002");
    t.answered("1002");
    t.granted("1002");
    let had: Vec<_> = t.cdr().had_by().into_values().map(|had| had.queue).collect();
    assert_eq!(had, [Some(sales), Some(sales), Some(orders)]);
}

#[test]
fn a_transfer_nobody_takes_returns_to_its_queue_and_place() {
    let mut t = CallTest::talking_with("1001", "5001");
    let ticket = t.ticket();
    t.gives_on("1001", "1002").expect("they talk");
    t.busy("1002");
    assert_eq!(t.ticket(), ticket);
    let said = t.said();
    assert!(said.contains(&"acd: join at 0 for anybody".to_owned()), "{said:?}");
    t.exit(QueueExit::Timeout);
    assert!(t.said().iter().any(|said| said.starts_with("* step ")), "the plan says what follows");
}

#[test]
fn whom_we_called_is_the_one_who_waits_once_given_to_a_queue() {
    let mut t = CallTest::talking_after_a_click("1001", "+442055555555");
    t.control("1001", Control::Transfer(Onward::Queue("orders".into()))).expect("they talk");
    t.gone("caller");
    t.offer("1002");
    assert_eq!(t.shown(), Some("+442055555555"), "the queue's agent sees whom it is about, not a colleague");
    t.answered("1002");
    t.granted("1002");
    t.gives_on("1002", "1003").expect("they talk");
    t.reserved("1003");
    assert_eq!(t.shown(), Some("+442055555555"), "so does whom it is given to");
    t.ends("1003", LegEnd::Remote, Some(486), Reason::Busy);
    let said = t.said();
    assert!(said.contains(&"acd: join at 0 for anybody".to_owned()), "it goes back to the queue it was in: {said:?}");
    t.hangs_up("+442055555555");
    assert!(t.said().contains(&"* left the queue: abandoned".to_owned()), "giving up there is giving up");
    let queues = t.cdr().queues;
    assert!(queues.iter().all(|queue| queue.party.as_ref().is_some_and(|party| party.as_str() == "+442055555555")), "{queues:#?}");
}

#[test]
fn whoever_comes_back_has_the_priority_it_had() {
    let mut t = CallTest::talking_with("1001", "5003");
    t.gives_on("1001", "1002").expect("they talk");
    t.busy("1002");
    let said = t.said();
    assert!(said.contains(&"acd: join at 3 for anybody".to_owned()), "{said:?}");
    t.gone("1001");
    t.offer("1003");
    t.answered("1003");
    t.granted("1003");
    t.said();
    t.control("1003", Control::Transfer(Onward::Queue("orders".into()))).expect("they talk");
    let said = t.said();
    assert!(said.contains(&"acd: join at 3".to_owned()), "the same queue again: {said:?}");
}

/// The agent at 1002 gives the caller to a number of the dialplan.
fn given_to_a_step(step: &str, number: &str) -> CallTest {
    let mut t = CallTest::talking_with("1002", "5001");
    t.control("1002", Control::Transfer(Onward::Step { step: step.into(), number: Number::new(number) })).expect("they talk");
    t.gone("1002");
    t
}

#[test]
fn a_call_given_into_the_dialplan_takes_its_exits() {
    let mut t = given_to_a_step("anna", "5004");
    t.busy("1001");
    let said = t.said();
    assert!(said.contains(&"* step farewell".to_owned()), "{said:?}");
    assert!(!said.iter().any(|said| said.starts_with("acd: join")), "{said:?}");
}

#[test]
fn where_the_dialplan_has_no_exit_the_call_comes_back_and_goes_on_as_before() {
    for fails_at_once in [false, true] {
        let mut t = if fails_at_once { given_to_a_step("nowhere", "5006") } else { given_to_a_step("anna", "5004") };
        if !fails_at_once {
            t.reserved("1001");
            t.rings("1001");
            t.seconds(20);
            t.gone("1001");
        }
        let said = t.said();
        assert!(said.contains(&"acd: join at 0 for anybody".to_owned()), "{said:?}");
        t.exit(QueueExit::Timeout);
        let said = t.said();
        assert!(said.contains(&"* step farewell".to_owned()), "the queue's own exit: {said:?}");
    }
}

#[test]
fn an_outbound_call_given_on_serves_who_was_called() {
    let mut t = CallTest::talking_after_a_click("1001", "+390255555555");
    t.heard();
    t.said();
    t.gives_on("1001", "1002").expect("they talk");
    t.gone("caller");
    t.reserved("1002");
    t.answered("1002");
    let said = t.said();
    assert!(said.ends_with(&["record +390255555555 left".into(), "record 1002 right".into()]), "each stays on a side: {said:?}");
    t.hangs_up("+390255555555");
    t.gone("1002");
    assert_eq!(t.cdr().ending.map(|ending| ending.by), Some(EndedBy::Callee));
}

#[test]
fn a_colleague_is_asked_swapped_with_and_given_the_call() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "1002").expect("they talk");
    t.expect(["part caller", "music calm to caller", "* caller on hold", "record nobody left", "record nobody right", "acd: reserve 1002"]);
    t.reserved("1002");
    t.rings("1002");
    t.expect(["* 1002 begins", "dial 1002", "* 1002 rings", "ringback to 1001"]);
    assert_eq!(t.control("1001", Control::Complete), Err(ControlRefused::NotAnswered));
    t.answered("1002");
    t.expect(["* 1002 answered", "acd: 1002 is there", "bridge 1001 1002"]);
    t.control("1001", Control::Swap).expect("both are there");
    t.expect([
        "bridge 1001 caller",
        "* caller off hold",
        "record caller left",
        "record 1001 right",
        "music calm to 1002",
        "* 1002 on hold",
    ]);
    t.control("1001", Control::Swap).expect("both are there");
    t.expect([
        "part caller",
        "music calm to caller",
        "* caller on hold",
        "record nobody left",
        "record nobody right",
        "bridge 1001 1002",
        "* 1002 off hold",
    ]);
    t.control("1001", Control::Complete).expect("both are there");
    t.expect([
        "* 1001 gives the call to 1002 after a talk",
        "* caller off hold",
        "bridge caller 1002",
        "* caller and 1002 talk",
        "record caller left",
        "record 1002 right",
        "hang up 1001: transferred",
    ]);
    t.gone("1001");
    t.hangs_up("caller");
    t.gone("1002");
    assert_eq!(t.cdr().ending.map(|ending| (ending.by, ending.reason)), Some((EndedBy::Caller, Reason::HungUp)));
}

#[test]
fn a_consultation_is_cancelled_and_the_caller_is_back() {
    for answered in [false, true] {
        let mut t = CallTest::talking_with("1001", "5001");
        t.asks("1001", "1002").expect("they talk");
        t.reserved("1002");
        if answered {
            t.answered("1002");
        }
        t.said();
        t.control("1001", Control::CancelConsult).expect("somebody is asked");
        t.expect(["hang up 1002: hung_up", "bridge 1001 caller", "* caller off hold", "record caller left", "record 1001 right"]);
        t.gone("1002");
        t.hangs_up("1001");
    }
}

#[test]
fn whoever_is_asked_and_cannot_be_had_leaves_the_caller_on_hold() {
    for way in 0..3 {
        let mut t = CallTest::talking_with("1001", "5001");
        t.asks("1001", "1002").expect("they talk");
        match way {
            0 => t.busy("1002"),
            1 => {
                t.reserved("1002");
                t.ends("1002", LegEnd::Remote, Some(486), Reason::Busy);
            }
            _ => {
                t.reserved("1002");
                t.seconds(60);
                t.gone("1002");
            }
        }
        assert!(t.said().contains(&"busy tone to 1001".to_owned()));
        t.control("1001", Control::Resume).expect("the caller waits");
        t.hangs_up("caller");
    }
}

#[test]
fn an_agent_who_hangs_up_while_asking_gives_the_call_on() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "1002").expect("they talk");
    t.reserved("1002");
    t.answered("1002");
    t.said();
    t.hangs_up("1001");
    let said = t.said();
    assert!(said.contains(&"bridge caller 1002".to_owned()), "{said:?}");

    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "1002").expect("they talk");
    t.reserved("1002");
    t.rings("1002");
    t.hangs_up("1001");
    t.said();
    t.answered("1002");
    assert!(t.said().contains(&"bridge caller 1002".to_owned()), "it rang on");
}

#[test]
fn a_caller_who_leaves_during_a_consultation_leaves_the_two_talking() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "1002").expect("they talk");
    t.reserved("1002");
    t.answered("1002");
    t.hangs_up("caller");
    assert!(t.cdr().ending.is_none());
    t.hangs_up("1002");
    t.gone("1001");
    assert!(t.cdr().ending.is_some());
}
