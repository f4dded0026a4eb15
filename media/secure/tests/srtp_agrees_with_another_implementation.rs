//! Threat 3: what is sealed here another implementation opens, and the other way round; forgeries and replays never open.

use carillon_media_secure::{MasterKey, Profile, SrtpError, SrtpReceiver, SrtpSender, TAG_ROOM};
use proptest::prelude::*;
use rtc_srtp::{context::Context, protection_profile::ProtectionProfile};

fn other(master: &MasterKey) -> Context {
    let profile = match master.profile() {
        Profile::Aes128CmSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Profile::Aes128CmSha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
        Profile::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        Profile::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
    };
    let (key, salt) = master.as_bytes().split_at(master.profile().key_len());
    let provider = rtc_crypto::default_provider().expect("cryptography");
    Context::new(key, salt, profile, None, None, provider.crypto()).expect("a context")
}

fn rtp(sequence: u16, ssrc: u32, csrcs: u8, extension: bool, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80 | csrcs | if extension { 0x10 } else { 0 }, 0x60];
    packet.extend(sequence.to_be_bytes());
    packet.extend(u32::from(sequence).wrapping_mul(160).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    for csrc in 0..u32::from(csrcs) {
        packet.extend(csrc.to_be_bytes());
    }
    if extension {
        packet.extend([0xBE, 0xDE, 0, 1, 0x10, 0x7f, 0, 0]);
    }
    packet.extend(payload);
    packet
}

fn sealed(sender: &mut SrtpSender, plain: &[u8]) -> Vec<u8> {
    let mut buffer = plain.to_vec();
    buffer.resize(plain.len() + TAG_ROOM, 0);
    let len = sender.seal_rtp(&mut buffer, plain.len()).expect("sealed");
    buffer.truncate(len);
    buffer
}

fn profiles() -> impl Strategy<Value = Profile> {
    prop::sample::select(Profile::ALL.to_vec())
}

proptest! {
    #[test]
    fn each_opens_what_the_other_sealed(
        profile in profiles(), seed: [u8; 44], first in 0u16..0x8000, csrcs in 0u8..4, extension: bool,
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..8),
    ) {
        let master = MasterKey::new(profile, &seed[..profile.key_len() + profile.salt_len()]).expect("the length fits");
        let (mut ours, mut opener) = (SrtpSender::new(&master).expect("keys"), SrtpReceiver::new(&master).expect("keys"));
        let (mut theirs, mut their_opener) = (other(&master), other(&master));
        for (at, payload) in payloads.iter().enumerate() {
            let plain = rtp(first + at as u16, 0xDEAD_BEEF, csrcs, extension, payload);
            let packet = sealed(&mut ours, &plain);
            prop_assert_eq!(&their_opener.decrypt_rtp(&packet).expect("opened")[..], &plain[..]);
            let mut packet = theirs.encrypt_rtp(&plain).expect("sealed").to_vec();
            let len = opener.open_rtp(&mut packet).expect("opened");
            prop_assert_eq!(&packet[..len], &plain[..]);
        }
    }

    #[test]
    fn rtcp_too(profile in profiles(), seed: [u8; 44], words in prop::collection::vec(any::<u32>(), 0..20)) {
        let master = MasterKey::new(profile, &seed[..profile.key_len() + profile.salt_len()]).expect("the length fits");
        let mut plain = vec![0x80, 200, 0, 1 + words.len() as u8, 1, 2, 3, 4];
        plain.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        let mut buffer = plain.clone();
        buffer.resize(plain.len() + TAG_ROOM, 0);
        let len = SrtpSender::new(&master).expect("keys").seal_rtcp(&mut buffer, plain.len()).expect("sealed");
        prop_assert_eq!(&other(&master).decrypt_rtcp(&buffer[..len]).expect("opened")[..], &plain[..]);
        let mut packet = other(&master).encrypt_rtcp(&plain).expect("sealed").to_vec();
        let mut opener = SrtpReceiver::new(&master).expect("keys");
        let len = opener.open_rtcp(&mut packet.clone()).expect("opened");
        prop_assert_eq!(len, plain.len());
        prop_assert_eq!(opener.open_rtcp(&mut packet), Err(SrtpError::Replayed));
    }

    #[test]
    fn a_changed_bit_is_a_forgery_and_leaves_no_trace(profile in profiles(), seed: [u8; 44], bit in 0usize..1600) {
        let master = MasterKey::new(profile, &seed[..profile.key_len() + profile.salt_len()]).expect("the length fits");
        let (mut sender, mut receiver) = (SrtpSender::new(&master).expect("keys"), SrtpReceiver::new(&master).expect("keys"));
        let packet = sealed(&mut sender, &rtp(100, 7, 0, false, &[0x55; 160]));
        let mut forged = packet.clone();
        let bit = bit % (forged.len() * 8);
        forged[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(matches!(receiver.open_rtp(&mut forged), Err(SrtpError::Forged | SrtpError::Malformed)));
        prop_assert_eq!(receiver.open_rtp(&mut packet.clone()), Ok(172));
    }

    #[test]
    fn no_bytes_panic(profile in profiles(), mut bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let master = MasterKey::new(profile, &[7; 44][..profile.key_len() + profile.salt_len()]).expect("the length fits");
        let mut receiver = SrtpReceiver::new(&master).expect("keys");
        prop_assert!(receiver.open_rtp(&mut bytes).is_err());
        prop_assert!(receiver.open_rtcp(&mut bytes).is_err());
    }
}

#[test]
fn a_thousand_forgeries_and_a_thousand_replays_open_nothing_and_the_stream_goes_on_over_its_roll_over() {
    for profile in Profile::ALL {
        let master = MasterKey::random(profile, &mut rand::rng());
        let stranger = MasterKey::random(profile, &mut rand::rng());
        let (mut sender, mut receiver) = (SrtpSender::new(&master).expect("keys"), SrtpReceiver::new(&master).expect("keys"));
        let mut forger = SrtpSender::new(&stranger).expect("keys");
        for at in 0..2000u32 {
            let sequence = (64_500 + at) as u16;
            let packet = sealed(&mut sender, &rtp(sequence, 7, 0, false, b"audio of the call"));
            assert_eq!(
                receiver.open_rtp(&mut sealed(&mut forger, &rtp(sequence, 7, 0, false, b"noise of a stranger"))),
                Err(SrtpError::Forged)
            );
            assert!(receiver.open_rtp(&mut packet.clone()).is_ok(), "{profile:?} {sequence}");
            assert_eq!(receiver.open_rtp(&mut packet.clone()), Err(SrtpError::Replayed));
        }
    }
}

#[test]
fn a_buffer_without_room_is_refused_and_nothing_grows_with_strange_streams() {
    let master = MasterKey::random(Profile::AeadAes128Gcm, &mut rand::rng());
    let (mut sender, mut receiver) = (SrtpSender::new(&master).expect("keys"), SrtpReceiver::new(&master).expect("keys"));
    let mut plain = rtp(1, 1, 0, false, b"audio");
    let len = plain.len();
    assert_eq!(sender.seal_rtp(&mut plain, len), Err(SrtpError::NoRoom));
    // Streams of the peer come and go; ours are few and known.
    for ssrc in 0..100 {
        let mut one = SrtpSender::new(&master).expect("keys");
        assert!(receiver.open_rtp(&mut sealed(&mut one, &rtp(1, ssrc, 0, false, b"audio"))).is_ok());
    }
}
