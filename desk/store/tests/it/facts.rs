//! The journal's rows.

use carillon_model::{AgentId, AgentState, CallId, EndedBy, Ending, Entry, Fact, LegId, Quality, QualityMoment, Reason};
use carillon_store::{Error, epoch, epoch::Epoch, fact};

use crate::site::{Site, at, on_both_engines, write};

on_both_engines!(
    facts_come_back_in_order_and_the_same_one_twice_is_one,
    a_start_finds_the_agents_states_of_the_run_before,
    an_epoch_begins_once_and_notes_that_it_lives,
);

fn entry(epoch: u64, seq: u64, fact: Fact) -> Entry {
    Entry { epoch, seq, at: at(0), mono_ms: seq * 10, fact }
}

async fn facts_come_back_in_order_and_the_same_one_twice_is_one(site: Site) {
    let call = CallId::from_u128(1);
    let quality = Quality {
        received: u64::from(u32::MAX),
        sent: 1,
        lost: 2,
        refused: 3,
        jitter_us: 4,
        mos_x100: 437,
        moments: vec![QualityMoment::default()],
    };
    let ending = Ending::new(EndedBy::Caller, Reason::HungUp);
    let journal = [
        entry(1, 1, Fact::ServerStarted { version: "1.2.3".to_owned() }),
        entry(1, 2, Fact::CallMenu { call, step: "menu".to_owned(), key: Some('#') }),
        entry(1, 10, Fact::LegEnded { call, leg: LegId::from_u128(2), ending, status: Some(486), quality: Some(quality) }),
        entry(2, 1, Fact::CallEnded { call, ending }),
        entry(2, 2, Fact::ServerStopped {}),
    ];
    for entry in journal.iter().rev() {
        assert_eq!(write!(site, fact::insert(&[entry])).expect("a fact"), 1);
    }
    let other = entry(1, 2, Fact::ServerStopped {});
    assert_eq!(write!(site, fact::insert(&[&other])).expect("no error"), 0, "its place is taken");
    assert_eq!(fact::after(&site.db, 0, 0, 100).await.expect("facts"), journal);
    assert_eq!(fact::after(&site.db, 1, 2, 2).await.expect("facts"), journal[2..4]);
    assert_eq!(fact::of_call(&site.db, call).await.expect("facts"), journal[1..4]);
    assert_eq!(fact::last_seq(&site.db, 1).await.expect("a number"), 10);
    assert_eq!(fact::last_seq(&site.db, 3).await.expect("a number"), 0);
    assert_eq!(write!(site, fact::delete_before(at(0))).expect("a deletion"), 0);
    assert_eq!(write!(site, fact::delete_before(at(1))).expect("a deletion"), 5);
}

async fn a_start_finds_the_agents_states_of_the_run_before(site: Site) {
    let state = |state| Fact::AgentStateChanged { agent: AgentId::from_u128(0xA), state, pause: None, call: None, until: None, why: None };
    let before = [entry(3, 2, state(AgentState::Available)), entry(3, 4, state(AgentState::Paused))];
    let others = [
        entry(2, 9, state(AgentState::Talking)),
        entry(3, 3, Fact::ServerStopped {}),
        entry(4, 1, Fact::ServerStarted { version: "1.2.3".to_owned() }),
    ];
    for entry in before.iter().chain(&others) {
        write!(site, fact::insert(&[entry])).expect("a fact");
    }
    assert_eq!(fact::agent_states(&site.db).await.expect("facts"), before);
}

async fn an_epoch_begins_once_and_notes_that_it_lives(site: Site) {
    assert_eq!(epoch::last(&site.db).await.expect("no row"), None);
    let first = Epoch { epoch: 1, version: "1.2.3".to_owned(), started_at: at(0), alive_at: at(0), alive_mono_ms: 0 };
    write!(site, epoch::insert(&first)).expect("an epoch");
    assert!(matches!(write!(site, epoch::insert(&first)), Err(Error::Taken { .. })));
    assert!(write!(site, epoch::alive(1, at(5), 5_000)).expect("a write"));
    assert!(!write!(site, epoch::alive(2, at(5), 5_000)).expect("no error"));
    let alive = Epoch { alive_at: at(5), alive_mono_ms: 5_000, ..first };
    assert_eq!(epoch::last(&site.db).await.expect("a row"), Some(alive.clone()));
    assert_eq!(epoch::get(&site.db, 1).await.expect("a row"), Some(alive));
}
