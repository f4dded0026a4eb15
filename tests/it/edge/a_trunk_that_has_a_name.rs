//! Threat 23: trunks that are known by name are looked up; who is silent there is passed over; the last good answer outlives the DNS.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use carillon_kit::phone::{Phone, header};
use serde_json::json;

use super::name_server::NameServer;
use crate::{client::eventually, site::Site};

const TRUNKS: &str = r#"
[[trunk]]
name = "carrier"
host = "carrier.test"
transport = "udp"

[[outbound_route]]
prefix = "+41"
trunk = "carrier"
fallback = ["lab"]
"#;

async fn site(dns: &NameServer) -> Site {
    let server = dns.address;
    Site::start_with(|config, setup| {
        config.sip.dns_servers = vec![server];
        setup.push_str(TRUNKS);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn its_places_are_tried_in_order_and_stay_when_the_dns_is_gone() {
    let dns = NameServer::start().await;
    let (mut silent, mut second) = (Phone::trunk().await, Phone::trunk().await);
    for (host, priority, peer) in [("first.carrier.test", 10, &silent), ("second.carrier.test", 20, &second)] {
        dns.knows_service("_sip._udp.carrier.test", priority, peer.address().port(), host);
        dns.knows_host(host, Ipv4Addr::LOCALHOST);
    }
    let site = site(&dns).await;
    silent.knows(site.sip);
    second.knows(site.sip);
    let admin = site.signed_in("admin").await;
    let expected = json!([format!("udp {}", silent.address()), format!("udp {}", second.address())]);
    let places = async || {
        let (_, page) = admin.get("/trunks").await;
        let carrier = page["items"].as_array()?.iter().find(|row| row["name"] == "carrier")?.clone();
        (carrier["status"]["places"] == expected).then_some(carrier)
    };
    let carrier = eventually("the places of the carrier", places).await;
    assert_eq!((&carrier["status"]["state"], &carrier["port"]), (&json!("unwatched"), &json!(null)));

    let anna = site.agent("anna", "1001").await;
    let call = anna.phone.dial("+41441234567").await;
    let first = silent.incoming_call().await;
    let invite = first.invitation().expect("an INVITE");
    assert!(invite.uri.to_string().starts_with("sip:+41441234567@carrier.test"), "{invite}");
    assert!(header(invite, "To").is_some_and(|to| to.contains("@carrier.test")), "{invite}");
    first.refuse("503 Service Unavailable").await;
    second.incoming_call().await.refuse("486 Busy Here").await;
    drop(call);

    // The DNS falls silent, and later so does the first place.
    dns.stop();
    eventually("the DNS being missed", async || {
        let (_, page) = admin.get("/trunks").await;
        let carrier = page["items"].as_array()?.iter().find(|row| row["name"] == "carrier")?;
        (carrier["status"]["errors"] == json!([{ "code": "not_located", "why": "unanswered", "last_known": true }])).then_some(())
    })
    .await;
    silent.unplug();
    site.records(1).await;
    let began = Instant::now();
    let call = anna.phone.dial("+41441234567").await;
    second.incoming_call().await.refuse("486 Busy Here").await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    drop(call);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_nobody_knows_leaves_the_call_to_the_next_route_at_once() {
    let dns = NameServer::start().await;
    dns.stop();
    let mut site = site(&dns).await;
    let anna = site.agent("anna", "1001").await;
    let began = Instant::now();
    let call = anna.phone.dial("+41441234567").await;
    site.trunk.incoming_call().await.refuse("486 Busy Here").await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    drop(call);
    let record = site.record().await;
    let legs = record["legs"].as_array().expect("legs");
    let way: Vec<_> = legs.iter().filter(|leg| !leg["trunk"].is_null()).map(|leg| leg["ending"]["reason"].clone()).collect();
    assert_eq!(way, [json!("unreachable"), json!("busy")], "the record tells the way: {record:#}");
}
