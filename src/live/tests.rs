//! Readers, the chain and the fold, without a server.

use std::collections::BTreeSet;

use carillon_model::{
    AgentId, CallId, CallKind, EndedBy, Ending, Entry, Fact, LegId, LegRole, Number, OfferId, OfferOutcome, Origin, PhoneId, QueueId,
    Reason, SessionId, TicketId, TrunkId, UserId,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    Closing, LivesBy, Viewer,
    reader::{Inbox, Reader},
    stream::State,
};
use crate::dispatch::Snapshot;

const CALL: CallId = CallId::from_u128(1);
const ANNA: AgentId = AgentId::from_u128(11);
const BRUNO: AgentId = AgentId::from_u128(12);

/// A stream with readers, fed by hand.
#[derive(Default)]
struct Stream {
    state: State,
    seq: u64,
}

impl Stream {
    fn reader(&mut self, only: Option<AgentId>) -> Inbox {
        let viewer = Viewer { user: UserId::from_u128(7), lives_by: LivesBy::Session(SessionId::from_u128(8)), only };
        let (reader, inbox) = Reader::new(viewer, BTreeSet::new(), self.state.recent.last);
        let id = self.state.readers.len() as u64;
        self.state.readers.insert(id, reader);
        inbox
    }

    fn tell(&mut self, fact: Fact) {
        self.seq += 1;
        let entry = Entry { epoch: 1, seq: self.seq, at: Timestamp::UNIX_EPOCH, mono_ms: 0, fact };
        self.state.tell(&entry, &Snapshot::default());
    }

    fn call_starts(&mut self) {
        self.tell(Fact::CallStarted {
            call: CALL,
            number: 1,
            kind: CallKind::Inbound,
            origin: Origin::Trunk(TrunkId::from_u128(2)),
            caller: Number::new("+390200000001"),
            caller_name: None,
            called: Number::new("5001"),
        });
    }

    fn offer(&mut self, offer: u128, agent: AgentId) {
        self.tell(Fact::OfferCreated {
            offer: OfferId::from_u128(offer),
            call: CALL,
            ticket: TicketId::from_u128(3),
            queue: QueueId::from_u128(4),
            agent,
            phone: PhoneId::from_u128(5),
            until: Timestamp::UNIX_EPOCH,
        });
    }

    fn offer_ends(&mut self, offer: u128, agent: AgentId, outcome: OfferOutcome) {
        self.tell(Fact::OfferEnded { offer: OfferId::from_u128(offer), call: CALL, agent, outcome });
    }

    fn rung(&mut self, leg: u128, agent: AgentId) {
        self.tell(Fact::LegStarted {
            call: CALL,
            leg: LegId::from_u128(leg),
            role: LegRole::Callee,
            party: Number::new("1001"),
            agent: Some(agent),
            phone: Some(PhoneId::from_u128(5)),
            trunk: None,
            offer: None,
        });
    }

    fn call_ends(&mut self) {
        self.tell(Fact::CallEnded { call: CALL, ending: Ending::new(EndedBy::Caller, Reason::HungUp) });
    }
}

async fn next(inbox: &mut Inbox) -> Value {
    let message = inbox.messages.next().await.expect("a message");
    serde_json::from_str(&message.text).expect("JSON")
}

/// Types in the chain, each checked to follow the one before.
async fn chain(inbox: &mut Inbox, count: usize) -> Vec<String> {
    let (mut last, mut types) = (0, Vec::new());
    while types.len() < count {
        let message = next(inbox).await;
        assert_eq!(message["prev"], last, "a hole before {message}");
        if let Some(seq) = message["seq"].as_u64() {
            last = seq;
            types.push(message["type"].as_str().expect("a type").to_owned());
        }
    }
    types
}

#[tokio::test]
async fn each_agent_sees_the_own_offer_and_only_who_takes_the_call_sees_the_rest() {
    let mut stream = Stream::default();
    let (mut anna, mut bruno, mut sofia) = (stream.reader(Some(ANNA)), stream.reader(Some(BRUNO)), stream.reader(None));
    stream.call_starts();
    stream.offer(21, ANNA);
    stream.offer(22, BRUNO);
    stream.offer_ends(21, ANNA, OfferOutcome::Declined);
    stream.offer_ends(22, BRUNO, OfferOutcome::Answered);
    stream.tell(Fact::CallBridged { call: CALL, a: LegId::from_u128(31), b: LegId::from_u128(32) });
    stream.call_ends();
    stream.tell(Fact::RecordingClosed {
        recording: carillon_model::RecordingId::from_u128(41),
        call: CALL,
        length_ms: 1,
        bytes: 1,
        gap_ms: 0,
        error: None,
    });
    // Something that everybody sees, to show that nothing came before.
    stream.tell(Fact::ServerStopped {});
    assert_eq!(chain(&mut anna, 3).await, ["offer.created", "offer.ended", "server.stopped"]);
    let own = ["offer.created", "offer.ended", "call.bridged", "call.ended", "recording.closed", "server.stopped"];
    assert_eq!(chain(&mut bruno, 6).await, own);
    assert_eq!(chain(&mut sofia, 9).await.len(), 9);
}

#[tokio::test]
async fn whoever_was_only_rung_follows_the_call_no_further_than_the_ringing() {
    let mut stream = Stream::default();
    let (mut anna, mut bruno) = (stream.reader(Some(ANNA)), stream.reader(Some(BRUNO)));
    stream.call_starts();
    stream.rung(31, ANNA);
    stream.rung(32, BRUNO);
    stream.tell(Fact::LegAnswered { call: CALL, leg: LegId::from_u128(31) });
    let ending = Ending::new(EndedBy::Callee, Reason::Rejected);
    stream.tell(Fact::LegEnded { call: CALL, leg: LegId::from_u128(32), ending, status: Some(603), quality: None });
    stream.tell(Fact::CallBridged { call: CALL, a: LegId::from_u128(30), b: LegId::from_u128(31) });
    stream.call_ends();
    stream.tell(Fact::ServerStopped {});
    assert_eq!(chain(&mut bruno, 3).await, ["leg.started", "leg.ended", "server.stopped"]);
    let all = ["leg.started", "leg.answered", "leg.ended", "call.bridged", "call.ended", "server.stopped"];
    assert_eq!(chain(&mut anna, 6).await, all);
}

#[tokio::test]
async fn an_offer_brings_the_callers_number_with_it() {
    let mut stream = Stream::default();
    let mut anna = stream.reader(Some(ANNA));
    stream.call_starts();
    stream.offer(21, ANNA);
    assert_eq!(next(&mut anna).await["type"], "offer.created");
    let row = next(&mut anna).await;
    assert_eq!((&row["type"], &row["data"]["caller"]), (&"call.changed".into(), &"+390200000001".into()));
    assert_eq!(row.get("seq"), None);
}

#[tokio::test]
async fn a_reader_256_messages_behind_is_cut_and_nobody_else_notices() {
    let mut stream = Stream::default();
    let (mut slow, mut quick) = (stream.reader(None), stream.reader(None));
    for told in 1..=300_u64 {
        stream.tell(Fact::ServerStopped {});
        assert_eq!(next(&mut quick).await["seq"], told);
    }
    assert_eq!(slow.cut.try_recv(), Ok(Closing::Behind));
    assert_eq!(stream.state.readers.len(), 1);
    for told in 1..=256_u64 {
        assert_eq!(next(&mut slow).await["seq"], told, "what fitted is still there");
    }
    assert!(slow.messages.next().await.is_none());
}

#[tokio::test]
async fn a_reader_4_mib_behind_is_cut() {
    let mut stream = Stream::default();
    let mut slow = stream.reader(None);
    for _ in 0..5 {
        stream.tell(Fact::ServerStarted { version: "x".repeat(1 << 20) });
    }
    assert_eq!(slow.cut.try_recv(), Ok(Closing::Behind));
}

#[test]
fn what_was_told_can_be_told_again_as_long_as_it_is_kept() {
    let mut stream = Stream::default();
    for _ in 0..5000 {
        stream.tell(Fact::ServerStopped {});
    }
    let kept = |after| stream.state.recent.after(after).map(|told| told.map(|told| told.seq).collect::<Vec<_>>());
    assert_eq!(kept(4998), Some(vec![4999, 5000]));
    assert_eq!(kept(5000), Some(vec![]));
    assert_eq!(kept(904).map(|told| told.len()), Some(4096));
    assert_eq!(kept(903), None, "too old");
    assert_eq!(kept(5001), None, "never told");
}
