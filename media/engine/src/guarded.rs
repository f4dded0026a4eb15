//! Legs whose packets are sealed: a guard stands between their sockets and their streams. Nothing is used, sent on or learnt before it
//! has proved who sent it.

use std::net::SocketAddr;
use std::time::Instant;

use carillon_media_secure::{Identity, Keying, Peer, PeerEvent, Received, SrtpError, TAG_ROOM, is_rtcp};

use crate::leg::Leg;
use crate::packets::Port;
use crate::poller::{Destination, Packet, Poller};
use crate::thread::{LONGEST_PACKET, MediaThread};
use crate::{Event, LegMedia, Security};

impl MediaThread {
    /// Gives the packet back unless it was sent on.
    pub(crate) fn receive_guarded(&mut self, port: Port, from: SocketAddr, mut packet: Packet) -> Option<Packet> {
        let (Port::Rtp(ix) | Port::Rtcp(ix)) = port;
        let Some(leg) = self.legs.get_mut(ix) else { return Some(packet) };
        let datagram = self.poller.bytes_mut(&mut packet);
        // Cut to the buffer, as like as not.
        let received = if datagram.len() < LONGEST_PACKET { leg.open(self.now, port, from, datagram) } else { Received::Dropped };
        match received {
            Received::Rtp(len) => {
                if let Some(mut heard) = leg.read(&datagram[..len])
                    && leg.hear(self.now, from, &mut heard, &mut self.poller, &*self.tell)
                {
                    return self.use_packet(ix, &heard, packet);
                }
            }
            Received::Rtcp(len) => leg.take_report(self.now, from, &datagram[..len]),
            Received::Taken => leg.attend_guard(&mut self.poller, &*self.tell),
            Received::Dropped => leg.refused += 1,
        }
        Some(packet)
    }
}

impl Leg {
    /// Opens a datagram in place. Where no checks prove who holds an address, the latch says who is looked at.
    fn open(&mut self, now: Instant, port: Port, from: SocketAddr, datagram: &mut [u8]) -> Received {
        let (Some(agreed), Some(guard)) = (&self.agreed, &mut self.guard) else { return Received::Dropped };
        let is_muxed = agreed.media.security.as_ref().is_some_and(|security| security.rtcp_mux);
        let is_looked_at = match port {
            Port::Rtp(_) => guard.does_ice() || agreed.latch.admits(&agreed.media, from),
            // Neither sound nor a handshake belongs there: a phone that shares no port shakes hands on each (RFC 5764 section 3), and the hello
            // of one must not get into the other.
            Port::Rtcp(_) => is_rtcp(datagram) && !is_muxed && !guard.does_ice() && agreed.latch.admits_rtcp(&agreed.media, from),
        };
        if is_looked_at { guard.receive(now, from, datagram) } else { Received::Dropped }
    }

    /// Sets up, keeps or takes away the guard as was agreed.
    pub(crate) fn set_guard(&mut self, now: Instant, media: &LegMedia, identity: &Identity) -> Result<(), SrtpError> {
        let before = self.agreed.as_ref().and_then(|agreed| agreed.media.security.as_deref());
        let Some(security) = &media.security else {
            self.guard = None;
            return Ok(());
        };
        match (&mut self.guard, before) {
            (Some(guard), Some(before)) if goes_on(before, security) => {
                if let Keying::Sdes { local, remote } = &security.keying {
                    guard.rekey(local, remote)?;
                }
                if let Some(credentials) = security.ice.as_ref().filter(|ice| before.ice.as_ref() != Some(*ice)) {
                    guard.restart_ice(credentials.clone());
                }
            }
            _ => {
                let remote = Some(media.remote).filter(|remote| remote.port() != 0 && !remote.ip().is_unspecified());
                let guard = Peer::new(identity, security.ice.clone(), remote, security.keying.clone())?;
                self.guard.insert(Box::new(guard)).handle_timeout(now);
            }
        }
        Ok(())
    }

    /// Sends what the guard has to send of its own, and tells what became of the peer.
    pub(crate) fn attend_guard(&mut self, poller: &mut Poller, tell: &dyn Fn(Event)) {
        let Some(guard) = &mut self.guard else { return };
        while let Some((to, datagram)) = guard.poll_transmit() {
            poller.send(self.rtp, &datagram, Destination::Address(to));
        }
        while let Some(event) = guard.poll_event() {
            match event {
                PeerEvent::Secured(profile) => tracing::debug!(leg = %self.id, ?profile, "a leg has its keys"),
                PeerEvent::Selected(address) => tracing::debug!(leg = %self.id, %address, "a peer chose its way"),
                PeerEvent::ConsentLost => tell(Event::ConsentLost { leg: self.id }),
                PeerEvent::Failed(error) => tell(Event::SecurityFailed { leg: self.id, why: error.to_string() }),
            }
        }
    }

    /// What time brings to the guard: flights to repeat, consent that ends.
    pub(crate) fn pass_guards_time(&mut self, now: Instant, poller: &mut Poller, tell: &dyn Fn(Event)) {
        let Some(guard) = &mut self.guard else { return };
        if guard.poll_timeout().is_some_and(|due| due <= now) {
            guard.handle_timeout(now);
            self.attend_guard(poller, tell);
        }
    }

    /// Whether something said now would be heard: not before there are keys and a place to send to.
    pub(crate) fn is_reached(&self) -> bool {
        self.guard.as_ref().is_none_or(|guard| guard.is_secured() && (!guard.does_ice() || guard.send_to().is_some()))
    }

    /// Seals an RTP packet and sends it; the packet is copied, since the sealed one is longer.
    pub(crate) fn send_sealed(&mut self, now: Instant, packet: &[u8], poller: &mut Poller) {
        let mut buffer = [0; LONGEST_PACKET + TAG_ROOM];
        let Some(plain) = buffer.get_mut(..packet.len()).filter(|_| packet.len() <= LONGEST_PACKET) else { return };
        plain.copy_from_slice(packet);
        self.seal_and_send(now, &mut buffer, packet.len(), poller);
    }

    /// The same for a packet that came, which is given back.
    pub(crate) fn seal_and_send_on(&mut self, now: Instant, packet: Packet, len: usize, poller: &mut Poller) {
        let mut buffer = [0; LONGEST_PACKET + TAG_ROOM];
        let len = len.min(LONGEST_PACKET);
        buffer[..len].copy_from_slice(&poller.bytes(&packet)[..len]);
        poller.give_back(packet);
        self.seal_and_send(now, &mut buffer, len, poller);
    }

    fn seal_and_send(&mut self, now: Instant, buffer: &mut [u8], len: usize, poller: &mut Poller) {
        let Some(to) = self.destination() else { return };
        let Some(sealed) = self.guard.as_mut().and_then(|guard| guard.seal_rtp(now, buffer, len)) else { return };
        if poller.send(self.rtp, &buffer[..sealed], to) {
            self.count_sent(len);
        }
    }

    /// Seals a report and sends it: on RTP's port if both share it.
    pub(crate) fn send_sealed_report(&mut self, now: Instant, mut report: Vec<u8>, poller: &mut Poller) {
        let Some(security) = self.agreed.as_ref().and_then(|agreed| agreed.media.security.as_ref()) else { return };
        let is_muxed = security.rtcp_mux || security.ice.is_some();
        // Without sharing it, RTCP would want a handshake of its own (RFC 5764 section 3).
        if !is_muxed && matches!(security.keying, Keying::Dtls { .. }) {
            return;
        }
        let (key, to) =
            if is_muxed { (self.rtp, self.destination()) } else { (self.rtcp, self.report_destination().map(Destination::Address)) };
        let Some(to) = to else { return };
        let len = report.len();
        report.resize(len + TAG_ROOM, 0);
        if let Some(sealed) = self.guard.as_mut().and_then(|guard| guard.seal_rtcp(now, &mut report, len)) {
            poller.send(key, &report[..sealed], to);
        }
    }
}

/// Whether this is the same peer's protection as before, and not another's.
fn goes_on(before: &Security, now: &Security) -> bool {
    let is_same = match (&before.keying, &now.keying) {
        (Keying::Sdes { .. }, Keying::Sdes { .. }) => true,
        (Keying::Dtls { peer: before, .. }, Keying::Dtls { peer, .. }) => before == peer,
        (Keying::Sdes { .. }, Keying::Dtls { .. }) | (Keying::Dtls { .. }, Keying::Sdes { .. }) => false,
    };
    is_same && before.ice.is_some() == now.ice.is_some()
}
