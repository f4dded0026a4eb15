//! The journal against real databases: groups, refusals, crashes.

use std::{fmt::Debug, sync::Arc, time::Duration};

use carillon_kit::postgres;
use carillon_media_audio::{StereoWavWriter, TELEPHONE_RATE};
use carillon_model::{
    AgentId, CallId, CallKind, EndedBy, Ending, Entry, Fact, LegId, LegRole, Name, Number, OfferId, OfferOutcome, Origin, PhoneId,
    QueueExit, QueueId, Reason, RecordingId, Supervision, TicketId, TrunkId, UserId,
};
use carillon_store::{Db, Write, call, epoch, fact, recording};
use sqlx::{AnyConnection, Connection, Executor};
use tempfile::TempDir;
use tokio::time::timeout;

use super::{Followed, Journal, NotWritten, Settings};
use crate::clock;

/// Makes each test run once on SQLite and once on PostgreSQL.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::Site::sqlite().await).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::Site::postgres().await).await;
            })+
        }
    };
}

on_both_engines!(
    a_committed_fact_and_its_calls_record_are_in_the_database,
    what_nobody_waits_for_is_written_soon_and_in_order,
    a_stop_writes_everything_and_ends_the_epoch,
    while_the_database_refuses_the_spool_takes_facts_and_lands_them_once_in_order,
    a_crash_leaves_the_spool_to_the_next_start,
    when_both_refuse_the_caller_is_told_and_the_facts_wait_in_memory,
    a_call_that_a_crash_cut_off_is_closed_at_the_next_start,
    a_recording_that_runs_on_past_the_last_beat_tells_until_when_the_call_was_up,
    a_call_is_of_whoever_took_it_over_and_not_of_who_listened,
    a_call_is_not_of_who_answered_when_another_had_it,
);

const CALL: CallId = CallId::from_u128(1);
const CALLER: LegId = LegId::from_u128(0x10);
const AGENT: LegId = LegId::from_u128(0x11);
const ANNA: AgentId = AgentId::from_u128(0xA);
const SALES: QueueId = QueueId::from_u128(0x50);
const TICKET: TicketId = TicketId::from_u128(0x60);
const OFFER: OfferId = OfferId::from_u128(0x70);
const RECORDING: RecordingId = RecordingId::from_u128(0x80);

struct Site {
    dir: TempDir,
    url: String,
    db: Db,
}

impl Site {
    async fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", dir.path().join("test.db").display());
        Self { db: Db::open(&url).await.expect("a new database"), dir, url }
    }

    async fn postgres() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let url = tokio::task::spawn_blocking(postgres::new_database).await.expect("a PostgreSQL");
        Self { db: Db::open(&url).await.expect("a new database"), dir, url }
    }

    fn settings(&self) -> Settings {
        Settings::new(self.dir.path().join("spool"), self.dir.path(), "1.2.3")
    }

    async fn start(&self) -> Journal {
        Journal::start(self.db.clone(), clock::now, self.settings()).await.expect("the journal starts")
    }

    fn spool(&self) -> String {
        std::fs::read_to_string(self.settings().spool).expect("the spool file")
    }

    /// Keeps anybody else from writing the fact after `seq`: on SQLite anything at all, on PostgreSQL this row.
    async fn block(&self, epoch: u64, seq: u64) -> Write {
        let other = Db::open(&self.url).await.expect("the same database");
        let mut write = other.write().await.expect("the writer's turn");
        let entry = Entry { epoch, seq: seq + 1, at: clock::now().wall, mono_ms: 0, fact: Fact::ServerStopped {} };
        fact::insert(&mut write, &[&entry]).await.expect("a place taken");
        write
    }

    async fn facts(&self) -> Vec<Entry> {
        fact::after(&self.db, 0, 0, 1_000).await.expect("facts")
    }
}

/// Asks again until the answer is the expected one.
async fn eventually<T: PartialEq + Debug>(expected: T, mut ask: impl AsyncFnMut() -> T) {
    let mut last = None;
    let asked = timeout(Duration::from_secs(30), async {
        loop {
            let answer = ask().await;
            if answer == expected {
                return;
            }
            last = Some(answer);
            tokio::task::yield_now().await;
        }
    });
    if asked.await.is_err() {
        panic!("expected {expected:?}, still {last:?}");
    }
}

fn started(call: CallId, number: u64) -> Fact {
    Fact::CallStarted {
        call,
        number,
        kind: CallKind::Inbound,
        origin: Origin::Trunk(TrunkId::from_u128(7)),
        caller: Number::new("+390255501"),
        caller_name: Some(Name::new("Nora\0 \"N\"\n")),
        called: Number::new("5001"),
    }
}

fn ended(call: CallId) -> Fact {
    Fact::CallEnded { call, ending: Ending::new(EndedBy::Caller, Reason::HungUp) }
}

fn step(n: usize) -> Fact {
    Fact::CallStep { call: CALL, step: format!("step {n}") }
}

fn seqs(entries: &[Entry]) -> Vec<(u64, u64)> {
    entries.iter().map(|entry| (entry.epoch, entry.seq)).collect()
}

async fn a_committed_fact_and_its_calls_record_are_in_the_database(site: Site) {
    let journal = site.start().await;
    let mut follower = journal.follow();
    let seq = journal.append_committed(clock::now(), started(CALL, journal.next_call_number())).await.expect("written");
    assert_eq!(seq, 2, "server.started is the first");
    let open = call::get(&site.db, CALL).await.expect("a row").expect("the call");
    assert_eq!((open.number, open.ended_at), (1, None));
    journal.append_committed(clock::now(), ended(CALL)).await.expect("written");
    let record = call::get(&site.db, CALL).await.expect("a row").expect("the call");
    assert_eq!(record.ending, Some(Ending::new(EndedBy::Caller, Reason::HungUp)));
    // What a follower saw is what the database holds, to the last field.
    for stored in &site.facts().await[1..] {
        assert_eq!(follower.next().await, Some(Followed::Entry(stored.clone().into())));
    }
    assert_eq!(site.spool(), "");
}

async fn what_nobody_waits_for_is_written_soon_and_in_order(site: Site) {
    let journal = site.start().await;
    let mut follower = journal.follow();
    for n in 0..300 {
        journal.append(clock::now(), step(n));
    }
    for n in 0..300 {
        let Some(Followed::Entry(entry)) = follower.next().await else { panic!("a fact") };
        assert_eq!((entry.seq, &entry.fact), (n as u64 + 2, &step(n)), "published at once");
    }
    eventually(301, async || site.facts().await.len()).await;
    assert_eq!(seqs(&site.facts().await), (1..=301).map(|seq| (1, seq)).collect::<Vec<_>>());
}

async fn a_stop_writes_everything_and_ends_the_epoch(site: Site) {
    let journal = site.start().await;
    journal.append(clock::now(), started(CALL, journal.next_call_number()));
    journal.append(clock::now(), ended(CALL));
    journal.stop(clock::now()).await.expect("written");
    let facts = site.facts().await;
    assert_eq!(facts.last().map(|entry| &entry.fact), Some(&Fact::ServerStopped {}));
    assert_eq!(seqs(&facts), [(1, 1), (1, 2), (1, 3), (1, 4)]);
    assert_eq!(journal.append_committed(clock::now(), step(1)).await, Err(NotWritten));
    let next = site.start().await;
    assert_eq!((next.epoch(), next.next_call_number()), (2, 2));
    next.stop(clock::now()).await.expect("written");
    assert_eq!(seqs(&site.facts().await)[4..], [(2, 1), (2, 2)], "nothing was lost, nothing was closed");
}

async fn while_the_database_refuses_the_spool_takes_facts_and_lands_them_once_in_order(site: Site) {
    let journal = site.start().await;
    let last = journal.append_committed(clock::now(), started(CALL, 1)).await.expect("written");
    let blocked = site.block(1, last).await;
    journal.append_committed(clock::now(), step(1)).await.expect("in the spool");
    assert!(journal.health().refusing);
    for n in 2..20 {
        journal.append_committed(clock::now(), step(n)).await.expect("in the spool");
    }
    journal.append_committed(clock::now(), ended(CALL)).await.expect("in the spool");
    assert_eq!(site.spool().lines().count(), 20);
    assert_eq!(journal.health().spooled, site.spool().len() as u64);
    drop(blocked);
    eventually(false, async || journal.health().refusing).await;
    assert_eq!(site.spool(), "");
    let facts = site.facts().await;
    assert_eq!(seqs(&facts), (1..=last + 20).map(|seq| (1, seq)).collect::<Vec<_>>());
    assert_eq!(facts[2..21].iter().map(|entry| entry.fact.clone()).collect::<Vec<_>>(), (1..20).map(step).collect::<Vec<_>>());
    assert!(call::get(&site.db, CALL).await.expect("a row").expect("the call").ended_at.is_some());
    journal.append_committed(clock::now(), step(20)).await.expect("written");
    assert_eq!((site.spool().as_str(), journal.health().lost), ("", 0), "as before");
}

async fn a_crash_leaves_the_spool_to_the_next_start(site: Site) {
    let journal = site.start().await;
    let last = journal.append_committed(clock::now(), started(CALL, 41)).await.expect("written");
    let blocked = site.block(1, last).await;
    let other = CallId::from_u128(2);
    for fact in [step(1), started(other, 42), ended(other), ended(CALL)] {
        journal.append_committed(clock::now(), fact).await.expect("in the spool");
    }
    journal.crash().await;
    drop(blocked);
    let torn = site.spool() + "{\"epoch\":1,\"seq\":7,\"at\":\"20";
    // A crash between landing and emptying leaves lines that are in the database already: here all of them, twice.
    std::fs::write(site.settings().spool, site.spool() + &torn).expect("a longer spool");
    let db = Db::open(&site.url).await.expect("the database of a new process");
    let journal = Journal::start(db, clock::now, site.settings()).await.expect("the journal starts");
    assert_eq!((journal.epoch(), journal.next_call_number()), (2, 43));
    assert_eq!(site.spool(), "");
    journal.stop(clock::now()).await.expect("written");
    let facts = site.facts().await;
    assert_eq!(seqs(&facts), [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6), (2, 1), (2, 2)]);
    for call in [CALL, other] {
        let record = call::get(&site.db, call).await.expect("a row").expect("the call");
        assert_eq!(record.ending, Some(Ending::new(EndedBy::Caller, Reason::HungUp)));
    }
}

async fn when_both_refuse_the_caller_is_told_and_the_facts_wait_in_memory(site: Site) {
    let settings = Settings { spool_max: 10, ..site.settings() };
    let journal = Journal::start(site.db.clone(), clock::now, settings).await.expect("the journal starts");
    let last = journal.append_committed(clock::now(), step(0)).await.expect("written");
    let blocked = site.block(1, last).await;
    assert_eq!(journal.append_committed(clock::now(), started(CALL, 1)).await, Err(NotWritten));
    assert_eq!(journal.append_committed(clock::now(), ended(CALL)).await, Err(NotWritten));
    drop(blocked);
    eventually(false, async || journal.health().refusing).await;
    assert_eq!(seqs(&site.facts().await), [(1, 1), (1, 2), (1, 3), (1, 4)]);
    assert!(call::get(&site.db, CALL).await.expect("a row").expect("the call").ended_at.is_some());
}

/// A call of Anna's, up and recorded, in all its parts.
fn call_up() -> Vec<Fact> {
    let leg = |leg, role, agent: Option<AgentId>, offer| Fact::LegStarted {
        call: CALL,
        leg,
        role,
        party: Number::new("1001"),
        agent,
        phone: agent.map(|_| PhoneId::from_u128(1)),
        trunk: None,
        offer,
    };
    let until = clock::now().wall;
    vec![
        started(CALL, 1),
        leg(CALLER, LegRole::Caller, None, None),
        Fact::LegAnswered { call: CALL, leg: CALLER },
        Fact::CallQueued { call: CALL, ticket: TICKET, queue: SALES, party: None },
        Fact::OfferCreated { offer: OFFER, call: CALL, ticket: TICKET, queue: SALES, agent: ANNA, phone: PhoneId::from_u128(1), until },
        leg(AGENT, LegRole::Agent, Some(ANNA), Some(OFFER)),
        Fact::LegAnswered { call: CALL, leg: AGENT },
        Fact::OfferEnded { offer: OFFER, call: CALL, agent: ANNA, outcome: OfferOutcome::Answered },
        Fact::CallDequeued { call: CALL, ticket: TICKET, queue: SALES, exit: QueueExit::Answered },
        Fact::CallBridged { call: CALL, a: CALLER, b: AGENT },
        Fact::RecordingStarted { recording: RECORDING, call: CALL, queue: Some(SALES), agent: Some(ANNA), file: "1.wav".to_owned() },
    ]
}

async fn a_call_is_of_whoever_took_it_over_and_not_of_who_listened(site: Site) {
    let journal = site.start().await;
    let [beside, listened] = [LegId::from_u128(0x12), LegId::from_u128(0x13)];
    let [sofia, luca] = [UserId::from_u128(0xB), UserId::from_u128(0xC)];
    let comes = |leg, supervisor| {
        let (role, party) = (LegRole::Supervisor, Number::new("1003"));
        [
            Fact::LegStarted { call: CALL, leg, role, party, agent: None, phone: Some(PhoneId::from_u128(3)), trunk: None, offer: None },
            Fact::LegAnswered { call: CALL, leg },
            Fact::CallSupervised { call: CALL, leg, supervisor, mode: Supervision::Listen, beside: AGENT },
        ]
    };
    for fact in call_up().into_iter().chain(comes(listened, luca)).chain(comes(beside, sofia)) {
        journal.append(clock::now(), fact);
    }
    journal.append_committed(clock::now(), Fact::CallBridged { call: CALL, a: CALLER, b: beside }).await.expect("written");
    let agents = call::agents(&site.db, CALL).await.expect("agents");
    assert_eq!(agents.iter().map(|agent| agent.agent).collect::<Vec<_>>(), [ANNA, sofia.into()]);
}

async fn a_call_is_not_of_who_answered_when_another_had_it(site: Site) {
    let journal = site.start().await;
    let (offer, leg, bruno) = (OfferId::from_u128(0x71), LegId::from_u128(0x14), AgentId::from_u128(0xD));
    let (phone, until) = (PhoneId::from_u128(2), clock::now().wall);
    let also_rung = [
        Fact::OfferCreated { offer, call: CALL, ticket: TICKET, queue: SALES, agent: bruno, phone, until },
        Fact::LegStarted {
            call: CALL,
            leg,
            role: LegRole::Agent,
            party: Number::new("1002"),
            agent: Some(bruno),
            phone: Some(phone),
            trunk: None,
            offer: Some(offer),
        },
        Fact::LegAnswered { call: CALL, leg },
    ];
    // Both lift the handset; the one's leg has not ended when the other is put through.
    let mut facts = call_up();
    let at = facts.iter().position(|fact| matches!(fact, Fact::CallBridged { .. })).expect("it is put through");
    facts.splice(at..at, also_rung);
    let last = facts.pop().expect("a fact");
    for fact in facts {
        journal.append(clock::now(), fact);
    }
    journal.append_committed(clock::now(), last).await.expect("written");
    let agents = call::agents(&site.db, CALL).await.expect("agents");
    assert_eq!(agents.iter().map(|agent| agent.agent).collect::<Vec<_>>(), [ANNA]);
}

async fn a_call_that_a_crash_cut_off_is_closed_at_the_next_start(site: Site) {
    let journal = site.start().await;
    for fact in call_up() {
        journal.append(clock::now(), fact);
    }
    // A second call that nobody had answered yet.
    let waiting = CallId::from_u128(2);
    journal.append(clock::now(), started(waiting, 2));
    journal
        .append_committed(clock::now(), Fact::CallQueued { call: waiting, ticket: TicketId::from_u128(3), queue: SALES, party: None })
        .await
        .expect("written");
    journal.crash().await;
    let last = site.facts().await.pop().expect("a fact");
    // The last beat came five minutes into the talk.
    let died_at = last.at + jiff::SignedDuration::from_mins(5);
    let mut write = site.db.write().await.expect("the writer's turn");
    assert!(epoch::alive(&mut write, 1, died_at, last.mono_ms + 300_000).await.expect("a write"));
    write.commit().await.expect("a commit");

    let journal = site.start().await;
    let lost = Ending::new(EndedBy::System, Reason::ServerLost);
    let record = call::get(&site.db, CALL).await.expect("a row").expect("the call");
    assert_eq!((record.ending, record.ended_at, record.agent), (Some(lost), Some(died_at), Some(ANNA)));
    assert!((300_000..310_000).contains(&record.talk_ms), "{} ms", record.talk_ms);
    assert_eq!(call::agents(&site.db, CALL).await.expect("agents").len(), 1);
    let record = call::get(&site.db, waiting).await.expect("a row").expect("the call");
    assert_eq!((record.ending, record.queue), (Some(lost), Some(SALES)));
    assert!((300_000..310_000).contains(&record.wait_ms), "{} ms", record.wait_ms);
    let closing = site.facts().await.into_iter().filter(|entry| entry.at == died_at).map(|entry| entry.fact).collect::<Vec<_>>();
    let leg_lost = |leg| Fact::LegEnded { call: CALL, leg, ending: lost, status: None, quality: None };
    assert_eq!(
        closing,
        [
            Fact::RecordingStopped { recording: RECORDING, call: CALL },
            leg_lost(CALLER),
            leg_lost(AGENT),
            Fact::CallEnded { call: CALL, ending: lost },
            Fact::CallDequeued { call: waiting, ticket: TicketId::from_u128(3), queue: SALES, exit: QueueExit::Ended },
            Fact::CallEnded { call: waiting, ending: lost },
        ]
    );

    // The file is repaired and closed in the new epoch.
    let unclosed = recording::open(&site.db).await.expect("recordings");
    assert_eq!(unclosed.iter().map(|recording| (recording.id, recording.stopped_at)).collect::<Vec<_>>(), [(RECORDING, Some(died_at))]);
    let closed = Fact::RecordingClosed { recording: RECORDING, call: CALL, length_ms: 300_020, bytes: 9_600_684, gap_ms: 0, error: None };
    journal.append_committed(clock::now(), closed).await.expect("written");
    let recording = recording::get(&site.db, RECORDING).await.expect("a row").expect("the recording");
    assert_eq!(recording.file_closed.map(|file| (file.length_ms, file.bytes)), Some((300_020, 9_600_684)));
    assert_eq!(call::get(&site.db, CALL).await.expect("a row").expect("the call").ended_at, Some(died_at), "still");
    journal.stop(clock::now()).await.expect("written");
    let facts = site.facts().await;
    let again = site.start().await;
    assert_eq!(site.facts().await[..facts.len()], facts, "closed once");
    drop(again);
}

async fn a_recording_that_runs_on_past_the_last_beat_tells_until_when_the_call_was_up(site: Site) {
    let journal = site.start().await;
    for fact in call_up() {
        journal.append(clock::now(), fact);
    }
    // A write to wait for; the beats that would come after it never reach the database.
    let other = CallId::from_u128(2);
    journal.append_committed(clock::now(), started(other, 2)).await.expect("written");
    journal.crash().await;
    let mut file = StereoWavWriter::create(&site.dir.path().join("1.wav")).expect("a file");
    file.write(&vec![0; 60 * TELEPHONE_RATE as usize], &[]).expect("a minute of audio");
    file.flush().expect("written");

    let journal = site.start().await;
    let recording = recording::get(&site.db, RECORDING).await.expect("a row").expect("the recording");
    let minute = jiff::SignedDuration::from_mins(1);
    let off = recording.stopped_at.expect("stopped").duration_since(recording.started_at) - minute;
    assert!(off.abs() < jiff::SignedDuration::from_millis(10), "{off} off the file's length");
    let record = call::get(&site.db, CALL).await.expect("a row").expect("the call");
    assert_eq!(record.ended_at, recording.stopped_at);
    let record = call::get(&site.db, other).await.expect("a row").expect("the other call");
    assert!(record.ended_at < recording.stopped_at, "of which nothing later is known");
    drop(journal);
}

#[tokio::test]
async fn while_postgresql_is_gone_calls_begin_and_end_and_all_of_it_lands_when_it_is_back() {
    let server = Arc::new(tokio::task::spawn_blocking(postgres::Unsteady::start).await.expect("a PostgreSQL"));
    let on_server = async |change: fn(&postgres::Unsteady)| {
        let server = Arc::clone(&server);
        tokio::task::spawn_blocking(move || change(&server)).await.expect("a server that obeys");
    };
    let url = server.url();
    let site = Site { db: Db::open(&url).await.expect("a new database"), dir: tempfile::tempdir().expect("a temporary folder"), url };
    let journal = site.start().await;
    journal.append_committed(clock::now(), started(CALL, 1)).await.expect("written");
    on_server(postgres::Unsteady::go).await;
    for n in 2..12 {
        let call = CallId::from_u128(n);
        journal.append_committed(clock::now(), started(call, 2)).await.expect("in the spool");
        journal.append_committed(clock::now(), ended(call)).await.expect("in the spool");
    }
    assert!(journal.health().refusing && site.db.ping().await.is_err_and(|error| error.is_unavailable()));
    on_server(postgres::Unsteady::come_back).await;
    eventually(false, async || journal.health().refusing).await;
    assert_eq!(seqs(&site.facts().await), (1..=22).map(|seq| (1, seq)).collect::<Vec<_>>());
    assert_eq!(call::open(&site.db).await.expect("open calls"), [CALL], "one record a call, and the one still up");
    assert_eq!((journal.health().lost, site.spool().as_str()), (0, ""));
}

#[tokio::test]
async fn a_follower_that_is_too_slow_is_told_what_it_missed() {
    let journal = Site::sqlite().await.start().await;
    let mut follower = journal.follow();
    for n in 0..5_000 {
        journal.append(clock::now(), step(n));
    }
    assert_eq!(follower.next().await, Some(Followed::Missed(5_000 - 4_096)));
    let Some(Followed::Entry(next)) = follower.next().await else { panic!("the oldest fact that is left") };
    assert_eq!(next.fact, step(5_000 - 4_096));
}

#[tokio::test]
async fn a_fact_the_database_will_never_take_stops_no_other() {
    let site = Site::sqlite().await;
    let mut raw = AnyConnection::connect(&site.url).await.expect("a connection beside the store");
    raw.execute("CREATE TRIGGER no_step BEFORE INSERT ON fact WHEN new.type = 'call.step' BEGIN SELECT RAISE(ABORT, 'no'); END")
        .await
        .expect("a table that takes no steps");
    raw.execute("CREATE TRIGGER no_call BEFORE INSERT ON call WHEN new.number = 2 BEGIN SELECT RAISE(ABORT, 'no'); END")
        .await
        .expect("a table that takes no call 2");
    let journal = site.start().await;
    journal.append(clock::now(), started(CALL, 1));
    journal.append(clock::now(), step(1));
    journal.append(clock::now(), started(CallId::from_u128(2), 2));
    journal.append(clock::now(), step(2));
    journal.append_committed(clock::now(), ended(CALL)).await.expect("written");
    assert_eq!(seqs(&site.facts().await), [(1, 1), (1, 2), (1, 4), (1, 6)]);
    assert!(call::get(&site.db, CALL).await.expect("a row").expect("the call").ended_at.is_some());
    assert!(!journal.health().refusing);
}

#[tokio::test]
async fn a_writer_that_fails_is_told_and_nobody_waits_for_it() {
    let site = Site::sqlite().await;
    let broken = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let clock = {
        let broken = Arc::clone(&broken);
        move || {
            assert!(!broken.load(std::sync::atomic::Ordering::Relaxed), "a fault, as the test wants it");
            clock::now()
        }
    };
    let journal = Journal::start(site.db.clone(), clock, site.settings()).await.expect("a journal");
    journal.append_committed(clock::now(), started(CALL, 1)).await.expect("written");
    broken.store(true, std::sync::atomic::Ordering::Relaxed);
    journal.writer_ended().await;
    assert_eq!(journal.append_committed(clock::now(), ended(CALL)).await, Err(NotWritten));
    assert_eq!(journal.health().lost, 1);
    assert_eq!(journal.stop(clock::now()).await, Err(NotWritten));
}
