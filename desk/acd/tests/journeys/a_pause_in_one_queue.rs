//! Z1, partial pause: an agent pauses in some of the own queues and stays open for the others.

use carillon_acd::{CommandRefused, LastKnown, Taken};
use carillon_model::{AgentState, PauseId, QueueId};

use crate::site::{Site, membership};

const SALES: QueueId = QueueId::from_u128(1);
const LUNCH: PauseId = PauseId::from_u128(1);

/// Anna and Bruno work in both queues; Anna has been free longer.
fn in_both() -> Site {
    Site::staffed_with(&["anna", "bruno"], |setup| {
        setup.memberships = ["anna", "bruno"].iter().flat_map(|who| [membership("sales", who, 1), membership("support", who, 1)]).collect();
    })
}

#[test]
fn who_pauses_in_one_queue_is_asked_for_the_others_alone() {
    let mut site = in_both();
    assert_eq!(site.pause_in("anna", "sales", "lunch"), Ok(Taken::Now));
    site.joins("mario", "sales");
    site.joins("lucia", "support");
    site.expect([
        "anna pauses in sales for lunch",
        "mario is 1 of 1",
        "mario rings bruno on 1002",
        "bruno: Offered with mario for 15 s",
        "lucia is 1 of 1",
        "lucia rings anna on 1001",
        "anna: Offered with lucia for 15 s",
    ]);
}

#[test]
fn the_agents_own_state_has_no_part_in_it_and_each_queue_counts_its_own() {
    let mut site = in_both();
    site.pause_in("anna", "sales", "lunch").expect("logged in");
    assert_eq!((site.view("anna").state, site.view("anna").pause), (AgentState::Available, None));
    assert_eq!(site.view("anna").paused_in, [(SALES, LUNCH)]);
    assert_eq!((site.counts("sales"), site.counts("support")), ((1, 1), (2, 0)));
    // On a call she is on a call, in every queue.
    site.joins("lucia", "support");
    site.answers("anna");
    assert_eq!(site.counts("sales"), (1, 0));
    site.phone_free("lucia", "1001");
    site.forget();
    site.wait(10);
    site.expect(["anna: Available"]);
    assert_eq!(site.counts("sales"), (1, 1));
}

#[test]
fn another_reason_is_another_pause_and_resuming_is_at_once() {
    let mut site = in_both();
    site.pause("bruno", "lunch").expect("logged in");
    site.pause_in("anna", "sales", "lunch").expect("logged in");
    site.pause_in("anna", "sales", "lunch").expect("logged in");
    site.pause_in("anna", "sales", "training").expect("logged in");
    site.joins("mario", "sales");
    site.expect(["bruno: Paused for lunch", "anna pauses in sales for lunch", "anna pauses in sales for training", "mario is 1 of 1"]);
    site.resume_in("anna", "sales").expect("paused there");
    site.expect(["anna is open for sales", "mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
    assert_eq!(site.resume_in("anna", "sales"), Err(CommandRefused::NotPaused));
}

#[test]
fn what_rings_already_goes_on() {
    let mut site = in_both();
    site.joins("mario", "sales");
    site.forget();
    site.pause_in("anna", "sales", "lunch").expect("logged in");
    site.expect(["anna pauses in sales for lunch"]);
    site.answers("anna");
    site.expect(["mario is granted anna", "anna: Talking with mario"]);
}

#[test]
fn pausing_in_the_last_open_queue_is_a_pause_and_resuming_ends_all() {
    let mut site = in_both();
    site.pause_in("anna", "sales", "lunch").expect("logged in");
    site.pause_in("anna", "support", "training").expect("logged in");
    site.expect(["anna pauses in sales for lunch", "anna is open for sales", "anna: Paused for training"]);
    site.resume("anna").expect("paused");
    site.expect(["anna: Available"]);

    site.pause_in("anna", "sales", "lunch").expect("logged in");
    site.pause("anna", "training").expect("logged in");
    assert_eq!(site.view("anna").paused_in, [(SALES, LUNCH)], "it outlives nothing, and waits beneath the pause of all");
    site.forget();
    site.resume("anna").expect("paused");
    site.expect(["anna is open for sales", "anna: Available"]);
}

#[test]
fn nobody_pauses_in_a_queue_of_others_and_a_place_that_is_gone_takes_its_pause_along() {
    let mut site = Site::staffed(&["anna"]);
    assert_eq!(site.pause_in("anna", "support", "lunch"), Err(CommandRefused::NotInQueue));
    assert_eq!(site.pause_in("bruno", "sales", "lunch"), Err(CommandRefused::NotLoggedIn));
    let mut site = in_both();
    site.pause_in("anna", "sales", "lunch").expect("logged in");
    site.forget();
    site.change_setup(|setup| setup.memberships.retain(|one| *one != membership("sales", "anna", 1)));
    site.expect(["anna is open for sales"]);
}

#[test]
fn it_ends_with_the_session_and_outlives_a_restart() {
    let mut site = in_both();
    site.pause_in("anna", "sales", "lunch").expect("logged in");
    site.forget();
    site.log_out("anna").expect("logged in");
    site.expect(["anna is open for sales", "anna is logged out by Agent", "anna: LoggedOut"]);

    let mut site = Site::just_started(|setup| setup.memberships.push(membership("support", "anna", 1)));
    site.restore(vec![LastKnown { paused_in: vec![(SALES, LUNCH)], ..Site::known("anna", "1001", AgentState::Available) }]);
    site.expect(["anna pauses in sales for lunch", "anna: Unreachable because Unreachable"]);
    site.phone_reachable("1001");
    site.joins("mario", "sales");
    site.expect(["anna: Available", "mario is 1 of 1"]);
}
