//! What a leg says, decoded: for codecs that cannot be turned into each other by a table.
//!
//! Each packet is decoded when it comes and no sooner or later: whoever hears it has a jitter buffer of its own, at the other end of the
//! line or in the conference. What is lost is made up here, since the codecs' memory is here.

use carillon_media_audio::{Doubler, Halver, g722, opus};
use carillon_media_rtp::RtpHeader;

use crate::Codec;

/// Lost packets in a row that are made good; after more the sound begins anew.
const MOST_CONCEALED: u16 = 5;

/// The longest packet that is taken, in samples at 16 kHz: 120 ms.
const LONGEST: usize = opus::LONGEST;

/// The decoder of one leg, and the sound of its newest packet.
#[derive(Debug)]
pub(crate) struct Ear {
    codec: Codec,
    decoder: Decoder,
    halver: Halver,
    doubler: Doubler,
    /// The newest packet's sound, with what was lost before it: at 8 kHz, and at 16.
    narrow: Vec<i16>,
    wide: Vec<i16>,
    /// Whether `wide` holds it, too.
    is_widened: bool,
    /// The newest packet's timestamp, its samples (at 16 kHz), and where it is at 8 kHz.
    last: Option<Last>,
    /// Its header, with a timestamp of 8 kHz.
    header: RtpHeader,
    /// It does not go on where the one before ended.
    begins: bool,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    ssrc: u32,
    timestamp: u32,
    samples: usize,
    narrow_timestamp: u32,
}

#[derive(Debug)]
enum Decoder {
    G711,
    G722(Box<g722::Decoder>),
    Opus(opus::Decoder),
}

impl Ear {
    /// `None`: there is no memory for it.
    pub(crate) fn new(codec: Codec) -> Option<Self> {
        let decoder = match codec {
            Codec::Pcmu | Codec::Pcma => Decoder::G711,
            Codec::G722 => Decoder::G722(Box::default()),
            Codec::Opus => Decoder::Opus(opus::Decoder::new().ok()?),
        };
        let room = usize::from(MOST_CONCEALED + 1) * LONGEST;
        Some(Self {
            codec,
            decoder,
            halver: Halver::default(),
            doubler: Doubler::default(),
            narrow: Vec::with_capacity(room),
            wide: Vec::with_capacity(room),
            is_widened: false,
            last: None,
            header: RtpHeader::default(),
            begins: true,
        })
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Takes in a packet, before which so many are missing. False: it is none of this codec's.
    pub(crate) fn hear(&mut self, header: &RtpHeader, missing: u16, payload: &[u8]) -> bool {
        self.narrow.clear();
        self.wide.clear();
        let before = self.last.filter(|last| last.ssrc == header.ssrc);
        let is_made_good =
            before.is_some_and(|last| missing <= MOST_CONCEALED && self.units(last.samples, missing) == self.passed(last, header));
        let concealed = match before {
            Some(last) if is_made_good && missing > 0 => self.make_good(last.samples, missing, payload),
            _ => 0,
        };
        let Some(samples) = self.decode(payload) else { return false };
        let narrow_timestamp = match before {
            Some(last) => last.narrow_timestamp.wrapping_add_signed(self.passed(last, header) / self.units_in_narrow()),
            None => header.timestamp,
        };
        self.begins = !is_made_good;
        self.header = RtpHeader { timestamp: narrow_timestamp.wrapping_sub((concealed / 2) as u32), ..*header };
        self.last = Some(Last { ssrc: header.ssrc, timestamp: header.timestamp, samples, narrow_timestamp });
        self.is_widened = self.codec.law().is_none();
        if self.is_widened {
            self.halver.halve(&self.wide, &mut self.narrow);
        }
        true
    }

    /// Units of the RTP clock from the last packet's begin to the next one's, when so many between them are missing.
    fn units(&self, samples: usize, missing: u16) -> i32 {
        samples as i32 * i32::from(missing + 1) * self.units_in_narrow() / 2
    }

    fn passed(&self, last: Last, header: &RtpHeader) -> i32 {
        header.timestamp.wrapping_sub(last.timestamp) as i32
    }

    /// Units of the RTP clock in a sample at 8 kHz.
    fn units_in_narrow(&self) -> i32 {
        (self.codec.clock_hz() / Codec::Pcmu.clock_hz()) as i32
    }

    /// Makes up what so many packets of this length held; gives its samples at 16 kHz.
    fn make_good(&mut self, samples: usize, missing: u16, next: &[u8]) -> usize {
        let mut frame = [0; LONGEST];
        for nth in 0..missing {
            let part = &mut frame[..samples.min(LONGEST)];
            let made = match &mut self.decoder {
                // The packet that came repeats the last one lost, coarsely.
                Decoder::Opus(decoder) if nth + 1 == missing => decoder.recover(next, part).is_ok(),
                Decoder::Opus(decoder) => decoder.conceal(part).is_ok(),
                // These have no memory to spoil: who hears them makes up better.
                Decoder::G711 | Decoder::G722(_) => false,
            };
            if !made {
                part.fill(0);
            }
            match self.decoder {
                Decoder::G711 => self.narrow.extend_from_slice(&part[..part.len() / 2]),
                Decoder::G722(_) | Decoder::Opus(_) => self.wide.extend_from_slice(part),
            }
        }
        samples * usize::from(missing)
    }

    /// Decodes one packet behind what there is; gives its samples at 16 kHz.
    fn decode(&mut self, payload: &[u8]) -> Option<usize> {
        let mut frame = [0; LONGEST];
        match &mut self.decoder {
            Decoder::G711 => {
                let part = frame.get_mut(..payload.len()).filter(|part| !part.is_empty())?;
                self.codec.law()?.decode_slice(payload, part);
                self.narrow.extend_from_slice(part);
                Some(2 * part.len())
            }
            Decoder::G722(decoder) => {
                let part = frame.get_mut(..2 * payload.len()).filter(|part| !part.is_empty())?;
                decoder.decode(payload, part);
                self.wide.extend_from_slice(part);
                Some(part.len())
            }
            Decoder::Opus(decoder) => {
                let samples = decoder.decode(payload, &mut frame).ok().filter(|samples| *samples > 0)?;
                self.wide.extend_from_slice(&frame[..samples]);
                Some(samples)
            }
        }
    }

    /// Its header; the timestamp is that of [`Ear::narrow`]'s first sample, at 8 kHz.
    pub(crate) fn header(&self) -> &RtpHeader {
        &self.header
    }

    /// Whether the sound does not go on where the last one ended.
    pub(crate) fn begins(&self) -> bool {
        self.begins
    }

    /// The sound at 8 kHz.
    pub(crate) fn narrow(&self) -> &[i16] {
        &self.narrow
    }

    /// The sound at 16 kHz.
    pub(crate) fn wide(&mut self) -> &[i16] {
        if !std::mem::replace(&mut self.is_widened, true) {
            self.doubler.double(&self.narrow, &mut self.wide);
        }
        &self.wide
    }
}
