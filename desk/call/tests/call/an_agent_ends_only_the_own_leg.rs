//! AB1: "End" on the desktop does what hanging up the agent's own phone would do, and no more.

use carillon_call::{Control, ControlRefused};
use carillon_model::{EndedBy, Ending, Reason};

use crate::kit::CallTest;

/// 1001 talks with a caller of the queue and asks 1002, whose phone rings.
fn asking() -> CallTest {
    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "1002").expect("they talk");
    t.reserved("1002");
    t.rings("1002");
    t.said();
    t
}

#[test]
fn in_an_ordinary_call_that_is_its_end() {
    let mut t = CallTest::talking_with("1001", "5003");
    t.control("1001", Control::HangUp).expect("the agent talks");
    t.gone("1001");
    t.gone("caller");
    t.expect([
        "hang up caller: hung_up",
        "hang up 1001: hung_up",
        "* 1001 ended by agent: hung_up",
        "acd: 1001 free",
        "* caller ended by agent: hung_up",
        "* call ended by agent: hung_up",
        "over",
    ]);
}

#[test]
fn whoever_is_asked_leaves_the_caller_to_who_asks() {
    for answered in [false, true] {
        let mut t = asking();
        if answered {
            t.answered("1002");
            t.said();
        }
        t.control("1002", Control::HangUp).expect("a leg of the agent's");
        t.gone("1002");
        let why = if answered { "hung_up" } else { "rejected" };
        let said = [format!("hang up 1002: {why}"), "busy tone to 1001".into(), format!("* 1002 ended by agent: {why}")];
        assert_eq!(t.said(), [said.to_vec(), vec!["acd: 1002 free".into()]].concat());
        t.control("1001", Control::Resume).expect("the caller waits");
        t.hangs_up("caller");
        t.gone("1001");
        assert_eq!(t.cdr().ending, Some(Ending::new(EndedBy::Caller, Reason::HungUp)));
    }
}

#[test]
fn whoever_asks_gives_the_call_on() {
    for answered_before in [false, true] {
        let mut t = asking();
        if answered_before {
            t.answered("1002");
        }
        t.control("1001", Control::HangUp).expect("the agent asks");
        t.gone("1001");
        if !answered_before {
            t.answered("1002");
        }
        let said = t.said();
        assert!(said.contains(&"bridge caller 1002".into()) && said.contains(&"acd: 1001 free".into()), "{said:?}");
        assert!(!said.contains(&"hang up caller: hung_up".into()), "{said:?}");
        t.hangs_up("caller");
        t.gone("1002");
        assert_eq!((t.cdr().ending.map(|ending| ending.by), t.cdr().transfers.len()), (Some(EndedBy::Caller), 1));
    }
}

#[test]
fn of_three_the_other_two_go_on() {
    for (who_leaves, bridge) in [("1002", "bridge 1001 caller"), ("1001", "bridge caller 1002")] {
        let mut t = asking();
        t.answered("1002");
        t.control("1001", Control::ThreeWay).expect("both are there");
        t.said();
        t.control(who_leaves, Control::HangUp).expect("a leg of the agent's");
        t.gone(who_leaves);
        let said = t.said();
        assert!(said.contains(&bridge.to_owned()) && t.cdr().ending.is_none(), "{said:?}");
    }
}

#[test]
fn whoever_is_rung_for_a_call_given_on_declines_it() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.gives_on("1001", "1002").expect("they talk");
    t.gone("1001");
    t.reserved("1002");
    t.rings("1002");
    t.said();
    t.control("1002", Control::HangUp).expect("a leg of the agent's");
    t.expect(["hang up 1002: rejected", "* queued", "music calm to caller", "acd: join at 0 for anybody"]);
    t.gone("1002");
    assert!(t.cdr().ending.is_none());
}

#[test]
fn an_agent_who_clicked_takes_the_click_back() {
    for is_rung in [false, true] {
        let mut t = CallTest::clicked("1001", "+442055555555", None);
        t.committed();
        if is_rung {
            t.reserved("1001");
        }
        t.control("1001", Control::HangUp).expect("the agent's own call");
        if is_rung {
            t.gone("caller");
        }
        assert_eq!(t.cdr().ending, Some(Ending::new(EndedBy::Agent, Reason::HungUp)));
    }
    let mut t = CallTest::talking_after_a_click("1001", "+390255555555");
    t.control("1001", Control::HangUp).expect("the agent's own call");
    t.gone("caller");
    t.gone("+390255555555");
    assert_eq!(t.cdr().ending, Some(Ending::new(EndedBy::Agent, Reason::HungUp)));
}

#[test]
fn an_offered_call_and_somebody_elses_are_none_of_the_agents() {
    let mut t = CallTest::waiting_in("5001");
    t.offer("1002");
    t.said();
    for phone in ["1002", "1003"] {
        assert_eq!(t.control(phone, Control::HangUp), Err(ControlRefused::NotTalking), "{phone}");
    }
    t.expect_nothing();
}
