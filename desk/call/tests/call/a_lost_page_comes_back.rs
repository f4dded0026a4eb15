//! Z1: an agent's page is loaded anew, cut off or closed in mid-call: the caller hears music and is not lost.

use carillon_call::{Control, ControlRefused, LegEnd};
use carillon_model::Reason;

use crate::kit::CallTest;

/// Phone 1003 is its agent's page.
const PAGE: &str = "1003";
/// Whom its agent calls.
const CUSTOMER: &str = "+442012345678";

/// The caller of a recorded queue talks with the page's agent.
fn talking() -> CallTest {
    let mut t = CallTest::talking_with(PAGE, "5001");
    t.seconds(10);
    t.said();
    t
}

#[test]
fn it_says_that_it_goes_and_comes_back_by_a_leg_of_its_own() {
    let mut t = talking();
    t.control(PAGE, Control::StepAway).expect("it talks");
    t.expect([
        "part caller",
        "music calm to caller",
        "* caller on hold",
        "record nobody left",
        "record nobody right",
        "hang up 1003: peer_lost",
    ]);
    t.gone(PAGE);
    t.expect(["* 1003 ended by network: peer_lost"]);
    t.seconds(2);
    t.control(PAGE, Control::Return).expect("it is awaited");
    t.expect(["* 1003 begins", "dial 1003 to return"]);
    t.answered(PAGE);
    t.expect([
        "* 1003 answered",
        "* caller off hold",
        "bridge caller 1003",
        "* caller and 1003 talk",
        "record caller left",
        "record 1003 right",
    ]);
    t.seconds(18);
    t.hangs_up("caller");
    t.gone(PAGE);
    t.file_closed(30_000);
    let said = t.said();
    assert_eq!(said.iter().filter(|sentence| *sentence == "acd: 1003 free").count(), 1, "the agent was on one call all the time: {said:?}");
    let cdr = t.cdr();
    assert_eq!((cdr.talk_ms, cdr.ending.map(|ending| ending.reason)), (28_000, Some(Reason::HungUp)));
    let began = cdr.legs.iter().find(|leg| leg.agent.is_some()).and_then(|leg| leg.answered_at);
    assert_eq!(
        cdr.had_by().into_values().map(|had| Some(had.since)).collect::<Vec<_>>(),
        [began],
        "it was had since the first page talked"
    );
}

#[test]
fn it_is_back_before_anybody_knew_that_it_was_gone() {
    let mut t = talking();
    t.control(PAGE, Control::Return).expect("it talks");
    let said = t.said();
    assert!(said.ends_with(&["hang up 1003: peer_lost".into(), "* 1003 begins".into(), "dial 1003 to return".into()]), "{said:?}");
    t.answered(PAGE);
    assert!(t.said().contains(&"bridge caller 1003".to_owned()));
}

#[test]
fn its_audio_breaks_off_and_the_caller_waits_for_it_like_one_on_hold() {
    let mut t = talking();
    t.media_lost(PAGE);
    assert!(t.said().contains(&"music calm to caller".to_owned()));
    t.ends(PAGE, LegEnd::Network, None, Reason::PeerLost);
    t.seconds(29);
    t.control(PAGE, Control::Return).expect("its time is not over");
    t.seconds(3);
    t.answered(PAGE);
    assert!(t.said().contains(&"* caller and 1003 talk".to_owned()), "whoever is on the way in is waited for");
}

#[test]
fn it_stays_away_and_the_caller_is_next_in_the_queue() {
    let mut t = talking();
    let ticket = t.ticket();
    t.ends(PAGE, LegEnd::Network, None, Reason::PeerLost);
    t.said();
    t.seconds(29);
    t.expect_nothing();
    t.seconds(1);
    t.expect(["* caller off hold", "acd: 1003 free", "* queued", "music calm to caller", "acd: join at 0 for anybody"]);
    assert_eq!(t.ticket(), ticket, "the place is the old one");
    t.offer("1001");
    t.answered("1001");
    t.granted("1001");
    assert!(t.said().contains(&"* caller and 1001 talk".to_owned()));
}

#[test]
fn whoever_is_offered_the_caller_again_has_the_call_from_then_on() {
    let mut t = talking();
    t.ends(PAGE, LegEnd::Network, None, Reason::PeerLost);
    t.seconds(40);
    t.offer(PAGE);
    t.answered(PAGE);
    t.granted(PAGE);
    let cdr = t.cdr();
    let answered = cdr.legs.iter().rev().find(|leg| leg.agent.is_some()).and_then(|leg| leg.answered_at);
    let had: Vec<_> = cdr.had_by().into_values().map(|had| Some(had.since)).collect();
    assert_eq!(had, [answered], "it is no part of the talk that the caller waited in between");
}

#[test]
fn a_call_of_no_queue_ends_when_it_stays_away() {
    let mut t = CallTest::talking_after_a_click(PAGE, CUSTOMER);
    t.ends("caller", LegEnd::Network, None, Reason::PeerLost);
    assert!(t.said().contains(&format!("music calm to {CUSTOMER}")));
    t.seconds(30);
    assert!(t.said().contains(&format!("busy tone to {CUSTOMER}")));
    t.seconds(5);
    t.gone(CUSTOMER);
    assert_eq!(t.cdr().ending.map(|ending| ending.reason), Some(Reason::PeerLost));
}

#[test]
fn whoever_was_on_hold_stays_so() {
    let mut t = talking();
    t.control(PAGE, Control::Hold).expect("they talk");
    t.said();
    t.control(PAGE, Control::Return).expect("it has the call");
    t.answered(PAGE);
    assert!(!t.said().iter().any(|sentence| sentence.starts_with("bridge")), "nobody hears a page that had put them on hold");
    t.control(PAGE, Control::Resume).expect("they are on hold by it");
    assert!(t.said().contains(&"bridge 1003 caller".to_owned()));
}

#[test]
fn it_asks_a_colleague_is_loaded_anew_and_gives_the_call_on() {
    let mut t = talking();
    t.asks(PAGE, "1002").expect("they talk");
    t.reserved("1002");
    t.answered("1002");
    t.said();
    t.control(PAGE, Control::Return).expect("it has the call");
    assert!(t.said().contains(&"music calm to 1002".to_owned()), "the colleague waits as the caller does");
    t.answered(PAGE);
    assert!(t.said().contains(&"bridge 1003 1002".to_owned()), "and is spoken with again");
    t.control(PAGE, Control::Complete).expect("the colleague is there");
    assert!(t.said().contains(&"* caller and 1002 talk".to_owned()));
}

#[test]
fn the_caller_hangs_up_meanwhile_and_the_agent_is_free() {
    let mut t = talking();
    t.ends(PAGE, LegEnd::Network, None, Reason::PeerLost);
    t.said();
    t.hangs_up("caller");
    let said = t.said();
    assert!(said.contains(&"acd: 1003 free".to_owned()) && said.contains(&"* call ended by caller: hung_up".to_owned()), "{said:?}");
}

#[test]
fn its_agent_ends_the_call_from_elsewhere() {
    let mut t = talking();
    t.ends(PAGE, LegEnd::Network, None, Reason::PeerLost);
    t.control(PAGE, Control::HangUp).expect("it is the agent's still");
    t.gone("caller");
    assert!(t.said().contains(&"* call ended by agent: hung_up".to_owned()));
}

#[test]
fn it_is_loaded_anew_twice() {
    let mut t = talking();
    t.control(PAGE, Control::Return).expect("it talks");
    t.said();
    t.control(PAGE, Control::Return).expect("the first try came to nothing");
    t.expect(["hang up 1003: peer_lost", "* 1003 begins", "dial 1003 to return"]);
    t.answered(PAGE);
    assert!(t.said().contains(&"* caller and 1003 talk".to_owned()));
}

#[test]
fn a_telephone_on_a_desk_is_not_waited_for() {
    let mut t = CallTest::talking_with("1001", "5003");
    assert_eq!(t.control("1001", Control::StepAway), Err(ControlRefused::NotTalking));
    t.ends("1001", LegEnd::Network, None, Reason::PeerLost);
    assert!(t.said().contains(&"hang up caller: peer_lost".to_owned()));
}

#[test]
fn however_often_it_is_rung_the_caller_does_not_wait_for_ever() {
    let mut t = talking();
    t.ends(PAGE, LegEnd::Network, None, Reason::PeerLost);
    for _ in 0..9 {
        t.seconds(4);
        t.control(PAGE, Control::Return).expect("it is awaited");
        t.ends(PAGE, LegEnd::Remote, Some(480), Reason::Unreachable);
    }
    t.said();
    t.seconds(4);
    assert!(t.said().contains(&"* queued".to_owned()), "after forty seconds at most");
}
