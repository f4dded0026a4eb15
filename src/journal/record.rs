//! From facts to rows: a call's record is folded from its facts in the transaction that adds one which matters to it. The same fold
//! runs for live calls, for facts that land late, and for calls a crash cut off.

use std::collections::BTreeMap;

use carillon_call::{Cdr, CdrBuilder, CdrDisposition, CdrQueue, CdrRecording};
use carillon_model::{AgentId, CallId, CallKind, Entry, Fact, LegRole, Number, QueueExit, RecordingId};
use carillon_store::{
    Db, Error, Write, abandoned_call,
    call::{self, CallAgent, CallDisposition, CallRecord},
    fact,
    recording::{self, FileClosed, Recording},
};
use jiff::Timestamp;

/// The fold of every call that runs, as far as its facts were taken to be written: what spares reading them back.
pub(super) type Folds = BTreeMap<CallId, CdrBuilder>;

/// Writes entries, and the records they change, in one transaction. Entries that are there already change nothing.
pub(super) async fn write(db: &Db, entries: &[impl AsRef<Entry>], folds: &Folds) -> Result<(), Error> {
    let mut write = db.write_whatever().await?;
    fact::insert(&mut write, &entries.iter().map(AsRef::as_ref).collect::<Vec<_>>()).await?;
    for (call, rows) in changed(entries) {
        // When a file was closed stands in the facts alone.
        let open = |cdr: &&Cdr| cdr.recordings.iter().all(|recording| recording.length_ms.is_none());
        match folds.get(&call).and_then(CdrBuilder::cdr).filter(open) {
            Some(cdr) => save(&mut write, cdr, &[], rows).await?,
            None => settle(&mut write, call, rows).await?,
        }
    }
    write.commit().await
}

/// Writes an entry alone, without the records it changes: what is left to do when those cannot be stored.
pub(super) async fn write_alone(db: &Db, entry: &Entry) -> Result<(), Error> {
    let mut write = db.write_whatever().await?;
    fact::insert(&mut write, &[entry]).await?;
    write.commit().await
}

/// Which rows of a call are written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rows {
    /// All but those of its recordings, which may have been removed since: a call is classed long after its end.
    Call,
    /// All.
    WithRecordings,
}

/// The calls whose rows have to be written again, and which.
fn changed(entries: &[impl AsRef<Entry>]) -> BTreeMap<CallId, Rows> {
    let matters = |fact: &Fact| match fact {
        // Bridged: from then on the call is the agent's to see.
        Fact::CallStarted { call, .. }
        | Fact::CallBridged { call, .. }
        | Fact::CallEnded { call, .. }
        | Fact::RecordingStarted { call, .. }
        | Fact::RecordingClosed { call, .. } => Some((*call, Rows::WithRecordings)),
        Fact::CallDisposed { call, .. } => Some((*call, Rows::Call)),
        _ => None,
    };
    let mut changed = BTreeMap::new();
    for (call, rows) in entries.iter().filter_map(|entry| matters(&entry.as_ref().fact)) {
        let widest = changed.entry(call).or_insert(rows);
        *widest = rows.max(*widest);
    }
    changed
}

/// Folds a call's facts and writes its rows. A call whose start is not there (its facts were removed by age) keeps the rows it has.
async fn settle(write: &mut Write, id: CallId, rows: Rows) -> Result<(), Error> {
    let entries = fact::of_call(&mut *write, id).await?;
    match Cdr::fold(&entries) {
        Some(cdr) => save(write, &cdr, &entries, rows).await,
        None => Ok(()),
    }
}

/// Writes a call's rows. `entries` say when the files of its recordings were closed.
async fn save(write: &mut Write, cdr: &Cdr, entries: &[Entry], rows: Rows) -> Result<(), Error> {
    let mut record = record(cdr);
    if let (Rows::Call, Some(of)) = (rows, record.recording) {
        record.recording = recording::get(&mut *write, of).await?.map(|kept| kept.id);
    }
    call::save(write, &record, &agents(cdr)).await?;
    abandoned(write, cdr).await?;
    if rows == Rows::Call {
        return Ok(());
    }
    for recorded in &cdr.recordings {
        recording::save(write, &recording_row(cdr, recorded, closed_at(entries, recorded.recording))).await?;
    }
    Ok(())
}

/// A caller who gave up in a queue goes on the list of those to call back. One who called again and was served there, by the same number and
/// in the same queue, goes off it.
async fn abandoned(write: &mut Write, cdr: &Cdr) -> Result<(), Error> {
    let left = |queue: &CdrQueue, exit: QueueExit| queue.left_at.filter(|_| queue.exit == Some(exit));
    for queue in &cdr.queues {
        // A withheld number says nothing of who it was.
        let tells_who = who_waited(cdr, queue).as_str().contains(|c: char| c.is_ascii_digit());
        if let Some(at) = left(queue, QueueExit::Answered).filter(|_| tells_who) {
            abandoned_call::settle(write, cdr.call, queue.queue, who_waited(cdr, queue), at).await?;
        }
    }
    if let Some((queue, at)) = cdr.queues.last().and_then(|queue| Some((queue, left(queue, QueueExit::Abandoned)?))) {
        abandoned_call::save(write, cdr.call, queue.queue, who_waited(cdr, queue), at).await?;
    }
    Ok(())
}

fn who_waited<'a>(cdr: &'a Cdr, queue: &'a CdrQueue) -> &'a Number {
    queue.party.as_ref().unwrap_or(&cdr.caller)
}

/// The agent who dialled, of a call that reached nobody and waited in no queue.
fn made_by(cdr: &Cdr) -> Option<AgentId> {
    let own = cdr.legs.iter().find(|leg| leg.role == LegRole::Caller)?.agent;
    own.filter(|_| cdr.kind != CallKind::Service && cdr.queues.is_empty())
}

fn record(cdr: &Cdr) -> CallRecord {
    let answered = || cdr.queues.iter().filter(|queue| queue.exit == Some(QueueExit::Answered));
    CallRecord {
        id: cdr.call,
        number: cdr.number,
        kind: cdr.kind,
        origin: cdr.origin.clone(),
        caller: cdr.caller.clone(),
        caller_name: cdr.caller_name.clone(),
        called: cdr.called.clone(),
        connected: cdr.connected.clone(),
        queue: cdr.queues.last().map(|queue| queue.queue),
        agent: cdr.agent.or_else(|| made_by(cdr)),
        started_at: cdr.started_at,
        answered_at: cdr.answered_at,
        ended_at: cdr.ended_at,
        wait_ms: cdr.wait_ms,
        answered_waits: answered().count().try_into().unwrap_or(u64::MAX),
        answered_wait_ms: answered().map(|queue| queue.wait_ms).sum(),
        ring_ms: cdr.ring_ms,
        talk_ms: cdr.talk_ms,
        ending: cdr.ending,
        recording: cdr.recordings.first().map(|recording| recording.recording),
        disposition: cdr.disposition.as_ref().map(disposition),
        body: serde_json::to_string(cdr).unwrap_or_default(),
    }
}

fn disposition(of: &CdrDisposition) -> CallDisposition {
    let CdrDisposition { disposed, at } = of;
    CallDisposition { path: disposed.path.clone(), names: disposed.names.clone(), note: disposed.note.clone(), at: *at }
}

/// The agents a call is of: those who answered in it and were not too late, the one who made it, and whoever took it over.
fn agents(cdr: &Cdr) -> Vec<CallAgent> {
    let mut agents: Vec<CallAgent> = Vec::new();
    for leg in &cdr.legs {
        let joined_at = match leg.role {
            LegRole::Caller => Some(leg.started_at),
            LegRole::Agent | LegRole::Callee => cdr.answered_in_time(leg),
            LegRole::Supervisor => leg.took_over_at,
        };
        if let (Some(agent), Some(joined_at)) = (leg.agent, joined_at)
            && agents.iter().all(|known| known.agent != agent)
        {
            agents.push(CallAgent { agent, joined_at });
        }
    }
    agents
}

fn closed_at(entries: &[Entry], of: RecordingId) -> Option<Timestamp> {
    let closes = |fact: &Fact| matches!(fact, Fact::RecordingClosed { recording, .. } if *recording == of);
    entries.iter().rfind(|entry| closes(&entry.fact)).map(|entry| entry.at)
}

fn recording_row(cdr: &Cdr, recorded: &CdrRecording, closed_at: Option<Timestamp>) -> Recording {
    Recording {
        id: recorded.recording,
        call: cdr.call,
        file: recorded.file.clone(),
        queue: recorded.queue,
        agent: recorded.agent,
        caller: cdr.caller.clone(),
        called: cdr.called.clone(),
        connected: cdr.connected.clone(),
        kind: cdr.kind,
        started_at: recorded.started_at,
        stopped_at: recorded.stopped_at,
        file_closed: closed_at.map(|closed_at| FileClosed {
            closed_at,
            length_ms: recorded.length_ms.unwrap_or(0),
            bytes: recorded.bytes.unwrap_or(0),
            gap_ms: recorded.gap_ms,
            error: recorded.error.clone(),
        }),
        rating: None,
    }
}
