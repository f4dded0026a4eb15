//! RTCP of one leg (RFC 3550 6): a report every five seconds each way, and the other timers of a leg.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use carillon_media_rtp::{NtpTime, Report, RtcpPacket, RtcpPackets};

use crate::Event;
use crate::hearing::Patience;
use crate::leg::Leg;
use crate::poller::{Destination, Poller};
use crate::random::Random;

const INTERVAL: Duration = Duration::from_secs(5);

/// A report of one block with its name fits many times.
const LONGEST_REPORT: usize = 256;

impl Leg {
    /// What time brings: a digit whose end was lost, a silent phone, a report.
    pub(crate) fn pass_time(
        &mut self,
        now: Instant,
        rtp_timeout: Duration,
        patience: Patience,
        tell: &dyn Fn(Event),
        random: &mut Random,
        poller: &mut Poller,
    ) {
        self.digits.handle_timeout(now);
        self.tell_digits(tell);
        self.pass_guards_time(now, poller, tell);
        self.moments.pass_time(now, &self.stats);
        let Some(agreed) = &self.agreed else { return };
        if agreed.media.expects_packets() && self.life.runs_out(now, rtp_timeout) {
            tell(Event::MediaLost { leg: self.id });
        }
        let is_listened_to = self.is_listened_to();
        if let Some(hearing) = self.signs.change(now, is_listened_to, patience) {
            tell(Event::Hearing { leg: self.id, hearing });
        }
        if now >= self.report_due {
            // Half to one and a half intervals, so that many legs do not report together (RFC 3550 6.3.1).
            self.report_due = now + INTERVAL / 2 + INTERVAL * (random.next() % 1024) as u32 / 1024;
            self.send_report(now, false, poller);
        }
    }

    /// Reads a report from the leg's host. It is a sign of life: a muted phone may send nothing else.
    pub(crate) fn take_report(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        let mut is_report = false;
        for packet in RtcpPackets::new(datagram).map_while(Result::ok) {
            match &packet {
                RtcpPacket::SenderReport { info, .. } => {
                    is_report = true;
                    self.stats.sender_report(now, info);
                }
                RtcpPacket::ReceiverReport { .. } => is_report = true,
                RtcpPacket::Cname { .. } | RtcpPacket::Goodbye { .. } | RtcpPacket::Other { .. } => {}
            }
            for block in packet.blocks().filter(|block| block.ssrc == self.outbound.ssrc()) {
                self.stats.round_trip(wall_time(), &block);
                self.moments.hear_report(&block, &self.stats);
            }
        }
        if is_report {
            self.rtcp_source = Some(from);
            self.life.last_sign = now;
        } else {
            self.refused += 1;
        }
    }

    /// Sends a sender report, or a receiver report while nothing was sent; with a goodbye when the leg closes.
    pub(crate) fn send_report(&mut self, now: Instant, goodbye: bool, poller: &mut Poller) {
        let sender = self.outbound.sender_info(now, wall_time());
        let block = self.stats.report_block(now);
        if sender.is_none() && block.is_none() {
            return;
        }
        let ssrc = self.outbound.ssrc();
        // Random, and the same for the leg's whole life: it names nobody (RFC 7022 4.2).
        let cname = format!("{ssrc:08x}");
        let mut datagram = Vec::with_capacity(LONGEST_REPORT);
        Report { ssrc, sender, blocks: block.as_slice(), cname: &cname, goodbye }.write(&mut datagram);
        if self.guard.is_some() {
            return self.send_sealed_report(now, datagram, poller);
        }
        let Some(to) = self.report_destination() else { return };
        poller.send(self.rtcp, &datagram, Destination::Address(to));
    }

    /// Where reports came from, else the port above RTP's (RFC 3550 11).
    pub(crate) fn report_destination(&self) -> Option<SocketAddr> {
        let rtp = self.agreed.as_ref()?.latch.destination()?;
        let above = SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?);
        Some(self.rtcp_source.filter(|source| source.ip() == rtp.ip()).unwrap_or(above))
    }
}

fn wall_time() -> NtpTime {
    NtpTime::from_unix(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}
