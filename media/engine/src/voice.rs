//! What a leg is told, encoded: sound comes in as it likes and goes out in packets of 20 ms.

use carillon_media_audio::{Doubler, g722, opus};

use crate::Codec;
use crate::player::FRAME;

/// Samples of a packet at 16 kHz.
const WIDE_FRAME: usize = 2 * FRAME;

/// Sound that may wait for the rest of its packet, at 16 kHz: more than any packet brings.
const ROOM: usize = 8 * opus::LONGEST;

/// The encoder of one leg.
#[derive(Debug)]
pub(crate) struct Voice {
    codec: Codec,
    encoder: Encoder,
    doubler: Doubler,
    /// Sound that is not sent yet, at the encoder's rate.
    pending: Vec<i16>,
}

#[derive(Debug)]
enum Encoder {
    G711,
    G722(Box<g722::Encoder>),
    Opus(opus::Encoder),
}

impl Voice {
    /// `None`: there is no memory for it.
    pub(crate) fn new(codec: Codec) -> Option<Self> {
        let encoder = match codec {
            Codec::Pcmu | Codec::Pcma => Encoder::G711,
            Codec::G722 => Encoder::G722(Box::default()),
            Codec::Opus => Encoder::Opus(opus::Encoder::new().ok()?),
        };
        Some(Self { codec, encoder, doubler: Doubler::default(), pending: Vec::with_capacity(ROOM) })
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Whether it wants sound at 16 kHz, or else at 8.
    pub(crate) fn is_wide(&self) -> bool {
        self.codec.law().is_none()
    }

    /// What follows does not go on where the last ended.
    pub(crate) fn begin(&mut self) {
        self.pending.clear();
    }

    /// Takes in sound at its own rate ([`Voice::is_wide`]).
    pub(crate) fn say(&mut self, samples: &[i16]) {
        let room = ROOM.saturating_sub(self.pending.len());
        self.pending.extend_from_slice(&samples[..samples.len().min(room)]);
    }

    /// The same with sound at 8 kHz.
    pub(crate) fn say_narrow(&mut self, samples: &[i16]) {
        if !self.is_wide() {
            return self.say(samples);
        }
        if self.pending.len() + 2 * samples.len() <= ROOM {
            self.doubler.double(samples, &mut self.pending);
        }
    }

    /// Writes the next 20 ms; gives the octets, `None` while there are none.
    pub(crate) fn next_packet(&mut self, payload: &mut [u8; opus::LONGEST_PACKET]) -> Option<usize> {
        let frame = if self.is_wide() { WIDE_FRAME } else { FRAME };
        let samples = self.pending.get(..frame)?;
        let len = match &mut self.encoder {
            Encoder::G711 => {
                self.codec.law()?.encode_slice(samples, &mut payload[..FRAME]);
                Some(FRAME)
            }
            Encoder::G722(encoder) => {
                encoder.encode(samples, &mut payload[..FRAME]);
                Some(FRAME)
            }
            Encoder::Opus(encoder) => samples.first_chunk().and_then(|samples| encoder.encode(samples, payload).ok()),
        };
        self.pending.drain(..frame);
        len
    }
}
