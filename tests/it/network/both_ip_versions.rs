//! Phones of one IP version, and calls between the two, which the server relays.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use carillon_kit::{Baresip, PhoneSetup};

use crate::{client::eventually, site::Site};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
const TALK: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn phones_of_ipv4_alone_talk() {
    talk(&[V4], [V4, V4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_of_ipv6_alone_talk() {
    talk(&[V6], [V6, V6]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_each_talk_whoever_calls() {
    talk(&[V4, V6], [V4, V6]).await;
}

/// A server at these addresses, and two phones there that call each other.
async fn talk(server: &[IpAddr], phones: [IpAddr; 2]) {
    let site = Site::start_with(|config, _| {
        config.sip.udp = server.iter().map(|ip| SocketAddr::new(*ip, 0)).collect();
        config.sip.tcp = vec![SocketAddr::new(server[0], 0)];
        (config.media.address, config.media.other_address) = (server[0], server.get(1).copied());
    })
    .await;
    let sofia = site.signed_in("sofia").await;
    let listeners = site.server.bound().sip_udp.clone();
    let listener = |ip: IpAddr| *listeners.iter().find(|at| at.is_ipv4() == ip.is_ipv4()).expect("a listener");
    let phone = async |name: &str, ip: IpAddr, hz: f64| {
        let setup = PhoneSetup::registered(name, &format!("phone-{name}"), &listener(ip).to_string(), "udp").at(ip).tone(hz);
        let phone = Baresip::start(setup).await;
        eventually(&format!("{name} being registered"), async || {
            let (_, phones) = sofia.get("/phones").await;
            phones.as_array()?.iter().any(|phone| phone["name"] == name && phone["registered"] == true).then_some(())
        })
        .await;
        phone
    };
    let [first, second] = phones;
    let (mut first_phone, mut second_phone) = (phone("1001", first, 600.0).await, phone("1002", second, 1000.0).await);
    call(&mut first_phone, &mut second_phone, &format!("sip:1002@{}", listener(first)), [600.0, 1000.0]).await;
    call(&mut second_phone, &mut first_phone, &format!("sip:1001@{}", listener(second)), [1000.0, 600.0]).await;
}

/// They hear each other's tone, the caller's first.
async fn call(caller: &mut Baresip, callee: &mut Baresip, uri: &str, hz: [f64; 2]) {
    caller.dial(uri).await;
    callee.rings().await;
    callee.answer().await;
    caller.is_connected().await;
    callee.is_connected().await;
    callee.hears(hz[0], TALK).await;
    caller.hears(hz[1], TALK).await;
    caller.hang_up().await;
    callee.is_over().await;
    caller.is_over().await;
}
