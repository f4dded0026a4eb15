use carillon_call::LegEnd;
use carillon_model::Reason;

use crate::kit::CallTest;

/// What a phone answers, who ended its leg, and what `acd` hears.
const TABLE: [(Reason, LegEnd, Option<u16>, &str, &str); 9] = [
    (Reason::Busy, LegEnd::Remote, Some(486), "agent", "busy"),
    (Reason::NoAnswer, LegEnd::Remote, Some(480), "agent", "no_answer"),
    (Reason::NoAnswer, LegEnd::Network, Some(408), "network", "no_answer"),
    (Reason::Rejected, LegEnd::Remote, Some(603), "agent", "declined"),
    (Reason::Unreachable, LegEnd::Remote, Some(503), "agent", "unreachable"),
    (Reason::Redirected, LegEnd::Remote, Some(302), "agent", "unreachable"),
    (Reason::MediaNotAcceptable, LegEnd::Local, Some(488), "system", "unreachable"),
    (Reason::PeerLost, LegEnd::Network, None, "network", "unreachable"),
    (Reason::Overload, LegEnd::Local, None, "system", "withdrawn"),
];

#[test]
fn every_failure_of_an_offer_is_told_and_the_caller_waits_on() {
    let mut t = CallTest::waiting_in("5001");
    for (reason, end, status, by, outcome) in TABLE {
        t.offer("1001");
        t.rings("1001");
        t.expect(["* 1001 begins", "dial 1001", "* 1001 rings"]);
        t.ends("1001", end, status, reason);
        let word = serde_json::to_value(reason).expect("a reason has a name");
        let word = word.as_str().expect("its name is text");
        t.expect([&format!("* 1001 ended by {by}: {word}"), &format!("acd: 1001 failed: {outcome}")]);
    }
    let cdr = t.cdr();
    assert_eq!(cdr.legs.len(), 1 + TABLE.len());
    assert_eq!(cdr.legs.iter().skip(1).map(|leg| leg.status).collect::<Vec<_>>(), TABLE.map(|row| row.2));
}
