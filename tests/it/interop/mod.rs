//! Telephones of others, as they come out of the box, live a day with the real binary: they register, call, are called, hold, press keys,
//! and come back after our restart. What each did stands in `docs/INTEROP.md`, which a run writes (`make interop`) and every run is held
//! against.

mod baresip;
mod day;
mod page;
mod sipp;
mod softphones;
mod transfers;

use std::{net::SocketAddr, path::Path};

use carillon_kit::{Person, Server, Site, phone::Phone, until};
use serde_json::Value;

use crate::{edge::certificates::Authority, faults::binary, site};

/// The phone under trial, and who it talks with.
const PHONE: &str = "1001";
const OTHER: &str = "1002";

/// A server in a process of its own that listens to everything, with the other phone.
struct Centre {
    site: Site,
    server: Option<Server>,
    authority: Authority,
    tls: SocketAddr,
    wss: SocketAddr,
    other: Phone,
}

impl Centre {
    async fn open() -> Self {
        Self::open_with("").await
    }

    /// With more settings for the phone under trial.
    async fn open_with(settings: &str) -> Self {
        let setup = include_str!("../site_setup.toml").replace("PASSWORD", site::PASSWORD);
        let password = format!("password = \"phone-{PHONE}\"");
        let setup = setup.replace(&password, &format!("{password}\n{settings}"));
        let sounds = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/demo");
        let (site, authority) = (Site::new(&setup, site::PLAN, &sounds), Authority::new());
        let (tls, wss) = site.listen_securely(&authority.path("certificate.pem"), &authority.path("key.pem"));
        let server = Server::run(binary(), &site).await;
        let other = Phone::registered(OTHER, server.bound.sip_udp).await;
        Self { site, server: Some(server), authority, tls, wss, other }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("the server runs")
    }

    fn authorities(&self) -> std::path::PathBuf {
        self.authority.path("authorities.pem")
    }

    async fn restarts(&mut self) {
        self.server.take().expect("the server runs").stop().await;
        self.server = Some(Server::again(binary(), &self.site).await);
    }

    async fn supervisor(&self) -> Person {
        Person::sign_in(self.server(), "sofia", site::PASSWORD).await
    }

    /// Waits until the server can call a phone.
    async fn reaches(&self, phone: &str) {
        let is_there =
            |phones: &Value| phones.as_array().is_some_and(|rows| rows.iter().any(|row| row["name"] == phone && row["registered"] == true));
        self.supervisor().await.sees("/phones", &format!("{phone} can be called"), is_there).await;
    }

    /// The facts of a kind in all calls that are over, once there are so many.
    async fn facts(&self, kind: &str, count: usize) -> Vec<Value> {
        let sofia = self.supervisor().await;
        until(&format!("{count} times {kind}"), async || {
            let mut facts = Vec::new();
            for call in sofia.get("/calls?limit=200").await["items"].as_array().expect("calls") {
                let call = sofia.get(&format!("/calls/{}", call["id"].as_str().expect("an id"))).await;
                let timeline = call["timeline"].as_array().expect("a timeline").iter();
                facts.extend(timeline.filter(|fact| fact["type"] == kind).map(|fact| fact["data"].clone()));
            }
            (facts.len() >= count).then_some(facts)
        })
        .await
    }
}
