//! A DNS server that knows what a test tells it. Written by hand (RFC 1035): it shares nothing with the resolver that asks it.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{net::UdpSocket, task::JoinHandle};

const A: u16 = 1;
const SRV: u16 = 33;
const NAME_ERROR: u8 = 3;

/// One record's kind and data.
type Record = (u16, Vec<u8>);

pub(super) struct NameServer {
    pub(super) address: SocketAddr,
    zone: Arc<Mutex<BTreeMap<String, Vec<Record>>>>,
    task: JoinHandle<()>,
}

impl NameServer {
    pub(super) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let address = socket.local_addr().expect("an address");
        let zone: Arc<Mutex<BTreeMap<String, Vec<Record>>>> = Arc::default();
        let known = Arc::clone(&zone);
        let task = tokio::spawn(async move {
            let mut buffer = [0; 1500];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.expect("a question");
                let answer = answer(&buffer[..length], &known.lock().unwrap_or_else(PoisonError::into_inner));
                socket.send_to(&answer, from).await.expect("answered");
            }
        });
        Self { address, zone, task }
    }

    pub(super) fn knows_host(&self, name: &str, address: Ipv4Addr) {
        self.add(name, (A, address.octets().to_vec()));
    }

    pub(super) fn knows_service(&self, name: &str, priority: u16, port: u16, target: &str) {
        let numbers = [priority, 1, port].into_iter().flat_map(u16::to_be_bytes);
        self.add(name, (SRV, numbers.chain(encoded(target)).collect()));
    }

    /// It answers nobody any more.
    pub(super) fn stop(&self) {
        self.task.abort();
    }

    fn add(&self, name: &str, record: Record) {
        self.zone.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default().push(record);
    }
}

fn encoded(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| [&[u8::try_from(label.len()).expect("a label")], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

/// The question's header and question, answered with what the zone has; a second lasts all of it.
fn answer(question: &[u8], zone: &BTreeMap<String, Vec<Record>>) -> Vec<u8> {
    let mut labels = vec![];
    let mut at = 12;
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..at + 1 + length]).to_lowercase());
        at += length + 1;
    }
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    let known = zone.get(&labels.join("."));
    let records: Vec<&Record> = known.into_iter().flatten().filter(|(of, _)| *of == kind).collect();
    let code = if known.is_some() { 0 } else { NAME_ERROR };
    let count = u8::try_from(records.len()).expect("few records");
    let header = [question[0], question[1], 0x85, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0];
    let mut answer = [&header, &question[12..at + 5]].concat();
    for (kind, data) in records {
        let length = u16::try_from(data.len()).expect("short data");
        answer.extend([0xc0, 12]);
        answer.extend([*kind, 1].into_iter().flat_map(u16::to_be_bytes));
        answer.extend(1_u32.to_be_bytes());
        answer.extend(length.to_be_bytes());
        answer.extend(data);
    }
    answer
}
