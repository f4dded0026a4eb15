use carillon_model::OfferOutcome;

use crate::site::{Site, membership};

#[test]
fn the_longest_idle_agent_is_asked_then_the_next_and_the_caller_keeps_the_place() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.expect(["mario is 1 of 1", "mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
    site.wait(15);
    site.expect([
        "mario stops ringing anna: NoAnswer",
        "mario rings bruno on 1002",
        "anna: Available",
        "bruno: Offered with mario for 15 s",
    ]);
    site.wait(10);
    site.joins("lucia", "sales");
    site.expect(["lucia is 2 of 2", "lucia rings anna on 1001", "anna: Offered with lucia for 15 s"]);
    site.wait(5);
    site.expect(["mario stops ringing bruno: NoAnswer", "bruno: Available"]);
    assert_eq!(site.line(), ["mario", "lucia"], "a missed caller keeps the place");
    site.wait(1);
    site.expect(["mario rings bruno on 1002", "bruno: Offered with mario for 15 s"]);
}

#[test]
fn an_agent_who_missed_a_caller_comes_after_all_others_even_of_a_later_priority() {
    let mut site = Site::staffed_with(&["anna", "bruno"], |setup| {
        setup.memberships = vec![membership("sales", "anna", 1), membership("sales", "bruno", 2)];
    });
    site.joins("mario", "sales");
    site.wait(15);
    site.forget();
    site.wait(15);
    site.expect([
        "mario stops ringing bruno: NoAnswer",
        "mario rings anna on 1001",
        "anna: Offered with mario for 15 s",
        "bruno: Available",
    ]);
}

#[test]
fn an_agent_who_missed_one_caller_is_the_last_of_the_idle_for_the_next() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.fails("anna", OfferOutcome::Declined);
    site.hangs_up("mario");
    site.wait(2);
    site.forget();
    site.joins("lucia", "sales");
    site.expect(["lucia is 1 of 1", "lucia rings bruno on 1002", "bruno: Offered with lucia for 15 s"]);
}

#[test]
fn three_misses_in_a_row_pause_the_agent_and_resuming_begins_the_count_again() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.wait(15 + 1 + 15 + 1);
    assert_eq!(site.view("anna").misses, 2);
    site.forget();
    site.wait(15);
    site.expect(["mario stops ringing anna: NoAnswer", "anna: Paused because NoAnswer"]);
    site.wait(600);
    site.expect([]);
    site.resume("anna").expect("paused");
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
    assert_eq!(site.view("anna").misses, 0);
}

#[test]
fn an_answered_call_begins_the_count_of_misses_again() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.wait(15 + 1 + 15 + 1);
    site.answers("anna");
    assert_eq!(site.view("anna").misses, 0);
}

#[test]
fn a_busy_phone_is_no_miss_and_is_left_alone_for_a_while() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.forget();
    site.fails("anna", OfferOutcome::Busy);
    site.expect(["anna: Available"]);
    assert_eq!(site.view("anna").misses, 0);
    site.wait(4);
    site.expect([]);
    site.wait(1);
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
}

#[test]
fn a_phone_that_cannot_be_reached_makes_its_agent_unreachable_until_it_is_heard_of_or_half_a_minute_is_over() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.forget();
    site.fails("anna", OfferOutcome::Unreachable);
    site.expect(["mario rings bruno on 1002", "anna: Unreachable because Unreachable", "bruno: Offered with mario for 15 s"]);
    assert_eq!(site.view("anna").misses, 0);
    site.phone_reachable("1001");
    site.expect(["anna: Available"]);
    site.joins("lucia", "sales");
    site.fails("anna", OfferOutcome::Unreachable);
    site.answers("bruno");
    site.forget();
    site.wait(30);
    site.expect(["lucia rings anna on 1001", "anna: Offered with lucia for 15 s"]);
}

#[test]
fn an_offer_that_cannot_even_be_dialled_does_not_spin() {
    let mut site = Site::staffed(&["anna"]);
    site.joins("mario", "sales");
    site.forget();
    site.fails("anna", OfferOutcome::Withdrawn);
    site.expect(["anna: Available"]);
    site.wait(5);
    site.expect(["mario rings anna on 1001", "anna: Offered with mario for 15 s"]);
}

#[test]
fn declining_on_the_desktop_is_a_miss_and_stops_the_phone() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.forget();
    site.decline("anna").expect("rung");
    site.expect([
        "mario stops ringing anna: Declined",
        "mario rings bruno on 1002",
        "anna: Available",
        "bruno: Offered with mario for 15 s",
    ]);
    assert_eq!(site.view("anna").misses, 1);
    site.decline("anna").expect_err("rings no more");
}

#[test]
fn a_phone_that_drops_out_while_it_rings_passes_the_caller_on() {
    let mut site = Site::staffed(&["anna", "bruno"]);
    site.joins("mario", "sales");
    site.forget();
    site.phone_unreachable("1001");
    site.expect([
        "mario stops ringing anna: Unreachable",
        "mario rings bruno on 1002",
        "anna: Unreachable because Unreachable",
        "bruno: Offered with mario for 15 s",
    ]);
}
