//! Threat 8: who may dial what, by which trunk, and which trunk comes next.

use carillon_call::{LegEnd, Target};
use carillon_model::{Number, Reason};
use proptest::prelude::*;

use crate::kit::{
    CallTest,
    site::{BACKUP, LAB, LOBBY, leads_to},
};

#[test]
fn a_trunk_that_is_gone_is_followed_by_the_next_and_the_record_tells_the_way() {
    for (status, reason) in [(Some(503), Reason::Unreachable), (None, Reason::Unreachable), (None, Reason::NoRoute)] {
        let mut t = CallTest::from_phone("1001", "+4533333333");
        t.committed();
        t.ends("+4533333333", LegEnd::Remote, status, reason);
        t.answered("+4533333333");
        t.answered("caller");
        let said = t.said();
        let dials: Vec<_> = said.iter().filter(|said| said.starts_with("dial ")).collect();
        assert_eq!(dials, ["dial +4533333333", "dial +4533333333 by backup"], "{reason:?}");
        let trunks: Vec<_> = t.cdr().legs.iter().filter_map(|leg| Some((leg.trunk?, leg.ending.map(|ending| ending.reason)))).collect();
        assert_eq!(trunks, [(LAB, Some(reason)), (BACKUP, None)]);
    }
}

#[test]
fn a_person_who_is_busy_is_not_called_by_another_trunk() {
    for reason in [Reason::Busy, Reason::Rejected, Reason::NoAnswer, Reason::NumberUnknown, Reason::Forbidden] {
        let mut t = CallTest::from_phone("1001", "+4533333333");
        t.committed();
        t.ends("+4533333333", LegEnd::Remote, Some(486), reason);
        let word = serde_json::to_value(reason).expect("a word");
        assert!(t.said().contains(&format!("refuse caller: {}", word.as_str().expect("a word"))), "{reason:?}");
    }
}

#[test]
fn when_all_trunks_are_gone_the_caller_is_told() {
    let mut t = CallTest::from_phone("1001", "+4533333333");
    t.committed();
    t.ends("+4533333333", LegEnd::Remote, Some(503), Reason::Unreachable);
    t.ends("+4533333333", LegEnd::Remote, Some(503), Reason::Unreachable);
    assert!(t.said().contains(&"refuse caller: unreachable".to_owned()));
}

#[test]
fn a_number_leads_where_the_one_who_dials_may_go() {
    for (phone, number, allowed) in [
        ("1001", "1002", Ok(())),
        ("1001", "+390211111111", Ok(())),
        ("1001", "+12125550100", Err(Reason::Forbidden)),
        ("1001", "+19005550100", Err(Reason::Forbidden)),
        ("1001", "+5355555555", Err(Reason::Forbidden)),
        ("1001", "+7123", Err(Reason::NumberUnknown)),
        ("1001", "112", Ok(())),
        ("1001", "1120", Err(Reason::NumberUnknown)),
        (LOBBY, "1002", Ok(())),
        (LOBBY, "+390211111111", Err(Reason::Forbidden)),
        (LOBBY, "112", Ok(())),
    ] {
        assert_eq!(leads_to(phone, number).map(|_| ()), allowed, "{number} from {phone}");
    }
}

#[test]
fn who_calls_is_shown_as_the_agent_or_else_as_the_route() {
    let shown = |phone: &str, number: &str| leads_to(phone, number).expect("it leads somewhere").shown;
    assert_eq!(shown("1003", "+390211111111"), Some(Number::new("+390200003")));
    assert_eq!(shown("1001", "+390211111111"), Some(Number::new("+390200000")));
    assert_eq!(shown("1003", "112"), Some(Number::new("+390200112")), "emergency services see the site");
    assert_eq!(shown("1001", "1002"), None);
}

#[test]
fn an_emergency_number_is_dialled_from_any_phone_and_alarms() {
    let mut t = CallTest::from_phone(LOBBY, "112");
    t.expect(["* outbound call", "* emergency", "* caller begins", "acd: 1009 busy"]);
    t.committed();
    t.expect(["* 112 begins", "dial 112"]);
    assert_eq!(t.shown(), Some("+390200112"));
    let mut t = CallTest::from_phone("1001", "112");
    t.expect(["* outbound call", "* emergency by an agent", "* caller begins", "acd: 1001 busy"]);
}

#[test]
fn emergency_services_asked_or_given_a_call_alarm_too() {
    let mut t = CallTest::talking_with("1001", "5001");
    t.asks("1001", "112").expect("they talk");
    let said = t.said();
    assert!(said.contains(&"* emergency by an agent".to_owned()) && said.contains(&"dial 112".to_owned()), "{said:?}");
    let mut t = CallTest::talking_with("1001", "5001");
    t.gives_on("1001", "112").expect("they talk");
    let said = t.said();
    assert_eq!(said.iter().filter(|said| *said == "* emergency by an agent").count(), 1, "{said:?}");
}

#[test]
fn a_plan_dials_for_anybody_as_the_route_and_not_what_nobody_may_dial() {
    let mut t = CallTest::from_trunk("5005");
    t.committed();
    t.answered("caller");
    t.heard();
    assert!(t.said().contains(&"dial +390299999999".to_owned()));
    assert_eq!(t.shown(), Some("+390200000"), "the route's number");
    let mut t = CallTest::from_phone(LOBBY, "5009");
    t.committed();
    t.expect(["* outbound call", "* caller begins", "acd: 1009 busy", "* step island", "* step farewell", "refuse caller: plan_ended"]);
}

proptest! {
    /// Threat 30: whatever is typed, clicked or pasted is refused, or is dialled as a user part of plain characters.
    #[test]
    fn any_text_is_one_plain_user_part_or_refused(text in prop_oneof![".*", "[0-9+() .-]{0,20}", "(tel:)?\\+39[0-9;=@<>%\r\n\"]{0,12}"]) {
        if let Ok(number) = Number::dialled(&text) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "*#+.-".contains(c);
            prop_assert!(!number.as_str().is_empty() && number.as_str().chars().all(plain), "{number:?}");
            if let Ok(destination) = leads_to("1001", number.as_str())
                && let Target::Trunk { number: dialled, .. } = destination.target
            {
                prop_assert_eq!(dialled, number);
            }
        }
        // A phone's keypad goes past that door: the way out has a lock of its own.
        if let Ok(destination) = leads_to("1001", &text)
            && let Target::Trunk { number, .. } = destination.target
        {
            prop_assert!(number.is_diallable());
        }
    }
}
