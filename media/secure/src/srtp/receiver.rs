//! Opening what the peer sends.

use super::{MasterKey, SrtpError, cipher::Cipher, replay::Replay};

/// Streams of the peer that are followed at a time; the one silent for longest gives way.
const STREAMS: usize = 4;

/// Opens the packets of one direction.
pub struct SrtpReceiver {
    cipher: Cipher,
    /// The stream heard last stands last.
    streams: Vec<Stream>,
}

struct Stream {
    ssrc: u32,
    rtp: Replay,
    rtcp: Replay,
}

impl SrtpReceiver {
    /// A receiver with this key.
    ///
    /// # Errors
    /// [`SrtpError::KeyLength`] cannot be made into session keys.
    pub fn new(master: &MasterKey) -> Result<Self, SrtpError> {
        Ok(Self { cipher: Cipher::new(master)?, streams: Vec::with_capacity(STREAMS) })
    }

    /// Opens the sealed RTP packet in place. Gives its plain length; the bytes behind it mean nothing.
    ///
    /// # Errors
    /// [`SrtpError::Forged`] and [`SrtpError::Replayed`]: nothing of the packet may be used, or learnt from.
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let header = header_len(packet)?;
        let ssrc = ssrc_of(packet, 8)?;
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let known = self.streams.iter().position(|stream| stream.ssrc == ssrc);
        let replay = known.map(|at| &self.streams[at].rtp);
        let index = replay.and_then(Replay::highest).map_or(u64::from(sequence), |last| guess(last, sequence));
        if replay.is_some_and(|replay| !replay.is_new(index)) {
            return Err(SrtpError::Replayed);
        }
        let plain = self.cipher.open_rtp(packet, header, ssrc, index)?;
        self.heard(known, ssrc).rtp.note(index);
        Ok(plain)
    }

    /// Opens the sealed RTCP packet in place. Gives its plain length.
    ///
    /// # Errors
    /// As for RTP.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let ssrc = ssrc_of(packet, 4)?;
        let index = self.cipher.rtcp_index(packet)?;
        let known = self.streams.iter().position(|stream| stream.ssrc == ssrc);
        if known.is_some_and(|at| !self.streams[at].rtcp.is_new(u64::from(index))) {
            return Err(SrtpError::Replayed);
        }
        let plain = self.cipher.open_rtcp(packet, ssrc, index)?;
        self.heard(known, ssrc).rtcp.note(u64::from(index));
        Ok(plain)
    }

    /// The stream of a genuine packet, moved to the end of the list.
    fn heard(&mut self, known: Option<usize>, ssrc: u32) -> &mut Stream {
        let stream = match known {
            Some(at) => self.streams.remove(at),
            None => {
                if self.streams.len() == STREAMS {
                    self.streams.remove(0);
                }
                Stream { ssrc, rtp: Replay::default(), rtcp: Replay::default() }
            }
        };
        self.streams.push(stream);
        let last = self.streams.len() - 1;
        &mut self.streams[last]
    }
}

/// The 48-bit index nearest to the last one that has this sequence number (RFC 3711 section 3.3.1).
pub(super) fn guess(last: u64, sequence: u16) -> u64 {
    let sequence = u64::from(sequence);
    let round = last >> 16;
    let behind = last & 0xffff;
    let round = if behind < 0x8000 && sequence > behind + 0x8000 {
        round.saturating_sub(1)
    } else if behind >= 0x8000 && sequence + 0x8000 < behind {
        round + 1
    } else {
        round
    };
    round << 16 | sequence
}

/// Bytes of an RTP header with its CSRCs and extension (RFC 3550 section 5.1).
pub(super) fn header_len(packet: &[u8]) -> Result<usize, SrtpError> {
    let first = *packet.first().filter(|first| *first >> 6 == 2 && packet.len() >= 12).ok_or(SrtpError::Malformed)?;
    let mut len = 12 + usize::from(first & 0x0f) * 4;
    if first & 0x10 != 0 {
        let words = packet.get(len + 2..len + 4).ok_or(SrtpError::Malformed)?;
        len += 4 + usize::from(u16::from_be_bytes([words[0], words[1]])) * 4;
    }
    if len > packet.len() { Err(SrtpError::Malformed) } else { Ok(len) }
}

pub(super) fn ssrc_of(packet: &[u8], at: usize) -> Result<u32, SrtpError> {
    packet.get(at..).and_then(|rest| rest.first_chunk()).map(|bytes| u32::from_be_bytes(*bytes)).ok_or(SrtpError::Malformed)
}
