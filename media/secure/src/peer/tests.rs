use std::time::Duration;

use super::*;
use crate::{stun, testing::start};

const SIP_SIDE: &str = "198.51.100.1:4000";
const BROWSER: &str = "192.0.2.7:50000";
const STRANGER: &str = "203.0.113.66:50000";

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn packet(sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 160, 0, 0, 0, 9]);
    packet.extend(payload);
    packet
}

/// A leg of ours that expects a browser, and that browser: a DTLS client whose checks the tests write.
struct Pair {
    now: Instant,
    ours: Peer,
    browser: Dtls,
}

impl Pair {
    fn new(expected: Option<Fingerprint>) -> Self {
        let (mine, theirs) = (Identity::generate().expect("made"), Identity::generate().expect("made"));
        let credentials = Credentials { ufrag: "ours".to_owned(), password: "a password of twenty-two".to_owned() };
        let peer = expected.unwrap_or_else(|| theirs.fingerprint().clone());
        let now = start();
        Self {
            now,
            ours: Peer::new(&mine, Some(credentials), None, Keying::Dtls { role: Role::Server, peer }).expect("no keys yet"),
            browser: Dtls::new(now, &theirs, Role::Client, mine.fingerprint().clone()).expect("begun"),
        }
    }

    fn check(&mut self) {
        let mut request = stun::request("ours:theirs", "a password of twenty-two", true);
        assert_eq!(self.ours.receive(self.now, address(BROWSER), &mut request), Received::Taken);
        let (to, answer) = self.ours.poll_transmit().expect("an answer");
        assert_eq!((to, &answer[..2]), (address(BROWSER), &[1, 1][..]));
    }

    /// Hands flights over until neither side has one.
    fn shake_hands(&mut self) {
        for _ in 0..20 {
            let flights: Vec<_> = std::iter::from_fn(|| self.browser.poll_transmit()).collect();
            let done = flights.is_empty();
            for flight in flights {
                self.ours.receive(self.now, address(BROWSER), &mut flight.to_vec());
            }
            while let Some((to, flight)) = self.ours.poll_transmit() {
                assert_eq!(to, address(BROWSER));
                self.browser.receive(self.now, &flight).expect("taken");
            }
            if done {
                return;
            }
        }
    }

    fn browsers(&self) -> (SrtpSender, SrtpReceiver) {
        let (local, remote) = self.browser.keys().expect("the handshake is done");
        (SrtpSender::new(local).expect("a key"), SrtpReceiver::new(remote).expect("a key"))
    }

    fn events(&mut self) -> Vec<PeerEvent> {
        std::iter::from_fn(|| self.ours.poll_event()).collect()
    }
}

#[test]
fn a_browser_that_proved_itself_is_heard_and_hears_us() {
    let mut pair = Pair::new(None);
    pair.check();
    pair.shake_hands();
    let (mut sender, mut receiver) = pair.browsers();
    assert_eq!(pair.events(), [PeerEvent::Selected(address(BROWSER)), PeerEvent::Secured(Profile::AeadAes128Gcm)]);

    let mut sealed = packet(1, b"from the browser");
    let plain = sealed.clone();
    sealed.resize(plain.len() + crate::TAG_ROOM, 0);
    let len = sender.seal_rtp(&mut sealed, plain.len()).expect("sealed");
    let Received::Rtp(opened) = pair.ours.receive(pair.now, address(BROWSER), &mut sealed[..len].to_vec()[..]) else {
        panic!("not opened")
    };
    assert_eq!(opened, plain.len());
    assert_eq!(pair.ours.receive(pair.now, address(BROWSER), &mut sealed[..len]), Received::Dropped, "a replay");

    let mut back = packet(7, b"from us");
    let plain = back.clone();
    back.resize(plain.len() + crate::TAG_ROOM, 0);
    let len = pair.ours.seal_rtp(pair.now, &mut back, plain.len()).expect("sealed");
    assert_eq!(receiver.open_rtp(&mut back[..len]), Ok(plain.len()));
    assert_eq!(back[..plain.len()], plain);
}

#[test]
fn a_handshake_of_an_address_that_was_not_proved_gets_no_answer_and_takes_no_place() {
    let mut pair = Pair::new(None);
    let hello: Vec<_> = std::iter::from_fn(|| pair.browser.poll_transmit()).collect();
    for flight in &hello {
        assert_eq!(pair.ours.receive(pair.now, address(STRANGER), &mut flight.to_vec()), Received::Dropped);
    }
    assert!(pair.ours.poll_transmit().is_none());
    pair.check();
    for flight in &hello {
        assert_eq!(pair.ours.receive(pair.now, address(STRANGER), &mut flight.to_vec()), Received::Dropped);
        pair.ours.receive(pair.now, address(BROWSER), &mut flight.to_vec());
    }
    while let Some((_, flight)) = pair.ours.poll_transmit() {
        pair.browser.receive(pair.now, &flight).expect("taken");
    }
    pair.shake_hands();
    assert!(pair.browser.keys().is_some());
}

#[test]
fn garbage_amid_the_handshake_does_not_end_it() {
    let mut pair = Pair::new(None);
    pair.check();
    for garbage in [&[22u8, 254, 253, 0, 0][..], &[21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40], &[63; 40]] {
        pair.ours.receive(pair.now, address(BROWSER), &mut garbage.to_vec());
    }
    pair.shake_hands();
    assert!(pair.events().contains(&PeerEvent::Secured(Profile::AeadAes128Gcm)));
}

#[test]
fn another_certificate_than_the_sdps_gets_no_keys() {
    let mut pair = Pair::new(Some(Fingerprint::of(b"somebody else's")));
    pair.check();
    pair.shake_hands();
    assert_eq!(pair.events(), [PeerEvent::Selected(address(BROWSER)), PeerEvent::Failed(DtlsError::WrongCertificate)]);
    let mut buffer = packet(1, b"secret");
    let len = buffer.len();
    buffer.resize(len + crate::TAG_ROOM, 0);
    assert_eq!(pair.ours.seal_rtp(pair.now, &mut buffer, len), None);
}

#[test]
fn nothing_is_sent_after_consent_has_ended_until_the_peer_checks_again() {
    let mut pair = Pair::new(None);
    pair.check();
    pair.shake_hands();
    pair.events();
    let mut buffer = packet(1, b"audio");
    let len = buffer.len();
    buffer.resize(len + crate::TAG_ROOM, 0);
    let ends = pair.ours.poll_timeout().expect("consent ends");
    pair.ours.handle_timeout(ends);
    assert_eq!(pair.events(), [PeerEvent::ConsentLost]);
    assert_eq!(pair.ours.seal_rtp(ends, &mut buffer, len), None);
    pair.now = ends + Duration::from_secs(1);
    pair.check();
    assert!(pair.ours.seal_rtp(pair.now, &mut buffer, len).is_some());
}

#[test]
fn a_flight_that_got_lost_is_sent_again() {
    let mut pair = Pair::new(None);
    pair.check();
    let lost: Vec<_> = std::iter::from_fn(|| pair.browser.poll_transmit()).collect();
    assert!(!lost.is_empty());
    pair.now = pair.browser.poll_timeout().expect("a time-out");
    pair.browser.handle_timeout(pair.now).expect("sent again");
    pair.shake_hands();
    assert!(pair.browser.keys().is_some());
}

#[test]
fn keys_of_the_sdp_need_no_handshake() {
    let mut rng = rand::rng();
    let (ours, theirs) = (MasterKey::random(Profile::Aes128CmSha1_80, &mut rng), MasterKey::random(Profile::Aes128CmSha1_80, &mut rng));
    let keying = Keying::Sdes { local: ours.clone(), remote: theirs.clone() };
    let identity = Identity::generate().expect("made");
    let mut peer = Peer::new(&identity, None, Some(address(SIP_SIDE)), keying).expect("keys");
    let mut receiver = SrtpReceiver::new(&ours).expect("a key");
    let mut buffer = packet(1, b"audio");
    let len = buffer.len();
    buffer.resize(len + crate::TAG_ROOM, 0);
    let sealed = peer.seal_rtp(start(), &mut buffer, len).expect("sealed");
    assert_eq!(receiver.open_rtp(&mut buffer[..sealed]), Ok(len));
    assert_eq!(peer.send_to(), Some(address(SIP_SIDE)));
}
