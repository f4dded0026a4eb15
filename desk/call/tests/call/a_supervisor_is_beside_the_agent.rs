//! A supervisor listens, whispers or speaks with all, whatever becomes of the talk meanwhile, and nothing ends with it.

use carillon_call::{Control, ControlRefused};
use carillon_model::{
    Fact, LegRole,
    Supervision::{Barge, Listen, Whisper},
};

use crate::kit::CallTest;

/// The caller, Anna at 1001, and a supervisor at 1003.
fn listening() -> CallTest {
    let mut t = CallTest::talking_with("1001", "5001");
    t.supervises("1003", Listen).expect("they talk");
    t.reserved("1003");
    t.answered("1003");
    t.said();
    t
}

/// What was said last of who hears whom.
fn mixed(t: &mut CallTest) -> String {
    let said = t.said();
    said.iter().rfind(|said| said.starts_with("mix:")).unwrap_or_else(|| panic!("nothing was mixed: {said:?}")).clone()
}

#[test]
fn who_hears_whom_and_what_is_recorded_by_each_way() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.supervises("1003", Listen).expect("they talk");
    t.expect(["acd: reserve 1003"]);
    t.reserved("1003");
    t.expect(["* 1003 begins", "dial 1003 to answer at once"]);
    t.answered("1003");
    t.expect(["* 1003 answered", "* listen by 1003 beside 1001", "mix: 1001 hears caller, caller hears 1001, 1003 hears 1001 caller"]);
    t.supervises("1003", Whisper).expect("there");
    t.expect(["* whisper by 1003 beside 1001", "mix: 1001 hears caller 1003, caller hears 1001, 1003 hears 1001 caller"]);
    t.supervises("1003", Barge).expect("there");
    t.expect([
        "* barge by 1003 beside 1001",
        "mix: 1001 hears caller 1003, caller hears 1001 1003, 1003 hears 1001 caller",
        "record the others right",
    ]);
    t.supervises("1003", Barge).expect("as before");
    t.expect_nothing();
    t.presses("1003", '4');
    t.expect(["* listen by 1003 beside 1001", "mix: 1001 hears caller, caller hears 1001, 1003 hears 1001 caller", "record 1001 right"]);
    t.seconds(5);
    t.hangs_up("1003");
    t.expect(["* 1003 ended by supervisor: hung_up", "acd: 1003 free", "bridge 1001 caller"]);
    t.seconds(5);
    t.hangs_up("caller");
    t.gone("1001");
    let cdr = t.cdr();
    assert_eq!((cdr.talk_ms, cdr.legs.len()), (10_000, 3), "the call is as long as without");
    assert_eq!(cdr.legs[2].role, LegRole::Supervisor);
}

#[test]
fn it_stays_beside_the_agent_through_hold_consultation_and_three_way() {
    let mut t = listening();
    t.supervises("1003", Barge).expect("there");
    t.said();
    t.control("1001", Control::Hold).expect("they talk");
    let said = t.said();
    assert!(said.contains(&"record nobody right".into()), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("mix: 1001 hears 1003, 1003 hears 1001"), "the caller hears music");
    t.asks("1001", "1002").expect("the caller waits");
    t.reserved("1002");
    t.answered("1002");
    assert_eq!(mixed(&mut t), "mix: 1001 hears 1002 1003, 1002 hears 1001 1003, 1003 hears 1001 1002");
    t.control("1001", Control::ThreeWay).expect("both are there");
    let said = t.said();
    assert!(said.contains(&"record the others right".into()), "{said:?}");
    assert_eq!(
        said.last().map(String::as_str),
        Some("mix: caller hears 1001 1002 1003, 1001 hears caller 1002 1003, 1002 hears caller 1001 1003, 1003 hears caller 1001 1002")
    );
    t.supervises("1003", Whisper).expect("there");
    let said = t.said();
    assert!(said.contains(&"record the others right without 1003".into()), "{said:?}");
    t.stops_supervising("1003").expect("there");
    let said = t.said();
    assert!(said.contains(&"mix: caller hears 1001 1002, 1001 hears caller 1002, 1002 hears caller 1001".into()), "{said:?}");
    assert!(said.ends_with(&["hang up 1003: hung_up".into()]), "{said:?}");
    assert_eq!(t.stops_supervising("1003"), Err(ControlRefused::NotSupervising));
}

#[test]
fn it_goes_when_the_agent_leaves_and_the_call_goes_on() {
    let mut t = listening();
    t.gives_on("1001", "1002").expect("they talk");
    let said = t.said();
    assert!(said.contains(&"hang up 1003: other_leg_ended".into()), "{said:?}");
    assert!(said.contains(&"mix: ".into()), "the mix is over: {said:?}");
    t.gone("1003");
    t.gone("1001");
    t.reserved("1002");
    t.answered("1002");
    let said = t.said();
    assert!(said.contains(&"bridge caller 1002".into()), "{said:?}");
    t.hangs_up("caller");
    t.gone("1002");
    assert!(t.cdr().ending.is_some());
}

#[test]
fn nothing_else_ends_with_the_supervisors_leg() {
    // Silent, not answering, busy: the talk goes on.
    let mut t = listening();
    t.media_lost("1003");
    let said = t.said();
    assert_eq!(said, ["bridge 1001 caller", "hang up 1003: media_timeout"]);
    t.gone("1003");
    t.said();

    t.supervises("1003", Whisper).expect("free again");
    t.reserved("1003");
    t.said();
    t.seconds(31);
    t.expect(["hang up 1003: no_answer"]);
    t.gone("1003");
    t.said();

    t.supervises("1003", Barge).expect("free again");
    t.busy("1003");
    t.supervises("1003", Barge).expect("it can be asked again");
    t.said();
    t.hangs_up("1001");
    t.gone("caller");
    assert!(t.cdr().ending.is_some());
}

#[test]
fn one_supervisor_a_call_and_only_where_an_agent_talks() {
    let mut t = CallTest::waiting_in("5001");
    assert_eq!(t.supervises("1003", Listen), Err(ControlRefused::NotTalking));
    let mut t = listening();
    assert_eq!(t.supervises("1002", Listen), Err(ControlRefused::Supervised));
    assert_eq!(t.stops_supervising("1002"), Err(ControlRefused::NotSupervising));
    t.expect_nothing();
    // The agent's own phone is no way in.
    let mut t = CallTest::talking_with("1001", "5001");
    assert_eq!(t.supervises("1001", Listen), Err(ControlRefused::NoSuchTarget));
}

#[test]
fn keys_reach_the_other_side_as_on_a_bridge() {
    let mut t = listening();
    t.presses("1001", '7');
    t.expect(["press 7 towards caller"]);
    t.presses("caller", '1');
    t.expect(["press 1 towards 1001"]);
    t.phone_holds("1001", true);
    assert_eq!(mixed(&mut t), "mix: 1001 hears caller, caller hears , 1003 hears caller");
    let supervised = t.entries.iter().filter(|entry| matches!(entry.fact, Fact::CallSupervised { .. })).count();
    assert_eq!(supervised, 1);
}

#[test]
fn it_takes_the_agents_place_and_the_agents_work_is_over() {
    let mut t = CallTest::talking_with("1001", "5001");
    assert_eq!(t.takes_over("1003"), Err(ControlRefused::NotSupervising));
    t.supervises("1003", Listen).expect("they talk");
    assert_eq!(t.takes_over("1003"), Err(ControlRefused::NotAnswered));
    t.reserved("1003");
    t.answered("1003");
    t.said();
    t.asks("1001", "1002").expect("the caller waits");
    assert_eq!(t.takes_over("1003"), Err(ControlRefused::Consulting));
    t.control("1001", Control::CancelConsult).expect("asked");
    t.control("1001", Control::Hold).expect("they talk");
    t.said();
    t.takes_over("1003").expect("the caller waits");
    let said = t.said();
    assert!(said.starts_with(&["* 1001 gives the call to 1003 after a talk".into(), "* caller off hold".into()]), "{said:?}");
    assert!(said.contains(&"bridge caller 1003".into()) && said.contains(&"* caller and 1003 talk".into()), "{said:?}");
    assert!(said.contains(&"record 1003 right".into()), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("hang up 1001: transferred"));
    t.gone("1001");
    let said = t.said();
    assert!(said.contains(&"* 1001 ended by supervisor: transferred".into()), "{said:?}");
    assert!(said.iter().any(|said| said.starts_with("acd: 1001 ")), "the agent is free for wrap-up: {said:?}");
    // Whoever took it over is like any other party: the call ends with that one.
    t.hangs_up("1003");
    t.gone("caller");
    let cdr = t.cdr();
    assert_eq!((cdr.transfers.len(), cdr.legs[1].role), (1, LegRole::Agent));
    assert!(cdr.ending.is_some());
}
