use carillon_acd::LogInRefused;

use crate::site::Site;

#[test]
fn the_longest_wait_ends_a_waiting_but_not_a_ringing() {
    let mut site = Site::staffed_with(&["anna"], |setup| setup.queues[0].max_wait_ms = Some(20_000));
    site.joins("mario", "sales");
    site.joins("lucia", "sales");
    site.wait(15);
    site.forget();
    site.wait(5);
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s", "lucia is let go: Timeout"]);
    site.wait(11);
    site.expect(["mario stops ringing anna: NoAnswer", "mario is let go: Timeout", "anna: Available"]);
    assert!(site.line().is_empty());
}

#[test]
fn a_full_queue_takes_nobody_more() {
    let mut site = Site::with(|setup| setup.queues[0].max_waiting = 1);
    site.joins("mario", "sales");
    site.joins("lucia", "sales");
    site.expect(["mario is 1 of 1", "lucia is let go: Full"]);
    site.hangs_up("mario");
    site.joins("paolo", "sales");
    site.expect(["paolo is 1 of 1"]);
}

#[test]
fn a_caller_waits_for_nobody_only_if_the_plan_says_so() {
    let mut site = Site::staffed(&["anna"]);
    site.pause("anna", "lunch").expect("logged in");
    site.joins_with("mario", "sales", 0, false);
    site.joins_with("lucia", "sales", 0, true);
    site.joins_with("paolo", "support", 0, false);
    site.expect(["anna: Paused for lunch", "mario is 1 of 1", "lucia is 2 of 2", "paolo is let go: NoAgents"]);
    site.log_out("anna").expect("logged in");
    site.expect(["anna is logged out by Agent", "anna: LoggedOut", "mario is let go: NoAgents", "lucia is 1 of 1"]);
}

#[test]
fn a_queue_that_is_not_there_or_is_taken_away_lets_go() {
    let mut site = Site::new();
    site.joins("mario", "sales");
    site.change_setup(|setup| {
        setup.queues.remove(0);
    });
    site.joins("lucia", "sales");
    site.expect(["mario is 1 of 1", "mario is let go: Ended", "lucia is let go: Ended"]);
}

#[test]
fn a_server_that_shuts_down_lets_the_waiting_go_and_finishes_what_rings() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.joins("lucia", "sales");
    site.forget();
    site.close_server();
    site.expect(["lucia is let go: Ended"]);
    site.answers("anna");
    site.expect(["mario is granted anna", "anna: Talking with mario"]);
    site.joins("paolo", "sales");
    site.expect(["paolo is let go: Ended"]);
    assert_eq!(site.log_in("bruno", "1002"), Err(LogInRefused::ShuttingDown));
    site.phone_free("mario", "1001");
    site.wait(10);
    site.expect(["anna: WrapUp with mario for 10 s", "anna: Available"]);
}

#[test]
fn a_server_about_to_shut_down_goes_on_serving_with_the_agents_who_are_there() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.joins("lucia", "sales");
    site.answers("anna");
    site.drain_server();
    site.forget();
    assert_eq!(site.log_in("bruno", "1002"), Err(LogInRefused::ShuttingDown));
    site.joins("paolo", "sales");
    site.expect(["paolo is 2 of 2, 0 ms to go"]);
    site.phone_free("mario", "1001");
    site.wait(10);
    site.expect(["anna: WrapUp with mario for 10 s", "lucia rings anna on 1001", "anna: Offered with lucia for 15 s"]);
    site.close_server();
    site.expect(["paolo is let go: Ended"]);
}
