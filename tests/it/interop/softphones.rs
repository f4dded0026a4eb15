//! PJSIP over each of its transports, JsSIP over WebSocket with TLS.

use std::{net::SocketAddr, time::Duration};

use carillon_kit::{PjsipSetup, Softphone};

use super::{
    Centre, PHONE,
    day::{self, KeyBy, PHONE_HZ, Peer},
};

#[tokio::test(flavor = "multi_thread")]
async fn pjsip_lives_a_day_over_udp() {
    let mut centre = Centre::open().await;
    let server = centre.server().bound.sip_udp;
    pjsip(&mut centre, server, "UDP").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pjsip_lives_a_day_over_tcp() {
    let mut centre = Centre::open().await;
    let server = centre.server().bound.sip_tcp;
    pjsip(&mut centre, server, "TCP").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pjsip_lives_a_day_over_tls() {
    let mut centre = Centre::open().await;
    let server = centre.tls;
    pjsip(&mut centre, server, "TLS").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jssip_lives_a_day_over_wss() {
    let mut centre = Centre::open_with("media_security = \"clear\"").await;
    let server = centre.wss;
    let mut phone = Jssip(Softphone::jssip(PHONE, server, &centre.authorities()).await, server);
    let version = version(&mut phone.0).await;
    day::live(&mut centre, &mut phone, "JsSIP", &version, "WSS").await;
}

async fn pjsip(centre: &mut Centre, server: SocketAddr, transport: &'static str) {
    let setup = PjsipSetup::new(PHONE, server, &transport.to_lowercase(), PHONE_HZ).believes(&centre.authorities());
    let mut phone = Pjsip(Softphone::pjsip(setup).await, server);
    let version = version(&mut phone.0).await;
    day::live(centre, &mut phone, "PJSIP", &version, transport).await;
}

async fn version(phone: &mut Softphone) -> String {
    let said = phone.tells("version").await;
    said.split(' ').next_back().unwrap_or_default().to_owned()
}

struct Pjsip(Softphone, SocketAddr);
struct Jssip(Softphone, SocketAddr);

/// Both take the same orders.
macro_rules! by_orders {
    ($phone:ty, $hears:literal, $keys:expr) => {
        impl Peer for $phone {
            const HEARS: bool = $hears;
            const KEYS: &[KeyBy] = $keys;

            async fn registers_anew(&mut self) {
                self.0.forget();
                self.0.order("register").await;
                self.0.tells("registered").await;
            }

            async fn dial(&mut self, number: &str) {
                self.0.order(&format!("dial sip:{number}@{}", self.1.ip())).await;
            }

            async fn rings(&mut self) {
                self.0.tells("incoming").await;
            }

            async fn answer(&mut self) {
                self.0.order("answer").await;
            }

            async fn is_connected(&mut self) {
                self.0.tells("connected").await;
            }

            async fn hold(&mut self) {
                self.0.order("hold").await;
                self.0.tells("held").await;
            }

            async fn resume(&mut self) {
                self.0.order("resume").await;
                self.0.tells("resumed").await;
            }

            async fn press(&mut self, key: char, by: KeyBy) {
                let order = match by {
                    KeyBy::Event => "press",
                    KeyBy::Info => "inform",
                };
                self.0.order(&format!("{order} {key}")).await;
            }

            async fn hang_up(&mut self) {
                self.0.order("hangup").await;
            }

            async fn is_over(&mut self) {
                self.0.tells("over").await;
            }

            async fn hears(&mut self, hz: f64, time: Duration) {
                self.0.hears(hz, time).await;
            }
        }
    };
}

by_orders!(Pjsip, true, &[KeyBy::Event, KeyBy::Info]);
by_orders!(Jssip, false, &[KeyBy::Info]);
