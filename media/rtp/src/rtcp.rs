//! RTCP (RFC 3550 6): sender and receiver reports with a CNAME, goodbye; written whole, read with every length checked.

use std::time::Duration;

/// Packet types of RFC 3550 12.1.
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
/// SDES item types (RFC 3550 6.5).
const SDES_END: u8 = 0;
const SDES_CNAME: u8 = 1;
/// Seconds from 1900, where NTP begins, to 1970.
const NTP_TO_UNIX_SECONDS: u64 = 2_208_988_800;
/// Packets read of one compound; what a phone sends is two or three.
const MAX_PACKETS: usize = 16;

/// Why bytes are not RTCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RtcpError {
    /// A length field points past the end of the datagram, or a packet is shorter than its kind.
    #[error("RTCP packet is shorter than its header says")]
    Short,
    /// The version field is not 2.
    #[error("RTCP version is not 2")]
    Version,
}

/// A moment as a 64 bit NTP timestamp: seconds since 1900 in the upper half, fractions in the lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// From the time since 1970-01-01 UTC.
    pub fn from_unix(since_1970: Duration) -> Self {
        let seconds = since_1970.as_secs().wrapping_add(NTP_TO_UNIX_SECONDS) << 32;
        let fraction = (u64::from(since_1970.subsec_nanos()) << 32) / 1_000_000_000;
        NtpTime(seconds | fraction)
    }

    /// The middle 32 bits: what reports carry as LSR.
    pub fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }

    /// A length of time in the 1/65536 s of DLSR; eighteen hours or more read as the most it can say.
    pub fn short_units(time: Duration) -> u32 {
        u32::try_from(time.as_nanos() * 65_536 / 1_000_000_000).unwrap_or(u32::MAX)
    }
}

/// What a sender says about its own stream (RFC 3550 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SenderInfo {
    /// Wall time of the report.
    pub ntp: NtpTime,
    /// The same moment on the stream's clock.
    pub rtp_timestamp: u32,
    /// Packets sent so far.
    pub packets: u32,
    /// Payload bytes sent so far.
    pub octets: u32,
}

/// What a receiver says about one stream it hears (RFC 3550 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ReportBlock {
    /// The stream this is about.
    pub ssrc: u32,
    /// Loss since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Loss since the start; negative when duplicates outnumber losses. 24 bits on the wire.
    pub cumulative_lost: i32,
    /// Sequence number with its wraps in the upper half.
    pub highest_sequence: u32,
    /// Jitter in timestamp units.
    pub jitter: u32,
    /// Middle of the last sender report's time, 0 when none came.
    pub last_sender_report: u32,
    /// Time since that report in 1/65536 s.
    pub delay_since_last_sender_report: u32,
}

impl ReportBlock {
    /// Bytes of a block.
    pub const LEN: usize = 24;
    /// Largest loss the 24 bits can say.
    pub const MAX_LOST: i32 = 0x7f_ffff;
    /// Smallest loss the 24 bits can say.
    pub const MIN_LOST: i32 = -0x80_0000;

    /// The round trip this block proves when it arrives at `now`: `now - LSR - DLSR` (RFC 3550 6.4.1).
    /// `None` when it refers to no report of ours, or when clocks make it negative or absurd (over a minute).
    pub fn round_trip(&self, now: NtpTime) -> Option<Duration> {
        if self.last_sender_report == 0 {
            return None;
        }
        let units = now.middle().wrapping_sub(self.last_sender_report).wrapping_sub(self.delay_since_last_sender_report);
        (units < 60 * 65_536).then(|| Duration::from_nanos(u64::from(units) * 1_000_000_000 / 65_536))
    }

    fn write(&self, out: &mut Vec<u8>) {
        let lost = self.cumulative_lost.clamp(Self::MIN_LOST, Self::MAX_LOST) as u32 & 0xff_ffff;
        put_words(
            out,
            &[
                self.ssrc,
                u32::from(self.fraction_lost) << 24 | lost,
                self.highest_sequence,
                self.jitter,
                self.last_sender_report,
                self.delay_since_last_sender_report,
            ],
        );
    }

    fn read(bytes: &[u8; Self::LEN]) -> Self {
        let lost = word(bytes, 4) & 0xff_ffff;
        ReportBlock {
            ssrc: word(bytes, 0),
            fraction_lost: bytes[4],
            // Shifted up and back so that bit 23 becomes the sign.
            cumulative_lost: ((lost << 8) as i32) >> 8,
            highest_sequence: word(bytes, 8),
            jitter: word(bytes, 12),
            last_sender_report: word(bytes, 16),
            delay_since_last_sender_report: word(bytes, 20),
        }
    }
}

/// A compound packet to send: SR or RR, then SDES with the CNAME, then BYE at the end of a leg (RFC 3550 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report<'a> {
    /// Our own stream.
    pub ssrc: u32,
    /// Present while we send: makes it a sender report.
    pub sender: Option<SenderInfo>,
    /// The streams we hear; the first 31 are written.
    pub blocks: &'a [ReportBlock],
    /// Canonical name; the first 255 bytes are written.
    pub cname: &'a str,
    /// Whether the leg ends with this.
    pub goodbye: bool,
}

impl Report<'_> {
    /// Appends the compound packet to `out`, which the caller keeps and clears between uses.
    pub fn write(&self, out: &mut Vec<u8>) {
        let blocks = &self.blocks[..self.blocks.len().min(31)];
        let (kind, sender_words) = if self.sender.is_some() { (SENDER_REPORT, 5) } else { (RECEIVER_REPORT, 0) };
        put_head(out, kind, blocks.len() as u8, 1 + sender_words + 6 * blocks.len());
        put_words(out, &[self.ssrc]);
        if let Some(info) = self.sender {
            put_words(out, &[(info.ntp.0 >> 32) as u32, info.ntp.0 as u32, info.rtp_timestamp, info.packets, info.octets]);
        }
        for block in blocks {
            block.write(out);
        }
        self.write_cname(out);
        if self.goodbye {
            put_head(out, GOODBYE, 1, 1);
            put_words(out, &[self.ssrc]);
        }
    }

    fn write_cname(&self, out: &mut Vec<u8>) {
        let cname = &self.cname.as_bytes()[..self.cname.len().min(255)];
        // Item type, length, text, and at least one zero that ends the chunk on a word (RFC 3550 6.5).
        let words = (2 + cname.len()) / 4 + 1;
        put_head(out, SOURCE_DESCRIPTION, 1, 1 + words);
        put_words(out, &[self.ssrc]);
        let end = out.len() + 4 * words;
        out.extend_from_slice(&[SDES_CNAME, cname.len() as u8]);
        out.extend_from_slice(cname);
        out.resize(end, SDES_END);
    }
}

/// One packet of a compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RtcpPacket<'a> {
    /// A sender report.
    SenderReport {
        /// Who sends it.
        ssrc: u32,
        /// About its own stream.
        info: SenderInfo,
        /// About what it hears: [`RtcpPacket::blocks`].
        blocks: &'a [u8],
    },
    /// A receiver report.
    ReceiverReport {
        /// Who sends it.
        ssrc: u32,
        /// About what it hears: [`RtcpPacket::blocks`].
        blocks: &'a [u8],
    },
    /// A source description's first CNAME.
    Cname {
        /// Whose name it is.
        ssrc: u32,
        /// As sent; not promised to be UTF-8.
        cname: &'a [u8],
    },
    /// A source leaves. Only the first is named: a phone has one.
    Goodbye {
        /// Who leaves.
        ssrc: u32,
    },
    /// Anything else well framed: APP, feedback, an empty goodbye.
    Other {
        /// Packet type.
        kind: u8,
    },
}

impl<'a> RtcpPacket<'a> {
    /// The report blocks of a sender or receiver report; none for other packets.
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        let bytes: &'a [u8] = match self {
            RtcpPacket::SenderReport { blocks, .. } | RtcpPacket::ReceiverReport { blocks, .. } => blocks,
            RtcpPacket::Cname { .. } | RtcpPacket::Goodbye { .. } | RtcpPacket::Other { .. } => &[],
        };
        bytes.as_chunks().0.iter().map(ReportBlock::read)
    }
}

/// Reads a compound packet, one after another; after an error it ends.
#[derive(Debug, Clone)]
pub struct RtcpPackets<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> RtcpPackets<'a> {
    /// Over one datagram. Reads sixteen packets of it at most.
    pub fn new(datagram: &'a [u8]) -> Self {
        RtcpPackets { rest: datagram, left: MAX_PACKETS }
    }

    fn take(&mut self) -> Result<RtcpPacket<'a>, RtcpError> {
        let &[first, kind, high, low] = self.rest.first_chunk().ok_or(RtcpError::Short)?;
        if first >> 6 != 2 {
            return Err(RtcpError::Version);
        }
        let length = 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
        let (packet, rest) = self.rest.split_at_checked(length).ok_or(RtcpError::Short)?;
        self.rest = rest;
        read_packet(kind, usize::from(first & 0x1f), &packet[4..])
    }
}

impl<'a> Iterator for RtcpPackets<'a> {
    type Item = Result<RtcpPacket<'a>, RtcpError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.left == 0 {
            return None;
        }
        self.left -= 1;
        let item = self.take();
        if item.is_err() {
            self.left = 0;
        }
        Some(item)
    }
}

fn read_packet(kind: u8, count: usize, body: &[u8]) -> Result<RtcpPacket<'_>, RtcpError> {
    match kind {
        SENDER_REPORT => {
            let head: &[u8; 24] = body.first_chunk().ok_or(RtcpError::Short)?;
            let info = SenderInfo {
                ntp: NtpTime(u64::from(word(head, 4)) << 32 | u64::from(word(head, 8))),
                rtp_timestamp: word(head, 12),
                packets: word(head, 16),
                octets: word(head, 20),
            };
            Ok(RtcpPacket::SenderReport { ssrc: word(head, 0), info, blocks: report_blocks(&body[24..], count)? })
        }
        RECEIVER_REPORT => {
            let head: &[u8; 4] = body.first_chunk().ok_or(RtcpError::Short)?;
            Ok(RtcpPacket::ReceiverReport { ssrc: word(head, 0), blocks: report_blocks(&body[4..], count)? })
        }
        SOURCE_DESCRIPTION if count > 0 => read_cname(body),
        GOODBYE if count > 0 => {
            let head: &[u8; 4] = body.first_chunk().ok_or(RtcpError::Short)?;
            Ok(RtcpPacket::Goodbye { ssrc: word(head, 0) })
        }
        kind => Ok(RtcpPacket::Other { kind }),
    }
}

fn report_blocks(bytes: &[u8], count: usize) -> Result<&[u8], RtcpError> {
    bytes.get(..ReportBlock::LEN * count).ok_or(RtcpError::Short)
}

/// The CNAME of the first chunk. A description without one (phones send NOTE or TOOL alone) is nothing to us.
fn read_cname(body: &[u8]) -> Result<RtcpPacket<'_>, RtcpError> {
    let (head, mut items) = body.split_first_chunk::<4>().ok_or(RtcpError::Short)?;
    while let [kind, length, rest @ ..] = items {
        if *kind == SDES_END {
            break;
        }
        let (text, after) = rest.split_at_checked((*length).into()).ok_or(RtcpError::Short)?;
        if *kind == SDES_CNAME {
            return Ok(RtcpPacket::Cname { ssrc: word(head, 0), cname: text });
        }
        items = after;
    }
    Ok(RtcpPacket::Other { kind: SOURCE_DESCRIPTION })
}

fn put_head(out: &mut Vec<u8>, kind: u8, count: u8, words: usize) {
    out.extend_from_slice(&[0x80 | count, kind]);
    out.extend_from_slice(&(words as u16).to_be_bytes());
}

fn put_words(out: &mut Vec<u8>, words: &[u32]) {
    for word in words {
        out.extend_from_slice(&word.to_be_bytes());
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
