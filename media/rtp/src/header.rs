//! The RTP header (RFC 3550 5.1), seen and rewritten where it lies.

/// Why bytes are not an RTP packet. Such a packet is counted and dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RtpError {
    /// Fewer bytes than the header, its CSRC list, its extension or its padding needs.
    #[error("RTP packet is shorter than its header says")]
    Short,
    /// The version field is not 2.
    #[error("RTP version is not 2")]
    Version,
}

/// What a datagram on a media port is, by its first two bytes (RFC 5761 4, RFC 7983 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketKind {
    /// RTP media.
    Rtp,
    /// An RTCP compound packet.
    Rtcp,
    /// Neither: STUN, DTLS, a NAT keep-alive, garbage.
    Other,
}

/// Tells RTP from RTCP from anything else. Looks at two bytes only; the parsers do the rest.
#[inline]
pub fn kind_of(datagram: &[u8]) -> PacketKind {
    match datagram {
        [first, second, ..] if first >> 6 == 2 => {
            if (192..=223).contains(second) {
                PacketKind::Rtcp
            } else {
                PacketKind::Rtp
            }
        }
        _ => PacketKind::Other,
    }
}

/// The fields of an RTP header that change on the way through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RtpHeader {
    /// Start of a talkspurt or of a telephone-event.
    pub marker: bool,
    /// Payload type, 0 to 127; higher bits are dropped when written.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp in units of the payload's clock.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
}

impl RtpHeader {
    /// Bytes of a header with no CSRC and no extension, which is all this server ever writes.
    pub const LEN: usize = 12;

    /// The header as bytes, to put before a payload.
    #[inline]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0u8; Self::LEN];
        bytes[0] = 0x80;
        self.put_fields(&mut bytes);
        bytes
    }

    /// Writes the header at the start of `packet` and returns the rest, where the payload goes.
    /// `None` when `packet` is shorter than [`RtpHeader::LEN`]; nothing is written then.
    #[inline]
    pub fn write(self, packet: &mut [u8]) -> Option<&mut [u8]> {
        let (head, rest) = packet.split_first_chunk_mut::<{ Self::LEN }>()?;
        *head = self.to_bytes();
        Some(rest)
    }

    #[inline]
    fn put_fields(self, head: &mut [u8; Self::LEN]) {
        head[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7f);
        head[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        head[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        head[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }
}

/// One RTP packet, over `&[u8]` to read or `&mut [u8]` to rewrite in place.
///
/// Parsing checks every length once, so that the accessors cannot fail.
#[derive(Debug)]
pub struct RtpView<B> {
    packet: B,
    payload_start: usize,
    payload_end: usize,
}

impl<B: AsRef<[u8]>> RtpView<B> {
    /// Checks the header, the CSRC list, the extension and the padding (RFC 3550 5.1, 5.3.1).
    ///
    /// # Errors
    /// [`RtpError::Version`] for another protocol, [`RtpError::Short`] where a length does not fit.
    #[inline]
    pub fn parse(packet: B) -> Result<Self, RtpError> {
        let bytes = packet.as_ref();
        let Some(head) = bytes.first_chunk::<{ RtpHeader::LEN }>() else { return Err(RtpError::Short) };
        if head[0] >> 6 != 2 {
            return Err(RtpError::Version);
        }
        // The plain header is by far the most common: no padding, no extension, no CSRC.
        if head[0] == 0x80 {
            let payload_end = bytes.len();
            return Ok(RtpView { packet, payload_start: RtpHeader::LEN, payload_end });
        }
        let (payload_start, payload_end) = payload_span(bytes, head[0])?;
        Ok(RtpView { packet, payload_start, payload_end })
    }

    /// The five fields at once.
    #[inline]
    pub fn header(&self) -> RtpHeader {
        let head = self.head();
        RtpHeader {
            marker: head[1] & 0x80 != 0,
            payload_type: head[1] & 0x7f,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        }
    }

    /// The payload, without CSRC list, extension and padding.
    #[inline]
    pub fn payload(&self) -> &[u8] {
        &self.packet.as_ref()[self.payload_start..self.payload_end]
    }

    /// Where the payload lies in the packet, for callers that keep the buffer and drop the view.
    #[inline]
    pub fn payload_range(&self) -> std::ops::Range<usize> {
        self.payload_start..self.payload_end
    }

    /// The contributing sources (RFC 3550 5.1), at most fifteen.
    pub fn csrcs(&self) -> impl Iterator<Item = u32> + '_ {
        let count = usize::from(self.head()[0] & 0x0f);
        let list = &self.packet.as_ref()[RtpHeader::LEN..RtpHeader::LEN + 4 * count];
        list.chunks_exact(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
    }

    #[inline]
    fn head(&self) -> &[u8; RtpHeader::LEN] {
        // Never the fallback: parse() saw twelve bytes and the buffer cannot shrink behind a borrow.
        self.packet.as_ref().first_chunk().unwrap_or(&[0; RtpHeader::LEN])
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> RtpView<B> {
    /// Replaces marker, payload type, sequence, timestamp and SSRC; CSRCs, extension and payload stay as they came.
    #[inline]
    pub fn rewrite(&mut self, header: RtpHeader) {
        if let Some(head) = self.packet.as_mut().first_chunk_mut() {
            header.put_fields(head);
        }
    }

    /// The payload, to transcode in place (G.711 laws have one size).
    #[inline]
    pub fn payload_mut(&mut self) -> &mut [u8] {
        &mut self.packet.as_mut()[self.payload_start..self.payload_end]
    }
}

/// Start and end of the payload of a packet that has CSRCs, an extension or padding.
#[cold]
fn payload_span(bytes: &[u8], first: u8) -> Result<(usize, usize), RtpError> {
    let mut start = RtpHeader::LEN + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let words = bytes.get(start + 2..start + 4).ok_or(RtpError::Short)?;
        start += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    let mut end = bytes.len();
    if first & 0x20 != 0 {
        let padding = usize::from(*bytes.last().ok_or(RtpError::Short)?);
        // A padding of zero cannot be: the count counts itself.
        end = end.checked_sub(padding).filter(|_| padding > 0).ok_or(RtpError::Short)?;
    }
    if start > end { Err(RtpError::Short) } else { Ok((start, end)) }
}
