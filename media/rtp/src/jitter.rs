//! A jitter buffer for sound that is mixed: packets in as they come, frames of 20 ms out when they are asked for.

use crate::RtpHeader;

/// Samples of a frame: 20 ms at 8 kHz.
const FRAME: usize = 160;

/// Samples the buffer has room for: half a second. A power of two, so that a timestamp names a place.
const ROOM: usize = 4096;

/// Sound that has to be there before the first frame is given.
const PRIMED: i32 = 2 * FRAME as i32;

/// A packet further ahead than this begins a stream anew: its sender was silent, or set its clock.
const MOST_AHEAD: i32 = 2400;

/// More than this is never kept waiting; what is older is left out.
const MOST_DEPTH: i32 = 1600;

/// Frames over which the buffer is watched before it gives up some of its delay: two seconds.
const WATCHED: u32 = 100;

/// What is left out at a time when packets have long come earlier than needed: 10 ms.
const STEP: usize = FRAME / 2;

/// Frames of nothing after which the stream has ended.
const PATIENCE: u32 = 10;

/// Samples from real to made-up sound and back.
const FADE: i32 = 32;

/// Made-up sound dies away over this many samples.
const DECAY: usize = 3 * FRAME;

/// The pitch of voices, in samples: 40 to 200 Hz lie in it, by their harmonics the others.
const LAGS: std::ops::RangeInclusive<usize> = 40..=200;
/// What is compared to find it.
const COMPARED: usize = 80;
const HISTORY: usize = 200 + COMPARED;

/// What a frame is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// What was sent.
    Sound,
    /// Some or all of it made up from what was heard before, since its packet is late or lost.
    Concealed,
    /// Nothing: the stream has not begun, or has ended.
    Silence,
}

/// One stream's jitter buffer, at 8 kHz.
///
/// Feed [`JitterBuffer::put`] with each packet's samples and take a frame every 20 ms. A frame that is not there when it is wanted is
/// made up by going on with the pitch of what was heard, and what comes late is heard later from then on: the delay grows with the
/// jitter, up to 200 ms. When packets have come earlier than needed for two seconds, 10 ms are left out. Both ways pass without a click.
#[derive(Debug, Clone)]
pub struct JitterBuffer {
    samples: Box<[i16; ROOM]>,
    is_there: Box<[bool; ROOM]>,
    ssrc: Option<u32>,
    /// Whether frames are given; before, sound is gathered.
    playing: bool,
    /// Timestamp of the next sample to give, and of the one after the newest.
    next: u32,
    end: u32,
    dry: u32,
    least_depth: i32,
    watched: u32,
    history: [i16; HISTORY],
    /// What made-up sound repeats, how much of it, and how much was given since the last real sample.
    pattern: [i16; HISTORY],
    lag: usize,
    made_up: usize,
    /// How far the way back to real sound has gone, of `FADE`.
    real: i32,
}

impl Default for JitterBuffer {
    fn default() -> Self {
        Self {
            samples: Box::new([0; ROOM]),
            is_there: Box::new([false; ROOM]),
            ssrc: None,
            playing: false,
            next: 0,
            end: 0,
            dry: 0,
            least_depth: i32::MAX,
            watched: 0,
            history: [0; HISTORY],
            pattern: [0; HISTORY],
            lag: STEP,
            made_up: DECAY,
            real: 0,
        }
    }
}

impl JitterBuffer {
    /// Takes in a packet's samples. What is too late, or there already, is left out.
    pub fn put(&mut self, header: &RtpHeader, samples: &[i16]) {
        let len = samples.len() as i32;
        let ahead = header.timestamp.wrapping_sub(self.next) as i32;
        if self.ssrc != Some(header.ssrc) || !(-MOST_AHEAD..=MOST_AHEAD).contains(&ahead) || samples.len() > ROOM / 2 {
            self.begin(header);
        } else if !self.playing && ahead < 0 {
            self.next = header.timestamp;
        }
        let late = (self.next.wrapping_sub(header.timestamp) as i32).max(0);
        if late >= len {
            return;
        }
        for (n, sample) in samples.iter().enumerate().skip(late as usize).take(ROOM / 2) {
            let at = place(header.timestamp.wrapping_add(n as u32));
            self.samples[at] = *sample;
            self.is_there[at] = true;
        }
        let end = header.timestamp.wrapping_add(len as u32);
        if (end.wrapping_sub(self.end) as i32) > 0 {
            self.end = end;
        }
    }

    /// The next 20 ms.
    pub fn take(&mut self, frame: &mut [i16; FRAME]) -> Taken {
        if !self.playing && self.depth() >= PRIMED {
            self.playing = true;
            (self.dry, self.least_depth, self.watched) = (0, i32::MAX, 0);
        }
        if !self.playing {
            return self.make_up(frame);
        }
        self.shorten();
        if self.depth() < FRAME as i32 {
            // Late or lost, nobody knows yet: the stream waits for it.
            self.dry += 1;
            if self.dry > PATIENCE {
                self.playing = false;
            }
            return self.make_up(frame);
        }
        self.dry = 0;
        self.play(frame)
    }

    /// Samples that wait, holes included.
    pub fn depth(&self) -> i32 {
        self.end.wrapping_sub(self.next) as i32
    }

    fn begin(&mut self, header: &RtpHeader) {
        self.ssrc = Some(header.ssrc);
        self.playing = false;
        (self.next, self.end) = (header.timestamp, header.timestamp);
        self.is_there.fill(false);
    }

    /// Leaves some out when the delay has been longer than needed for a while, or is longer than is allowed.
    fn shorten(&mut self) {
        let depth = self.depth();
        self.least_depth = self.least_depth.min(depth);
        self.watched += 1;
        if depth > MOST_DEPTH {
            self.leave_out((depth - PRIMED) as usize);
        } else if self.watched >= WATCHED && self.least_depth >= (FRAME + 2 * STEP) as i32 {
            self.leave_out(STEP);
        } else if self.watched < WATCHED {
            return;
        }
        (self.least_depth, self.watched) = (i32::MAX, 0);
    }

    /// What is left out is what the sound fades over from.
    fn leave_out(&mut self, count: usize) {
        self.lag = STEP;
        for n in 0..count {
            let at = place(self.next.wrapping_add(n as u32));
            if n < STEP {
                self.pattern[n] = if self.is_there[at] { self.samples[at] } else { 0 };
            }
            self.is_there[at] = false;
        }
        self.next = self.next.wrapping_add(count as u32);
        (self.made_up, self.real) = (0, 0);
    }

    fn play(&mut self, frame: &mut [i16; FRAME]) -> Taken {
        let mut taken = Taken::Sound;
        for out in frame.iter_mut() {
            let at = place(self.next);
            self.next = self.next.wrapping_add(1);
            if std::mem::take(&mut self.is_there[at]) {
                *out = self.back_to(self.samples[at]);
            } else {
                taken = Taken::Concealed;
                *out = self.made_up_sample();
            }
            self.remember(*out);
        }
        taken
    }

    fn make_up(&mut self, frame: &mut [i16; FRAME]) -> Taken {
        if self.made_up >= DECAY || self.ssrc.is_none() {
            frame.fill(0);
            self.history.fill(0);
            (self.made_up, self.real) = (DECAY, 0);
            return Taken::Silence;
        }
        for out in frame.iter_mut() {
            *out = self.made_up_sample();
        }
        Taken::Concealed
    }

    /// A real sample, on the way back mixed with what was made up.
    fn back_to(&mut self, sample: i16) -> i16 {
        if self.real >= FADE {
            return sample;
        }
        self.real += 1;
        let made_up = i32::from(self.pattern_at(self.made_up));
        self.made_up += 1;
        ((i32::from(sample) * self.real + made_up * (FADE - self.real)) / FADE) as i16
    }

    fn made_up_sample(&mut self) -> i16 {
        if self.real > 0 {
            self.find_pitch();
            (self.made_up, self.real) = (0, 0);
        }
        self.made_up += 1;
        self.pattern_at(self.made_up - 1)
    }

    fn pattern_at(&self, n: usize) -> i16 {
        let left = DECAY.saturating_sub(n) as i32;
        (i32::from(self.pattern[n % self.lag]) * left / DECAY as i32) as i16
    }

    fn remember(&mut self, sample: i16) {
        self.history.copy_within(1.., 0);
        self.history[HISTORY - 1] = sample;
    }

    /// The distance at which the newest sound is most like itself; the pattern is its last stretch of that length.
    fn find_pitch(&mut self) {
        let newest = &self.history[HISTORY - COMPARED..];
        let likeness = |lag: usize| {
            let earlier = &self.history[HISTORY - COMPARED - lag..HISTORY - lag];
            let (mut product, mut energy) = (0i64, 1i64);
            for (a, b) in newest.iter().zip(earlier) {
                product += i64::from(*a) * i64::from(*b);
                energy += i64::from(*b) * i64::from(*b);
            }
            product as f64 / (energy as f64).sqrt()
        };
        self.lag = LAGS.max_by(|a, b| likeness(*a).total_cmp(&likeness(*b))).unwrap_or(STEP);
        self.pattern[..self.lag].copy_from_slice(&self.history[HISTORY - self.lag..]);
    }
}

fn place(timestamp: u32) -> usize {
    timestamp as usize % ROOM
}
