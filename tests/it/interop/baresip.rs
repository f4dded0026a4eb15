//! baresip, over each of its transports.

use std::{net::SocketAddr, time::Duration};

use carillon_kit::{Baresip, PhoneSetup};
use tokio::process::Command;

use super::{
    Centre, PHONE,
    day::{self, KeyBy, PHONE_HZ, Peer},
};

/// It looks at its registration no oftener than this; when its connection is gone it notices then.
const REFRESHES_S: u32 = 30;

#[tokio::test(flavor = "multi_thread")]
async fn lives_a_day_over_udp() {
    let mut centre = Centre::open().await;
    let server = centre.server().bound.sip_udp;
    live(&mut centre, server, "UDP").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lives_a_day_over_tcp() {
    let mut centre = Centre::open().await;
    let server = centre.server().bound.sip_tcp;
    live(&mut centre, server, "TCP").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lives_a_day_over_tls() {
    let mut centre = Centre::open().await;
    let server = centre.tls;
    live(&mut centre, server, "TLS").await;
}

async fn live(centre: &mut Centre, server: SocketAddr, transport: &'static str) {
    let name = transport.to_lowercase();
    let setup = PhoneSetup::registered(PHONE, &format!("phone-{PHONE}"), &server.to_string(), &name);
    let setup = setup.tone(PHONE_HZ).refreshes_after(REFRESHES_S).believes(&centre.authorities());
    let mut phone = Phone { baresip: Baresip::start(setup).await, server };
    let version = version().await;
    day::live(centre, &mut phone, "baresip", &version, transport).await;
}

async fn version() -> String {
    let said = Command::new("baresip").arg("-h").output().await.expect("baresip runs");
    let said = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
    said.split_whitespace().find_map(|word| word.strip_prefix('v')).unwrap_or_default().to_owned()
}

struct Phone {
    baresip: Baresip,
    server: SocketAddr,
}

impl Peer for Phone {
    const HEARS: bool = true;
    const KEYS: &[KeyBy] = &[KeyBy::Event];

    async fn registers_anew(&mut self) {
        self.baresip.registers().await;
    }

    async fn dial(&mut self, number: &str) {
        self.baresip.dial(&format!("sip:{number}@{}", self.server)).await;
    }

    async fn rings(&mut self) {
        self.baresip.rings().await;
    }

    async fn answer(&mut self) {
        self.baresip.answer().await;
    }

    async fn is_connected(&mut self) {
        self.baresip.is_connected().await;
    }

    async fn hold(&mut self) {
        self.baresip.hold().await;
    }

    async fn resume(&mut self) {
        self.baresip.resume().await;
    }

    async fn press(&mut self, key: char, _: KeyBy) {
        self.baresip.press(key).await;
    }

    async fn hang_up(&mut self) {
        self.baresip.hang_up().await;
    }

    async fn is_over(&mut self) {
        self.baresip.is_over().await;
    }

    async fn hears(&mut self, hz: f64, time: Duration) {
        self.baresip.hears(hz, time).await;
    }
}
