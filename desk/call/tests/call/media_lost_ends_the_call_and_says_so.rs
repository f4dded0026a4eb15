use carillon_call::{Control, LegEnd};
use carillon_model::{EndedBy, Ending, Hearing, Reason};

use crate::kit::CallTest;

/// Threat 21: a phone unplugged in mid-call.
#[test]
fn an_agents_phone_goes_silent() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(30);
    t.media_lost("1001");
    t.expect(["hang up caller: media_timeout", "hang up 1001: media_timeout", "stop recording", "* recorded"]);
    t.gone("caller");
    // The BYE to the phone that is gone finds nobody; what ended the leg was the silence before.
    t.seconds(32);
    t.ends("1001", LegEnd::Network, None, Reason::PeerLost);
    t.file_closed(30_000);
    t.expect([
        "* caller ended by network: media_timeout",
        "* 1001 ended by network: media_timeout",
        "acd: 1001 free",
        "* call ended by network: media_timeout",
        "* file closed",
        "over",
    ]);
    let cdr = t.cdr();
    assert_eq!(cdr.ending, Some(Ending::new(EndedBy::Network, Reason::MediaTimeout)));
    assert_eq!(cdr.recordings[0].span_ms, 30_000);
}

#[test]
fn a_caller_goes_silent_in_the_queue() {
    let mut t = CallTest::waiting_in("5003");
    t.offer("1001");
    t.media_lost("caller");
    t.expect([
        "* 1001 begins",
        "dial 1001",
        "* left the queue: ended",
        "acd: leave ended",
        "hang up caller: media_timeout",
        "hang up 1001: media_timeout",
    ]);
}

#[test]
fn a_phone_that_stops_answering_requests_ends_the_talk() {
    let mut t = CallTest::talking_with("1001", "5003");
    t.ends("1001", LegEnd::Network, None, Reason::PeerLost);
    t.gone("caller");
    t.expect([
        "* 1001 ended by network: peer_lost",
        "acd: 1001 free",
        "hang up caller: peer_lost",
        "* caller ended by network: peer_lost",
        "* call ended by network: peer_lost",
        "over",
    ]);
}

#[test]
fn silence_of_a_leg_that_was_told_to_end_changes_nothing() {
    let mut t = CallTest::talking_with("1001", "5003");
    t.hangs_up("caller");
    t.media_lost("1001");
    t.expect(["* caller ended by caller: hung_up", "hang up 1001: hung_up"]);
}

#[test]
fn whoever_is_asked_and_falls_silent_leaves_the_caller_on_hold() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "1002").expect("they talk");
    t.reserved("1002");
    t.answered("1002");
    t.said();
    t.media_lost("1002");
    t.expect(["hang up 1002: media_timeout", "busy tone to 1001"]);
    t.gone("1002");
    t.control("1001", Control::Resume).expect("the caller waits");
    t.hangs_up("caller");
    t.gone("1001");
    assert_eq!(t.cdr().ending.map(|ending| ending.reason), Some(Reason::HungUp));
}

#[test]
fn audio_that_goes_one_way_alone_is_told_once_and_ends_nothing() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.hearing("1001", Hearing::NothingComes);
    t.hearing("1001", Hearing::NothingComes);
    t.expect(["* nothing comes from 1001"]);
    t.hearing("1001", Hearing::Heard);
    t.expect(["* 1001 is heard again"]);
    t.hearing("caller", Hearing::Silence);
    t.expect(["* caller is silent"]);
    t.hearing("1001", Hearing::Heard);
    t.expect_nothing();
}
