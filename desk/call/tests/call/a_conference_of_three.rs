//! Three-way out of a consultation, and keys pressed for the agent (I5: three-way, keypad digits).

use carillon_call::{Control, ControlRefused, Keys};
use carillon_model::Reason;

use crate::kit::CallTest;

/// The caller, Anna at 1001 and Bruno at 1002, whom she asked.
fn asked() -> CallTest {
    let mut t = CallTest::talking_with("1001", "5001");
    t.seconds(10);
    t.asks("1001", "1002").expect("they talk");
    t.reserved("1002");
    t.answered("1002");
    t.said();
    t
}

fn all_three() -> CallTest {
    let mut t = asked();
    t.control("1001", Control::ThreeWay).expect("both are there");
    t.said();
    t
}

fn press(t: &mut CallTest, phone: &str) -> Result<(), ControlRefused> {
    t.control(phone, Control::Press(Keys::new("4#").expect("keys")))
}

#[test]
fn each_hears_the_two_others_and_the_recording_takes_all() {
    let mut t = asked();
    t.control("1001", Control::ThreeWay).expect("both are there");
    t.expect([
        "* caller off hold",
        "* 1001 brings 1002 in",
        "mix: caller hears 1001 1002, 1001 hears caller 1002, 1002 hears caller 1001",
        "record caller left",
        "record the others right",
    ]);
    for refused in [Control::ThreeWay, Control::Hold] {
        assert_eq!(t.control("1001", refused), Err(ControlRefused::ThreeWay));
    }
    assert_eq!(t.control("1002", Control::ThreeWay), Err(ControlRefused::NotTalking), "only who asked");
    t.expect_nothing();
    t.seconds(10);
    t.hangs_up("caller");
    t.hangs_up("1001");
    t.gone("1002");
    let cdr = t.cdr();
    assert_eq!((cdr.talk_ms, cdr.recordings.len()), (20_000, 1));
}

#[test]
fn it_also_begins_while_who_was_asked_waits() {
    let mut t = asked();
    t.control("1001", Control::Swap).expect("both are there");
    t.said();
    t.control("1001", Control::ThreeWay).expect("both are there");
    let said = t.said();
    assert_eq!(said[0], "* 1002 off hold");
    assert_eq!(said.last().map(String::as_str), Some("record the others right"), "the left side is as it was: {said:?}");
}

#[test]
fn nobody_who_has_not_answered_is_brought_in() {
    let mut t = CallTest::talking_with("1001", "5001");
    assert_eq!(t.control("1001", Control::ThreeWay), Err(ControlRefused::NotConsulting));
    t.asks("1001", "1002").expect("they talk");
    t.reserved("1002");
    assert_eq!(t.control("1001", Control::ThreeWay), Err(ControlRefused::NotAnswered));
}

#[test]
fn whoever_leaves_leaves_the_other_two_talking() {
    // Who was asked.
    let mut t = all_three();
    t.hangs_up("1002");
    let said = t.said();
    assert!(said.ends_with(&["bridge 1001 caller".into(), "record 1001 right".into()]), "{said:?}");
    t.control("1001", Control::Hold).expect("an ordinary call again");
    t.hangs_up("caller");

    // The agent, by the dock or by the phone: the call is the colleague's.
    for by_dock in [true, false] {
        let mut t = all_three();
        match by_dock {
            true => t.control("1001", Control::Complete).expect("all are there"),
            false => t.hangs_up("1001"),
        }
        let said = t.said();
        assert!(said.contains(&"bridge caller 1002".into()) && said.contains(&"record 1002 right".into()), "{said:?}");
        assert!(!said.contains(&"* caller off hold".into()), "nobody was: {said:?}");
        if by_dock {
            t.gone("1001");
        }
        t.hangs_up("caller");
        t.gone("1002");
        assert_eq!(t.cdr().transfers.len(), 1);
    }

    // The caller: the two colleagues may go on, unrecorded.
    let mut t = all_three();
    t.hangs_up("caller");
    let said = t.said();
    assert!(said.contains(&"bridge 1001 1002".into()) && said.contains(&"record nobody right".into()), "{said:?}");
    assert!(t.cdr().ending.is_none());
    t.hangs_up("1002");
    t.gone("1001");
    assert!(t.cdr().ending.is_some());
}

#[test]
fn a_party_whose_media_is_lost_leaves_alone() {
    let mut t = all_three();
    t.media_lost("1002");
    let said = t.said();
    assert_eq!(said[..2], ["hang up 1002: media_timeout".to_owned(), "bridge 1001 caller".to_owned()]);
    t.gone("1002");
    assert!(t.cdr().ending.is_none());
    t.media_lost("caller");
    t.gone("caller");
    t.gone("1001");
    assert_eq!(t.cdr().ending.map(|ending| ending.reason), Some(Reason::MediaTimeout));
}

#[test]
fn it_can_be_taken_apart_again() {
    let mut t = all_three();
    t.control("1001", Control::Swap).expect("all are there");
    let said = t.said();
    assert!(said.starts_with(&["part caller".into(), "music calm to caller".into(), "* caller on hold".into()]), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("bridge 1001 1002"), "the agent speaks with the colleague alone");
    t.control("1001", Control::ThreeWay).expect("and back");
    t.said();
    t.control("1001", Control::CancelConsult).expect("all are there");
    t.expect(["hang up 1002: hung_up", "bridge 1001 caller", "record 1001 right"]);
}

#[test]
fn a_phone_that_holds_is_heard_by_nobody_meanwhile() {
    let mut t = all_three();
    t.phone_holds("1002", true);
    t.expect(["mix: caller hears 1001, 1001 hears caller, 1002 hears caller 1001"]);
    t.phone_holds("1002", false);
    t.expect(["mix: caller hears 1001 1002, 1001 hears caller 1002, 1002 hears caller 1001"]);
}

#[test]
fn a_third_party_outside_who_was_not_told_is_not_recorded() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "+4533333333").expect("they talk");
    t.answered("+4533333333");
    t.said();
    t.control("1001", Control::ThreeWay).expect("both are there");
    let said = t.said();
    let consent = t.cdr().consents.len();
    assert!(consent > 0 && said.ends_with(&["record caller left".into(), "record 1001 right".into()]), "{consent} {said:?}");
}

#[test]
fn keys_go_to_whom_the_agent_speaks_with() {
    let mut t = CallTest::talking_with("1001", "5001");
    press(&mut t, "1001").expect("they talk");
    t.expect(["press 4# towards caller"]);
    t.control("1001", Control::Hold).expect("they talk");
    t.said();
    assert_eq!(press(&mut t, "1001"), Err(ControlRefused::OnHold));
    assert_eq!(press(&mut t, "1003"), Err(ControlRefused::NotTalking));
    t.expect_nothing();

    let mut t = asked();
    press(&mut t, "1001").expect("they talk");
    t.expect(["press 4# towards 1002"]);
    t.control("1001", Control::ThreeWay).expect("both are there");
    t.said();
    press(&mut t, "1001").expect("they talk");
    t.expect(["press 4# towards caller", "press 4# towards 1002"]);
}
