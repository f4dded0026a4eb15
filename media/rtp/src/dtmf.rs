//! Digits as telephone-events (RFC 4733): one digit an event, whatever was lost, repeated or out of order.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::RtpHeader;

/// An event whose end packets were all lost has ended when nothing of it came for this long.
///
/// Updates come every 20 to 50 ms; four of the slowest may be lost before a digit is taken for finished.
pub const END_TIMEOUT: Duration = Duration::from_millis(200);
/// Digits a sender keeps waiting; more are refused.
pub const MAX_QUEUED_DIGITS: usize = 64;
/// A timestamp at most this far before the current event's is a late packet of an earlier one or of an earlier segment (8 s), not a clock
/// set back.
const LATE_SECONDS: u32 = 10;
/// Times the end of an event is sent (RFC 4733 2.5.1.4).
const END_PACKETS: u8 = 3;
/// A duration of 16 bits is full; the event goes on in a segment with a later timestamp (RFC 4733 2.5.1.3).
const SEGMENT: u32 = 0xffff;
/// Frames of silence between two digits: 60 ms, over the 40 ms that Q.24 asks for.
const GAP_FRAMES: u8 = 3;
/// Units of the 8000 Hz clock in a frame of 20 ms.
const FRAME: u16 = 160;

const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// The event code of a digit (RFC 4733 3.2): `0` to `9`, `*`, `#`, `A` to `D`.
pub fn event_of_digit(digit: char) -> Option<u8> {
    DIGITS.iter().position(|known| *known == digit.to_ascii_uppercase()).map(|at| at as u8)
}

/// A key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digit {
    /// `0` to `9`, `*`, `#`, `A` to `D`.
    pub digit: char,
    /// How long the key was held, as far as was heard.
    pub duration_ms: u32,
}

/// The four bytes of a telephone-event payload (RFC 4733 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DtmfPayload {
    /// Event code; 0 to 15 are the keys.
    pub event: u8,
    /// The key is up.
    pub end: bool,
    /// Power below 0 dBm0, 0 to 63.
    pub volume: u8,
    /// Time since the timestamp, in its units.
    pub duration: u16,
}

impl DtmfPayload {
    /// Reads the first event of a payload; `None` when it is shorter than one.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let [event, flags, high, low] = *payload.first_chunk()?;
        Some(DtmfPayload { event, end: flags & 0x80 != 0, volume: flags & 0x3f, duration: u16::from_be_bytes([high, low]) })
    }

    /// The payload as bytes.
    pub fn to_bytes(self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [self.event, u8::from(self.end) << 7 | (self.volume & 0x3f), high, low]
    }
}

/// Turns the telephone-event packets of one leg into digits.
///
/// Feed [`DtmfReceiver::receive`], and [`DtmfReceiver::handle_timeout`] when [`DtmfReceiver::poll_timeout`] is past; after each, drain
/// [`DtmfReceiver::poll_digit`]. An event is known by its SSRC and timestamp; the digit is given out once, when its first end packet comes,
/// when another event begins, or [`END_TIMEOUT`] after its last packet.
#[derive(Debug, Clone)]
pub struct DtmfReceiver {
    clock_rate: u32,
    current: Option<Event>,
    ready: VecDeque<Digit>,
}

/// The newest event heard. It is kept after its digit was given out, to know its late packets.
#[derive(Debug, Clone, Copy)]
struct Event {
    ssrc: u32,
    digit: char,
    /// Of the segment being heard.
    timestamp: u32,
    duration: u16,
    /// Of the segments before it.
    before: u32,
    last_heard: Instant,
    ended: bool,
    given: bool,
}

impl DtmfReceiver {
    /// `clock_rate` of the telephone-event payload type in units a second: 8000 beside G.711.
    pub fn new(clock_rate: u32) -> Self {
        DtmfReceiver { clock_rate: clock_rate.max(1), current: None, ready: VecDeque::with_capacity(4) }
    }

    /// Takes one packet of the telephone-event payload type. Flash and other signals that are not keys are ignored, as is a short payload.
    pub fn receive(&mut self, now: Instant, header: &RtpHeader, payload: &[u8]) {
        let Some(packet) = DtmfPayload::parse(payload) else { return };
        let Some(digit) = DIGITS.get(usize::from(packet.event)).copied() else { return };
        match &mut self.current {
            Some(event) if event.is_old(header, self.clock_rate) => return,
            Some(event) if event.owns(header, digit) => event.update(now, header.timestamp, packet.duration),
            Some(_) | None => {
                self.give();
                self.current = Some(Event::new(now, header, digit, packet.duration));
            }
        }
        if packet.end {
            if let Some(event) = &mut self.current {
                event.ended = true;
            }
            self.give();
        }
    }

    /// Ends an event that has not been heard for [`END_TIMEOUT`].
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_some_and(|at| at <= now) {
            self.give();
        }
    }

    /// When the running event counts as ended, if nothing more of it comes.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.current.filter(|event| !event.given).map(|event| event.last_heard + END_TIMEOUT)
    }

    /// The next digit, oldest first.
    pub fn poll_digit(&mut self) -> Option<Digit> {
        self.ready.pop_front()
    }

    fn give(&mut self) {
        if let Some(event) = self.current.as_mut().filter(|event| !event.given) {
            event.given = true;
            let units = u64::from(event.before) + u64::from(event.duration);
            let duration_ms = u32::try_from(units * 1000 / u64::from(self.clock_rate)).unwrap_or(u32::MAX);
            // A driver drains after every packet; one that does not must not grow us.
            if self.ready.len() < MAX_QUEUED_DIGITS {
                self.ready.push_back(Digit { digit: event.digit, duration_ms });
            }
        }
    }
}

impl Event {
    fn new(now: Instant, header: &RtpHeader, digit: char, duration: u16) -> Self {
        Event { ssrc: header.ssrc, digit, timestamp: header.timestamp, duration, before: 0, last_heard: now, ended: false, given: false }
    }

    /// Whether a packet belongs to something before this event.
    fn is_old(&self, header: &RtpHeader, clock_rate: u32) -> bool {
        let behind = self.timestamp.wrapping_sub(header.timestamp);
        self.ssrc == header.ssrc && behind != 0 && behind <= LATE_SECONDS.saturating_mul(clock_rate)
    }

    /// Whether a packet is of this event: of the segment being heard or of the one after it.
    fn owns(&self, header: &RtpHeader, digit: char) -> bool {
        let after = header.timestamp.wrapping_sub(self.timestamp);
        let is_next_segment = after == SEGMENT && !self.ended && !header.marker;
        self.ssrc == header.ssrc && self.digit == digit && (after == 0 || is_next_segment)
    }

    fn update(&mut self, now: Instant, timestamp: u32, duration: u16) {
        if timestamp != self.timestamp {
            self.before = self.before.saturating_add(SEGMENT);
            self.timestamp = timestamp;
            self.duration = 0;
        }
        self.duration = self.duration.max(duration);
        self.last_heard = now;
    }
}

/// What a sender puts into one frame of 20 ms in place of audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DtmfFrame {
    /// The payload.
    pub payload: DtmfPayload,
    /// First packet of an event or of a segment: a new timestamp ([`crate::Outbound::generate_event`]).
    pub first: bool,
}

/// Sends digits as telephone-events, a packet a frame of 20 ms at a clock of 8000 Hz, the end three times.
#[derive(Debug, Clone, Default)]
pub struct DtmfSender {
    queue: VecDeque<Digit>,
    sending: Option<Sending>,
}

#[derive(Debug, Clone, Copy)]
struct Sending {
    event: u8,
    sent: u16,
    total: u16,
    ends_sent: u8,
    gap: u8,
}

impl DtmfSender {
    /// Nothing to send yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a digit after those that wait; shorter than 40 ms is made 40 ms, longer than 8 s is made 8 s.
    /// `false` when it is no digit or [`MAX_QUEUED_DIGITS`] wait already.
    pub fn push(&mut self, digit: char, duration_ms: u32) -> bool {
        let accepted = event_of_digit(digit).is_some() && self.queue.len() < MAX_QUEUED_DIGITS;
        if accepted {
            self.queue.push_back(Digit { digit, duration_ms: duration_ms.clamp(40, 8000) });
        }
        accepted
    }

    /// Whether anything is being sent or waits.
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.sending.is_none()
    }

    /// The event packet for this frame, `None` when audio may flow: nothing to send, or the gap between two digits.
    pub fn next_frame(&mut self) -> Option<DtmfFrame> {
        let sending = match &mut self.sending {
            Some(sending) => sending,
            None => {
                let digit = self.queue.pop_front()?;
                // 8 s are 64,000 units: always one segment.
                let total = (digit.duration_ms * 8) as u16;
                self.sending.insert(Sending { event: event_of_digit(digit.digit)?, sent: 0, total, ends_sent: 0, gap: 0 })
            }
        };
        if sending.ends_sent == END_PACKETS {
            sending.gap += 1;
            if sending.gap == GAP_FRAMES {
                self.sending = None;
            }
            return None;
        }
        let first = sending.sent == 0;
        sending.sent = sending.sent.saturating_add(FRAME).min(sending.total);
        let end = sending.sent == sending.total;
        sending.ends_sent += u8::from(end);
        Some(DtmfFrame { payload: DtmfPayload { event: sending.event, end, volume: 10, duration: sending.sent }, first })
    }
}
