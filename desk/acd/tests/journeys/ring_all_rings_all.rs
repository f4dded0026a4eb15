//! Z5: a queue that rings all of its free agents at once.

use carillon_model::{OfferOutcome, Strategy};

use crate::site::{Site, membership};

fn ring_all(who: &[&str]) -> Site {
    Site::staffed_with(who, |setup| setup.queues[0].strategy = Strategy::RingAll)
}

#[test]
fn two_phones_that_answer_together_have_one_winner_and_the_other_is_told_so() {
    let mut site = ring_all(&["anna", "bruno", "carla"]);
    site.joins("mario", "sales");
    site.expect([
        "mario is 1 of 1",
        "mario rings anna on 1001",
        "mario rings bruno on 1002",
        "mario rings carla on 1003",
        "anna: Offered with mario for 15 s",
        "bruno: Offered with mario for 15 s",
        "carla: Offered with mario for 15 s",
    ]);
    site.answers("bruno");
    site.expect([
        "mario is granted bruno",
        "mario stops ringing anna: AnsweredElsewhere",
        "mario stops ringing carla: AnsweredElsewhere",
        "anna: Available",
        "bruno: Talking with mario",
        "carla: Available",
    ]);
    site.answers("anna");
    site.expect(["mario is refused anna: Taken"]);
    assert_eq!(site.view("anna").misses, 0, "losing the race is no miss");
}

#[test]
fn whoever_becomes_free_while_it_rings_joins_in_and_whoever_declined_waits_for_the_next_round() {
    let mut site = ring_all(&["anna", "bruno"]);
    site.pause("bruno", "lunch").expect("logged in");
    site.joins("mario", "sales");
    site.wait(5);
    site.forget();
    site.resume("bruno").expect("paused");
    site.expect(["mario rings bruno on 1002", "bruno: Offered with mario for 15 s"]);
    site.fails("anna", OfferOutcome::Declined);
    site.wait(14);
    site.expect(["anna: Available"]);
    site.wait(1);
    site.expect([
        "mario stops ringing bruno: NoAnswer",
        "mario rings anna on 1001",
        "anna: Offered with mario for 15 s",
        "bruno: Available",
    ]);
}

#[test]
fn the_next_priority_rings_only_after_the_first() {
    let mut site = Site::staffed_with(&["anna", "bruno", "carla"], |setup| {
        setup.queues[0].strategy = Strategy::RingAll;
        setup.memberships = vec![membership("sales", "anna", 1), membership("sales", "bruno", 1), membership("sales", "carla", 2)];
    });
    site.joins("mario", "sales");
    site.expect([
        "mario is 1 of 1",
        "mario rings anna on 1001",
        "mario rings bruno on 1002",
        "anna: Offered with mario for 15 s",
        "bruno: Offered with mario for 15 s",
    ]);
    site.wait(15);
    site.expect([
        "mario stops ringing anna: NoAnswer",
        "mario stops ringing bruno: NoAnswer",
        "mario rings carla on 1003",
        "anna: Available",
        "bruno: Available",
        "carla: Offered with mario for 15 s",
    ]);
}
