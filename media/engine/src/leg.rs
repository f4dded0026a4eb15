//! One leg: its sockets, what was agreed, what it has heard and what it was sent.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::time::{Duration, Instant};

use carillon_media_rtp::{Arrival, DtmfReceiver, Outbound, ReceiveStats, RtpHeader, RtpView};
use carillon_media_secure::{Identity, Peer, SrtpError};
use smallvec::SmallVec;

use crate::ear::Ear;
use crate::hearing::Signs;
use crate::keys::Keys;
use crate::latch::Latch;
use crate::mixing::InMix;
use crate::moments::Moments;
use crate::packets::Port;
use crate::player::Player;
use crate::poller::{Destination, Key, Packet, Poller};
use crate::ports::{PortClaim, Sockets};
use crate::random::Random;
use crate::recording::Channel;
use crate::voice::Voice;
use crate::{Codec, Event, LegId, LegMedia, LegReport};

/// Units of the RTP clock in a second before anything is agreed.
const CLOCK_RATE: u32 = 8000;

/// After a re-INVITE that names the same address, a leg silent for this long may come from a new port: its NAT has forgotten it.
const FORGOTTEN_BY_NAT: Duration = Duration::from_secs(1);

/// Comfort noise (RFC 3389): no sound in it, but a sign of life.
const COMFORT_NOISE: u8 = 13;

/// The static payload types (RFC 3551 6).
const STATIC_PCMU: u8 = 0;
const STATIC_PCMA: u8 = 8;

/// The order of its fields is kept: what every packet looks at comes first, see [`HOT`].
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Leg {
    pub(crate) agreed: Option<Agreed>,
    /// The other leg of the bridge.
    pub(crate) partner: Option<usize>,
    /// The bridge is of before the answer: what the leg does not send is not missed.
    pub(crate) is_early: bool,
    /// Recordings that hear this leg.
    pub(crate) taps: SmallVec<[Tap; 2]>,
    /// What stands between the sockets and the stream, where packets are sealed.
    pub(crate) guard: Option<Box<Peer>>,
    /// Its place in a conference.
    pub(crate) in_mix: Option<Box<InMix>>,
    /// Keys on their way to it.
    pub(crate) keys: Option<Box<Keys>>,
    pub(crate) player: Option<Player>,
    pub(crate) life: Life,
    pub(crate) signs: Signs,
    pub(crate) stats: ReceiveStats,
    pub(crate) outbound: Outbound,
    /// Its sockets, at the poller: to be taken from there before the leg is dropped, since a port is free only when nothing is bound to it.
    pub(crate) rtp: Key,
    pub(crate) rtcp: Key,
    pub(crate) sent: u64,
    pub(crate) refused: u64,
    pub(crate) id: LegId,
    /// Decodes what it says and encodes what it hears, where a table is not enough.
    pub(crate) ear: Option<Box<Ear>>,
    pub(crate) voice: Option<Box<Voice>>,
    pub(crate) digits: DtmfReceiver,
    /// The timestamp of the key press that it is being told, as the other leg gave it.
    pub(crate) event_told: Option<u32>,
    pub(crate) moments: Moments,
    pub(crate) report_due: Instant,
    pub(crate) rtcp_source: Option<SocketAddr>,
    /// Sockets of the other IP version, until it is known that its peer is of this one; with what they are of, and before the claim.
    other: Option<(Sockets, bool)>,
    _claim: PortClaim,
}

/// Octets at the head of a leg that every packet looks at.
pub(crate) const HOT: usize = std::mem::offset_of!(Leg, id);

/// What offer and answer agreed, and who turned out to send.
#[derive(Debug)]
pub(crate) struct Agreed {
    pub(crate) media: LegMedia,
    pub(crate) latch: Latch,
    connected: bool,
}

/// Where a leg's sound is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tap {
    pub(crate) tape: usize,
    pub(crate) channel: Channel,
}

/// Whether packets come while they should.
#[derive(Debug)]
pub(crate) struct Life {
    /// When a packet last came, or began to be expected.
    pub(crate) last_sign: Instant,
    /// `Event::MediaLost` was told and nothing came since.
    pub(crate) lost: bool,
}

/// A packet that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) header: RtpHeader,
    pub(crate) payload: Range<usize>,
    pub(crate) kind: Kind,
    /// Packets that should have come between the one before and this one.
    pub(crate) missing: u16,
    /// One that follows it came before.
    pub(crate) is_late: bool,
}

/// What a payload type means on a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio(Codec),
    TelephoneEvent,
    ComfortNoise,
}

impl Leg {
    pub(crate) fn new(now: Instant, id: LegId, ix: usize, (claim, other): (PortClaim, Option<Sockets>), random: &mut Random) -> Self {
        let numbers = random.next();
        // The sequence starts in the lower half, so that no receiver sees it wrap at once (RFC 3711 3.3.1 wishes so for SRTP).
        let outbound = Outbound::new(random.next() as u32, (numbers >> 48) as u16 & 0x7fff, numbers as u32, CLOCK_RATE);
        Self {
            agreed: None,
            partner: None,
            is_early: false,
            taps: SmallVec::new(),
            guard: None,
            in_mix: None,
            keys: None,
            player: None,
            life: Life { last_sign: now, lost: false },
            signs: Signs::new(now),
            stats: ReceiveStats::new(CLOCK_RATE),
            outbound,
            rtp: Port::Rtp(ix).key(),
            rtcp: Port::Rtcp(ix).key(),
            sent: 0,
            refused: 0,
            id,
            ear: None,
            voice: None,
            digits: DtmfReceiver::new(CLOCK_RATE),
            event_told: None,
            moments: Moments::new(now),
            report_due: now,
            rtcp_source: None,
            other: other.and_then(|sockets| sockets.rtp.local_addr().ok().map(|address| (sockets, address.is_ipv4()))),
            _claim: claim,
        }
    }

    /// The sockets to take instead of its own for a peer at that address. Whichever are not taken are given up with the first peer that is
    /// anywhere at all.
    pub(crate) fn sockets_for(&mut self, peer: IpAddr) -> Option<Sockets> {
        if peer.is_unspecified() {
            return None;
        }
        self.other.take().filter(|(_, is_ipv4)| *is_ipv4 == peer.is_ipv4()).map(|(sockets, _)| sockets)
    }

    /// Takes what offer and answer agreed. True when the RTP socket has to be bound afresh, since a connected one hears nobody new.
    ///
    /// An error leaves everything as it was.
    pub(crate) fn set_media(&mut self, now: Instant, media: LegMedia, identity: &Identity) -> Result<bool, SrtpError> {
        self.set_guard(now, &media, identity)?;
        self.set_clocks(&media);
        let was_expected = self.agreed.as_ref().is_some_and(|agreed| agreed.media.expects_packets());
        let silent = now.saturating_duration_since(self.life.last_sign) > FORGOTTEN_BY_NAT;
        if media.expects_packets() && !was_expected {
            self.life.last_sign = now;
        }
        let Some(agreed) = &mut self.agreed else {
            self.agreed = Some(Agreed { latch: Latch::new(&media), media, connected: false });
            return Ok(false);
        };
        let moved = agreed.media.remote != media.remote || agreed.media.allowed_sources != media.allowed_sources;
        if moved || silent {
            agreed.latch.reopen(&agreed.media, &media);
            self.rtcp_source = None;
        }
        agreed.media = media;
        Ok(agreed.connected && (!agreed.latch.is_latched() || self.guard.is_some()))
    }

    fn set_clocks(&mut self, media: &LegMedia) {
        let before = self.agreed.as_ref().map(|agreed| (agreed.media.codec.clock_hz(), agreed.media.dtmf_hz));
        let (hz, dtmf_hz) = before.unwrap_or((CLOCK_RATE, CLOCK_RATE));
        if media.codec.clock_hz() != hz {
            self.outbound.set_clock_rate(media.codec.clock_hz());
            self.stats.set_clock_rate(media.codec.clock_hz());
        }
        if media.dtmf_hz != dtmf_hz {
            self.digits = DtmfReceiver::new(media.dtmf_hz);
        }
    }

    /// The RTP socket was bound afresh.
    pub(crate) fn rtp_replaced(&mut self) {
        if let Some(agreed) = &mut self.agreed {
            agreed.connected = false;
        }
    }

    /// The RTP socket could not be bound afresh: it is pointed at the new address, and hears nobody else.
    pub(crate) fn keep_rtp(&mut self, poller: &mut Poller) {
        if let Some(agreed) = &mut self.agreed {
            agreed.connected = poller.connect(self.rtp, agreed.media.remote);
        }
    }

    /// Reads a datagram of the RTP port; `None`: it is refused, and counted.
    #[inline]
    pub(crate) fn admit(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<Heard> {
        let admitted = self.agreed.as_ref().filter(|agreed| agreed.latch.admits(&agreed.media, from));
        let heard = admitted.and_then(|agreed| agreed.read(datagram));
        self.refused += u64::from(heard.is_none());
        heard
    }

    /// The same for a packet whose sender is proved.
    pub(crate) fn read(&mut self, datagram: &[u8]) -> Option<Heard> {
        let heard = self.agreed.as_ref().and_then(|agreed| agreed.read(datagram));
        self.refused += u64::from(heard.is_none());
        heard
    }

    /// Takes an admitted packet; false when nothing is to be done with it.
    #[inline]
    pub(crate) fn hear(&mut self, now: Instant, from: SocketAddr, heard: &mut Heard, poller: &mut Poller, tell: &dyn Fn(Event)) -> bool {
        let Some(agreed) = &mut self.agreed else { return false };
        if !agreed.latch.is_latched() {
            agreed.latch.latch(from);
            // A peer that does ICE may come from several places in turn.
            agreed.connected = self.guard.is_none() && poller.connect(self.rtp, from);
            tell(Event::Latched { leg: self.id });
        }
        let arrival = match heard.kind {
            Kind::Audio(_) => self.stats.record(now, &heard.header),
            // Their timestamps do not run with the clock.
            Kind::TelephoneEvent | Kind::ComfortNoise => self.stats.record_untimed(&heard.header),
        };
        match arrival {
            Arrival::Next { missing } => heard.missing = missing,
            Arrival::First => {}
            Arrival::Late => heard.is_late = true,
            Arrival::Duplicate | Arrival::Stray => return false,
        }
        self.life.last_sign = now;
        self.signs.packet(now, heard.kind);
        if std::mem::take(&mut self.life.lost) {
            tell(Event::MediaBack { leg: self.id });
        }
        agreed.media.recv
    }

    /// Whether this leg is to hear its bridge or conference now: it wants sound and nothing is played to it.
    pub(crate) fn hears_bridge(&self) -> Option<&LegMedia> {
        let media = &self.agreed.as_ref()?.media;
        (media.send && self.player.is_none() && !self.is_pressing()).then_some(media)
    }

    /// Where RTP goes; `None` when nowhere.
    pub(crate) fn destination(&self) -> Option<Destination> {
        if let Some(guard) = self.guard.as_ref().filter(|guard| guard.does_ice()) {
            return guard.send_to().map(Destination::Address);
        }
        let agreed = self.agreed.as_ref()?;
        let address = agreed.latch.destination()?;
        Some(if agreed.connected { Destination::Connected } else { Destination::Address(address) })
    }

    /// Sends one RTP packet, where it lies: its first `len` octets.
    #[inline]
    pub(crate) fn send_on(&mut self, now: Instant, packet: Packet, len: usize, poller: &mut Poller) {
        if self.guard.is_some() {
            return self.seal_and_send_on(now, packet, len, poller);
        }
        let Some(to) = self.destination() else { return poller.give_back(packet) };
        if poller.send_on(self.rtp, packet, len, to) {
            self.count_sent(len);
        }
    }

    /// Sends one RTP packet made here.
    pub(crate) fn send(&mut self, now: Instant, packet: &[u8], poller: &mut Poller) {
        if self.guard.is_some() {
            return self.send_sealed(now, packet, poller);
        }
        let Some(to) = self.destination() else { return };
        if poller.send(self.rtp, packet, to) {
            self.count_sent(packet.len());
        }
    }

    pub(crate) fn count_sent(&mut self, len: usize) {
        self.sent += 1;
        self.outbound.sent(len - RtpHeader::LEN);
    }

    pub(crate) fn report(self, now: Instant) -> LegReport {
        let quality = self.stats.quality();
        LegReport {
            received: quality.received,
            sent: self.sent,
            lost: quality.lost,
            refused: self.refused,
            jitter_us: quality.jitter_us,
            mos_x100: quality.mos_x100.into(),
            moments: self.moments.all(now, &self.stats),
        }
    }
}

impl Agreed {
    #[inline]
    fn read(&self, datagram: &[u8]) -> Option<Heard> {
        let view = RtpView::parse(datagram).ok()?;
        let header = view.header();
        Some(Heard { header, payload: view.payload_range(), kind: self.kind_of(header.payload_type)?, missing: 0, is_late: false })
    }

    #[inline]
    fn kind_of(&self, payload_type: u8) -> Option<Kind> {
        if payload_type == self.media.codec_pt {
            return Some(Kind::Audio(self.media.codec));
        }
        match payload_type {
            pt if Some(pt) == self.media.dtmf_pt => Some(Kind::TelephoneEvent),
            // Phones change to the other law when both were offered, without a word in SDP.
            STATIC_PCMU if self.media.codec.law().is_some() => Some(Kind::Audio(Codec::Pcmu)),
            STATIC_PCMA if self.media.codec.law().is_some() => Some(Kind::Audio(Codec::Pcma)),
            COMFORT_NOISE => Some(Kind::ComfortNoise),
            _ => None,
        }
    }
}

impl Life {
    /// Whether the leg just became silent for too long.
    pub(crate) fn runs_out(&mut self, now: Instant, timeout: Duration) -> bool {
        let silent = !self.lost && now.saturating_duration_since(self.last_sign) > timeout;
        self.lost |= silent;
        silent
    }
}
