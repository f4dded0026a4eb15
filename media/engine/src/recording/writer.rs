//! The one thread that writes recordings. It may be slow or meet a full disk; nobody waits for it. Nor does it wait for the disk: what is
//! complete is another thread's to bring there.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use carillon_media_audio::{StereoWavWriter, TELEPHONE_RATE, WavError, repair};

use super::{BLOCK, Block};
use crate::event::Tell;
use crate::{Event, RecordingId};

/// Blocks between two moments at which the header tells the length: a second. The sound itself is the system's block by block.
const BLOCKS_PER_FLUSH: u32 = 4;

/// Bytes before the sound.
const HEADER: u64 = 44;

/// Blocks before a disk that refused is asked again: a second.
const BLOCKS_PER_RETRY: u32 = 4;

/// Complete recordings that may wait to reach the disk; beyond these the writer waits with them.
const MOST_ON_THEIR_WAY: usize = 256;

/// Where media threads leave their orders.
pub(crate) type WriterQueue = SyncSender<WriterOrder>;

/// What the writer is told; for one recording in this order.
#[derive(Debug)]
pub(crate) enum WriterOrder {
    Open {
        recording: RecordingId,
        path: PathBuf,
    },
    /// Silence for what was lost before, then the first `frames` of the block.
    Write {
        recording: RecordingId,
        lost_before: u64,
        block: Block,
        frames: usize,
    },
    Close {
        recording: RecordingId,
        lost_before: u64,
    },
}

/// The writer thread and the one behind it. They end when every queue to it is dropped, and dropping this waits for that.
#[derive(Debug)]
pub(crate) struct Writer(Vec<JoinHandle<()>>);

/// Why the disk takes no recordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskRefusal {
    /// What the system calls it.
    pub kind: io::ErrorKind,
    /// The whole of it in words, with the file.
    pub said: String,
}

impl DiskRefusal {
    fn of(error: &WavError) -> Self {
        Self { kind: error.io_kind().unwrap_or(io::ErrorKind::Other), said: with_causes(error) }
    }
}

/// How the writer does: what an alarm is made of.
#[derive(Debug, Default)]
pub(crate) struct WriterHealth(Mutex<Option<DiskRefusal>>);

impl WriterHealth {
    /// Why the disk takes no recordings, since that began; `None` when all is well.
    pub(crate) fn refusal(&self) -> Option<DiskRefusal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, refusal: Option<DiskRefusal>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }
}

impl Writer {
    pub(crate) fn start(queue: usize, tell: Tell) -> io::Result<(Self, WriterQueue, Arc<WriterHealth>)> {
        let (orders, inbox) = sync_channel(queue.max(1));
        let health = Arc::new(WriterHealth::default());
        let (complete, to_disk) = sync_channel(MOST_ON_THEIR_WAY);
        let desk = Desk { recordings: BTreeMap::new(), complete, health: Arc::clone(&health) };
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let bringer = thread("recorder-disk").spawn(move || bring_to_disk(&to_disk, &tell))?;
        let writer = thread("recorder").spawn(move || desk.run(&inbox))?;
        Ok((Self(vec![writer, bringer]), orders, health))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        for thread in self.0.drain(..) {
            if thread.join().is_err() {
                tracing::error!("the recorder had panicked");
            }
        }
    }
}

/// A recording that is over, and its file unless something is wrong with it.
struct Complete {
    recording: RecordingId,
    frames: u64,
    bytes: u64,
    gap_ms: u64,
    error: Option<String>,
    file: Option<File>,
}

/// Waits for the disk, which takes many milliseconds when it is busy, and then tells.
fn bring_to_disk(complete: &Receiver<Complete>, tell: &Tell) {
    while let Ok(Complete { recording, frames, bytes, gap_ms, error, file }) = complete.recv() {
        let brought = file.map_or(Ok(()), |file| file.sync_all());
        if let Err(error) = &brought {
            tracing::error!(%recording, %error, "a recording did not reach the disk");
        }
        let error = error.or_else(|| brought.err().map(|error| error.to_string()));
        tell(Event::RecordingClosed { recording, frames, bytes, gap_ms, error });
    }
}

/// All open recordings.
struct Desk {
    recordings: BTreeMap<RecordingId, Recording>,
    complete: SyncSender<Complete>,
    health: Arc<WriterHealth>,
}

impl Desk {
    fn run(mut self, inbox: &Receiver<WriterOrder>) {
        while let Ok(order) = inbox.recv() {
            match order {
                WriterOrder::Open { recording, path } => {
                    let opened = Recording::open(path);
                    self.recordings.insert(recording, opened);
                    self.look(recording);
                }
                WriterOrder::Write { recording, lost_before, block, frames } => {
                    let Some(open) = self.recordings.get_mut(&recording) else { continue };
                    open.write(lost_before, &block, frames);
                    self.look(recording);
                }
                WriterOrder::Close { recording, lost_before } => {
                    if let Some(open) = self.recordings.remove(&recording)
                        && self.complete.send(open.close(recording, lost_before)).is_err()
                    {
                        tracing::error!(%recording, "nobody brings recordings to the disk");
                    }
                }
            }
        }
    }

    /// Notes whether the disk takes recordings: it does again when one is written and none is left that waits for it.
    fn look(&self, recording: RecordingId) {
        let Some(written) = self.recordings.get(&recording) else { return };
        if let Some(refusal) = &written.refusal {
            if self.health.refusal().is_none() {
                tracing::error!(%recording, error = refusal.said, "the disk takes no recordings; calls go on");
            }
            self.health.set(Some(refusal.clone()));
        } else if self.health.refusal().is_some() && self.recordings.values().all(|open| open.refusal.is_none()) {
            self.health.set(None);
            tracing::info!("the disk takes recordings again");
        }
    }
}

/// One open recording. While the disk refuses, the file is closed and valid as far as it goes; once it takes more, silence stands for
/// what is missing.
struct Recording {
    path: PathBuf,
    wav: Option<StereoWavWriter<File>>,
    /// Frames since its start.
    position: u64,
    /// Frames of these that are silence for want of better, or missing.
    gap: u64,
    unflushed: u32,
    /// Why the disk does not take it, while it does not.
    refusal: Option<DiskRefusal>,
    /// Blocks until the disk is asked again.
    retry_in: u32,
}

impl Recording {
    fn open(path: PathBuf) -> Self {
        let mut recording = Self { path, wav: None, position: 0, gap: 0, unflushed: 0, refusal: None, retry_in: 0 };
        match StereoWavWriter::create(&recording.path) {
            Ok(wav) => recording.wav = Some(wav),
            Err(error) => drop(recording.refuse(&error)),
        }
        recording
    }

    fn write(&mut self, lost_before: u64, block: &Block, frames: usize) {
        let before = self.position + lost_before;
        self.position = before + frames as u64;
        self.gap += lost_before;
        self.reopen();
        let Some(wav) = &mut self.wav else {
            self.gap += frames as u64;
            return;
        };
        let written = fill_up(wav, before).and_then(|()| wav.write(&block.left[..frames], &block.right[..frames]));
        self.unflushed += 1;
        let written = match self.unflushed >= BLOCKS_PER_FLUSH {
            true => written.and_then(|()| wav.flush()),
            false => written,
        };
        match written {
            Ok(()) if self.unflushed >= BLOCKS_PER_FLUSH => self.unflushed = 0,
            Ok(()) => {}
            Err(error) => {
                let on_disk = self.refuse(&error);
                // Silence before the block is counted already.
                self.gap += (self.position - on_disk.min(self.position)).min(frames as u64);
            }
        }
    }

    /// Asks the disk again, once a second.
    fn reopen(&mut self) {
        if self.wav.is_some() {
            return;
        }
        if self.retry_in > 0 {
            self.retry_in -= 1;
            return;
        }
        match if self.has_header() { StereoWavWriter::append(&self.path) } else { StereoWavWriter::create(&self.path) } {
            Ok(wav) => (self.wav, self.refusal) = (Some(wav), None),
            Err(error) => drop(self.refuse(&error)),
        }
    }

    /// Leaves the file as whole as it can be: what reached the disk, with a header that says so. Frames of it.
    fn refuse(&mut self, error: &WavError) -> u64 {
        self.wav = None;
        self.refusal = Some(DiskRefusal::of(error));
        self.retry_in = BLOCKS_PER_RETRY;
        self.unflushed = 0;
        self.repair()
    }

    /// Frames of the file, whose header tells them afterwards.
    fn repair(&self) -> u64 {
        if !self.has_header() {
            return 0;
        }
        repair(&self.path).map_or(0, |repaired| repaired.frames.into())
    }

    /// What never got a header has nothing to repair, and may be no file at all.
    fn has_header(&self) -> bool {
        size(&self.path) >= HEADER
    }

    fn close(mut self, recording: RecordingId, lost_before: u64) -> Complete {
        self.position += lost_before;
        self.gap += lost_before;
        self.retry_in = 0;
        self.reopen();
        let completed = match self.wav.take() {
            Some(mut wav) => fill_up(&mut wav, self.position).and_then(|()| wav.complete()),
            None => Ok((0, None)),
        };
        let (frames, file) = match completed {
            Ok((frames, file)) if self.refusal.is_none() => (frames.into(), file),
            Ok(_) => (self.repair(), None),
            Err(error) => (self.refuse(&error), None),
        };
        let error = self.refusal.map(|refusal| refusal.said);
        if let Some(error) = &error {
            tracing::error!(%recording, error, "a recording ended before its time");
        }
        let gap_ms = self.gap * 1000 / u64::from(TELEPHONE_RATE);
        Complete { recording, frames, bytes: size(&self.path), gap_ms, error, file }
    }
}

/// Writes silence up to a frame.
fn fill_up(wav: &mut StereoWavWriter<File>, until: u64) -> Result<(), WavError> {
    const SILENCE: [i16; BLOCK] = [0; BLOCK];
    while u64::from(wav.frames()) < until {
        let part = (until - u64::from(wav.frames())).min(BLOCK as u64) as usize;
        wav.write(&SILENCE[..part], &SILENCE[..part])?;
    }
    Ok(())
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
