//! B15: a pause holds for every queue of the agent, from the end of the work at hand.

use carillon_acd::{CommandRefused, PauseCause, Taken};
use carillon_model::{AgentState, OfferOutcome};

use crate::site::Site;

#[test]
fn a_paused_agent_is_offered_nothing_and_resuming_is_at_once() {
    let mut site = Site::staffed(&["anna"]);
    assert_eq!(site.pause("anna", "lunch"), Ok(Taken::Now));
    site.joins("mario", "sales");
    site.expect(["anna: Paused for lunch", "mario is 1 of 1"]);
    site.resume("anna").expect("paused");
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
    assert_eq!(site.resume("anna"), Err(CommandRefused::NotPaused));
}

/// U-C10: a change of reason closes one interval and opens another.
#[test]
fn another_reason_is_another_pause_and_the_same_reason_is_none() {
    let mut site = Site::staffed(&["anna"]);
    site.pause("anna", "lunch").expect("logged in");
    site.wait(60);
    site.pause("anna", "training").expect("logged in");
    site.pause("anna", "training").expect("logged in");
    site.expect(["anna: Paused for lunch", "anna: Paused for training"]);
}

#[test]
fn a_pause_during_a_call_shows_at_once_as_pending_and_begins_after_wrap_up() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.answers("anna");
    site.forget();
    assert_eq!(site.pause("anna", "lunch"), Ok(Taken::AfterWork));
    site.expect([]);
    assert!(matches!(site.view("anna").pending_pause, Some(PauseCause::Chosen(_))));
    assert_eq!(site.view("anna").pause, None);
    site.phone_free("mario", "1001");
    site.wait(10);
    site.expect(["anna: WrapUp with mario for 10 s", "anna: Paused for lunch"]);
    assert_eq!(site.view("anna").pending_pause, None);
}

#[test]
fn a_pause_while_it_rings_leaves_the_offer_standing() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.forget();
    assert_eq!(site.pause("anna", "lunch"), Ok(Taken::AfterWork));
    site.expect([]);
    site.fails("anna", OfferOutcome::Declined);
    site.expect(["anna: Paused for lunch"]);
}

#[test]
fn a_pending_pause_can_be_taken_back() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.answers("anna");
    site.pause("anna", "lunch").expect("logged in");
    site.resume("anna").expect("a pause was pending");
    site.phone_free("mario", "1001");
    site.wait(10);
    assert_eq!(site.view("anna").state, AgentState::Available);
}

#[test]
fn a_phone_that_drops_out_does_not_cut_a_pause_in_two() {
    let mut site = Site::staffed(&["anna"]);
    site.pause("anna", "lunch").expect("logged in");
    site.forget();
    site.phone_unreachable("1001");
    site.wait(60);
    site.expect([]);
    site.resume("anna").expect("paused");
    site.expect(["anna: Unreachable because Unreachable"]);
}
