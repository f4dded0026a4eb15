//! The packet path asks the allocator for nothing: counted over the whole process, so a binary of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use carillon_media_engine::{Codec, Command, Engine, EngineConfig, Event, LegId, LegMedia, PollerChoice, Security, Sounds, Sources};
use carillon_media_secure::{Keying, MasterKey, Profile, SrtpReceiver, SrtpSender, TAG_ROOM};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PACKETS: u16 = 1000;
/// Reports of both legs, should they fall due meanwhile, and lists that find their size.
const FOR_ALL_ELSE: usize = 32;

#[test]
fn relaying_transcoding_and_sealing_allocate_nothing() {
    // One after the other: the count is the whole process's.
    for poller in [PollerChoice::Auto, PollerChoice::Epoll] {
        relay_and_count(poller, None);
        relay_and_count(poller, Some(Profile::AeadAes128Gcm));
        relay_and_count(poller, Some(Profile::Aes128CmSha1_80));
    }
}

/// A caller, whose packets are sealed if there is a profile, and an agent in clear.
fn relay_and_count(poller: PollerChoice, profile: Option<Profile>) {
    let key = |profile: Profile, fill: u8| {
        MasterKey::new(profile, &vec![fill; profile.key_len() + profile.salt_len()]).expect("a key of that length")
    };
    let callers = profile.map(|profile| (key(profile, 1), key(profile, 2)));
    let mut sealer = callers.as_ref().map(|(caller, _)| SrtpSender::new(caller).expect("a key"));
    let (tell, events) = channel();
    let config = EngineConfig { threads: 1, ip: HERE, rtp_ports: 0..=0, poller, ..EngineConfig::default() };
    let engine = Engine::start(config, Arc::new(Sounds::default()), move |event| drop(tell.send(event))).expect("the engine starts");
    let thread = engine.thread_for_new_call();
    let phone = |leg: LegId, codec: Codec, codec_pt: u8, keys: Option<&(MasterKey, MasterKey)>, sealer: Option<&mut SrtpSender>| {
        let socket = UdpSocket::bind((HERE, 0)).expect("a phone binds");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
        let server = engine.open_leg(thread, leg).expect("a leg opens");
        let remote = socket.local_addr().expect("bound");
        let allowed_sources = Sources::Only(vec![HERE]);
        let keying = |(theirs, ours): &(MasterKey, MasterKey)| Keying::Sdes { local: ours.clone(), remote: theirs.clone() };
        let security = keys.map(|keys| Box::new(Security { keying: keying(keys), ice: None, rtcp_mux: false }));
        let media = LegMedia { remote, codec, codec_pt, dtmf_pt: None, dtmf_hz: 8000, allowed_sources, send: true, recv: true, security };
        engine.send(thread, Command::SetMedia { leg, media }).expect("the queue has room");
        send(&socket, server, codec_pt, 0, sealer);
        events.iter().find(|event| *event == Event::Latched { leg }).expect("the leg hears its phone");
        (socket, server)
    };
    let (caller, at) = phone(LegId(1), Codec::Pcmu, 0, callers.as_ref(), sealer.as_mut());
    let (agent, agent_at) = phone(LegId(2), Codec::Pcma, 8, None, None);
    engine.send(thread, Command::Bridge { a: LegId(1), b: LegId(2) }).expect("the queue has room");

    let mut heard = [0; 2048];
    let mut opener = callers.as_ref().map(|(_, ours)| SrtpReceiver::new(ours).expect("a key"));
    let mut relay = |sequence: u16| {
        send(&caller, at, 0, sequence, sealer.as_mut());
        let length = agent.recv(&mut heard).expect("relayed");
        assert_eq!((length, heard[1] & 0x7f), (172, 8));
        send(&agent, agent_at, 8, sequence, None);
        let length = caller.recv(&mut heard).expect("relayed");
        let length = opener.as_mut().map_or(length, |opener| opener.open_rtp(&mut heard[..length]).expect("opened"));
        assert_eq!((length, heard[1] & 0x7f), (172, 0));
    };
    (1..=100).for_each(&mut relay);
    let counted = Region::new(ALLOCATOR);
    (101..=100 + PACKETS).for_each(&mut relay);
    let allocations = counted.change().allocations;
    assert!(allocations <= FOR_ALL_ELSE, "{allocations} allocations for {PACKETS} packets");
}

fn send(socket: &UdpSocket, to: SocketAddr, payload_type: u8, sequence: u16, sealer: Option<&mut SrtpSender>) {
    let mut packet = [0x55; 172 + TAG_ROOM];
    packet[..2].copy_from_slice(&[0x80, payload_type]);
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet[4..8].copy_from_slice(&(u32::from(sequence) * 160).to_be_bytes());
    packet[8..12].copy_from_slice(&[7; 4]);
    let length = sealer.map_or(172, |sealer| sealer.seal_rtp(&mut packet, 172).expect("sealed"));
    socket.send_to(&packet[..length], to).expect("sent");
}
