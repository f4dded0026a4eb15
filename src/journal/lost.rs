//! Calls that a crash cut off. At the next start their journal is completed: each open leg, offer, waiting and recording ends, then the
//! call, all at the last moment the server is known to have run. Their records follow from that by the usual fold.

use std::{path::Path, time::Duration};

use carillon_call::Cdr;
use carillon_media_audio::{TELEPHONE_RATE, repair};
use carillon_model::{CallId, EndedBy, Ending, Entry, Fact, OfferOutcome, QueueExit, Reason, RecordingId};
use carillon_store::{Db, Error, call, epoch, fact};

use super::record;

/// Closes every call that has no end yet; how many there were.
pub(super) async fn close_all(db: &Db, recordings: &Path) -> Result<usize, Error> {
    let open = call::open(db).await?;
    for call in &open {
        let entries = closing(db, *call, recordings).await?;
        record::write(db, &entries, &record::Folds::new()).await?;
    }
    Ok(open.len())
}

async fn closing(db: &Db, call: CallId, recordings: &Path) -> Result<Vec<LostEntry>, Error> {
    let known = fact::of_call(db, call).await?;
    let (Some(cdr), Some(last)) = (Cdr::fold(&known), known.last()) else { return Ok(Vec::new()) };
    let alive = epoch::get(db, last.epoch).await?;
    let (alive_at, alive_mono_ms) = alive.map_or((last.at, last.mono_ms), |alive| (alive.alive_at, alive.alive_mono_ms));
    // By the monotonic clock: the wall clock may have been set between the two.
    let (at, mono_ms) = if alive_mono_ms > last.mono_ms { (alive_at, alive_mono_ms) } else { (last.at, last.mono_ms) };
    // What was recorded since then is on the disk all the same: files do not wait for the database.
    let recorded_ms = recorded_until_ms(&known, &cdr, last.epoch, recordings).map_or(0, |until_ms| until_ms.saturating_sub(mono_ms));
    let (at, mono_ms) = (at + Duration::from_millis(recorded_ms), mono_ms + recorded_ms);
    let first = fact::last_seq(db, last.epoch).await? + 1;
    let entry = |(seq, fact)| LostEntry(Entry { epoch: last.epoch, seq, at, mono_ms, fact });
    Ok((first..).zip(endings(&cdr)).map(entry).collect())
}

/// Until when the files of what is still recorded run, by the epoch's clock. A file that cannot be read is told when it is closed.
fn recorded_until_ms(known: &[Entry], cdr: &Cdr, epoch: u64, recordings: &Path) -> Option<u64> {
    let is_open = |id: &RecordingId| cdr.recordings.iter().any(|recording| recording.recording == *id && recording.stopped_at.is_none());
    let until_ms = |entry: &Entry| match &entry.fact {
        Fact::RecordingStarted { recording, file, .. } if entry.epoch == epoch && is_open(recording) => {
            let frames = repair(&recordings.join(file)).ok()?.frames;
            Some(entry.mono_ms + u64::from(frames) * 1000 / u64::from(TELEPHONE_RATE))
        }
        _ => None,
    };
    known.iter().filter_map(until_ms).max()
}

fn endings(cdr: &Cdr) -> Vec<Fact> {
    let call = cdr.call;
    let ending = Ending::new(EndedBy::System, Reason::ServerLost);
    let mut facts = Vec::new();
    for offer in cdr.offers.iter().filter(|offer| offer.outcome.is_none()) {
        facts.push(Fact::OfferEnded { offer: offer.offer, call, agent: offer.agent, outcome: OfferOutcome::Withdrawn });
    }
    for queue in cdr.queues.iter().filter(|queue| queue.exit.is_none()) {
        facts.push(Fact::CallDequeued { call, ticket: queue.ticket, queue: queue.queue, exit: QueueExit::Ended });
    }
    for recording in cdr.recordings.iter().filter(|recording| recording.stopped_at.is_none()) {
        facts.push(Fact::RecordingStopped { recording: recording.recording, call });
    }
    for leg in cdr.legs.iter().filter(|leg| leg.ended_at.is_none()) {
        facts.push(Fact::LegEnded { call, leg: leg.leg, ending, status: None, quality: None });
    }
    facts.push(Fact::CallEnded { call, ending });
    facts
}

struct LostEntry(Entry);

impl AsRef<Entry> for LostEntry {
    fn as_ref(&self) -> &Entry {
        &self.0
    }
}
