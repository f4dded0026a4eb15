//! The packet path asks the allocator for nothing: counted over the whole process, so a binary of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use carillon_media_engine::{Codec, Command, Engine, EngineConfig, Event, LegId, LegMedia, PollerChoice, Sounds, Sources};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PACKETS: u16 = 1000;
/// Reports of both legs, should they fall due meanwhile, and lists that find their size.
const FOR_ALL_ELSE: usize = 32;

#[test]
fn relaying_and_transcoding_allocate_nothing() {
    // One after the other: the count is the whole process's.
    for poller in [PollerChoice::Auto, PollerChoice::Epoll] {
        relay_and_count(poller);
    }
}

fn relay_and_count(poller: PollerChoice) {
    let (tell, events) = channel();
    let config = EngineConfig { threads: 1, ip: HERE, rtp_ports: 0..=0, poller, ..EngineConfig::default() };
    let engine = Engine::start(config, Arc::new(Sounds::default()), move |event| drop(tell.send(event))).expect("the engine starts");
    let thread = engine.thread_for_new_call();
    let phone = |leg: LegId, codec: Codec, codec_pt: u8| {
        let socket = UdpSocket::bind((HERE, 0)).expect("a phone binds");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
        let server = engine.open_leg(thread, leg).expect("a leg opens");
        let remote = socket.local_addr().expect("bound");
        let allowed_sources = Sources::Only(vec![HERE]);
        let media = LegMedia { remote, codec, codec_pt, dtmf_pt: None, allowed_sources, send: true, recv: true };
        engine.send(thread, Command::SetMedia { leg, media }).expect("the queue has room");
        send(&socket, server, codec_pt, 0);
        events.iter().find(|event| *event == Event::Latched { leg }).expect("the leg hears its phone");
        (socket, server)
    };
    let (caller, at) = phone(LegId(1), Codec::Pcmu, 0);
    let (agent, _) = phone(LegId(2), Codec::Pcma, 8);
    engine.send(thread, Command::Bridge { a: LegId(1), b: LegId(2) }).expect("the queue has room");

    let mut heard = [0; 2048];
    let mut relay = |sequence: u16| {
        send(&caller, at, 0, sequence);
        let length = agent.recv(&mut heard).expect("relayed");
        assert_eq!((length, heard[1] & 0x7f), (172, 8));
    };
    (1..=100).for_each(&mut relay);
    let counted = Region::new(ALLOCATOR);
    (101..=100 + PACKETS).for_each(&mut relay);
    let allocations = counted.change().allocations;
    assert!(allocations <= FOR_ALL_ELSE, "{allocations} allocations for {PACKETS} packets");
}

fn send(socket: &UdpSocket, to: SocketAddr, payload_type: u8, sequence: u16) {
    let mut packet = [0x55; 172];
    packet[..2].copy_from_slice(&[0x80, payload_type]);
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet[4..8].copy_from_slice(&(u32::from(sequence) * 160).to_be_bytes());
    packet[8..12].copy_from_slice(&[7; 4]);
    socket.send_to(&packet, to).expect("sent");
}
