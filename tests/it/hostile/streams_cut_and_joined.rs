//! Threat 14 on the running server's TCP port: split writes, pipelining, and lengths that lie.

use std::time::Duration;

use carillon_kit::phone::PATIENCE;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::mutants::{Mutants, fixtures};
use crate::{binary::Folder, hostile::streams_cut_and_joined::Cut::*};

const MUTANTS: usize = 500;
const MEMORY: u64 = 64 * 1024 * 1024;

/// How a stream of messages is cut into writes.
#[derive(Clone, Copy)]
enum Cut {
    Bytewise,
    Pieces(usize),
    Whole,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_finds_the_messages_and_survives_the_rest() {
    let folder = Folder::new();
    let applied = folder.apply(([127, 0, 0, 1], 9).into()).await;
    assert!(applied.status.success(), "{}", applied.err);
    let mut server = folder.run().await;
    let memory = server.memory();
    let options = |n: usize| options(n, "0");

    // However it is cut, a request is one request.
    for (n, cut) in [Bytewise, Pieces(7), Pieces(100), Whole].into_iter().enumerate() {
        let mut stream = connect(server.bound.sip_tcp).await;
        write(&mut stream, options(n).as_bytes(), cut).await;
        assert_eq!(answers(&mut stream, 1).await, [200]);
    }
    // Pipelined, with keep-alives between.
    let mut stream = connect(server.bound.sip_tcp).await;
    let many: String = (10..20).map(options).collect::<Vec<_>>().join("\r\n\r\n");
    write(&mut stream, many.as_bytes(), Whole).await;
    assert_eq!(answers(&mut stream, 10).await, [200; 10]);

    // A length that is too long swallows what follows; one that is too short leaves a rest that is no message; and so on. Whatever
    // becomes of that connection, the next one is served.
    let bomb = "X-Bomb: ".to_owned() + &"a".repeat(1_000_000);
    let vias = "Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKx\r\n".repeat(20_000);
    let lies = [
        options_with(30, "Content-Length: 1000000"),
        options_with(31, "Content-Length: 99999999999999999999999"),
        options_with(32, "Content-Length: -1"),
        options_with(33, "Content-Length: 0\r\nContent-Length: 5"),
        options_with(34, "Content-Length: zero"),
        options_with(35, "X-No: length"),
        options_with(36, &bomb),
        options_with(37, &vias),
        "\r\n".repeat(100_000),
        "a".repeat(1_000_000),
        options_with(38, "Content-Length: 3") + "ab",
        options_with(39, "Content-Length: 0") + "this is no message\r\n\r\n",
    ];
    let mut held = Vec::new();
    for lie in lies {
        for cut in [Whole, Pieces(1000)] {
            let mut stream = connect(server.bound.sip_tcp).await;
            write(&mut stream, lie.as_bytes(), cut).await;
            held.push(stream);
            still_serves(server.bound.sip_tcp).await;
        }
    }
    for (_, fixture) in fixtures() {
        let mut stream = connect(server.bound.sip_tcp).await;
        write(&mut stream, &fixture, Pieces(50)).await;
    }
    let mut mutants = Mutants::new(2, &[options(40), options(41) + &options(42)]);
    for n in 0..MUTANTS {
        let mut stream = connect(server.bound.sip_tcp).await;
        write(&mut stream, &mutants.next(), if n % 2 == 0 { Whole } else { Pieces(200) }).await;
        if n % 50 == 0 {
            still_serves(server.bound.sip_tcp).await;
        }
    }
    still_serves(server.bound.sip_tcp).await;
    let grown = server.memory().saturating_sub(memory);
    assert!(grown < MEMORY, "memory grew by {} KiB", grown / 1024);
    assert!(server.program.has_ended().is_none());
    assert!(!server.program.said().contains("panicked"), "nothing panicked");
}

async fn connect(to: std::net::SocketAddr) -> TcpStream {
    let stream = timeout(PATIENCE, TcpStream::connect(to)).await.expect("a connection in time").expect("a connection");
    stream.set_nodelay(true).expect("a connection");
    stream
}

/// Writes as long as the server reads: it may well close before the end.
async fn write(stream: &mut TcpStream, bytes: &[u8], cut: Cut) {
    let size = match cut {
        Bytewise => 1,
        Pieces(size) => size,
        Whole => bytes.len().max(1),
    };
    for piece in bytes.chunks(size) {
        // A server that stops reading and does not close would hold us here.
        let written = timeout(Duration::from_secs(5), stream.write_all(piece)).await;
        if !written.is_ok_and(|written| written.is_ok()) {
            return;
        }
    }
}

async fn still_serves(at: std::net::SocketAddr) {
    let mut stream = connect(at).await;
    write(&mut stream, options(99, "0").as_bytes(), Whole).await;
    assert_eq!(answers(&mut stream, 1).await, [200]);
}

/// Statuses of the next answers.
async fn answers(stream: &mut TcpStream, count: usize) -> Vec<u16> {
    let mut text = String::new();
    let read = async {
        let mut buffer = [0; 4096];
        loop {
            let statuses: Vec<u16> = text.split("SIP/2.0 ").skip(1).filter_map(|rest| rest.get(..3)?.parse().ok()).collect();
            if statuses.len() >= count && text.ends_with("\r\n\r\n") {
                return statuses;
            }
            match stream.read(&mut buffer).await {
                Ok(length) if length > 0 => text += &String::from_utf8_lossy(&buffer[..length]),
                closed => panic!("{closed:?} after {text}"),
            }
        }
    };
    timeout(PATIENCE, read).await.expect("answers in time")
}

fn options(n: usize, length: &str) -> String {
    options_with(n, &format!("Content-Length: {length}"))
}

fn options_with(n: usize, line: &str) -> String {
    format!(
        "OPTIONS sip:server SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKstream{n}\r\nMax-Forwards: 70\r\n\
         From: <sip:somebody@example.net>;tag=s\r\nTo: <sip:server>\r\nCall-ID: stream-{n}\r\nCSeq: 1 OPTIONS\r\n{line}\r\n\r\n"
    )
}
