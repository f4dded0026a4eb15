use carillon_model::{EndedBy, Ending, Reason};

use crate::kit::CallTest;

#[test]
fn unknown_number_from_outside_is_refused_by_the_plan_without_an_answer() {
    let mut t = CallTest::from_trunk("7777");
    t.committed();
    t.expect(["* inbound call", "* caller begins", "* step unknown", "refuse caller: number_unknown"]);
    t.gone("caller");
    t.expect(["* caller ended by dialplan: number_unknown", "* call ended by dialplan: number_unknown", "over"]);
}

#[test]
fn unknown_number_from_a_phone_is_refused_and_the_agent_is_not_disturbed() {
    let mut t = CallTest::from_phone("1001", "7777");
    t.expect(["* internal call", "* caller begins"]);
    t.committed();
    t.expect(["refuse caller: number_unknown"]);
    t.gone("caller");
    t.expect(["* caller ended by system: number_unknown", "* call ended by system: number_unknown", "over"]);
    let cdr = t.cdr();
    assert_eq!(cdr.ending, Some(Ending::new(EndedBy::System, Reason::NumberUnknown)));
    assert_eq!((cdr.legs.len(), cdr.answered_at), (1, None));
}

#[test]
fn a_number_no_route_takes_is_said_to_have_none() {
    let mut t = CallTest::from_trunk("5006");
    t.committed();
    t.expect(["* inbound call", "* caller begins", "* step nowhere", "refuse caller: no_route"]);
}
