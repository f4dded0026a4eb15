use carillon_model::{AgentState, OfferOutcome};

use crate::site::Site;

#[test]
fn the_agent_who_answers_in_time_is_granted_and_talks() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.forget();
    site.wait_ms(14_999);
    site.answers("anna");
    site.expect(["mario is granted anna", "anna: Talking with mario"]);
    assert!(site.line().is_empty());
}

#[test]
fn an_answer_that_crosses_the_expiry_is_refused_as_expired() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.wait(15);
    site.forget();
    site.answers("anna");
    site.expect(["mario is refused anna: Expired"]);
    assert_eq!(site.view("anna").state, AgentState::Available);
}

#[test]
fn an_answer_at_the_very_moment_of_expiry_is_late_even_if_the_timer_is_later_still() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.forget();
    site.oversleep(15);
    site.answers("anna");
    site.expect(["mario stops ringing anna: NoAnswer", "mario is refused anna: Expired", "anna: Available"]);
}

#[test]
fn a_caller_who_hangs_up_while_it_rings_frees_the_agent_without_a_miss_and_without_losing_the_turn() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.wait(5);
    site.forget();
    site.hangs_up("mario");
    site.expect(["mario stops ringing anna: CallerGone", "anna: Available"]);
    assert_eq!(site.view("anna").misses, 0);
    site.joins("lucia", "sales");
    site.expect(["lucia is 1 of 1", "lucia rings anna on 1001", "anna: Offered with lucia for 15 s"]);
}

#[test]
fn an_answer_that_crosses_the_callers_hang_up_is_refused() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.hangs_up("mario");
    site.forget();
    site.answers("anna");
    site.expect(["mario is refused anna: Unknown"]);
    assert_eq!(site.view("anna").state, AgentState::Available);
}

#[test]
fn a_failure_that_crosses_the_grant_changes_nothing() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.answers("anna");
    site.forget();
    site.fails("anna", OfferOutcome::NoAnswer);
    site.expect([]);
    assert_eq!(site.view("anna").state, AgentState::Talking);
}

#[test]
fn no_other_call_can_claim_an_offer() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.joins("lucia", "sales");
    site.forget();
    site.answers("bruno");
    site.expect(["lucia is granted bruno", "bruno: Talking with lucia"]);
    assert_eq!(site.view("anna").state, AgentState::Offered);
}
