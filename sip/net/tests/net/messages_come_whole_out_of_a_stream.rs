use crate::support::{News, message, run, soon};
use carillon_sip_net::NetConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn pipelined_and_torn_messages_come_one_by_one() {
    let mut server = run(NetConfig::default()).await;
    let mut phone = TcpStream::connect(server.tcp).await.expect("connected");
    phone.set_nodelay(true).expect("nodelay");
    let stream = [message("one", "body of one"), message("two", ""), message("three", "x")].concat();
    for piece in stream.as_bytes().chunks(37) {
        phone.write_all(piece).await.expect("written");
        phone.flush().await.expect("flushed");
        tokio::task::yield_now().await;
    }

    let mut answers = vec![];
    for expected in [message("one", "body of one"), message("two", ""), message("three", "x")] {
        let (hop, bytes) = server.packet().await;
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
        assert_eq!((hop.local, hop.remote), (server.tcp, phone.local_addr().expect("address")));
        assert!(hop.flow.is_some());
        answers.extend(expected.to_ascii_uppercase().bytes());
    }
    let mut seen = vec![0; answers.len()];
    soon(phone.read_exact(&mut seen)).await.expect("answers on the same connection");
    assert_eq!(seen, answers);
}

#[tokio::test]
async fn a_ping_gets_a_pong() {
    let server = run(NetConfig::default()).await;
    let mut phone = TcpStream::connect(server.tcp).await.expect("connected");
    phone.write_all(b"\r\n\r\n").await.expect("written");
    let mut pong = [0; 2];
    soon(phone.read_exact(&mut pong)).await.expect("pong");
    assert_eq!(&pong, b"\r\n");
}

#[tokio::test]
async fn a_request_that_lies_about_its_length_is_told_so_and_the_connection_closed() {
    let mut server = run(NetConfig::default()).await;
    let mut phone = TcpStream::connect(server.tcp).await.expect("connected");
    phone.write_all(message("one", "").as_bytes()).await.expect("written");
    let (hop, _) = server.packet().await;
    let mut echo = vec![0; message("one", "").len()];
    soon(phone.read_exact(&mut echo)).await.expect("answer");
    let lie = message("two", "").replace("Content-Length: 0", "Content-Length: 5\r\nContent-Length: 7");
    phone.write_all(lie.as_bytes()).await.expect("written");
    let mut rest = String::new();
    soon(phone.read_to_string(&mut rest)).await.expect("closed");
    assert!(rest.starts_with("SIP/2.0 400 "), "{rest}");
    assert_eq!(server.news().await, News::Closed(hop.flow.expect("a flow")));
}

#[tokio::test]
async fn what_is_not_sip_closes_the_connection() {
    let mut server = run(NetConfig::default()).await;
    let mut phone = TcpStream::connect(server.tcp).await.expect("connected");
    phone.write_all(&[b'x'; 8192]).await.expect("written");
    let mut rest = vec![];
    let _ = soon(phone.read_to_end(&mut rest)).await;
    assert!(rest.is_empty());
    assert!(matches!(server.news().await, News::Closed(_)));
}
