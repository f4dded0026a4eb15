use carillon_call::LegEnd;
use carillon_model::{EndedBy, Ending, Reason};

use crate::kit::CallTest;

/// Where the caller is, how a call gets there, and the reason its record gives.
type Stage = (&'static str, fn() -> CallTest, Reason);

/// Wherever the caller stands, the call ends at once, by the caller, with one record.
#[test]
fn a_caller_may_hang_up_anywhere() {
    let stages: [Stage; 7] = [
        ("our answer is out", || on("5001", |_| ()), Reason::Cancelled),
        ("a prompt plays", || on("5007", |t| t.answered("caller")), Reason::Cancelled),
        ("a menu asks", || on("5000", |t| t.answered("caller")), Reason::Cancelled),
        ("it waits", || CallTest::waiting_in("5003"), Reason::Cancelled),
        ("a phone was asked for", || on("5004", |_| ()), Reason::Cancelled),
        ("a phone was dialled", || on("5004", |t| t.reserved("1001")), Reason::Cancelled),
        ("it talks", || CallTest::talking_with("1001", "5003"), Reason::HungUp),
    ];
    for (stage, reach, reason) in stages {
        let mut t = reach();
        t.hangs_up("caller");
        let others: Vec<_> = t.cdr().legs.iter().filter(|leg| leg.ended_at.is_none()).map(|leg| leg.party.clone()).collect();
        for party in others {
            t.ends(party.as_str(), LegEnd::Local, None, Reason::Cancelled);
        }
        assert!(t.call.is_over(), "{stage}");
        assert_eq!(t.cdr().ending, Some(Ending::new(EndedBy::Caller, reason)), "{stage}");
        assert_eq!(t.call.poll_timeout(), None, "{stage}: nothing is left to wait for");
    }
}

fn on(called: &str, then: fn(&mut CallTest)) -> CallTest {
    let mut t = CallTest::from_trunk(called);
    t.committed();
    then(&mut t);
    t
}
