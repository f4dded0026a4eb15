//! The newest stretch of one recording, where packets are put in their place before it is handed to the writer.

use std::path::PathBuf;
use std::time::Instant;

use carillon_media_audio::g711::Law;
use carillon_media_ring::prefetch;
use carillon_media_rtp::RtpHeader;

use super::{BLOCK, Block, WriterOrder, WriterQueue};
use crate::RecordingId;

const FRAMES_A_SECOND: u64 = 8000;
const NANOSECONDS_A_FRAME: u64 = 1_000_000_000 / FRAMES_A_SECOND;

/// How long a place stays open for packets that come late: 400 ms.
const WINDOW: u64 = 3200;

/// A packet further ahead of the clock than this (200 ms) says that its channel was placed too late.
const MOST_AHEAD: i64 = 1600;

/// Frames of a usual packet: 20 ms.
const FRAME: usize = 160;

/// Blocks a tape can hold: the window, a block being filled, and the time between two looks at the tape.
const MOST_BLOCKS: usize = 6;

/// Which side of the stereo file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Left,
    Right,
}

/// One running recording. Feed [`Tape::hear`]; call [`Tape::hand_over`] a few times a second and [`Tape::finish`] once.
#[derive(Debug)]
pub(crate) struct Tape {
    pub(crate) recording: RecordingId,
    started: Instant,
    /// Set until the writer took the order to open it.
    to_open: Option<PathBuf>,
    left: Placement,
    right: Placement,
    /// Position of the first block, in frames since the start.
    base: u64,
    /// From there on; none where nothing was heard.
    blocks: [Option<Block>; MOST_BLOCKS],
    /// Frames the writer's queue had no room for, since the last it took.
    lost: u64,
}

/// How one channel's timestamps lie on the tape.
#[derive(Debug, Default)]
struct Placement(Option<Anchor>);

#[derive(Debug, Clone, Copy)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    position: i64,
}

impl Tape {
    pub(crate) fn new(now: Instant, recording: RecordingId, path: PathBuf) -> Self {
        Self {
            recording,
            started: now,
            to_open: Some(path),
            left: Placement::default(),
            right: Placement::default(),
            base: 0,
            blocks: Default::default(),
            lost: 0,
        }
    }

    /// Has its file made at once: what is said to be recorded has one.
    pub(crate) fn begin(&mut self, writer: &WriterQueue) {
        open(&mut self.to_open, self.recording, writer);
    }

    /// Another stream feeds the channel from now on.
    pub(crate) fn switch(&mut self, channel: Channel) {
        *self.placement(channel) = Placement::default();
    }

    /// Asks for the memory in which the channel's next packet will lie, if it follows the one before.
    #[inline]
    pub(crate) fn prefetch(&self, channel: Channel) {
        let Some(anchor) = self.placement_of(channel).0 else { return };
        let offset = (anchor.position + FRAME as i64 - self.base as i64).max(0) as usize;
        let Some(Some(block)) = self.blocks.get(offset / BLOCK) else { return };
        let samples = match channel {
            Channel::Left => &block.left,
            Channel::Right => &block.right,
        };
        let at = offset % BLOCK;
        if let Some(frame) = samples.get(at..).and_then(|rest| rest.first_chunk::<FRAME>()) {
            prefetch(frame, size_of_val(frame));
        }
    }

    /// Puts a packet's sound in its place; what comes too late for the window is not recorded.
    pub(crate) fn hear(&mut self, now: Instant, channel: Channel, header: &RtpHeader, law: Law, payload: &[u8]) {
        self.put(now, channel, header, payload, |part, samples| law.decode_slice(part, samples));
    }

    /// The same with samples.
    pub(crate) fn lay(&mut self, now: Instant, channel: Channel, header: &RtpHeader, samples: &[i16]) {
        self.put(now, channel, header, samples, |part, samples| samples.copy_from_slice(part));
    }

    /// `write` puts a part of the sound into as many samples.
    fn put<T>(&mut self, now: Instant, channel: Channel, header: &RtpHeader, sound: &[T], write: impl Fn(&[T], &mut [i16])) {
        let arrival = self.position(now) as i64;
        let position = self.placement(channel).place(arrival, header);
        let late = (self.base as i64 - position).max(0) as usize;
        let Some(mut rest) = sound.get(late..) else { return };
        let mut offset = (position + late as i64 - self.base as i64) as usize;
        while !rest.is_empty() {
            let (block, at) = (offset / BLOCK, offset % BLOCK);
            let Some(block) = self.blocks.get_mut(block) else { return };
            let block = block.get_or_insert_with(Block::silent);
            let part;
            (part, rest) = rest.split_at(rest.len().min(BLOCK - at));
            let samples = match channel {
                Channel::Left => &mut block.left,
                Channel::Right => &mut block.right,
            };
            write(part, &mut samples[at..at + part.len()]);
            offset += part.len();
        }
    }

    /// Gives the writer every block that is past the window.
    pub(crate) fn hand_over(&mut self, now: Instant, writer: &WriterQueue) {
        open(&mut self.to_open, self.recording, writer);
        let settled = self.position(now).saturating_sub(WINDOW);
        while self.base + BLOCK as u64 <= settled {
            self.hand_over_block(BLOCK, writer);
        }
    }

    /// Gives the writer the rest, as long as the clock says, and returns the order that closes the file.
    pub(crate) fn finish(mut self, now: Instant, writer: &WriterQueue) -> ClosingTape {
        open(&mut self.to_open, self.recording, writer);
        let end = self.position(now);
        while self.base < end {
            let frames = (end - self.base).min(BLOCK as u64);
            self.hand_over_block(frames as usize, writer);
        }
        ClosingTape { to_open: self.to_open, recording: self.recording, lost: self.lost }
    }

    fn hand_over_block(&mut self, frames: usize, writer: &WriterQueue) {
        let block = self.blocks[0].take().unwrap_or_else(Block::silent);
        self.blocks.rotate_left(1);
        self.base += frames as u64;
        let order = WriterOrder::Write { recording: self.recording, lost_before: self.lost, block, frames };
        // Without its file a block has nowhere to go.
        if self.to_open.is_none() && writer.try_send(order).is_ok() {
            self.lost = 0;
        } else {
            self.lost += frames as u64;
        }
    }

    fn position(&self, now: Instant) -> u64 {
        // By halves: a division of 128 bits costs more than all the rest.
        let since = now.saturating_duration_since(self.started);
        since.as_secs() * FRAMES_A_SECOND + u64::from(since.subsec_nanos()) / NANOSECONDS_A_FRAME
    }

    fn placement_of(&self, channel: Channel) -> &Placement {
        match channel {
            Channel::Left => &self.left,
            Channel::Right => &self.right,
        }
    }

    fn placement(&mut self, channel: Channel) -> &mut Placement {
        match channel {
            Channel::Left => &mut self.left,
            Channel::Right => &mut self.right,
        }
    }
}

impl Placement {
    /// The first packet lies where it came; the others by their timestamps, until these leave the clock behind.
    fn place(&mut self, arrival: i64, header: &RtpHeader) -> i64 {
        let by_timestamp = self.0.filter(|anchor| anchor.ssrc == header.ssrc).map(|anchor| anchor.position_of(header.timestamp));
        let position = match by_timestamp {
            Some(position) if (-(WINDOW as i64)..=MOST_AHEAD).contains(&(position - arrival)) => position,
            Some(_) | None => arrival,
        };
        self.0 = Some(Anchor { ssrc: header.ssrc, timestamp: header.timestamp, position });
        position
    }
}

impl Anchor {
    fn position_of(&self, timestamp: u32) -> i64 {
        self.position + i64::from(timestamp.wrapping_sub(self.timestamp) as i32)
    }
}

/// A recording that has ended on the media thread; the writer has to be told.
#[derive(Debug)]
pub(crate) struct ClosingTape {
    to_open: Option<PathBuf>,
    recording: RecordingId,
    lost: u64,
}

impl ClosingTape {
    /// True once the writer took the order.
    pub(crate) fn hand_over(&mut self, writer: &WriterQueue) -> bool {
        open(&mut self.to_open, self.recording, writer);
        self.to_open.is_none() && writer.try_send(self.order()).is_ok()
    }

    /// Waits for the writer: only for a thread that ends.
    pub(crate) fn hand_over_at_last(mut self, writer: &WriterQueue) {
        if let Some(path) = self.to_open.take() {
            // The writer outlives the media threads; if it is gone there is nobody to tell.
            let _ = writer.send(WriterOrder::Open { recording: self.recording, path });
        }
        let _ = writer.send(self.order());
    }

    fn order(&self) -> WriterOrder {
        WriterOrder::Close { recording: self.recording, lost_before: self.lost }
    }
}

fn open(to_open: &mut Option<PathBuf>, recording: RecordingId, writer: &WriterQueue) {
    if let Some(path) = to_open
        && writer.try_send(WriterOrder::Open { recording, path: path.clone() }).is_ok()
    {
        *to_open = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, sync_channel};
    use std::time::Duration;

    /// A tape in virtual time, with a writer that only keeps what it is given.
    struct TapeTest {
        now: Instant,
        tape: Tape,
        queue: WriterQueue,
        given: Receiver<WriterOrder>,
        left: Vec<i16>,
        right: Vec<i16>,
        gap: u64,
    }

    impl TapeTest {
        fn new(queue: usize) -> Self {
            let now = Instant::now();
            let (queue, given) = sync_channel(queue);
            Self { now, tape: Tape::new(now, RecordingId(1), "call.wav".into()), queue, given, left: vec![], right: vec![], gap: 0 }
        }

        fn pass(&mut self, ms: u64) {
            self.now += Duration::from_millis(ms);
            self.tape.hand_over(self.now, &self.queue);
        }

        /// 20 ms of one value: easy to find again.
        fn hear(&mut self, channel: Channel, timestamp: u32, value: u8) {
            let header = RtpHeader { timestamp, ssrc: 7, ..RtpHeader::default() };
            self.tape.hear(self.now, channel, &header, Law::Ulaw, &[value; 160]);
        }

        fn write_what_waits(&mut self) {
            while let Ok(order) = self.given.try_recv() {
                match order {
                    WriterOrder::Open { .. } => {}
                    WriterOrder::Write { lost_before, block, frames, .. } => {
                        self.lose(lost_before);
                        self.left.extend_from_slice(&block.left[..frames]);
                        self.right.extend_from_slice(&block.right[..frames]);
                    }
                    WriterOrder::Close { lost_before, .. } => self.lose(lost_before),
                }
            }
        }

        fn lose(&mut self, frames: u64) {
            self.gap += frames;
            self.left.resize(self.left.len() + frames as usize, 0);
            self.right.resize(self.right.len() + frames as usize, 0);
        }

        fn finish(mut self) -> Finished {
            self.write_what_waits();
            let tape = std::mem::replace(&mut self.tape, Tape::new(self.now, RecordingId(2), "next.wav".into()));
            let mut closing = tape.finish(self.now, &self.queue);
            while !closing.hand_over(&self.queue) {
                self.write_what_waits();
            }
            self.write_what_waits();
            Finished { left: self.left, right: self.right, gap: self.gap }
        }
    }

    struct Finished {
        left: Vec<i16>,
        right: Vec<i16>,
        gap: u64,
    }

    /// Where a value begins and how long it lasts.
    fn span(samples: &[i16], value: u8) -> Option<(usize, usize)> {
        let sample = Law::Ulaw.decode(value);
        let start = samples.iter().position(|other| *other == sample)?;
        Some((start, samples.iter().filter(|other| **other == sample).count()))
    }

    #[test]
    fn packets_lie_by_their_timestamps_whatever_their_order_and_delay() {
        let mut t = TapeTest::new(64);
        t.pass(100);
        t.hear(Channel::Left, 5000, 1);
        t.pass(55);
        t.hear(Channel::Left, 5320, 3);
        t.hear(Channel::Left, 5160, 2);
        t.pass(2000);
        let end = t.finish();
        assert_eq!(span(&end.left, 1), Some((800, 160)));
        assert_eq!(span(&end.left, 2), Some((960, 160)));
        assert_eq!(span(&end.left, 3), Some((1120, 160)));
        assert_eq!(end.left.len(), 2155 * 8);
        assert!(end.right.iter().all(|sample| *sample == 0));
        assert_eq!(end.gap, 0);
    }

    #[test]
    fn a_sender_that_sets_its_clock_anew_is_placed_by_arrival() {
        let mut t = TapeTest::new(64);
        t.hear(Channel::Right, 0, 1);
        t.pass(1000);
        t.hear(Channel::Right, 3_000_000_000, 2);
        t.pass(20);
        t.hear(Channel::Right, 3_000_000_160, 3);
        t.pass(1000);
        let end = t.finish();
        assert_eq!(span(&end.right, 2), Some((8000, 160)));
        assert_eq!(span(&end.right, 3), Some((8160, 160)));
    }

    #[test]
    fn a_pause_in_the_sound_is_silence_of_its_length() {
        let mut t = TapeTest::new(64);
        t.hear(Channel::Left, 0, 1);
        t.pass(3000);
        t.hear(Channel::Left, 24_000, 2);
        t.pass(500);
        let end = t.finish();
        assert_eq!(span(&end.left, 2), Some((24_000, 160)));
        assert_eq!(end.left.len(), 3500 * 8);
    }

    #[test]
    fn what_the_writer_does_not_take_is_a_counted_gap_and_the_length_stays() {
        let mut t = TapeTest::new(4);
        for n in 0..400 {
            t.hear(Channel::Left, n * 160, 9);
            t.pass(20);
        }
        t.write_what_waits();
        for n in 400..500 {
            t.hear(Channel::Left, n * 160, 8);
            t.pass(20);
            t.write_what_waits();
        }
        let end = t.finish();
        assert_eq!(end.left.len(), 10_000 * 8);
        assert!(end.gap >= 6 * 8000, "{}", end.gap);
        assert_eq!(span(&end.left, 8), Some((64_000, 16_000)));
    }

    #[test]
    fn a_thread_that_was_held_up_for_minutes_records_their_silence() {
        let mut t = TapeTest::new(10_000);
        t.hear(Channel::Left, 0, 1);
        t.pass(180_000);
        t.hear(Channel::Left, 160, 2);
        t.pass(20);
        let end = t.finish();
        assert_eq!(end.left.len(), 180_020 * 8);
        assert_eq!(span(&end.left, 2), Some((180_000 * 8, 160)));
    }
}
