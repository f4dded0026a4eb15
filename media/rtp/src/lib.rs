//! RTP and RTCP without sockets: look at a packet, rewrite it in place, count what was lost, and read the digits in it.
//!
//! Everything here takes the time as an argument and allocates nothing per packet. A relayed packet meets, in order:
//! [`RtpView::parse`], [`ReceiveStats::record`], [`DtmfReceiver::receive`] if it is an event, and [`Outbound::relay`] for the
//! header it leaves with. One that is mixed is decoded and goes through a [`JitterBuffer`].

mod dtmf;
mod header;
mod jitter;
mod outbound;
mod quality;
mod rtcp;
mod stats;

pub use dtmf::{Digit, DtmfFrame, DtmfPayload, DtmfReceiver, DtmfSender, END_TIMEOUT, MAX_QUEUED_DIGITS, event_of_digit};
pub use header::{PacketKind, RtpError, RtpHeader, RtpView, kind_of};
pub use jitter::{JitterBuffer, Taken};
pub use outbound::Outbound;
pub use quality::{Quality, mos_x100};
pub use rtcp::{NtpTime, Report, ReportBlock, RtcpError, RtcpPacket, RtcpPackets, SenderInfo};
pub use stats::{Arrival, ReceiveStats};
