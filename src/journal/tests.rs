//! The journal against a real SQLite file: groups, refusals, crashes.

use carillon_model::{CallId, CallKind, EndedBy, Ending, Fact, Number, Origin, Reason, TrunkId};
use carillon_store::{Db, call, fact};
use tempfile::TempDir;

use super::{Journal, Settings};
use crate::clock;

fn call_id(bits: u128) -> CallId {
    CallId::from_u128(bits)
}

fn started(call: CallId, number: u64) -> Fact {
    Fact::CallStarted {
        call,
        number,
        kind: CallKind::Inbound,
        origin: Origin::Trunk(TrunkId::from_u128(7)),
        caller: Number::new("+390255501"),
        caller_name: Some("Nora\0 \"N\"".to_owned()),
        called: Number::new("5001"),
    }
}

fn ended(call: CallId) -> Fact {
    Fact::CallEnded { call, ending: Ending::new(EndedBy::Caller, Reason::HungUp) }
}

struct Site {
    dir: TempDir,
    db: Db,
}

impl Site {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let db = Db::open(&format!("sqlite:{}", dir.path().join("test.db").display())).await.expect("a new database");
        Self { dir, db }
    }

    async fn start(&self) -> Journal {
        let settings = Settings::new(self.dir.path().join("spool"), "1.2.3");
        Journal::start(self.db.clone(), clock::now, settings).await.expect("the journal starts")
    }
}

#[tokio::test]
async fn a_committed_fact_and_its_calls_record_are_in_the_database() {
    let site = Site::new().await;
    let journal = site.start().await;
    let call = call_id(1);
    let seq = journal.append_committed(clock::now(), started(call, journal.next_call_number())).await.expect("written");
    assert_eq!(seq, 2, "server.started is the first");
    let open = call::get(&site.db, call).await.expect("a readable row").expect("the call's row");
    assert_eq!((open.number, open.ended_at), (1, None));
    journal.append_committed(clock::now(), ended(call)).await.expect("written");
    let record = call::get(&site.db, call).await.expect("a readable row").expect("the call's row");
    assert_eq!(record.ending, Some(Ending::new(EndedBy::Caller, Reason::HungUp)));
    assert_eq!(fact::of_call(&site.db, call).await.expect("facts").len(), 2);
}
