//! Threat 45: requests that mean two things, headers and bodies that never end, and clients that take their time.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::site::Site;

const SLOW: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_keep_nobody_waiting_and_are_let_go() {
    let site = Site::start().await;
    let http = site.server.bound().http;
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut stream = TcpStream::connect(http).await.expect("a connection");
        stream.write_all(b"GET /api/v1/phones HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.expect("half a request");
        slow.push(stream);
    }
    let sofia = site.signed_in("sofia").await;
    let mut took = Vec::new();
    for _ in 0..100 {
        let asked = Instant::now();
        let (status, _) = sofia.get("/phones").await;
        assert_eq!(status, 200);
        took.push(asked.elapsed());
    }
    took.sort();
    assert!(took[98] < Duration::from_millis(500), "99 of a hundred answers took up to {:?}", took[98]);
    // Each is closed without an answer to what it never asked.
    for mut stream in slow {
        let mut answer = Vec::new();
        let ended = timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "a slow client is still connected after a minute");
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_means_two_things_or_never_ends_is_refused() {
    let site = Site::start().await;
    let http = site.server.bound().http;
    let smuggled = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    for (what, request) in [
        (
            "two lengths",
            format!("POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 60\r\n\r\nabcd{smuggled}"),
        ),
        ("a length that is none", "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd".to_owned()),
        ("a coding that is none", "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n".to_owned()),
        ("a space before the colon", "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n".to_owned()),
        ("a header of a megabyte", format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(1 << 20))),
        ("ten thousand headers", format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: 1\r\n".repeat(10_000))),
    ] {
        let answer = exchange(http, &request).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{what}: {answer}");
        assert!(!answer.contains("\"openapi\""), "{what}: the smuggled request was answered");
    }
    let deep = format!("{{\"login\":{}1{}}}", "[".repeat(20_000), "]".repeat(20_000));
    let request = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{deep}",
        deep.len()
    );
    let answer = exchange(http, &request).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "deep JSON: {answer}");
    let admin = site.signed_in("admin").await;
    assert_eq!(admin.get("/users").await.0, 200, "and it lives");
}

/// What comes within a second of silence, or until the server closes.
async fn exchange(http: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(http).await.expect("a connection");
    // A server that refuses may close before it has read it all.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let mut buffer = [0; 16_384];
    while let Ok(Ok(length @ 1..)) = timeout(Duration::from_secs(1), stream.read(&mut buffer)).await {
        answer.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
