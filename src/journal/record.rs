//! From facts to rows: a call's record is folded from its facts in the transaction that adds one which matters to it. The same fold
//! runs for live calls, for facts that land late, and for calls a crash cut off.

use std::collections::{BTreeMap, BTreeSet};

use carillon_call::{Cdr, CdrBuilder, CdrDisposition, CdrQueue, CdrRecording};
use carillon_model::{CallId, Entry, Fact, LegRole, QueueExit, Reason, RecordingId};
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
    for call in changed(entries) {
        // When a file was closed stands in the facts alone.
        let open = |cdr: &&Cdr| cdr.recordings.iter().all(|recording| recording.length_ms.is_none());
        match folds.get(&call).and_then(CdrBuilder::cdr).filter(open) {
            Some(cdr) => save(&mut write, cdr, &[]).await?,
            None => settle(&mut write, call).await?,
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

/// The calls whose rows have to be written again.
fn changed(entries: &[impl AsRef<Entry>]) -> BTreeSet<CallId> {
    let matters = |fact: &Fact| match fact {
        // Bridged: from then on the call is the agent's to see.
        Fact::CallStarted { call, .. }
        | Fact::CallBridged { call, .. }
        | Fact::CallEnded { call, .. }
        | Fact::CallDisposed { call, .. }
        | Fact::RecordingStarted { call, .. }
        | Fact::RecordingClosed { call, .. } => Some(*call),
        _ => None,
    };
    entries.iter().filter_map(|entry| matters(&entry.as_ref().fact)).collect()
}

/// Folds a call's facts and writes its rows. A call whose start is not there (its facts were removed by age) keeps the rows it has.
async fn settle(write: &mut Write, id: CallId) -> Result<(), Error> {
    let entries = fact::of_call(&mut *write, id).await?;
    match Cdr::fold(&entries) {
        Some(cdr) => save(write, &cdr, &entries).await,
        None => Ok(()),
    }
}

/// Writes a call's rows. `entries` say when the files of its recordings were closed.
async fn save(write: &mut Write, cdr: &Cdr, entries: &[Entry]) -> Result<(), Error> {
    call::save(write, &record(cdr), &agents(cdr)).await?;
    abandoned(write, cdr).await?;
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
        let tells_who = cdr.caller.as_str().contains(|c: char| c.is_ascii_digit());
        if let Some(at) = left(queue, QueueExit::Answered).filter(|_| tells_who) {
            abandoned_call::settle(write, cdr.call, queue.queue, &cdr.caller, at).await?;
        }
    }
    if let Some((queue, at)) = cdr.queues.last().and_then(|queue| Some((queue.queue, left(queue, QueueExit::Abandoned)?))) {
        abandoned_call::save(write, cdr.call, queue, &cdr.caller, at).await?;
    }
    Ok(())
}

fn record(cdr: &Cdr) -> CallRecord {
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
        agent: cdr.agent,
        started_at: cdr.started_at,
        answered_at: cdr.answered_at,
        ended_at: cdr.ended_at,
        wait_ms: cdr.wait_ms,
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

/// The agents a call is of: those who answered in it and were not too late, and the one who made it.
fn agents(cdr: &Cdr) -> Vec<CallAgent> {
    let mut agents: Vec<CallAgent> = Vec::new();
    for leg in &cdr.legs {
        let late = leg.ending.is_some_and(|ending| matches!(ending.reason, Reason::AnsweredElsewhere | Reason::AnsweredLate));
        let joined_at = match leg.role {
            LegRole::Caller => Some(leg.started_at),
            LegRole::Agent | LegRole::Callee => leg.answered_at.filter(|_| !late),
            LegRole::Supervisor => None,
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
