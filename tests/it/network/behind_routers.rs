//! A phone behind a router that translates addresses, and a server behind one: calls both ways are heard. The phones are PJSIP's, told to do
//! nothing about routers by themselves.

use std::{net::SocketAddr, path::Path, time::Duration};

use carillon_kit::{PjsipSetup, Server, Site, Softphone, apply_setup};
use tokio::process::Command;

use super::namespaces::{HOME_HOST, Hosts, OTHER_WIDE_HOST, ROUTER, WIDE_HOST};
use crate::{faults::binary, site};

const SIP: u16 = 5060;
const TALK: Duration = Duration::from_millis(500);

/// Every port of a phone becomes another one, as behind most routers of providers.
const TRANSLATES: &str = "chain out { type nat hook postrouting priority 100; oifname \"wide\" masquerade random; }";
/// What comes for SIP and RTP goes to the server, whose ports stay as they are.
const FORWARDS: &str = "chain out { type nat hook postrouting priority 100; oifname \"wide\" masquerade; }
    chain in { type nat hook prerouting priority -100;
        iifname \"wide\" udp dport { 5060, 20000-20999 } dnat to 192.168.77.2;
        iifname \"wide\" tcp dport 5060 dnat to 192.168.77.2; }";

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_behind_a_router_is_heard_over_udp() {
    phone_behind("udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_behind_a_router_is_heard_over_tcp() {
    phone_behind("tcp").await;
}

async fn phone_behind(transport: &str) {
    let Some(hosts) = Hosts::lay(TRANSLATES) else { return };
    let server = serve(&hosts, "first", WIDE_HOST, "").await;
    let at = address(WIDE_HOST);
    let mut home = phone(PjsipSetup::new("1001", at, transport, 600.0).inside(&hosts.name("home"), ip(HOME_HOST))).await;
    let mut wide = phone(PjsipSetup::new("1002", at, "udp", 1000.0).inside(&hosts.name("second"), ip(OTHER_WIDE_HOST))).await;
    call(&mut home, &mut wide, &format!("sip:1002@{WIDE_HOST}"), [600.0, 1000.0]).await;
    call(&mut wide, &mut home, &format!("sip:1001@{WIDE_HOST}"), [1000.0, 600.0]).await;
    server.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_behind_a_router_serves_phones_on_both_sides() {
    let Some(hosts) = Hosts::lay(FORWARDS) else { return };
    let nat = format!("[nat]\nexternal_address = [\"{ROUTER}\"]\nlocal_networks = [\"192.168.0.0/16\"]\n");
    let server = serve(&hosts, "home", HOME_HOST, &nat).await;
    let mut home = phone(PjsipSetup::new("1001", address(HOME_HOST), "udp", 600.0).inside(&hosts.name("home"), ip(HOME_HOST))).await;
    let outside = PjsipSetup::new("1002", address(ROUTER), "udp", 1000.0).inside(&hosts.name("second"), ip(OTHER_WIDE_HOST));
    let mut wide = phone(outside).await;
    call(&mut home, &mut wide, &format!("sip:1002@{HOME_HOST}"), [600.0, 1000.0]).await;
    call(&mut wide, &mut home, &format!("sip:1001@{ROUTER}"), [1000.0, 600.0]).await;
    server.0.stop().await;
}

/// The real binary on one of the hosts.
async fn serve(hosts: &Hosts, host: &str, address: &str, more: &str) -> (Server, Site) {
    let setup = include_str!("../site_setup.toml").replace("PASSWORD", site::PASSWORD);
    let site = Site::new(&setup, site::PLAN, &Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/demo"));
    site.write(
        "carillon.toml",
        &format!(
            "[http]\nlisten = \"127.0.0.1:8080\"\n[sip]\nudp = [\"{address}:{SIP}\"]\ntcp = [\"{address}:{SIP}\"]\n\
             [media]\naddress = \"{address}\"\nrtp_ports = \"20000-20999\"\nthreads = 1\n[database]\nurl = \"sqlite:carillon.db\"\n\
             [dialplan]\nfolder = \"dialplan\"\n[limits]\ndrain_s = 2\ncalls = 10\n{more}"
        ),
    );
    apply_setup(binary(), &site).await;
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &hosts.name(host)]).arg(binary());
    (Server::by(command, &site).await, site)
}

async fn phone(setup: PjsipSetup) -> Softphone {
    let mut phone = Softphone::pjsip(setup).await;
    phone.tells("registered").await;
    phone
}

/// They hear each other's tone, the caller's first.
async fn call(caller: &mut Softphone, callee: &mut Softphone, uri: &str, hz: [f64; 2]) {
    caller.order(&format!("dial {uri}")).await;
    callee.tells("incoming").await;
    callee.order("answer").await;
    caller.tells("connected").await;
    callee.tells("connected").await;
    callee.hears(hz[0], TALK).await;
    caller.hears(hz[1], TALK).await;
    caller.order("hangup").await;
    callee.tells("over").await;
    caller.tells("over").await;
}

fn ip(text: &str) -> std::net::IpAddr {
    text.parse().expect("an address")
}

fn address(host: &str) -> SocketAddr {
    SocketAddr::new(ip(host), SIP)
}
