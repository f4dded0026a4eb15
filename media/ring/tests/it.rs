//! A ring between sockets of the loopback: what comes, what goes, and what is left when it ends.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use carillon_media_ring::{Done, On, Packet, RECEIVE_BUFFERS, Ring, SEND_BUFFERS, Token};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(50);

/// `None` where the system has no io_uring: then there is nothing to test.
fn ring() -> Option<Ring> {
    Ring::new().inspect_err(|error| eprintln!("no io_uring here: {error}")).ok()
}

fn socket(ip: IpAddr) -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((ip, 0)).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let address = socket.local_addr().expect("bound");
    (socket, address)
}

/// The first completion that gives something; the others are given back.
fn expect<T>(ring: &mut Ring, mut pick: impl FnMut(&mut Ring, Token, Done, bool) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        while let Some(completion) = ring.next_completion() {
            if let Some(picked) = pick(ring, completion.token, completion.done, completion.ended) {
                return picked;
            }
        }
        ring.wait(1, Some(STEP)).expect("the ring waits");
    }
    panic!("it did not come");
}

fn expect_packet(ring: &mut Ring) -> (Token, SocketAddr, Packet) {
    expect(ring, |_, token, done, _| match done {
        Done::Received { from, packet } => Some((token, from.expect("a sender"), packet)),
        Done::Deaf { .. } | Done::Unsent | Done::Readable => None,
    })
}

#[test]
fn a_packet_is_rewritten_where_it_lies_and_sent_on() {
    let Some(mut ring) = ring() else { return };
    for ip in [HERE, IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        let ((phone, phone_at), (ours, ours_at)) = (socket(ip), socket(ip));
        ring.receive(&ours, 7).expect("room");
        ring.wait(0, Some(Duration::ZERO)).expect("submitted");
        phone.send_to(b"hello, ring", ours_at).expect("sent");
        let (token, from, mut packet) = expect_packet(&mut ring);
        assert_eq!((token, from), (7, phone_at));
        assert_eq!(ring.bytes(&packet), b"hello, ring");
        ring.bytes_mut(&mut packet)[..5].copy_from_slice(b"HELLO");
        packet.truncate(8);
        ours.connect(from).expect("connected");
        ring.send(On::Socket(ours.as_fd()), packet, 9).expect("room");
        ring.wait(0, Some(Duration::ZERO)).expect("submitted");
        let mut heard = [0; 64];
        let len = phone.recv(&mut heard).expect("an answer");
        assert_eq!(&heard[..len], b"HELLO, r");
        ring.cancel(7).expect("room");
        expect(&mut ring, |_, _, done, ended| matches!((done, ended), (Done::Deaf { out_of_buffers: false }, true)).then_some(()));
    }
}

#[test]
fn a_connected_socket_hears_its_peer_alone() {
    let Some(mut ring) = ring() else { return };
    let ((phone, phone_at), (ours, ours_at), (stranger, _)) = (socket(HERE), socket(HERE), socket(HERE));
    ours.connect(phone_at).expect("connected");
    let is_kept = ring.keep(&ours, 3);
    ring.receive_from_peer(if is_kept { On::Kept(3) } else { On::Socket(ours.as_fd()) }, 7).expect("room");
    ring.wait(0, Some(Duration::ZERO)).expect("submitted");
    stranger.send_to(b"me", ours_at).expect("sent");
    for n in 0..2 * u32::from(RECEIVE_BUFFERS) {
        phone.send_to(&n.to_be_bytes(), ours_at).expect("sent");
        let (token, from, packet) = expect(&mut ring, |_, token, done, _| match done {
            Done::Received { from, packet } => Some((token, from, packet)),
            _ => None,
        });
        assert_eq!((token, from, ring.bytes(&packet)), (7, None, &n.to_be_bytes()[..]));
        ring.give_back(packet);
    }
    ring.cancel(7).expect("room");
    expect(&mut ring, |_, _, done, ended| matches!((done, ended), (Done::Deaf { out_of_buffers: false }, true)).then_some(()));
    drop(ours);
    if is_kept {
        ring.let_go_of(3).expect("its place");
    }
    UdpSocket::bind(ours_at).expect("nobody holds the port any more");
}

#[test]
fn buffers_go_round_many_times() {
    let Some(mut ring) = ring() else { return };
    let ((phone, phone_at), (ours, ours_at)) = (socket(HERE), socket(HERE));
    ours.connect(phone_at).expect("connected");
    ring.receive(&ours, 1).expect("room");
    ring.wait(0, Some(Duration::ZERO)).expect("submitted");
    for n in 0..3 * u32::from(RECEIVE_BUFFERS) {
        phone.send_to(&n.to_be_bytes(), ours_at).expect("sent");
        let (_, _, packet) = expect_packet(&mut ring);
        assert_eq!(ring.bytes(&packet), n.to_be_bytes());
        if n % 3 == 0 {
            ring.give_back(packet);
        } else {
            ring.send(On::Socket(ours.as_fd()), packet, 2).expect("room");
            ring.wait(0, Some(Duration::ZERO)).expect("submitted");
            let mut heard = [0; 8];
            assert_eq!(phone.recv(&mut heard).expect("an answer"), 4);
            assert_eq!(heard[..4], n.to_be_bytes());
        }
    }
    for n in 0..3 * SEND_BUFFERS {
        let mut packet = ring.take(2).expect("a free buffer");
        ring.bytes_mut(&mut packet).copy_from_slice(&n.to_be_bytes());
        ring.send(On::Socket(ours.as_fd()), packet, 3).expect("room");
        ring.wait(0, Some(STEP)).expect("submitted");
    }
}

#[test]
fn a_datagram_the_network_does_not_take_is_told_of() {
    let Some(mut ring) = ring() else { return };
    let (ours, _) = socket(HERE);
    let packet = ring.take(4).expect("a free buffer");
    ring.send(On::Socket(ours.as_fd()), packet, 9).expect("room");
    let token = expect(&mut ring, |_, token, done, _| matches!(done, Done::Unsent).then_some(token));
    assert_eq!(token, 9, "the socket is connected to nobody");
}

#[test]
fn a_ring_without_buffers_says_so_and_listens_again_when_asked() {
    let Some(mut ring) = ring() else { return };
    let ((phone, _), (ours, ours_at)) = (socket(HERE), socket(HERE));
    ring.receive(&ours, 1).expect("room");
    ring.wait(0, Some(Duration::ZERO)).expect("submitted");
    let mut kept = Vec::new();
    for n in 0..RECEIVE_BUFFERS {
        phone.send_to(&n.to_be_bytes(), ours_at).expect("sent");
        kept.push(expect_packet(&mut ring).2);
    }
    phone.send_to(b"one more", ours_at).expect("sent");
    expect(&mut ring, |_, _, done, ended| matches!((done, ended), (Done::Deaf { out_of_buffers: true }, true)).then_some(()));
    for (n, packet) in kept.into_iter().enumerate() {
        assert_eq!(ring.bytes(&packet), (n as u16).to_be_bytes(), "nobody wrote over it");
        ring.give_back(packet);
    }
    ring.receive(&ours, 2).expect("room");
    let (token, _, packet) = expect_packet(&mut ring);
    assert_eq!((token, ring.bytes(&packet)), (2, &b"one more"[..]), "it waited in its socket");
    ring.give_back(packet);
}

#[test]
fn a_ring_that_goes_takes_its_requests_with_it() {
    for _ in 0..50 {
        let Some(mut ring) = ring() else { return };
        let ((phone, phone_at), (ours, ours_at)) = (socket(HERE), socket(HERE));
        ours.connect(phone_at).expect("connected");
        ring.receive(&ours, 1).expect("room");
        ring.wait(0, Some(Duration::ZERO)).expect("submitted");
        phone.send_to(b"before", ours_at).expect("sent");
        let packet = ring.take(6).expect("a free buffer");
        let is_kept = ring.keep(&ours, 0);
        ring.send(if is_kept { On::Kept(0) } else { On::Socket(ours.as_fd()) }, packet, 2).expect("room");
        drop(ring);
        assert_eq!(phone.recv(&mut [0; 8]).expect("what was asked for was sent"), 6);
        drop(ours);
        UdpSocket::bind(ours_at).expect("nobody holds the port any more");
    }
}

#[test]
#[should_panic(expected = "a packet of this ring")]
fn another_rings_packet_is_refused() {
    let (Some(mut one), Some(other)) = (ring(), ring()) else { panic!("a packet of this ring cannot be had without io_uring") };
    let packet = one.take(4).expect("a free buffer");
    let _ = other.bytes(&packet);
}

#[test]
fn what_is_watched_tells_when_it_can_be_read() {
    let Some(mut ring) = ring() else { return };
    let (mut reader, mut writer) = std::io::pipe().expect("a pipe");
    ring.watch(&reader, 5).expect("room");
    for _ in 0..3 {
        std::io::Write::write_all(&mut writer, &[1]).expect("written");
        expect(&mut ring, |_, token, done, _| matches!((token, done), (5, Done::Readable)).then_some(()));
        std::io::Read::read_exact(&mut reader, &mut [0]).expect("read");
    }
}
