//! Calls between two endpoints.

use std::time::Duration;

use super::pair::{Pair, Side};
use crate::endpoint::EndpointEvent;
use crate::transport::Transport;

#[test]
fn a_call_rings_talks_and_ends_and_leaves_nothing_behind() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut t = Pair::new(transport);
        t.invite();
        t.settle();
        let (tx, request, dialog) = t.requested(Side::Callee);
        assert_eq!((request.body.as_ref(), dialog), (b"v=0\r\n".as_ref(), None));
        let early = t.respond(tx, 180);
        t.settle();
        let confirmed = t.respond(tx, 200);
        assert_eq!(early, confirmed, "one To tag, one dialog");
        t.settle();
        let (statuses, dialog) = t.answered(Side::Caller);
        assert_eq!(statuses, [180, 200]);
        t.ack(dialog.expect("a 200 makes a dialog"));
        t.settle();
        assert!(matches!(t.take(Side::Callee).as_slice(), [EndpointEvent::Acked { dialog, .. }] if Some(*dialog) == confirmed));
        t.bye(Side::Caller, dialog.expect("still there"));
        t.settle();
        let (tx, request, dialog) = t.requested(Side::Callee);
        assert_eq!((request.method.as_str(), dialog), ("BYE", confirmed));
        t.respond(tx, 200);
        t.settle();
        assert_eq!(t.ladder, ["caller INVITE", "callee 180 INVITE", "callee 200 INVITE", "caller ACK", "caller BYE", "callee 200 BYE"]);
        t.run_for(Duration::from_secs(40));
        assert!(t.take(Side::Caller).is_empty());
        t.expect_empty();
    }
}
