//! The secured side of one leg: sorts its datagrams (RFC 7983), and opens nothing of an address that has not been proved.

use std::{collections::VecDeque, net::SocketAddr, time::Instant};

use crate::{Credentials, Dtls, DtlsError, Fingerprint, IceLite, Identity, MasterKey, Profile, Role, SrtpError, SrtpReceiver, SrtpSender};

/// Handshake datagrams and answers to checks that wait to be sent. Nothing is lost for good when they are full: both are
/// repeated.
const MAX_TRANSMITS: usize = 16;

/// Where the keys of a leg come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keying {
    /// From the SDP itself (RFC 4568): what we send with, what we hear with.
    Sdes {
        /// Our line's key.
        local: MasterKey,
        /// The peer's.
        remote: MasterKey,
    },
    /// From a handshake on the media's own way.
    Dtls {
        /// Who begins.
        role: Role,
        /// Whose certificate it must be.
        peer: Fingerprint,
    },
}

/// What a datagram turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// An RTP packet, plain now, in so many bytes.
    Rtp(usize),
    /// An RTCP packet, plain now.
    Rtcp(usize),
    /// It was for this layer; there may be something to send.
    Taken,
    /// It is nobody's: not proved, forged, replayed or unreadable.
    Dropped,
}

/// What became of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerEvent {
    /// Keys are agreed: media may go.
    Secured(Profile),
    /// The address to send to, after the first nomination and after each change.
    Selected(SocketAddr),
    /// No check for [`crate::CONSENT_LASTS`]: nothing is sent any more, until checks come again.
    ConsentLost,
    /// There will be no keys.
    Failed(DtlsError),
}

/// The secured side of one leg.
pub struct Peer {
    ice: Option<IceLite>,
    dtls: Option<Dtls>,
    /// What a handshake needs to begin: it waits for the first address that was proved.
    begin: Option<(Identity, Role, Fingerprint)>,
    sender: Option<SrtpSender>,
    receiver: Option<SrtpReceiver>,
    /// What they were made of: ours, theirs.
    keys: Option<(MasterKey, MasterKey)>,
    /// Without ICE: where the signalling says the peer is, or where it was heard from.
    remote: Option<SocketAddr>,
    announced: Option<SocketAddr>,
    consent_was_lost: bool,
    transmits: VecDeque<(SocketAddr, Vec<u8>)>,
    events: VecDeque<PeerEvent>,
}

impl Peer {
    /// A leg whose peer sends checks if `ice` is there, and is taken at `remote` otherwise.
    ///
    /// # Errors
    /// [`SrtpError::KeyLength`] for keys that are none.
    pub fn new(identity: &Identity, ice: Option<Credentials>, remote: Option<SocketAddr>, keying: Keying) -> Result<Self, SrtpError> {
        let mut peer = Self {
            ice: ice.map(IceLite::new),
            dtls: None,
            begin: None,
            sender: None,
            receiver: None,
            keys: None,
            remote,
            announced: None,
            consent_was_lost: false,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        };
        match keying {
            Keying::Sdes { local, remote } => peer.use_keys(&local, &remote)?,
            Keying::Dtls { role, peer: fingerprint } => peer.begin = Some((identity.clone(), role, fingerprint)),
        }
        Ok(peer)
    }

    fn use_keys(&mut self, local: &MasterKey, remote: &MasterKey) -> Result<(), SrtpError> {
        self.sender = Some(SrtpSender::new(local)?);
        self.receiver = Some(SrtpReceiver::new(remote)?);
        self.keys = Some((local.clone(), remote.clone()));
        self.events.push_back(PeerEvent::Secured(local.profile()));
        Ok(())
    }

    /// The SDP named keys again. A direction whose key is the one it has goes on where it was: begun anew, it would seal
    /// different packets alike, and open again what was opened.
    ///
    /// # Errors
    /// [`SrtpError::KeyLength`] for keys that are none; what was agreed before holds.
    pub fn rekey(&mut self, local: &MasterKey, remote: &MasterKey) -> Result<(), SrtpError> {
        let known = self.keys.as_ref();
        let sender = if known.is_some_and(|(ours, _)| ours == local) { None } else { Some(SrtpSender::new(local)?) };
        let receiver = if known.is_some_and(|(_, theirs)| theirs == remote) { None } else { Some(SrtpReceiver::new(remote)?) };
        self.sender = sender.or(self.sender.take());
        self.receiver = receiver.or(self.receiver.take());
        self.keys = Some((local.clone(), remote.clone()));
        Ok(())
    }

    /// New credentials for a restart of ICE; the keys stay.
    pub fn restart_ice(&mut self, local: Credentials) {
        if let Some(ice) = &mut self.ice {
            ice.restart(local);
        }
    }

    /// Takes a datagram; RTP and RTCP are opened in place.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &mut [u8]) -> Received {
        let Some(first) = datagram.first() else { return Received::Dropped };
        match first {
            0..=3 => self.receive_check(now, from, datagram),
            20..=63 if self.listens_to(from) => self.receive_handshake(now, from, datagram),
            128..=191 if self.listens_to(from) => self.receive_media(datagram),
            _ => Received::Dropped,
        }
    }

    /// Whether media and handshakes of this address are looked at. Without ICE that is the caller's decision already.
    fn listens_to(&self, from: SocketAddr) -> bool {
        self.ice.as_ref().is_none_or(|ice| ice.is_valid(from))
    }

    fn receive_check(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) -> Received {
        let Some(ice) = &mut self.ice else { return Received::Dropped };
        let Some(answer) = ice.check(now, from, datagram) else { return Received::Dropped };
        self.consent_was_lost &= !ice.has_consent(now);
        let (proved, selected) = (ice.is_valid(from), ice.selected());
        self.transmit(from, answer);
        if let Some(selected) = selected.filter(|selected| self.announced != Some(*selected)) {
            self.announced = Some(selected);
            self.events.push_back(PeerEvent::Selected(selected));
        }
        if proved {
            self.begin_handshake(now, from);
        }
        Received::Taken
    }

    fn begin_handshake(&mut self, now: Instant, to: SocketAddr) {
        let Some((identity, role, fingerprint)) = self.begin.take() else { return };
        match Dtls::new(now, &identity, role, fingerprint) {
            Ok(dtls) => self.dtls = Some(dtls),
            Err(error) => self.events.push_back(PeerEvent::Failed(error)),
        }
        self.send_flights(to);
    }

    fn receive_handshake(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) -> Received {
        if self.ice.is_none() {
            // Where the peer speaks from, whatever its SDP says: flights that are repeated go there too.
            self.remote = Some(from);
        }
        self.begin_handshake(now, from);
        let Some(dtls) = &mut self.dtls else { return Received::Dropped };
        let had_keys = dtls.keys().is_some();
        let outcome = dtls.receive(now, datagram);
        let keys = dtls.keys().filter(|_| !had_keys).cloned();
        self.send_flights(from);
        if let Err(error) = outcome {
            self.dtls = None;
            self.events.push_back(PeerEvent::Failed(error));
        }
        if let Some((local, remote)) = keys
            && let Err(error) = self.use_keys(&local, &remote)
        {
            self.events.push_back(PeerEvent::Failed(DtlsError::Refused(error.to_string())));
        }
        Received::Taken
    }

    fn receive_media(&mut self, datagram: &mut [u8]) -> Received {
        let Some(receiver) = &mut self.receiver else { return Received::Dropped };
        let is_rtcp = is_rtcp(datagram);
        let opened = if is_rtcp { receiver.open_rtcp(datagram) } else { receiver.open_rtp(datagram) };
        match opened {
            Ok(len) if is_rtcp => Received::Rtcp(len),
            Ok(len) => Received::Rtp(len),
            Err(_) => Received::Dropped,
        }
    }

    fn send_flights(&mut self, to: SocketAddr) {
        while let Some(flight) = self.dtls.as_mut().and_then(Dtls::poll_transmit) {
            self.transmit(to, flight.to_vec());
        }
    }

    fn transmit(&mut self, to: SocketAddr, bytes: Vec<u8>) {
        if self.transmits.len() < MAX_TRANSMITS {
            self.transmits.push_back((to, bytes));
        }
    }

    /// Seals the RTP packet in `buffer[..len]`, which has [`crate::TAG_ROOM`] bytes behind it. `None` while there are no
    /// keys or no consent: it must not be sent.
    pub fn seal_rtp(&mut self, now: Instant, buffer: &mut [u8], len: usize) -> Option<usize> {
        self.may_send(now).then_some(())?;
        self.sender.as_mut()?.seal_rtp(buffer, len).ok()
    }

    /// The same for RTCP.
    pub fn seal_rtcp(&mut self, now: Instant, buffer: &mut [u8], len: usize) -> Option<usize> {
        self.may_send(now).then_some(())?;
        self.sender.as_mut()?.seal_rtcp(buffer, len).ok()
    }

    fn may_send(&self, now: Instant) -> bool {
        self.ice.as_ref().is_none_or(|ice| ice.has_consent(now))
    }

    /// Whether the peer's checks say who it is and where media goes; otherwise its signalling does, and the caller watches over it.
    pub fn does_ice(&self) -> bool {
        self.ice.is_some()
    }

    /// Whether there are keys.
    pub fn is_secured(&self) -> bool {
        self.sender.is_some()
    }

    /// Where media goes.
    pub fn send_to(&self) -> Option<SocketAddr> {
        match &self.ice {
            Some(ice) => ice.selected(),
            None => self.remote,
        }
    }

    /// Datagrams of this layer's own to send.
    pub fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.transmits.pop_front()
    }

    /// What became of the peer.
    pub fn poll_event(&mut self) -> Option<PeerEvent> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let handshake = self.dtls.as_ref().and_then(Dtls::poll_timeout);
        let consent = self.ice.as_ref().filter(|_| !self.consent_was_lost).and_then(IceLite::consent_until);
        handshake.into_iter().chain(consent).min()
    }

    /// Repeats flights, notices that consent has ended. A handshake as client without ICE begins here.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.ice.is_none()
            && let (Some(to), Some((_, Role::Client, _))) = (self.remote, &self.begin)
        {
            self.begin_handshake(now, to);
        }
        if let Some(dtls) = &mut self.dtls
            && dtls.poll_timeout().is_some_and(|due| due <= now)
        {
            if let Err(error) = dtls.handle_timeout(now) {
                self.dtls = None;
                self.events.push_back(PeerEvent::Failed(error));
            }
            if let Some(to) = self.send_to() {
                self.send_flights(to);
            }
        }
        let consented = self.ice.as_ref().and_then(IceLite::consent_until);
        if !self.consent_was_lost && consented.is_some_and(|until| until <= now) {
            self.consent_was_lost = true;
            self.events.push_back(PeerEvent::ConsentLost);
        }
    }
}

/// Whether a datagram is RTCP, sealed or not, rather than RTP: its second byte tells (RFC 5761 section 4).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, 192..=223, ..])
}

/// Neither keys nor passwords are printed.
impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer").field("is_secured", &self.is_secured()).field("ice", &self.ice).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
