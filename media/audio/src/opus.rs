//! Opus (RFC 6716) for speech: one channel, 16 kHz, 20 ms a packet when we encode; any that a peer may send when we decode.

use std::fmt;

use ::opus::{Application, Bitrate, Channels};

/// Samples a second of the audio here. RTP counts 48,000 whatever the audio is (RFC 7587 section 4.1).
pub const RATE: u32 = 16_000;

/// Samples of a packet of ours: 20 ms.
pub const FRAME: usize = 320;

/// No packet of ours is longer, in octets.
pub const LONGEST_PACKET: usize = 400;

/// Samples of the longest packet there may be: 120 ms.
pub const LONGEST: usize = 1920;

/// Bits a second: speech of 16 kHz without a fault that is heard.
const BITRATE: i32 = 24_000;

/// Of ten: half of the quality's cost, nearly all of its sound.
const COMPLEXITY: i32 = 5;

/// What share of packets may be lost, in percent: how much of each packet repeats the one before, coarsely.
const LOSS: i32 = 5;

/// The codec refuses: a packet that is none, or no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Opus refuses: {0}")]
pub struct OpusError(&'static str);

impl From<::opus::Error> for OpusError {
    fn from(error: ::opus::Error) -> Self {
        Self(error.description())
    }
}

/// One direction's encoder.
pub struct Encoder(::opus::Encoder);

/// One direction's decoder.
pub struct Decoder(::opus::Decoder);

impl Encoder {
    /// An encoder for speech, whose packets bear what is needed to make good the loss of the one before.
    ///
    /// # Errors
    /// No memory.
    pub fn new() -> Result<Self, OpusError> {
        let mut encoder = ::opus::Encoder::new(RATE, Channels::Mono, Application::Voip)?;
        encoder.set_bitrate(Bitrate::Bits(BITRATE))?;
        encoder.set_complexity(COMPLEXITY)?;
        encoder.set_inband_fec(true)?;
        encoder.set_packet_loss_perc(LOSS)?;
        Ok(Self(encoder))
    }

    /// Encodes 20 ms; gives the packet's length.
    ///
    /// # Errors
    /// The packet does not fit.
    pub fn encode(&mut self, samples: &[i16; FRAME], packet: &mut [u8]) -> Result<usize, OpusError> {
        Ok(self.0.encode(samples, packet)?)
    }
}

impl Decoder {
    /// A decoder of anything, stereo and full band too; what comes out is one channel of 16 kHz.
    ///
    /// # Errors
    /// No memory.
    pub fn new() -> Result<Self, OpusError> {
        Ok(Self(::opus::Decoder::new(RATE, Channels::Mono)?))
    }

    /// Decodes a packet; gives the number of samples, at most [`LONGEST`].
    ///
    /// # Errors
    /// It is no packet.
    pub fn decode(&mut self, packet: &[u8], samples: &mut [i16]) -> Result<usize, OpusError> {
        Ok(self.0.decode(packet, samples, false)?)
    }

    /// Fills `samples` with what the packet before this one held, as far as this one repeats it.
    ///
    /// # Errors
    /// As of [`Self::decode`].
    pub fn recover(&mut self, next: &[u8], samples: &mut [i16]) -> Result<usize, OpusError> {
        Ok(self.0.decode(next, samples, true)?)
    }

    /// Fills `samples` with what may have been in a packet that nobody has.
    ///
    /// # Errors
    /// The length is no length of packets.
    pub fn conceal(&mut self, samples: &mut [i16]) -> Result<usize, OpusError> {
        Ok(self.0.decode(&[], samples, false)?)
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("opus::Encoder")
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("opus::Decoder")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goertzel;

    fn packets(hz: f64, count: usize) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new().expect("an encoder");
        let packet = |n: usize| {
            let sample = |at: usize| (12_000.0 * (std::f64::consts::TAU * hz * (n * FRAME + at) as f64 / f64::from(RATE)).sin()) as i16;
            let mut packet = [0; LONGEST_PACKET];
            let len = encoder.encode(&std::array::from_fn(sample), &mut packet).expect("encoded");
            packet[..len].to_vec()
        };
        (0..count).map(packet).collect()
    }

    #[test]
    fn a_tone_of_the_wide_band_comes_back() {
        let (mut decoder, mut heard) = (Decoder::new().expect("a decoder"), Vec::new());
        for packet in packets(5000.0, 50) {
            let mut samples = [0; LONGEST];
            let len = decoder.decode(&packet, &mut samples).expect("decoded");
            heard.extend_from_slice(&samples[..len]);
        }
        assert_eq!(heard.len(), 16_000);
        let level = goertzel(&heard[4000..], RATE, 5000.0);
        assert!((0.25..0.45).contains(&level), "{level}");
    }

    #[test]
    fn one_lost_packet_in_ten_is_hardly_missed() {
        let (mut decoder, mut heard) = (Decoder::new().expect("a decoder"), Vec::new());
        let packets = packets(700.0, 60);
        for (n, packet) in packets.iter().enumerate() {
            let mut samples = [0; LONGEST];
            let len = match n % 10 {
                7 => decoder.recover(&packets[n + 1], &mut samples[..FRAME]),
                _ => decoder.decode(packet, &mut samples),
            };
            heard.extend_from_slice(&samples[..len.expect("decoded")]);
        }
        let level = goertzel(&heard[3200..], RATE, 700.0);
        assert!(level > 0.25, "{level}");
    }

    #[test]
    fn what_is_no_packet_is_an_error_and_does_no_harm() {
        let mut decoder = Decoder::new().expect("a decoder");
        let mut samples = [0; LONGEST];
        for len in 0..64_u8 {
            let noise: Vec<u8> = (0..len).map(|at| at.wrapping_mul(97) ^ len.wrapping_mul(31)).collect();
            if let Ok(len) = decoder.decode(&noise, &mut samples) {
                assert!(len <= LONGEST);
            }
        }
        assert!(decoder.decode(&packets(700.0, 1)[0], &mut samples).is_ok());
    }
}
