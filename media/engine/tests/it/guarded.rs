//! Legs whose packets are sealed. Threats 3 to 5: forged, replayed and plain packets are neither heard nor sent on.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use carillon_media_engine::{Codec, Command, Event, HeldClock, LegId, LegMedia, Security, Source, Sources, Tone};
use carillon_media_secure::{Fingerprint, Identity, Keying, MasterKey, Peer, Profile, Received, Role, TAG_ROOM};

use crate::lab::{ELSEWHERE, HERE, Lab, Phone, law, talk, tone};

/// A phone that seals: in mu-law.
struct Sealed {
    socket: UdpSocket,
    server: SocketAddr,
    peer: Peer,
    sequence: u16,
    phase: f64,
    /// Packets as they went out.
    sent: Vec<Vec<u8>>,
    heard: Vec<i16>,
    /// Datagrams that did not open.
    unopened: usize,
    clock: Arc<HeldClock>,
}

impl Sealed {
    fn new(lab: &Lab, identity: &Identity, server: SocketAddr, socket: UdpSocket, keying: Keying) -> Self {
        socket.set_nonblocking(true).expect("a mode");
        let peer = Peer::new(identity, None, Some(server), keying).expect("keys");
        Self {
            socket,
            server,
            peer,
            sequence: 1,
            phase: 0.0,
            sent: Vec::new(),
            heard: Vec::new(),
            unopened: 0,
            clock: lab.clock.clone().expect("a clock that is held"),
        }
    }

    fn say(&mut self, hz: f64) {
        let mut packet = vec![0x80, 0];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&(u32::from(self.sequence) * 160).to_be_bytes());
        packet.extend_from_slice(&[9; 4]);
        self.sequence += 1;
        for _ in 0..160 {
            self.phase = (self.phase + std::f64::consts::TAU * hz / 8000.0) % std::f64::consts::TAU;
            packet.push(law(Codec::Pcmu).encode((16_000.0 * self.phase.sin()) as i16));
        }
        let len = packet.len();
        packet.resize(len + TAG_ROOM, 0);
        let Some(sealed) = self.peer.seal_rtp(self.clock.now(), &mut packet, len) else { return };
        packet.truncate(sealed);
        self.socket.send_to(&packet, self.server).expect("sent");
        self.sent.push(packet);
    }

    /// Takes in what comes within that time, and hands over what the handshake has to say.
    fn listen(&mut self, time: Duration) {
        let deadline = self.clock.now() + time;
        loop {
            self.peer.handle_timeout(self.clock.now());
            while let Some((to, flight)) = self.peer.poll_transmit() {
                self.socket.send_to(&flight, to).expect("sent");
            }
            self.clock.pass(Duration::from_millis(1));
            self.take_what_came();
            if self.clock.now() >= deadline {
                return;
            }
        }
    }

    fn take_what_came(&mut self) {
        let mut buffer = [0; 2048];
        while let Ok((len, from)) = self.socket.recv_from(&mut buffer) {
            match self.peer.receive(self.clock.now(), from, &mut buffer[..len]) {
                Received::Rtp(len) => self.heard.extend(buffer[12..len].iter().map(|octet| law(Codec::Pcmu).decode(*octet))),
                Received::Rtcp(_) | Received::Taken => {}
                Received::Dropped => self.unopened += 1,
            }
        }
    }
}

fn keys(profile: Profile) -> (MasterKey, MasterKey) {
    let key = |fill: u8| MasterKey::new(profile, &vec![fill; profile.key_len() + profile.salt_len()]).expect("of that length");
    (key(1), key(2))
}

fn media(remote: SocketAddr, keying: Keying) -> LegMedia {
    LegMedia {
        remote,
        codec: Codec::Pcmu,
        codec_pt: 0,
        dtmf_pt: None,
        dtmf_hz: 8000,
        allowed_sources: Sources::Only(vec![HERE]),
        send: true,
        recv: true,
        security: Some(Box::new(Security { keying, ice: None, rtcp_mux: false })),
    }
}

/// A leg with keys from the SDP, and its phone.
fn sdes(lab: &mut Lab, profile: Profile) -> (LegId, Sealed, LegMedia) {
    let socket = UdpSocket::bind((HERE, 0)).expect("a phone binds");
    let leg = LegId(lab.new_id());
    let server = lab.engine.open_leg(lab.thread, leg).expect("a leg opens");
    let (ours, theirs) = keys(profile);
    let media = media(socket.local_addr().expect("bound"), Keying::Sdes { local: ours.clone(), remote: theirs.clone() });
    lab.send(Command::SetMedia { leg, media: media.clone() });
    let identity = Identity::generate().expect("a certificate");
    (leg, Sealed::new(lab, &identity, server, socket, Keying::Sdes { local: theirs, remote: ours }), media)
}

/// Both talk for so many frames of 20 ms.
fn converse(frames: usize, sealed: &mut Sealed, plain: &mut Phone) {
    for _ in 0..frames {
        sealed.say(500.0);
        talk(1, [(plain, 1300.0)]);
        sealed.listen(Duration::from_millis(2));
    }
    sealed.listen(Duration::from_millis(50));
    plain.take_what_came();
}

#[test]
fn a_sealed_and_a_plain_phone_hear_each_other_in_every_profile() {
    for profile in Profile::ALL {
        let mut lab = Lab::new();
        let (a, mut sealed, _) = sdes(&mut lab, profile);
        let mut plain = Phone::new(Codec::Pcma);
        let b = lab.connect(&mut plain);
        lab.send(Command::Bridge { a, b });
        converse(30, &mut sealed, &mut plain);
        assert!(tone(&plain.sound(), 500.0) > 0.4, "{profile:?}: {}", tone(&plain.sound(), 500.0));
        assert!(tone(&sealed.heard, 1300.0) > 0.4, "{profile:?}: {}", tone(&sealed.heard, 1300.0));
        assert_eq!(sealed.unopened, 0, "{profile:?}: everything that went out was sealed");
    }
}

#[test]
fn a_thousand_forged_and_a_thousand_replayed_packets_are_not_sent_on() {
    let mut lab = Lab::new();
    let (a, mut sealed, media) = sdes(&mut lab, Profile::Aes128CmSha1_80);
    let mut plain = Phone::new(Codec::Pcmu);
    let b = lab.connect_latched(&mut plain);
    lab.send(Command::Bridge { a, b });
    // In clear, from the very address that the SDP names.
    let server = sealed.server;
    let mut clear = Phone::new(Codec::Pcmu);
    clear.server = server;
    let in_clear: Vec<u8> = [&[0x80, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9][..], &[0x55; 160]].concat();
    sealed.socket.send_to(&in_clear, server).expect("sent");
    converse(10, &mut sealed, &mut plain);
    let heard = plain.heard.len();
    assert_eq!(heard, 10);

    let mut refused = 1;
    for n in 0..1000_u16 {
        let mut forged = sealed.sent[usize::from(n) % 10].clone();
        forged[2..4].copy_from_slice(&(100 + n).to_be_bytes());
        sealed.socket.send_to(&forged, server).expect("sent");
        sealed.socket.send_to(&sealed.sent[usize::from(n) % 10], server).expect("sent");
        refused += 2;
        // Slowly enough for the socket's buffer.
        if n % 50 == 0 {
            sealed.listen(Duration::from_millis(5));
        }
    }
    // Said again in a re-INVITE, the keys go on where they were.
    lab.send(Command::SetMedia { leg: a, media });
    for packet in &sealed.sent {
        sealed.socket.send_to(packet, server).expect("sent");
        refused += 1;
    }
    converse(10, &mut sealed, &mut plain);
    assert_eq!(plain.heard.len(), heard + 10, "what was genuine, and nothing else");
    let report = lab.close(a);
    assert_eq!((report.received, report.refused), (20, refused));
}

#[test]
fn a_third_host_gets_nothing_of_a_sealed_leg_and_is_not_heard() {
    let mut lab = Lab::new();
    let (a, mut sealed, _) = sdes(&mut lab, Profile::AeadAes128Gcm);
    let mut plain = Phone::new(Codec::Pcmu);
    let b = lab.connect_latched(&mut plain);
    lab.send(Command::Bridge { a, b });
    let mut stranger = Phone::at(ELSEWHERE, Codec::Pcmu);
    stranger.server = sealed.server;
    for _ in 0..20 {
        stranger.say(2300.0);
    }
    converse(10, &mut sealed, &mut plain);
    // Not even what it overheard helps it.
    for packet in &sealed.sent {
        stranger.send_raw(sealed.server, packet);
    }
    converse(10, &mut sealed, &mut plain);
    stranger.take_what_came();
    assert!(stranger.heard.is_empty());
    assert!(tone(&plain.sound(), 2300.0) < 0.005);
    assert_eq!(lab.close(a).received, 20);
}

#[test]
fn a_phone_shakes_hands_and_hears_the_prompt_from_its_start() {
    for role in [Role::Client, Role::Server] {
        let mut lab = Lab::new();
        let theirs = Identity::generate().expect("a certificate");
        let (leg, mut sealed) = dtls(&mut lab, &theirs, theirs.fingerprint().clone(), role);
        lab.play(leg, Source::Tone(Tone::Ringback));
        sealed.listen(Duration::from_millis(600));
        let heard = sealed.heard.len();
        assert!(heard >= 1600, "{role:?}: {heard} samples");
        assert!(tone(&sealed.heard[..1600], 425.0) > 0.02, "{role:?}: the tone has its beginning");
        sealed.say(500.0);
        lab.expect(|event| matches!(event, Event::Latched { leg: other } if *other == leg).then_some(()));
        assert_eq!(sealed.unopened, 0);
    }
}

#[test]
fn a_phone_that_shakes_hands_on_the_port_of_rtcp_too_is_heard() {
    let mut lab = Lab::new();
    let theirs = Identity::generate().expect("a certificate");
    let (leg, mut sealed) = dtls(&mut lab, &theirs, theirs.fingerprint().clone(), Role::Client);
    let rtcp_socket = UdpSocket::bind((HERE, 0)).expect("a phone binds");
    let keying = Keying::Dtls { role: Role::Client, peer: lab.engine.fingerprint().clone() };
    let rtcp = SocketAddr::new(sealed.server.ip(), sealed.server.port() + 1);
    let mut for_rtcp = Sealed::new(&lab, &theirs, rtcp, rtcp_socket, keying);
    // Both hellos stand in the sockets before either is answered.
    for_rtcp.listen(Duration::from_millis(1));
    sealed.listen(Duration::from_millis(1));
    lab.play(leg, Source::Tone(Tone::Ringback));
    for _ in 0..20 {
        for_rtcp.listen(Duration::from_millis(5));
        sealed.listen(Duration::from_millis(25));
    }
    assert!(sealed.heard.len() >= 1600, "{} samples", sealed.heard.len());
    assert!(for_rtcp.heard.is_empty());
    assert_eq!(sealed.unopened, 0);
}

#[test]
fn another_certificate_than_the_descriptions_is_told_and_hears_nothing() {
    let mut lab = Lab::new();
    let theirs = Identity::generate().expect("a certificate");
    let (leg, mut sealed) = dtls(&mut lab, &theirs, Fingerprint::of(b"somebody else's"), Role::Client);
    lab.play(leg, Source::Tone(Tone::Ringback));
    sealed.listen(Duration::from_millis(300));
    lab.expect(|event| matches!(event, Event::SecurityFailed { leg: other, .. } if *other == leg).then_some(()));
    assert!(sealed.heard.is_empty());
}

/// A leg that shakes hands with a phone, which does it in that role.
fn dtls(lab: &mut Lab, theirs: &Identity, expected: Fingerprint, role: Role) -> (LegId, Sealed) {
    let socket = UdpSocket::bind((HERE, 0)).expect("a phone binds");
    let leg = LegId(lab.new_id());
    let server = lab.engine.open_leg(lab.thread, leg).expect("a leg opens");
    let ours = match role {
        Role::Client => Role::Server,
        Role::Server => Role::Client,
    };
    let media = media(socket.local_addr().expect("bound"), Keying::Dtls { role: ours, peer: expected });
    let phone = Sealed::new(lab, theirs, server, socket, Keying::Dtls { role, peer: lab.engine.fingerprint().clone() });
    lab.send(Command::SetMedia { leg, media });
    (leg, phone)
}
