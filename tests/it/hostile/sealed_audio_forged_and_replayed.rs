//! Threat 3: packets with a wrong tag, and right ones that were there before, are neither heard nor the end of the call.

use std::{net::SocketAddr, time::Duration};

use carillon_kit::phone::{Call, Invite, Phone, share, status};
use carillon_media_secure::{MasterKey, Profile, SrtpSender, TAG_ROOM};
use tokio::net::UdpSocket;

use crate::{client::eventually, site::Site};

/// Key and salt of AES_CM_128_HMAC_SHA1_80: thirty bytes of 1, and as they stand in a description.
const KEY: [u8; 30] = [1; 30];
const INLINE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
const SPEECH: f64 = 500.0;
const FORGED: f64 = 2100.0;

/// A phone whose audio is sealed, packet by packet.
struct Sealed {
    socket: UdpSocket,
    server: SocketAddr,
    next: u32,
}

impl Sealed {
    /// The next packet of a tone, sealed with this key.
    fn packet(&mut self, key: &[u8], hz: f64) -> Vec<u8> {
        self.next += 1;
        let mut packet = carillon_kit::phone::forged(hz, self.next);
        let length = packet.len();
        packet.resize(length + TAG_ROOM, 0);
        // A sender of its own for each: they all say the same of the first 65,536 packets.
        let key = MasterKey::new(Profile::Aes128CmSha1_80, key).expect("a key");
        let sealed = SrtpSender::new(&key).and_then(|mut sender| sender.seal_rtp(&mut packet, length)).expect("a packet");
        packet.truncate(sealed);
        packet
    }

    async fn send(&self, packet: &[u8]) {
        self.socket.send_to(packet, self.server).await.expect("sent");
    }

    /// Speaks for a while; what it sent.
    async fn speaks(&mut self, packets: usize) -> Vec<Vec<u8>> {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let mut sent = Vec::new();
        for _ in 0..packets {
            ticks.tick().await;
            let packet = self.packet(&KEY, SPEECH);
            self.send(&packet).await;
            sent.push(packet);
        }
        sent
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn none_of_a_thousand_each_is_sent_on_and_the_call_stays() {
    let site = Site::start_with(|_, setup| {
        *setup = setup.replace("password = \"phone-1001\"", "password = \"phone-1001\"\nmedia_security = \"required\"");
    })
    .await;
    let caller = Phone::registered("1001", site.sip).await;
    let mut callee = Phone::registered("1002", site.sip).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let port = socket.local_addr().expect("bound").port();
    let offer = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/SAVP 0\r\n\
         a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}\r\n"
    );
    let mut call = caller.invite(Invite::to("1002").sdp(&offer)).await;
    let mut other = callee.rings().await;
    other.answer().await;
    let answered = call.final_response().await;
    assert_eq!(status(&answered), 200, "{answered}");
    let server = call.audio.remote().expect("the answer names a port");
    let mut phone = Sealed { socket, server, next: 0 };

    let sent = phone.speaks(75).await;
    other.audio.hears(SPEECH).await;
    let heard = all_heard(&other, sent.len()).await;

    // What an eavesdropper can send: packets of other keys, changed ones, and those that were there before.
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    for number in 0..1000 {
        // No faster than a socket's queue can hold: none of them may be lost before it is looked at.
        if number % 20 == 0 {
            pace.tick().await;
        }
        let forged = match number % 2 {
            0 => phone.packet(&[9; 30], FORGED),
            _ => {
                let mut changed = phone.packet(&KEY, FORGED);
                let last = changed.len() - 1;
                changed[last] ^= 1;
                changed
            }
        };
        // Their numbers are not used up: the next right packet has the one after the last right one.
        phone.next -= 1;
        phone.send(&forged).await;
        phone.send(&sent[number % sent.len()]).await;
    }
    // One right packet behind them all is what tells that they were dealt with.
    let after = phone.speaks(50).await;
    all_heard(&other, sent.len() + after.len()).await;
    let all = other.audio.heard();
    assert!(all.len() > heard, "{heard} samples before, {} after", all.len());
    assert!(share(&all, FORGED) < 0.01, "{}", share(&all, FORGED));
    assert!(!other.has_ended() && !call.has_ended());

    other.hang_up().await;
    call.is_ended().await;
    let record = site.record().await;
    let refused = record["legs"][0]["quality"]["refused"].as_u64().expect("counted");
    assert!(refused >= 2000, "{refused} of 2000 were refused: {record:#}");
}

/// Samples heard once these packets, and no more, have come; the first may have come before anybody knew the phone.
async fn all_heard(call: &Call, packets: usize) -> usize {
    let heard = eventually(&format!("{packets} packets"), async || {
        let heard = call.audio.heard().len();
        (heard + 10 * 160 >= packets * 160).then_some(heard)
    })
    .await;
    assert!(heard <= packets * 160, "{heard} samples of {packets} packets");
    heard
}
