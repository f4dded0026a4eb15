use carillon_call::LegEnd;
use carillon_model::{EndedBy, Reason};

use crate::kit::CallTest;

#[test]
fn a_supervisor_hangs_up_a_talk() {
    let mut t = CallTest::talking_with("1001", "5003");
    t.hang_up(EndedBy::Supervisor);
    t.hang_up(EndedBy::Agent);
    t.gone("1001");
    t.gone("caller");
    t.expect([
        "hang up caller: hung_up",
        "hang up 1001: hung_up",
        "* 1001 ended by supervisor: hung_up",
        "acd: 1001 free",
        "* caller ended by supervisor: hung_up",
        "* call ended by supervisor: hung_up",
        "over",
    ]);
}

#[test]
fn the_server_shuts_down_with_a_caller_in_the_queue() {
    let mut t = CallTest::waiting_in("5003");
    t.offer("1001");
    t.drain_server();
    t.gone("caller");
    t.gone("1001");
    t.expect([
        "* 1001 begins",
        "dial 1001",
        "* left the queue: ended",
        "acd: leave ended",
        "hang up caller: shutting_down",
        "hang up 1001: shutting_down",
        "* caller ended by system: shutting_down",
        "* 1001 ended by system: shutting_down",
        "* call ended by system: shutting_down",
        "over",
    ]);
}

#[test]
fn our_answer_finds_no_codec_in_common() {
    let mut t = CallTest::from_trunk("5003");
    t.committed();
    t.ends("caller", LegEnd::Local, Some(488), Reason::MediaNotAcceptable);
    t.expect([
        "* inbound call",
        "* caller begins",
        "* step orders",
        "answer caller",
        "* caller ended by system: media_not_acceptable",
        "* call ended by system: media_not_acceptable",
        "over",
    ]);
}
