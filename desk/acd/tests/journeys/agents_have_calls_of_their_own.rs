use carillon_model::AgentState;

use crate::site::Site;

#[test]
fn a_call_dialled_on_the_keypad_makes_the_agent_busy_until_it_ends_and_no_wrap_up_follows() {
    let mut site = Site::staffed(&["anna"]);
    site.phone_busy("elena", "1001");
    site.joins("mario", "sales");
    site.expect(["anna: Talking with elena", "mario is 1 of 1"]);
    site.phone_free("elena", "1001");
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
}

#[test]
fn a_phone_picked_up_for_another_call_while_it_rings_passes_the_caller_on() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.forget();
    site.phone_busy("elena", "1001");
    site.expect([
        "mario stops ringing anna: Busy",
        "mario rings bruno on 1002",
        "anna: Talking with elena",
        "bruno: Offered with mario for 15 s",
    ]);
    assert_eq!(site.view("anna").misses, 0);
}

#[test]
fn a_phone_can_be_had_for_a_call_unless_whoever_works_with_it_is_at_work() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.reserves("elena", "1001");
    site.expect(["elena has anna on 1001", "anna: Talking with elena"]);
    site.reserves("dario", "1001");
    site.expect(["dario cannot have 1001"]);
    site.joins("mario", "sales");
    site.forget();
    site.reserves("dario", "1002");
    site.reserves("dario", "1003");
    site.expect(["dario cannot have 1002", "dario has nobody on 1003"]);
    site.call_gone("elena");
    site.expect(["anna: Available"]);
}

#[test]
fn a_call_from_a_pause_returns_to_the_pause() {
    let mut site = Site::staffed(&["anna"]);
    site.pause("anna", "lunch").expect("logged in");
    site.reserves("elena", "1001");
    site.phone_free("elena", "1001");
    site.expect(["anna: Paused for lunch", "elena has anna on 1001", "anna: Talking with elena", "anna: Paused for lunch"]);
}

#[test]
fn log_out_waits_for_a_call_of_ones_own() {
    let mut site = Site::staffed(&["anna"]);
    site.phone_busy("elena", "1001");
    site.log_out("anna").expect("logged in");
    site.expect(["anna: Talking with elena"]);
    site.phone_free("elena", "1001");
    site.expect(["anna is logged out by Agent", "anna: LoggedOut"]);
}

#[test]
fn what_a_call_has_by_an_offer_it_need_not_take_again() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.phone_busy("mario", "1001");
    assert_eq!(site.view("anna").state, AgentState::Offered);
    site.answers("anna");
    site.phone_busy("mario", "1001");
    site.forget();
    site.phone_free("mario", "1001");
    site.expect(["anna: WrapUp with mario for 10 s"]);
}

#[test]
fn a_call_outside_is_work_and_wrap_up_follows_it() {
    let mut site = Site::staffed(&["anna"]);
    site.reserves("elena", "1001");
    site.worked("elena", "1001", None);
    site.phone_free("elena", "1001");
    site.expect(["elena has anna on 1001", "anna: Talking with elena", "anna: WrapUp with elena for 7 s"]);
    site.reserves("dario", "1001");
    site.worked("dario", "1001", Some("sales"));
    site.phone_free("dario", "1001");
    site.expect(["dario has anna on 1001", "anna: Talking with dario", "anna: WrapUp with dario for 10 s"]);
}

#[test]
fn whoever_is_called_is_rung_first_and_on_a_call_once_there() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.calls("elena", "1001");
    site.expect(["elena has anna on 1001", "anna: Offered with elena"]);
    site.joins("mario", "sales");
    site.forget();
    site.calls("dario", "1001");
    site.expect(["dario cannot have 1001"]);
    site.phone_answered("elena", "1001");
    site.expect(["anna: Talking with elena"]);
    site.phone_free("elena", "1001");
    site.forget();

    // Nobody answers: there was no call, and no turn is lost.
    let mut site = Site::staffed(&["anna"]);
    site.calls("elena", "1001");
    site.phone_free("elena", "1001");
    site.phone_answered("elena", "1001");
    site.expect(["elena has anna on 1001", "anna: Offered with elena", "anna: Available"]);

    // Picked up for a call of one's own meanwhile.
    site.calls("elena", "1001");
    site.phone_busy("dario", "1001");
    site.expect(["elena has anna on 1001", "anna: Offered with elena", "anna: Talking with dario"]);
}

#[test]
fn a_ring_that_comes_to_nothing_gives_no_turn_to_who_paused_before_it() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.wait(10);
    site.pause("anna", "lunch").expect("nothing keeps anna from it");
    site.calls("elena", "1001");
    site.wait(5);
    site.resume("anna").expect("anna is on pause");
    site.phone_free("elena", "1001");
    site.forget();
    site.joins("mario", "sales");
    site.expect(["mario is 1 of 1", "mario rings bruno on 1002", "bruno: Offered with mario for 15 s"]);
}
