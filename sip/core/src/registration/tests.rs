use std::time::{Duration, Instant};

use super::{Registrar, RegistrarChange, RegistrarConfig, SavedBinding, Unbinding};
use crate::message::{CSeq, HeaderName, Method, Request, Response, SipUri};
use crate::transport::{FlowId, Hop, Transport};

struct Phones {
    now: Instant,
    registrar: Registrar,
    hop: Hop,
    seq: u32,
}

impl Phones {
    fn new() -> Self {
        let config = RegistrarConfig { contacts_per_user: 2, ..RegistrarConfig::default() };
        let hop = Hop::udp(address("192.0.2.1:5060"), address("192.0.2.10:5060"));
        Self { now: crate::testing::epoch(), registrar: Registrar::new(config), hop, seq: 0 }
    }

    fn from(&mut self, remote: &str) -> &mut Self {
        self.hop = Hop::udp(self.hop.local, address(remote));
        self
    }

    fn over(&mut self, flow: u64) -> &mut Self {
        self.hop = Hop { transport: Transport::Tcp, flow: Some(FlowId(flow)), ..self.hop };
        self
    }

    /// Sends a REGISTER with the next number.
    fn register(&mut self, call_id: &str, contact: &str, expires: Option<u32>) -> Response {
        self.seq += 1;
        let mut request = Request::new(Method::Register, SipUri::at(self.hop.local))
            .with(HeaderName::CallId, call_id)
            .with(HeaderName::CSeq, CSeq::new(self.seq, Method::Register))
            .with(HeaderName::UserAgent, "Desk 7");
        if !contact.is_empty() {
            request.headers.push(HeaderName::Contact, contact);
        }
        if let Some(expires) = expires {
            request.headers.push(HeaderName::Expires, expires);
        }
        self.registrar.register(self.now, "anna", &request, self.hop)
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.registrar.handle_timeout(self.now);
    }

    fn changes(&mut self) -> Vec<String> {
        let mut changes = Vec::new();
        while let Some(change) = self.registrar.poll_change() {
            changes.push(match change {
                RegistrarChange::Bound(binding) => format!("bound {}", binding.contact),
                RegistrarChange::Refreshed(binding) => format!("refreshed {}", binding.contact),
                RegistrarChange::Unbound(binding, why) => format!("unbound {} {why:?}", binding.contact),
                RegistrarChange::Reachability(binding) => format!("reachable {} {}", binding.is_reachable, binding.contact),
            });
        }
        changes
    }
}

fn address(text: &str) -> std::net::SocketAddr {
    text.parse().expect("test address")
}

fn contacts(response: &Response) -> Vec<String> {
    let values = response.headers.get_all(&HeaderName::Contact);
    values.map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

#[test]
fn a_phone_registers_refreshes_and_expires_and_is_rung_where_it_was_seen() {
    let mut t = Phones::new();
    t.from("203.0.113.7:40001");
    let response = t.register("a", "<sip:anna@10.0.0.5:5060>;expires=120", Some(900));
    assert_eq!((response.status, contacts(&response)), (200, vec!["<sip:anna@10.0.0.5:5060>;expires=120".to_owned()]));
    t.wait(100);
    t.from("203.0.113.7:40002");
    let response = t.register("a", "<sip:anna@10.0.0.5:5060>", None);
    assert_eq!(contacts(&response), ["<sip:anna@10.0.0.5:5060>;expires=3600"]);
    assert_eq!(t.registrar.reachable("anna")[0].hop.remote, address("203.0.113.7:40002"));
    assert_eq!(t.registrar.at(&t.hop.clone()).map(|binding| binding.user.as_str()), Some("anna"));
    t.wait(3599);
    assert_eq!(t.registrar.bindings("anna").len(), 1);
    t.wait(1);
    assert!(t.registrar.bindings("anna").is_empty() && t.registrar.poll_timeout().is_none());
    assert_eq!(t.changes(), ["bound sip:anna@10.0.0.5:5060", "refreshed sip:anna@10.0.0.5:5060", "unbound sip:anna@10.0.0.5:5060 Expired"]);
}

#[test]
fn a_register_without_contact_asks_and_changes_nothing() {
    let mut t = Phones::new();
    t.register("a", "<sip:anna@192.0.2.10>", None);
    t.changes();
    assert_eq!(contacts(&t.register("a", "", None)), ["<sip:anna@192.0.2.10>;expires=3600"]);
    assert!(t.changes().is_empty());
}

#[test]
fn times_out_of_bounds_are_refused_or_cut() {
    let mut t = Phones::new();
    let brief = t.register("a", "<sip:anna@192.0.2.10>;expires=5", None);
    assert_eq!((brief.status, brief.headers.text(&HeaderName::MinExpires).as_deref()), (423, Some("60")));
    assert_eq!(contacts(&t.register("a", "<sip:anna@192.0.2.10>", Some(90_000))), ["<sip:anna@192.0.2.10>;expires=3600"]);
}

#[test]
fn a_star_removes_all_contacts_and_only_with_expires_zero() {
    let mut t = Phones::new();
    t.register("a", "<sip:anna@192.0.2.10>, <sip:anna@192.0.2.11>", None);
    assert_eq!(t.register("a", "*", Some(60)).status, 400);
    assert_eq!(t.registrar.bindings("anna").len(), 2);
    assert_eq!(contacts(&t.register("a", "*", Some(0))), [""; 0]);
    assert_eq!(t.changes()[2..], ["unbound sip:anna@192.0.2.10 Unregistered", "unbound sip:anna@192.0.2.11 Unregistered"]);
}

#[test]
fn a_register_that_was_overtaken_changes_nothing() {
    let mut t = Phones::new();
    t.seq = 10;
    t.register("a", "<sip:anna@192.0.2.10>", None);
    t.seq = 9;
    assert_eq!(t.register("a", "<sip:anna@192.0.2.10>", Some(0)).status, 500);
    assert_eq!(t.registrar.bindings("anna").len(), 1);
    t.seq = 1;
    assert_eq!(t.register("another-call", "<sip:anna@192.0.2.10>", Some(0)).status, 200);
    assert!(t.registrar.bindings("anna").is_empty());
}

#[test]
fn contacts_are_bounded_and_unreachable_ones_make_room() {
    let mut t = Phones::new();
    t.from("192.0.2.11:5060").over(7).register("a", "<sip:anna@192.0.2.11:39111;transport=tcp>", None);
    t.from("192.0.2.12:5060").register("b", "<sip:anna@192.0.2.12>", None);
    t.from("192.0.2.13:5060");
    assert_eq!(t.register("c", "<sip:anna@192.0.2.13>", None).status, 403);
    t.changes();
    t.registrar.handle_flow_closed(FlowId(7));
    assert_eq!(t.registrar.reachable("anna").len(), 1);
    assert_eq!(t.register("c", "<sip:anna@192.0.2.13>", None).status, 200);
    assert_eq!(
        t.changes(),
        [
            "reachable false sip:anna@192.0.2.11:39111;transport=tcp",
            "unbound sip:anna@192.0.2.11:39111;transport=tcp Replaced",
            "bound sip:anna@192.0.2.13",
        ]
    );
}

#[test]
fn a_phone_that_restarts_does_not_ring_twice() {
    let mut t = Phones::new();
    t.register("first-start", "<sip:anna-0x55aa@192.0.2.10:5060>", None);
    t.register("second-start", "<sip:anna-0x66bb@192.0.2.10:5060>", None);
    assert_eq!(
        t.registrar.bindings("anna").iter().map(|binding| binding.contact.to_string()).collect::<Vec<_>>(),
        ["sip:anna-0x66bb@192.0.2.10:5060"]
    );
    t.changes();
    let instance = ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000a95a0e128>\"";
    t.register("x", &format!("<sip:anna@192.0.2.20:41000>{instance};reg-id=1"), None);
    let response = t.register("y", &format!("<sip:anna@192.0.2.20:41999>{instance};reg-id=1"), None);
    assert!(contacts(&response).contains(&format!("<sip:anna@192.0.2.20:41999>{instance};reg-id=1;expires=3600")));
    assert_eq!(t.changes(), ["bound sip:anna@192.0.2.20:41000", "refreshed sip:anna@192.0.2.20:41999"]);
}

#[test]
fn bindings_outlive_a_restart_but_a_stream_waits_for_its_phone() {
    let mut before = Phones::new();
    before.register("a", "<sip:anna@192.0.2.10>;q=0.5", Some(600));
    before.from("192.0.2.11:41000").over(3).register("b", "<sip:anna@192.0.2.11;transport=tcp>", Some(600));
    before.wait(100);
    let saved: Vec<SavedBinding> = before.registrar.iter().map(|binding| binding.save(before.now)).collect();
    assert_eq!(saved.iter().map(|saved| saved.remaining_seconds).collect::<Vec<_>>(), [500, 500]);

    let mut after = Phones::new();
    let broken = SavedBinding { remote: "nowhere".into(), ..saved[0].clone() };
    after.registrar.restore(after.now, saved.into_iter().chain([broken]));
    assert_eq!(after.registrar.bindings("anna").len(), 2);
    assert_eq!(
        after.registrar.reachable("anna").iter().map(|binding| binding.contact.to_string()).collect::<Vec<_>>(),
        ["sip:anna@192.0.2.10"]
    );
    after.from("192.0.2.11:42000").over(1);
    after.seq = 50;
    after.register("b", "<sip:anna@192.0.2.11;transport=tcp>", Some(600));
    assert_eq!(after.registrar.reachable("anna").len(), 2);
    after.wait(500);
    assert_eq!(
        after.changes(),
        [
            "refreshed sip:anna@192.0.2.11;transport=tcp",
            "reachable true sip:anna@192.0.2.11;transport=tcp",
            &format!("unbound sip:anna@192.0.2.10 {:?}", Unbinding::Expired),
        ]
    );
}
