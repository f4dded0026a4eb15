//! The one thread that writes recordings. It may be slow or meet a full disk; nobody waits for it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use carillon_media_audio::{StereoWavWriter, TELEPHONE_RATE, WavError, repair};

use super::{BLOCK, Block};
use crate::event::Tell;
use crate::{Event, RecordingId};

/// Blocks between two moments at which the file is whole: half a second.
const BLOCKS_PER_FLUSH: u32 = 2;

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

struct Recording {
    path: PathBuf,
    wav: StereoWavWriter<BufWriter<File>>,
    gap: u64,
    unflushed: u32,
}

impl Writer {
    pub(crate) fn start(queue: usize, tell: Tell) -> io::Result<(Self, WriterQueue)> {
        let (orders, inbox) = sync_channel(queue.max(1));
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(move || run(&inbox, &*tell))?;
        Ok((Self(Some(thread)), orders))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.0.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the recorder had panicked");
        }
    }
}

fn run(inbox: &Receiver<WriterOrder>, tell: &dyn Fn(Event)) {
    // Recordings that failed are not in here: what still comes for them is dropped.
    let mut recordings = BTreeMap::new();
    while let Ok(order) = inbox.recv() {
        match order {
            WriterOrder::Open { recording, path } => match Recording::create(path) {
                Ok(open) => drop(recordings.insert(recording, open)),
                Err(error) => tell(closed(recording, &Length::default(), 0, Some(&error))),
            },
            WriterOrder::Write { recording, lost_before, block, frames } => {
                let Some(open) = recordings.get_mut(&recording) else { continue };
                if let Err(error) = open.write(lost_before, &block, frames)
                    && let Some(failed) = recordings.remove(&recording)
                {
                    tell(failed.give_up(recording, &error));
                }
            }
            WriterOrder::Close { recording, lost_before } => {
                if let Some(open) = recordings.remove(&recording) {
                    tell(open.close(recording, lost_before));
                }
            }
        }
    }
}

impl Recording {
    fn create(path: PathBuf) -> Result<Self, WavError> {
        let wav = StereoWavWriter::create(&path)?;
        Ok(Self { path, wav, gap: 0, unflushed: 0 })
    }

    fn write(&mut self, lost_before: u64, block: &Block, frames: usize) -> Result<(), WavError> {
        self.write_gap(lost_before)?;
        self.wav.write(&block.left[..frames], &block.right[..frames])?;
        self.unflushed += 1;
        if self.unflushed >= BLOCKS_PER_FLUSH {
            self.unflushed = 0;
            self.wav.flush()?;
        }
        Ok(())
    }

    fn write_gap(&mut self, frames: u64) -> Result<(), WavError> {
        const SILENCE: [i16; BLOCK] = [0; BLOCK];
        self.gap += frames;
        let mut left = frames;
        while left > 0 {
            let part = left.min(BLOCK as u64);
            self.wav.write(&SILENCE[..part as usize], &SILENCE[..part as usize])?;
            left -= part;
        }
        Ok(())
    }

    fn close(mut self, recording: RecordingId, lost_before: u64) -> Event {
        if let Err(error) = self.write_gap(lost_before) {
            return self.give_up(recording, &error);
        }
        let Self { path, wav, gap, .. } = self;
        match wav.finish() {
            Ok(frames) => closed(recording, &Length { frames: frames.into(), bytes: size(&path) }, gap, None),
            Err(error) => closed(recording, &Length::of_what_is_there(&path), gap, Some(&error)),
        }
    }

    /// Leaves the file as whole as it can be: what reached the disk, with a header that says so.
    fn give_up(self, recording: RecordingId, error: &WavError) -> Event {
        let Self { path, wav, gap, .. } = self;
        drop(wav);
        closed(recording, &Length::of_what_is_there(&path), gap, Some(error))
    }
}

#[derive(Debug, Default)]
struct Length {
    frames: u64,
    bytes: u64,
}

impl Length {
    fn of_what_is_there(path: &Path) -> Self {
        let frames = repair(path).map_or(0, |repaired| repaired.frames.into());
        Self { frames, bytes: size(path) }
    }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn closed(recording: RecordingId, length: &Length, gap: u64, error: Option<&WavError>) -> Event {
    let error = error.map(|error| {
        tracing::error!(%recording, error = error as &dyn Error, "a recording ended before its time");
        with_causes(error)
    });
    let gap_ms = gap * 1000 / u64::from(TELEPHONE_RATE);
    Event::RecordingClosed { recording, frames: length.frames, bytes: length.bytes, gap_ms, error }
}

fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
