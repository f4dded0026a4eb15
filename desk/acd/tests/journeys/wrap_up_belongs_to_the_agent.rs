use carillon_acd::CommandRefused;

use crate::site::{Site, membership};

/// U-C9: wrap-up of one queue is not cut short by another.
#[test]
fn no_other_queue_ends_a_wrap_up() {
    let mut site = Site::staffed_with(&["anna"], |setup| {
        setup.memberships.push(membership("support", "anna", 1));
        setup.queues[1].wrapup_ms = 0;
    });
    site.joins("mario", "sales");
    site.answers("anna");
    site.phone_free("mario", "1001");
    site.forget();
    site.joins("lucia", "support");
    site.wait(9);
    site.expect(["lucia is 1 of 1"]);
    site.wait(1);
    site.expect(["lucia rings anna on 1001", "anna: Offered with lucia for 15 s"]);
}

#[test]
fn an_agents_own_wrap_up_goes_before_the_queues_and_none_is_none() {
    let mut site = Site::staffed_with(&["anna", "bruno"], |setup| {
        setup.agents[0].1.wrapup_ms = Some(3_000);
        setup.agents[1].1.wrapup_ms = Some(0);
    });
    for (caller, who, which) in [("mario", "anna", "1001"), ("lucia", "bruno", "1002")] {
        site.joins(caller, "sales");
        site.answers(who);
        site.forget();
        site.phone_free(caller, which);
        match who {
            "anna" => site.expect(["anna: WrapUp with mario for 3 s"]),
            _ => site.expect(["bruno: Available"]),
        }
    }
}

#[test]
fn an_agent_may_finish_early() {
    let mut site = Site::staffed(&["anna"]);
    assert_eq!(site.end_wrap_up("anna"), Err(CommandRefused::NotInWrapUp));
    site.joins("mario", "sales");
    site.answers("anna");
    site.phone_free("mario", "1001");
    site.forget();
    site.end_wrap_up("anna").expect("in wrap-up");
    site.expect(["anna: Available"]);
}

#[test]
fn a_call_that_ends_without_a_word_frees_its_agent_into_wrap_up() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.answers("anna");
    site.forget();
    site.call_gone("mario");
    site.expect(["anna: WrapUp with mario for 10 s"]);
}
