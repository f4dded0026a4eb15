//! Where a named peer is (RFC 3263 4): which questions to ask of the DNS, and what its answers mean. It asks nothing itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::transport::Transport;

/// Answers of one kind that are looked at; more of them are left alone.
const RECORDS: usize = 16;
/// Questions asked for one peer.
const QUESTIONS: usize = 32;

/// A question to the DNS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Services of a domain.
    Naptr(String),
    /// Hosts of a service, by its whole name (`_sip._udp.example.com`).
    Srv(String),
    /// Addresses of a host, of both families.
    Addresses(String),
}

/// What the DNS answered. What does not exist is an empty answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Question::Naptr`].
    Naptr(Vec<Naptr>),
    /// To [`Question::Srv`].
    Srv(Vec<Srv>),
    /// To [`Question::Addresses`].
    Addresses(Vec<IpAddr>),
}

/// One NAPTR record (RFC 3403).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naptr {
    /// Lowest first.
    pub order: u16,
    /// Lowest first within an order.
    pub preference: u16,
    /// `S` where the replacement is a name of SRV records.
    pub flags: String,
    /// As in `SIP+D2U`.
    pub service: String,
    /// The next name.
    pub replacement: String,
}

/// One SRV record (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Srv {
    /// Lowest first.
    pub priority: u16,
    /// Share of the first choice within a priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host.
    pub target: String,
}

/// The peer that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its port, if known: then only its addresses are asked for (RFC 3263 4.2).
    pub port: Option<u16>,
    /// Its transport, if known; otherwise NAPTR records choose it (4.1).
    pub transport: Option<Transport>,
}

/// Finds a peer. Ask what [`question`](Self::question) gives, hand in the answer, until it gives nothing more; then take [`places`](Self::places).
#[derive(Debug)]
pub struct Locate {
    wanted: Wanted,
    questions: VecDeque<Question>,
    asked: usize,
    services: Vec<(Transport, String)>,
    hosts: Vec<(Transport, String, u16)>,
    addresses_by_host: BTreeMap<String, Vec<IpAddr>>,
    rng: StdRng,
}

impl Locate {
    /// Begins. The seed spreads load over hosts of one priority by their weight.
    pub fn new(wanted: Wanted, seed: u64) -> Self {
        let mut locate = Self {
            questions: VecDeque::new(),
            asked: 0,
            services: vec![],
            hosts: vec![],
            addresses_by_host: BTreeMap::new(),
            rng: StdRng::seed_from_u64(seed),
            wanted,
        };
        match (locate.wanted.port, locate.wanted.transport) {
            (Some(port), transport) => locate.host(transport.unwrap_or(Transport::Udp), locate.wanted.name.clone(), port),
            (None, Some(transport)) => locate.service(transport, service_name(transport, &locate.wanted.name)),
            (None, None) => locate.ask(Question::Naptr(locate.wanted.name.clone())),
        }
        locate
    }

    /// The next question.
    pub fn question(&mut self) -> Option<Question> {
        let question = self.questions.pop_front()?;
        self.asked += 1;
        (self.asked <= QUESTIONS).then_some(question)
    }

    /// Takes the answer to a question.
    pub fn answer(&mut self, question: &Question, answer: Answer) {
        match (question, answer) {
            (Question::Naptr(_), Answer::Naptr(records)) => self.take_services(records),
            (Question::Srv(name), Answer::Srv(records)) => self.take_hosts(name, records),
            (Question::Addresses(host), Answer::Addresses(addresses)) => {
                self.addresses_by_host.insert(host.clone(), addresses.into_iter().take(RECORDS).collect());
            }
            _ => {}
        }
    }

    /// Where the peer is, the first choice first; nothing when the DNS knows nothing.
    pub fn places(&self) -> Vec<(Transport, SocketAddr)> {
        let mut places = vec![];
        for (transport, host, port) in &self.hosts {
            for address in self.addresses_by_host.get(host).into_iter().flatten() {
                let place = (*transport, SocketAddr::new(*address, *port));
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        places
    }

    /// RFC 3263 4.1: services by order and preference, of the transports we have. Without any, SRV records are asked for by transport.
    fn take_services(&mut self, mut records: Vec<Naptr>) {
        records.retain(|record| record.flags.eq_ignore_ascii_case("s") && transport_of(&record.service).is_some());
        records.sort_by_key(|record| (record.order, record.preference));
        for record in records.into_iter().take(RECORDS) {
            if let Some(transport) = transport_of(&record.service) {
                self.service(transport, record.replacement);
            }
        }
        if self.services.is_empty() {
            for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
                self.service(transport, service_name(transport, &self.wanted.name));
            }
        }
    }

    fn take_hosts(&mut self, name: &str, mut records: Vec<Srv>) {
        let Some(transport) = self.services.iter().find(|(_, known)| known == name).map(|(transport, _)| *transport) else { return };
        // A target of `.` says that there is no such service (RFC 2782).
        records.retain(|record| !matches!(record.target.as_str(), "." | ""));
        records.truncate(RECORDS);
        for record in by_weight(records, &mut self.rng) {
            self.host(transport, record.target, record.port);
        }
        let is_last = !self.questions.iter().any(|question| matches!(question, Question::Srv(_)));
        if is_last && self.hosts.is_empty() {
            // No SRV records at all: the name is the host's own (4.2).
            let transport = self.wanted.transport.unwrap_or(Transport::Udp);
            self.host(transport, self.wanted.name.clone(), transport.usual_port());
        }
    }

    fn service(&mut self, transport: Transport, name: String) {
        self.services.push((transport, name.clone()));
        self.ask(Question::Srv(name));
    }

    fn host(&mut self, transport: Transport, host: String, port: u16) {
        let question = Question::Addresses(host.clone());
        self.hosts.push((transport, host, port));
        self.ask(question);
    }

    fn ask(&mut self, question: Question) {
        if !self.questions.contains(&question) {
            self.questions.push_back(question);
        }
    }
}

fn service_name(transport: Transport, name: &str) -> String {
    match transport {
        Transport::Udp => format!("_sip._udp.{name}"),
        Transport::Tcp | Transport::Ws => format!("_sip._tcp.{name}"),
        Transport::Tls | Transport::Wss => format!("_sips._tcp.{name}"),
    }
}

/// RFC 3263 4.1 and RFC 7118 5.3 name them; what we cannot connect by is nothing.
fn transport_of(service: &str) -> Option<Transport> {
    let known = [("SIP+D2U", Transport::Udp), ("SIP+D2T", Transport::Tcp), ("SIPS+D2T", Transport::Tls)];
    known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(service)).map(|(_, transport)| transport)
}

/// RFC 2782: lower priorities first; within one, drawn by weight.
fn by_weight(mut records: Vec<Srv>, rng: &mut StdRng) -> Vec<Srv> {
    let mut ordered = Vec::with_capacity(records.len());
    records.sort_by_key(|record| (Reverse(record.priority), record.weight));
    while let Some(priority) = records.last().map(|record| record.priority) {
        let from = records.iter().position(|record| record.priority == priority).unwrap_or_default();
        let mut level = records.split_off(from);
        while !level.is_empty() {
            let sum: u32 = level.iter().map(|record| u32::from(record.weight)).sum();
            let mut drawn = rng.random_range(0..=sum);
            let chosen = level.iter().position(|record| {
                let hit = drawn <= u32::from(record.weight);
                drawn = drawn.saturating_sub(u32::from(record.weight));
                hit
            });
            ordered.push(level.remove(chosen.unwrap_or_default()));
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srv(priority: u16, weight: u16, target: &str, port: u16) -> Srv {
        Srv { priority, weight, port, target: target.to_owned() }
    }

    fn naptr(order: u16, preference: u16, service: &str, replacement: &str) -> Naptr {
        Naptr { order, preference, flags: "s".to_owned(), service: service.to_owned(), replacement: replacement.to_owned() }
    }

    /// Answers from a zone; what is asked for and not there is empty.
    fn located(wanted: Wanted, zone: &[(Question, Answer)]) -> Vec<String> {
        let mut locate = Locate::new(wanted, 1);
        while let Some(question) = locate.question() {
            let known = zone.iter().find(|(known, _)| *known == question).map(|(_, answer)| answer.clone());
            let empty = match question {
                Question::Naptr(_) => Answer::Naptr(vec![]),
                Question::Srv(_) => Answer::Srv(vec![]),
                Question::Addresses(_) => Answer::Addresses(vec![]),
            };
            locate.answer(&question, known.unwrap_or(empty));
        }
        locate.places().into_iter().map(|(transport, at)| format!("{transport} {at}")).collect()
    }

    fn addresses(host: &str, ips: &[&str]) -> (Question, Answer) {
        (Question::Addresses(host.to_owned()), Answer::Addresses(ips.iter().map(|ip| ip.parse().expect("an address")).collect()))
    }

    fn wanted(name: &str, port: Option<u16>, transport: Option<Transport>) -> Wanted {
        Wanted { name: name.to_owned(), port, transport }
    }

    #[test]
    fn naptr_chooses_the_transport_srv_the_hosts_and_both_families_are_kept() {
        let zone = [
            (
                Question::Naptr("carrier.example".into()),
                Answer::Naptr(vec![
                    naptr(20, 1, "SIP+D2U", "_sip._udp.carrier.example"),
                    naptr(10, 5, "SIPS+D2T", "_sips._tcp.carrier.example"),
                    naptr(1, 1, "E2U+email", "nobody.example"),
                ]),
            ),
            (
                Question::Srv("_sips._tcp.carrier.example".into()),
                Answer::Srv(vec![srv(20, 0, "spare.example", 5061), srv(10, 0, "first.example", 5081)]),
            ),
            (Question::Srv("_sip._udp.carrier.example".into()), Answer::Srv(vec![srv(0, 0, "first.example", 5060)])),
            addresses("first.example", &["2001:db8::1", "192.0.2.1"]),
            addresses("spare.example", &["192.0.2.9"]),
        ];
        assert_eq!(
            located(wanted("carrier.example", None, None), &zone),
            ["TLS [2001:db8::1]:5081", "TLS 192.0.2.1:5081", "TLS 192.0.2.9:5061", "UDP [2001:db8::1]:5060", "UDP 192.0.2.1:5060"]
        );
    }

    #[test]
    fn a_known_port_asks_for_addresses_alone_and_a_missing_service_for_the_host() {
        let zone = [addresses("sip.example", &["192.0.2.1"])];
        assert_eq!(located(wanted("sip.example", Some(5070), Some(Transport::Tcp)), &zone), ["TCP 192.0.2.1:5070"]);
        assert_eq!(located(wanted("sip.example", None, Some(Transport::Tls)), &zone), ["TLS 192.0.2.1:5061"]);
        assert_eq!(located(wanted("sip.example", None, None), &zone), ["UDP 192.0.2.1:5060"]);
        assert!(located(wanted("gone.example", None, None), &zone).is_empty());
    }

    #[test]
    fn weights_share_the_first_choice() {
        let first = |seed| {
            let records = vec![srv(1, 75, "often", 1), srv(1, 25, "seldom", 1), srv(2, 65_535, "spare", 1)];
            by_weight(records, &mut StdRng::seed_from_u64(seed)).into_iter().map(|record| record.target).collect::<Vec<_>>()
        };
        let orders: Vec<_> = (0..400).map(first).collect();
        let often = orders.iter().filter(|order| order[0] == "often").count();
        assert!((250..350).contains(&often), "{often} of 400");
        assert!(orders.iter().all(|order| order[2] == "spare"));
    }

    #[test]
    fn a_domain_with_endless_records_is_asked_a_bounded_number_of_questions() {
        let mut locate = Locate::new(wanted("big.example", None, Some(Transport::Udp)), 1);
        let mut asked = 0;
        while let Some(question) = locate.question() {
            asked += 1;
            let records = (0..10_000).map(|number| srv(1, 1, &format!("host{number}.example"), 5060)).collect();
            locate.answer(&question, if matches!(question, Question::Srv(_)) { Answer::Srv(records) } else { Answer::Addresses(vec![]) });
        }
        assert!(asked <= QUESTIONS);
    }
}
