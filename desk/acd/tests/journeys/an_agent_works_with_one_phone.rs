use carillon_acd::{CommandRefused, LogInRefused, Taken};
use carillon_model::AgentState;

use crate::site::{Site, agent};

/// Z3: no queue finds the agent free before the pause.
#[test]
fn who_logs_in_paused_is_never_free_in_between() {
    let mut site = Site::new();
    site.joins("mario", "sales");
    site.forget();
    site.log_in_paused("anna", "1001", "lunch").expect("free");
    site.expect(["anna logs in with 1001", "anna: Paused for lunch"]);
    site.resume("anna").expect("paused");
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
}

/// A17, A18: only registered and unclaimed telephones are to be had.
#[test]
fn two_agents_cannot_claim_one_phone_and_only_free_ones_are_listed() {
    let mut site = Site::new();
    site.phone_unreachable("1003");
    assert_eq!(site.available_phones(), ["1001", "1002"]);
    site.log_in("anna", "1001").expect("free");
    site.expect(["anna logs in with 1001", "anna: Available"]);
    assert_eq!(site.available_phones(), ["1002"]);
    assert_eq!(site.log_in("bruno", "1001"), Err(LogInRefused::PhoneClaimed { by: agent("anna") }));
    assert_eq!(site.log_in("bruno", "1003"), Err(LogInRefused::PhoneUnreachable));
    assert!(matches!(site.log_in("anna", "1002"), Err(LogInRefused::AlreadyLoggedIn { .. })));
    site.expect([]);
    assert_eq!(site.view("bruno").state, AgentState::LoggedOut);
}

/// A19: the phone is released at logout.
#[test]
fn a_phone_is_free_again_after_log_out() {
    let mut site = Site::staffed(&["anna"]);
    assert_eq!(site.log_out("anna"), Ok(Taken::Now));
    site.expect(["anna is logged out by Agent", "anna: LoggedOut"]);
    site.log_in("bruno", "1001").expect("free again");
    assert_eq!(site.log_out("anna"), Err(CommandRefused::NotLoggedIn));
}

#[test]
fn log_out_during_a_call_waits_for_its_end_and_leaves_no_wrap_up() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.answers("anna");
    site.forget();
    assert_eq!(site.log_out("anna"), Ok(Taken::AfterWork));
    site.expect([]);
    assert!(site.view("anna").leaving);
    assert!(matches!(site.log_in("bruno", "1001"), Err(LogInRefused::PhoneClaimed { .. })));
    site.phone_free("mario", "1001");
    site.expect(["anna is logged out by Agent", "anna: LoggedOut"]);
}

#[test]
fn logging_in_again_during_the_call_takes_the_log_out_back() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.answers("anna");
    site.log_out("anna").expect("logged in");
    site.log_in("anna", "1001").expect("her own phone");
    site.forget();
    site.phone_free("mario", "1001");
    site.expect(["anna: WrapUp with mario for 10 s"]);
}

#[test]
fn log_out_while_it_rings_gives_the_caller_to_the_next_agent() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.forget();
    site.log_out("anna").expect("logged in");
    site.expect([
        "mario stops ringing anna: Withdrawn",
        "anna is logged out by Agent",
        "anna: LoggedOut",
        "mario rings bruno on 1002",
        "bruno: Offered with mario for 15 s",
    ]);
    site.answers("anna");
    site.expect(["mario is refused anna: Withdrawn"]);
}

#[test]
fn an_agent_whose_phone_is_lost_is_unreachable_and_comes_back_with_it() {
    let mut site = Site::staffed(&["anna"]);
    site.phone_unreachable("1001");
    site.joins("mario", "sales");
    site.expect(["anna: Unreachable because Unreachable", "mario is 1 of 1"]);
    site.phone_reachable("1001");
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
}

/// U-C34: a phone is not held for ever by somebody who went home.
#[test]
fn a_session_whose_phone_stays_away_is_ended_and_the_phone_released() {
    let mut site = Site::staffed_with(&["anna"], |setup| setup.release_unreachable_ms = Some(900_000));
    site.phone_unreachable("1001");
    site.wait(60);
    site.phone_reachable("1001");
    site.phone_unreachable("1001");
    site.forget();
    site.wait(899);
    site.expect([]);
    site.wait(1);
    site.expect(["anna is logged out by System", "anna: LoggedOut"]);
    site.phone_reachable("1001");
    site.log_in("bruno", "1001").expect("released");
}

#[test]
fn an_agent_taken_out_of_the_setup_is_logged_out_after_the_call_at_hand() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.answers("anna");
    site.forget();
    site.change_setup(|setup| setup.agents.clear());
    site.expect(["bruno is logged out by System", "bruno: LoggedOut"]);
    site.phone_free("mario", "1001");
    site.expect(["anna is logged out by System", "anna: LoggedOut"]);
    assert_eq!(site.log_in("anna", "1001"), Err(LogInRefused::UnknownAgent));
}
