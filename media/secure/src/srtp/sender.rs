//! Sealing what we send.

use super::{
    MasterKey, SrtpError,
    cipher::Cipher,
    receiver::{header_len, ssrc_of},
};

/// Streams of ours that one key may seal at a time: one for audio, and those of a restart of it.
const STREAMS: usize = 4;

/// Seals the packets of one direction.
pub struct SrtpSender {
    cipher: Cipher,
    /// SSRC, and the index of its last packet.
    streams: Vec<(u32, u64)>,
    rtcp_index: u32,
}

impl SrtpSender {
    /// A sender with this key.
    ///
    /// # Errors
    /// [`SrtpError::KeyLength`] cannot be made into session keys.
    pub fn new(master: &MasterKey) -> Result<Self, SrtpError> {
        Ok(Self { cipher: Cipher::new(master)?, streams: Vec::with_capacity(STREAMS), rtcp_index: 0 })
    }

    /// Seals the RTP packet in `buffer[..len]`, which has [`super::TAG_ROOM`] bytes behind it. Gives the length to send.
    /// Sequence numbers of a stream rise; one that falls by less than half their range is taken for an earlier packet.
    ///
    /// # Errors
    /// [`SrtpError`]; the packet must not be sent then.
    pub fn seal_rtp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, SrtpError> {
        let packet = buffer.get(..len).ok_or(SrtpError::Malformed)?;
        let header = header_len(packet)?;
        let ssrc = ssrc_of(packet, 8)?;
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let index = self.index(ssrc, sequence)?;
        self.cipher.seal_rtp(buffer, len, header, ssrc, index)
    }

    /// Seals the RTCP packet in `buffer[..len]`. Gives the length to send.
    ///
    /// # Errors
    /// As for RTP.
    pub fn seal_rtcp(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, SrtpError> {
        let ssrc = ssrc_of(buffer.get(..len).ok_or(SrtpError::Malformed)?, 4)?;
        self.rtcp_index = self.rtcp_index.checked_add(1).filter(|index| *index < 1 << 31).ok_or(SrtpError::KeyExhausted)?;
        self.cipher.seal_rtcp(buffer, len, ssrc, self.rtcp_index)
    }

    fn index(&mut self, ssrc: u32, sequence: u16) -> Result<u64, SrtpError> {
        let Some(at) = self.streams.iter().position(|(known, _)| *known == ssrc) else {
            if self.streams.len() == STREAMS {
                return Err(SrtpError::KeyExhausted);
            }
            self.streams.push((ssrc, u64::from(sequence)));
            return Ok(u64::from(sequence));
        };
        let last = self.streams[at].1;
        let index = super::receiver::guess(last, sequence);
        if index >> 48 != 0 {
            return Err(SrtpError::KeyExhausted);
        }
        self.streams[at].1 = last.max(index);
        Ok(index)
    }
}
