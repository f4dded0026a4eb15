//! The one thread that writes recordings. It may be slow or meet a full disk; nobody waits for it.

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

/// The writer thread. It ends when every queue to it is dropped, and dropping this waits for that.
#[derive(Debug)]
pub(crate) struct Writer(Option<JoinHandle<()>>);

/// How the writer does: what an alarm is made of.
#[derive(Debug, Default)]
pub(crate) struct WriterHealth(Mutex<Option<String>>);

impl WriterHealth {
    /// Why the disk takes no recordings, since that began; `None` when all is well.
    pub(crate) fn refusal(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, refusal: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }
}

impl Writer {
    pub(crate) fn start(queue: usize, tell: Tell) -> io::Result<(Self, WriterQueue, Arc<WriterHealth>)> {
        let (orders, inbox) = sync_channel(queue.max(1));
        let health = Arc::new(WriterHealth::default());
        let desk = Desk { recordings: BTreeMap::new(), tell, health: Arc::clone(&health) };
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(move || desk.run(&inbox))?;
        Ok((Self(Some(thread)), orders, health))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.0.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the recorder had panicked");
        }
    }
}

/// All open recordings.
struct Desk {
    recordings: BTreeMap<RecordingId, Recording>,
    tell: Tell,
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
                    if let Some(open) = self.recordings.remove(&recording) {
                        (self.tell)(open.close(recording, lost_before));
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
                tracing::error!(%recording, error = %refusal, "the disk takes no recordings; calls go on");
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
    refusal: Option<String>,
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
        self.refusal = Some(with_causes(error));
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

    fn close(mut self, recording: RecordingId, lost_before: u64) -> Event {
        self.position += lost_before;
        self.gap += lost_before;
        self.retry_in = 0;
        self.reopen();
        let finished = match self.wav.take() {
            Some(mut wav) => fill_up(&mut wav, self.position).and_then(|()| wav.finish()).map(u64::from),
            None => Ok(0),
        };
        let frames = match finished {
            Ok(frames) if self.refusal.is_none() => frames,
            Ok(_) => self.repair(),
            Err(error) => self.refuse(&error),
        };
        if let Some(error) = &self.refusal {
            tracing::error!(%recording, error, "a recording ended before its time");
        }
        let gap_ms = self.gap * 1000 / u64::from(TELEPHONE_RATE);
        Event::RecordingClosed { recording, frames, bytes: size(&self.path), gap_ms, error: self.refusal }
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
