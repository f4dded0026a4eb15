//! STUN on the SIP port (RFC 5626 3.5.2): the sockets answer, the engine hears nothing of it.

use crate::support::{run, soon};
use carillon_sip_net::NetConfig;
use tokio::net::UdpSocket;

#[tokio::test]
async fn a_binding_request_on_the_sip_port_is_answered_with_where_it_came_from() {
    let mut server = run(NetConfig::default()).await;
    let phone = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let transaction = *b"carillon-nat";
    let request = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &transaction].concat();
    phone.send_to(&request, server.udp).await.expect("sent");
    let mut answer = [0; 64];
    let length = soon(phone.recv(&mut answer)).await.expect("an answer");
    let port = u16::from_be_bytes([answer[26], answer[27]]) ^ 0x2112;
    assert_eq!((length, answer[..2].to_vec(), &answer[8..20]), (32, vec![1, 1], &transaction[..]));
    assert_eq!(port, phone.local_addr().expect("an address").port());
    phone.send_to(b"OPTIONS", server.udp).await.expect("sent");
    assert_eq!(server.packet().await.1, "OPTIONS", "the first that the engine hears");
}
