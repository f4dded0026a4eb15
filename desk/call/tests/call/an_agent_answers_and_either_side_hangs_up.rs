use carillon_model::{EndedBy, Ending, Reason};

use crate::kit::CallTest;

#[test]
fn the_whole_way_from_the_invite_to_the_closed_file() {
    let mut t = CallTest::from_trunk("5001");
    t.expect(["* inbound call", "* caller begins"]);
    t.committed();
    t.expect(["* step sales-consent", "answer caller"]);
    t.answered("caller");
    t.expect(["* caller answered", "play consent to caller"]);
    t.seconds(6);
    t.heard();
    t.expect(["* caller heard consent", "* step sales", "* queued", "music calm to caller", "acd: join at 0"]);
    t.position(1);
    t.offer("1001");
    t.expect(["* 1001 begins", "dial 1001"]);
    t.seconds(1);
    t.rings("1001");
    t.expect(["* 1001 rings"]);
    t.seconds(4);
    t.answered("1001");
    t.expect(["* 1001 answered", "acd: 1001 answered"]);
    t.granted("1001");
    t.expect([
        "silence to caller",
        "bridge caller 1001",
        "* left the queue: answered",
        "* caller and 1001 talk",
        "record caller left",
        "record 1001 right",
        "* recording",
    ]);
    t.seconds(60);
    t.hangs_up("1001");
    t.expect(["* 1001 ended by agent: hung_up", "acd: 1001 free", "hang up caller: hung_up", "stop recording", "* recorded"]);
    t.gone("caller");
    t.expect(["* caller ended by agent: hung_up", "* call ended by agent: hung_up"]);
    t.file_closed(60_000);
    t.expect(["* file closed", "over"]);

    let cdr = t.cdr();
    assert_eq!(cdr.ending, Some(Ending::new(EndedBy::Agent, Reason::HungUp)));
    assert_eq!((cdr.ring_ms, cdr.wait_ms, cdr.talk_ms, cdr.total_ms), (5_000, 5_000, 60_000, 71_000));
    assert_eq!(cdr.recordings[0].span_ms, 60_000);
    assert_eq!(cdr.recordings[0].file, format!("2026/03/02/{}.wav", cdr.recordings[0].recording));
}

#[test]
fn the_caller_hangs_up_and_the_agents_leg_follows() {
    let mut t = CallTest::talking_with("1002", "5001");
    t.seconds(30);
    t.hangs_up("caller");
    t.expect(["* caller ended by caller: hung_up", "hang up 1002: hung_up", "stop recording", "* recorded"]);
    t.file_closed(30_000);
    t.expect(["* file closed"]);
    t.gone("1002");
    t.expect(["* 1002 ended by caller: hung_up", "acd: 1002 free", "* call ended by caller: hung_up", "over"]);
}

#[test]
fn both_hang_up_at_once_and_the_first_is_the_one_who_ended_it() {
    let mut t = CallTest::talking_with("1001", "5003");
    t.hangs_up("caller");
    t.hangs_up("1001");
    t.expect([
        "* caller ended by caller: hung_up",
        "hang up 1001: hung_up",
        "* 1001 ended by caller: hung_up",
        "acd: 1001 free",
        "* call ended by caller: hung_up",
        "over",
    ]);
}

#[test]
fn an_agent_who_answers_and_is_gone_before_the_grant_ends_the_call_and_is_released() {
    let mut t = CallTest::waiting_in("5003");
    t.offer("1001");
    t.answered("1001");
    t.hangs_up("1001");
    t.expect(["* 1001 begins", "dial 1001", "* 1001 answered", "acd: 1001 answered", "* 1001 ended by agent: hung_up"]);
    t.granted("1001");
    t.expect(["acd: 1001 free", "* left the queue: answered", "hang up caller: hung_up"]);
    t.gone("caller");
    t.expect(["* caller ended by agent: hung_up", "* call ended by agent: hung_up", "over"]);
}

#[test]
fn a_file_the_writer_never_closes_does_not_keep_the_call() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.hangs_up("caller");
    t.gone("1001");
    t.expect([
        "* caller ended by caller: hung_up",
        "hang up 1001: hung_up",
        "stop recording",
        "* recorded",
        "* 1001 ended by caller: hung_up",
        "acd: 1001 free",
        "* call ended by caller: hung_up",
    ]);
    t.seconds(60);
    t.expect(["* file: the writer did not close the file within 60 s", "over"]);
}

#[test]
fn a_file_that_breaks_in_mid_call_ends_the_span_and_not_the_call() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(10);
    t.file_closed(9_500);
    t.expect(["* recorded", "* file closed"]);
    t.seconds(10);
    t.hangs_up("caller");
    t.expect(["* caller ended by caller: hung_up", "hang up 1001: hung_up"]);
    let recording = &t.cdr().recordings[0];
    assert_eq!((recording.span_ms, recording.length_ms), (10_000, Some(9_500)));
}
