//! What stands in each packet of the load, so that it is known again wherever it arrives.

/// Bytes of a packet: an RTP header and 20 ms of G.711.
pub(crate) const PACKET: usize = 12 + 160;

/// 20 ms at 8 kHz.
const SAMPLES: u32 = 160;
const MAGIC: [u8; 8] = *b"carillon";
const HEADER: usize = 12;

/// Which packet of which stream, and when it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) stream: u32,
    pub(crate) sequence: u32,
    /// Wall clock, ns: what the kernel stamps arrivals with.
    pub(crate) sent_at: u64,
}

impl Stamp {
    /// The packet (RFC 3550 5.1), payload type 0. The rest of its payload is silence.
    pub(crate) fn write(&self, packet: &mut [u8; PACKET]) {
        let marker = if self.sequence == 0 { 0x80 } else { 0 };
        packet[0] = 0x80;
        packet[1] = marker;
        packet[2..4].copy_from_slice(&self.sequence.to_be_bytes()[2..]);
        packet[4..8].copy_from_slice(&self.sequence.wrapping_mul(SAMPLES).to_be_bytes());
        packet[8..12].copy_from_slice(&(0x1000_0000 + self.stream).to_be_bytes());
        packet[HEADER..].fill(0xff);
        packet[12..20].copy_from_slice(&MAGIC);
        packet[20..24].copy_from_slice(&self.stream.to_be_bytes());
        packet[24..28].copy_from_slice(&self.sequence.to_be_bytes());
        packet[28..36].copy_from_slice(&self.sent_at.to_be_bytes());
    }

    /// `None`: the packet is somebody else's: music, a report.
    pub(crate) fn read(packet: &[u8]) -> Option<Self> {
        let stamped = packet.get(HEADER..36).filter(|stamped| stamped.starts_with(&MAGIC))?;
        let number = |at: usize| Some(u32::from_be_bytes(stamped.get(at..at + 4)?.try_into().ok()?));
        let sent_at = u64::from_be_bytes(stamped.get(16..24)?.try_into().ok()?);
        Some(Self { stream: number(8)?, sequence: number(12)?, sent_at })
    }
}

/// Whether a packet is RTP and no report (RFC 5761 4).
pub(crate) fn is_rtp(packet: &[u8]) -> bool {
    packet.len() >= HEADER && packet[0] >> 6 == 2 && !(200..=207).contains(&packet[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_as_it_was_written_and_nothing_else_is_taken_for_one() {
        let stamp = Stamp { stream: 7, sequence: 70_000, sent_at: 1_700_000_000_123_456_789 };
        let mut packet = [0; PACKET];
        stamp.write(&mut packet);
        assert_eq!(Stamp::read(&packet), Some(stamp));
        assert!(is_rtp(&packet));
        assert_eq!(u16::from_be_bytes([packet[2], packet[3]]), 70_000_u32 as u16);
        assert_eq!(Stamp::read(&[0x80; PACKET]), None);
        assert_eq!(Stamp::read(&packet[..30]), None);
    }
}
