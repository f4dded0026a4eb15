use std::time::Duration;

use carillon_acd::LastKnown;
use carillon_model::{AgentState, PauseId};

use crate::site::Site;

#[test]
fn who_was_on_a_call_goes_to_wrap_up_and_the_others_wait_for_their_phones() {
    let mut site = Site::just_started(|_| ());
    site.restore(vec![
        Site::known("anna", "1001", AgentState::Talking),
        Site::known("bruno", "1002", AgentState::Available),
        LastKnown { pause: Some(PauseId::from_u128(1)), ..Site::known("carla", "1003", AgentState::Paused) },
    ]);
    site.expect(["anna: WrapUp for 10 s", "bruno: Unreachable because Unreachable", "carla: Paused for lunch"]);
    site.joins("mario", "sales");
    site.phone_reachable("1002");
    site.expect(["mario is 1 of 1", "mario rings bruno on 1002", "bruno: Offered with mario for 15 s"]);
    site.phone_reachable("1001");
    site.wait(10);
    site.expect(["anna: Available"]);
}

#[test]
fn who_was_in_wrap_up_finishes_only_what_is_left_of_it() {
    let mut site = Site::just_started(|_| ());
    let until = site.wall().checked_add(Duration::from_secs(4)).expect("in range");
    site.restore(vec![LastKnown { until: Some(until), ..Site::known("anna", "1001", AgentState::WrapUp) }]);
    site.expect(["anna: WrapUp for 4 s"]);

    // The wall clock was set back meanwhile: nobody is kept in wrap-up by that.
    let mut site = Site::just_started(|_| ());
    let until = site.wall().checked_add(Duration::from_secs(3_600)).expect("in range");
    site.restore(vec![LastKnown { until: Some(until), ..Site::known("anna", "1001", AgentState::WrapUp) }]);
    site.expect(["anna: WrapUp for 10 s"]);
}

#[test]
fn a_session_without_a_place_is_logged_out() {
    let mut site = Site::just_started(|setup| {
        setup.agents.remove(1);
    });
    site.restore(vec![
        Site::known("anna", "1001", AgentState::Available),
        Site::known("bruno", "1002", AgentState::Available),
        Site::known("carla", "1001", AgentState::Available),
    ]);
    site.expect(["bruno is logged out by System", "carla is logged out by System", "anna: Unreachable because Unreachable"]);
    assert_eq!(site.acd().claimed_by(site.view("anna").phone.expect("kept")), Some(site.view("anna").agent));
}
