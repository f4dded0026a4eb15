//! A4, A16, K1: whoever follows the README finds what it promises.

use std::time::Duration;

use carillon_kit::{Answering, Baresip, PATIENCE, Person, PhoneSetup, Ports, Server, Sipp, Site, sound};
use serde_json::json;

use super::{AGENT_HZ, CALLER_HZ, binary, calls_ended, names, scenario, sounds};

const PASSWORD: &str = "carillon-demo";

/// The README's phones.
fn phone(server: &Server, name: &str, transport: &str) -> PhoneSetup {
    let address = if transport == "tcp" { server.bound.sip_tcp } else { server.bound.sip_udp };
    PhoneSetup::registered(name, &format!("phone-{name}"), &address.to_string(), transport)
}

#[tokio::test]
async fn its_people_phones_and_queues_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::demo(binary(), folder.path()).await;
    let roles = [("anna", "agent"), ("bruno", "agent"), ("carla", "agent"), ("sofia", "supervisor"), ("admin", "admin")];
    for (login, role) in roles {
        let person = Person::sign_in(&server, login, PASSWORD).await;
        assert_eq!(person.get("/me").await["role"], role, "{login}");
    }
    let sofia = Person::sign_in(&server, "sofia", PASSWORD).await;
    let expected: Vec<String> = (1001..=1010).map(|name| name.to_string()).collect();
    assert_eq!(names(&sofia.get("/phones").await), expected);
    assert_eq!(names(&sofia.get("/queues").await), ["sales", "support"]);
    let mut phones = Vec::new();
    for name in &expected {
        phones.push(Baresip::start(phone(&server, name, if name.ends_with('2') { "tcp" } else { "udp" }).deaf()).await);
    }
    let all = |phones: &serde_json::Value| phones.as_array().is_some_and(|rows| rows.iter().all(|row| row["registered"] == true));
    sofia.sees("/phones", "all ten are registered", all).await;
    for (page, text) in [("/healthz", "alive"), ("/readyz", "ready"), ("/metrics", "carillon_phones_reachable 10")] {
        let (status, said) = server.page(page).await;
        assert!(status == 200 && said.contains(text), "{page}: {status} {said}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_colleague_is_dialled_directly() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::demo(binary(), folder.path()).await;
    let mut annas = Baresip::start(phone(&server, "1001", "udp").tone(CALLER_HZ)).await;
    let mut second = Baresip::start(phone(&server, "1002", "tcp").tone(AGENT_HZ)).await;
    let anna = Person::sign_in(&server, "anna", PASSWORD).await;
    anna.sees("/phones?available=true", "both phones", |phones| names(phones) == ["1001", "1002"]).await;
    assert_eq!(anna.put("/session/phone", json!({ "phone": "1001" })).await.status, 200);

    annas.dial(&format!("sip:1002@{}", server.bound.sip_udp)).await;
    assert!(second.rings().await.contains("1001"));
    second.answer().await;
    annas.is_connected().await;
    second.is_connected().await;
    anna.sees("/me", "she talks", |me| me["agent"]["state"] == "talking").await;
    second.hears(CALLER_HZ, Duration::from_secs(1)).await;
    annas.hang_up().await;
    second.is_over().await;
    annas.is_over().await;

    let calls = calls_ended(&anna, 1).await;
    let fields = [("kind", "internal"), ("caller", "1001"), ("called", "1002"), ("connected", "1002"), ("ended_by", "caller")];
    for (field, value) in fields {
        assert_eq!(calls[0][field], value, "{field} of {:#}", calls[0]);
    }
    anna.sees("/me", "no wrap-up after a call of her own", |me| me["agent"]["state"] == "available").await;
    for (phone, hz) in [(&annas, AGENT_HZ), (&second, CALLER_HZ)] {
        assert!(sound::seconds_of_tone(&phone.heard()[0], hz) > 0.8, "each heard the other");
    }
}

/// The demo's own setup and dialplan, with trunk `lab` at a port that is the test's.
async fn with_a_trunk_of_ours(transport: &str) -> (Site, Server) {
    let port = format!("port = TRUNK_PORT\ntransport = \"{transport}\"");
    let setup = include_str!("../../../src/cli/demo.toml").replace("port = 5080", &port);
    let site = Site::new(&setup, include_str!("../../../dialplans/demo/plan.toml"), &sounds());
    let server = Server::run(binary(), &site).await;
    (site, server)
}

/// By TCP, where it is known at once; by UDP nobody knows before the INVITE has been repeated for 32 seconds (RFC 3261 17.1.1.2).
#[tokio::test]
async fn nobody_at_trunk_lab_is_a_503() {
    let (_site, server) = with_a_trunk_of_ours("tcp").await;
    let mut caller = Baresip::start(phone(&server, "1005", "udp")).await;
    let sofia = Person::sign_in(&server, "sofia", PASSWORD).await;
    sofia.sees("/phones", "the phone", |phones| phones[4]["registered"] == true).await;
    caller.dial(&format!("sip:+390698765432@{}", server.bound.sip_udp)).await;
    let refused = caller.is_over().await;
    assert!(refused.contains("503"), "{refused}");
    let calls = calls_ended(&sofia, 1).await;
    assert_eq!((&calls[0]["kind"], &calls[0]["reason"]), (&json!("outbound"), &json!("unreachable")), "{:#}", calls[0]);
}

#[tokio::test]
async fn a_number_with_plus_39_leaves_by_trunk_lab() {
    let (site, server) = with_a_trunk_of_ours("udp").await;
    let mut caller = Baresip::start(phone(&server, "1005", "udp")).await;
    let sofia = Person::sign_in(&server, "sofia", PASSWORD).await;
    sofia.sees("/phones", "the phone", |phones| phones[4]["registered"] == true).await;

    let carrier = PhoneSetup::peer("+390698765432", site.trunk_port()).answering(Answering::Itself).tone(AGENT_HZ);
    let mut carrier = Baresip::start(carrier).await;
    caller.dial(&format!("sip:+390698765432@{}", server.bound.sip_udp)).await;
    carrier.is_connected().await;
    caller.is_connected().await;
    carrier.hears(CALLER_HZ, Duration::from_secs(1)).await;
    carrier.hang_up().await;
    caller.is_over().await;
    let calls = calls_ended(&sofia, 1).await;
    let fields = [("kind", "outbound"), ("caller", "1005"), ("called", "+390698765432"), ("connected", "+390698765432")];
    for (field, value) in fields.into_iter().chain([("ended_by", "callee"), ("reason", "hung_up")]) {
        assert_eq!(calls[0][field], value, "{field} of {:#}", calls[0]);
    }
    carrier.is_unplugged().await;

    // The README's "whatever calls from there": SIPp, as its reader would run it.
    let options = ["-s", "7777", "-m", "1"];
    let stranger = Sipp::start(&scenario("is_not_found.xml"), server.bound.sip_udp, site.trunk_port(), &options);
    stranger.is_done(PATIENCE).await;
    let options = ["-s", "5001", "-m", "1"];
    let elsewhere = Ports::reserve(1);
    let stranger = Sipp::start(&scenario("is_forbidden.xml"), server.bound.sip_udp, elsewhere.at_index(0), &options);
    stranger.is_done(PATIENCE).await;
    let calls = calls_ended(&sofia, 2).await;
    assert_eq!((&calls[0]["called"], &calls[0]["reason"]), (&json!("7777"), &json!("number_unknown")), "the stranger left no trace");
}
