use crate::site::{Site, membership};

#[test]
fn priority_goes_first_and_then_who_came_first() {
    let mut site = Site::new();
    for (who, priority) in [("mario", 0), ("lucia", 5), ("paolo", 0), ("elena", 5)] {
        site.joins_with(who, "sales", priority, true);
        site.wait(1);
    }
    assert_eq!(site.line(), ["lucia", "elena", "mario", "paolo"]);
}

#[test]
fn positions_are_told_on_change_and_only_then() {
    let mut site = Site::new();
    for who in ["mario", "lucia", "paolo"] {
        site.joins(who, "sales");
        site.wait(1);
    }
    site.expect(["mario is 1 of 1", "lucia is 2 of 2", "paolo is 3 of 3"]);
    site.hangs_up("lucia");
    site.expect(["paolo is 2 of 2"]);
    site.joins_with("elena", "sales", 9, true);
    site.expect(["elena is 1 of 3", "mario is 2 of 3", "paolo is 3 of 3"]);
    site.joins("dario", "support");
    site.expect(["dario is 1 of 1"]);
}

/// U-C5: whoever comes back keeps the place of the first entry.
#[test]
fn a_caller_who_comes_back_keeps_the_place_even_into_a_full_queue() {
    let mut site = Site::staffed_with(&["anna"], |setup| setup.queues[0].max_waiting = 2);
    site.joins("mario", "sales");
    site.wait(3);
    site.answers("anna");
    site.joins("lucia", "sales");
    site.joins("paolo", "sales");
    site.wait(1);
    site.forget();
    site.joins("mario", "sales");
    site.expect(["mario is 1 of 3, 3000 ms to go", "lucia is 2 of 3, 6000 ms to go", "paolo is 3 of 3, 9000 ms to go"]);
    site.phone_free("mario", "1001");
    site.wait(10);
    site.expect(["anna: WrapUp with mario for 10 s", "mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
    // 14 s after the first entry. The talk was no waiting: mario has waited for the last 10, lucia and paolo for 11.
    let waited = |since: carillon_model::Now| site.mono().duration_since(since.mono).as_secs();
    let waiting: Vec<_> = site.acd().waiting().into_iter().map(|waiting| waited(waiting.since)).collect();
    assert_eq!(waiting, [10, 11, 11]);
    let longest = site.acd().queues().into_iter().filter_map(|queue| queue.longest_since).map(waited).max();
    assert_eq!(longest, Some(11));
}

#[test]
fn an_agent_of_two_queues_serves_the_one_who_came_first_in_either() {
    let mut site = Site::staffed_with(&["anna"], |setup| setup.memberships.push(membership("support", "anna", 1)));
    site.pause("anna", "lunch").expect("logged in");
    site.joins("mario", "support");
    site.wait(1);
    site.joins("lucia", "sales");
    site.forget();
    site.resume("anna").expect("paused");
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
}

#[test]
fn agents_of_the_next_priority_are_asked_only_when_nobody_of_the_first_is_free() {
    let mut site = Site::staffed_with(&["anna", "bruno"], |setup| {
        setup.memberships = vec![membership("sales", "anna", 2), membership("sales", "bruno", 1)];
    });
    site.joins("mario", "sales");
    site.joins("lucia", "sales");
    site.expect([
        "mario is 1 of 1",
        "mario rings bruno on 1002",
        "bruno: Offered with mario for 15 s",
        "lucia is 2 of 2",
        "lucia rings anna on 1001",
        "anna: Offered with lucia for 15 s",
    ]);
}

#[test]
fn the_estimate_comes_from_the_last_answered_calls() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.joins("lucia", "sales");
    site.wait(4);
    site.answers("anna");
    site.forget();
    site.joins("paolo", "sales");
    site.expect(["paolo is 2 of 2, 8000 ms to go"]);
    site.phone_free("mario", "1001");
    site.wait(10);
    site.forget();
    site.answers("anna");
    // Mario waited 4 s at position 1; Lucia 14 s and began at position 2.
    site.expect(["lucia is granted anna", "paolo is 1 of 1, 5500 ms to go", "anna: Talking with lucia"]);
}

/// U-C9: whoever comes from wrap-up is the last of the idle, not the first.
#[test]
fn an_agent_fresh_from_wrap_up_comes_after_those_who_waited() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.answers("anna");
    site.phone_free("mario", "1001");
    site.forget();
    site.oversleep(10);
    site.joins("lucia", "sales");
    site.expect(["lucia is 1 of 1, 0 ms to go", "lucia rings bruno on 1002", "anna: Available", "bruno: Offered with lucia for 15 s"]);
}
