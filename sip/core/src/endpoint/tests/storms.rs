//! Bad networks and bad bytes: whatever is lost, repeated or overtaken, everything ends once and nothing is left.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::pair::{CALLER, Pair, Side, Weather, packet};
use crate::endpoint::EndpointEvent;
use crate::message::{Method, Response};
use crate::transport::Transport;
use crate::{ClientTx, DialogId};

/// Plays both users: answers what rings, acknowledges what is answered, hangs up what talks.
#[derive(Default)]
struct Users {
    endings: BTreeMap<ClientTx, u32>,
    requests: Vec<String>,
    acked: Vec<DialogId>,
    missing: Vec<DialogId>,
}

impl Users {
    fn act(&mut self, t: &mut Pair) {
        for side in [Side::Caller, Side::Callee] {
            for event in t.take(side) {
                self.hear(t, side, event);
            }
        }
        t.drain();
    }

    fn hear(&mut self, t: &mut Pair, side: Side, event: EndpointEvent) {
        let now = t.now;
        match event {
            EndpointEvent::Request { tx, request, .. } => {
                let id = format!("{side:?} {} {:?}", request.method, request.headers.text(&crate::message::HeaderName::CSeq));
                self.requests.push(format!("{id} {:?}", request.headers.text(&crate::message::HeaderName::CallId)));
                if request.method == Method::Invite {
                    t.at(side).respond(now, tx, Response::new(180)).expect("just came");
                }
                t.at(side).respond(now, tx, Response::new(200)).expect("just came");
            }
            EndpointEvent::Response { tx, response, dialog, .. } => {
                if !response.is_provisional() {
                    *self.endings.entry(tx).or_default() += 1;
                }
                let is_answer = response.is_success() && response.headers.cseq().is_ok_and(|cseq| cseq.method == Method::Invite);
                if is_answer {
                    t.at(side).ack(now, dialog.expect("a 200 makes a dialog"), None).expect("first time");
                }
            }
            EndpointEvent::TimedOut { tx } | EndpointEvent::TransportFailed { tx } => *self.endings.entry(tx).or_default() += 1,
            EndpointEvent::Acked { dialog, .. } => {
                self.acked.push(dialog);
                t.at(side).bye(now, dialog, None).expect("talking");
            }
            EndpointEvent::AckMissing { dialog, .. } => {
                self.missing.push(dialog);
                t.at(side).bye(now, dialog, None).expect("talking");
            }
            EndpointEvent::Cancelled { .. } | EndpointEvent::CallerLost { .. } => panic!("nobody cancels here"),
            EndpointEvent::PrackMissing { .. } => panic!("nothing is sent reliably here"),
            EndpointEvent::ByeChallenged { .. } => panic!("nobody asks for a proof here"),
        }
    }
}

fn storm(seed: u64, weather: Weather, calls: u32) -> (Pair, Users) {
    let mut t = Pair::in_weather(Transport::Udp, seed, weather);
    let mut users = Users::default();
    for call in 0..calls {
        let tx = t.invite();
        users.endings.insert(tx, 0);
        for _ in 0..20 {
            t.run_for(Duration::from_millis(u64::from(call % 7)));
            users.act(&mut t);
        }
    }
    for _ in 0..4000 {
        t.run_for(Duration::from_millis(50));
        users.act(&mut t);
    }
    (t, users)
}

#[test]
fn in_any_weather_each_request_is_heard_once_and_ends_once_and_nothing_is_left() {
    for seed in 0..12 {
        let weather = Weather { loss: 30, repeat: 30, jitter_ms: 700 };
        let (mut t, users) = storm(seed, weather, 10);
        for (tx, endings) in &users.endings {
            assert_eq!(*endings, 1, "seed {seed}: {tx} ended {endings} times");
        }
        let mut heard = users.requests.clone();
        heard.sort();
        heard.dedup();
        assert_eq!(heard.len(), users.requests.len(), "seed {seed}: a request was heard twice");
        assert!(!users.acked.is_empty(), "seed {seed}: no call came about");
        // A caller that has its 200 holds a dialog until a BYE comes; those whose every BYE was lost are the user's to time out.
        for side in [0, 1] {
            let (servers, clients, _) = t.endpoints[side].occupancy();
            assert_eq!((servers, clients), (0, 0), "seed {seed}: transactions are left");
            assert_eq!(t.endpoints[side].poll_timeout(), None, "seed {seed}: a timer is left");
        }
        assert_eq!(t.at(Side::Callee).occupancy().2, 0, "seed {seed}: the callee hung up every call");
    }
}

#[test]
fn with_repeats_and_reordering_alone_every_call_succeeds() {
    for seed in 0..12 {
        let (mut t, users) = storm(seed, Weather { loss: 0, repeat: 60, jitter_ms: 400 }, 10);
        assert_eq!((users.acked.len(), users.missing.len()), (10, 0), "seed {seed}");
        t.expect_empty();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Threat 13: no byte string panics, and whatever it is, it costs at most one answer and one transaction.
    #[test]
    fn no_bytes_break_an_endpoint(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 0..12), kind in 0..6usize) {
        let via = "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKfuzz;rport";
        let starts = ["INVITE sip:1@192.0.2.20 SIP/2.0", "BYE sip:1@192.0.2.20 SIP/2.0", "ACK sip:1@192.0.2.20 SIP/2.0", "CANCEL sip:1@192.0.2.20 SIP/2.0", "REGISTER sip:192.0.2.20 SIP/2.0", "SIP/2.0 200 OK"];
        let mut bytes = packet(starts[kind], via, if kind == 5 { "CSeq: 1 INVITE" } else { "" });
        for (at, byte, how) in edits {
            if bytes.is_empty() { break }
            let at = at.index(bytes.len());
            match how { 0 => bytes[at] = byte, 1 => bytes.insert(at, byte), _ => drop(bytes.remove(at)) }
        }
        let mut t = Pair::new(Transport::Udp);
        let (now, hop) = (t.now, crate::transport::Hop { remote: super::pair::address(CALLER), ..t.hop(Side::Callee) });
        let size = bytes.len();
        let endpoint = t.at(Side::Callee);
        endpoint.handle_packet(now, hop, Bytes::from(bytes));
        let sent: Vec<_> = std::iter::from_fn(|| endpoint.poll_transmit()).collect();
        prop_assert!(sent.len() <= 1);
        prop_assert!(sent.iter().all(|transmit| transmit.hop == hop && transmit.bytes.len() <= size + 1024));
        prop_assert!(endpoint.occupancy().0 <= 1 && endpoint.occupancy().2 == 0);
    }
}
