//! An engine that answers every packet with its text in upper case and reports all it is told.

use bytes::Bytes;
use carillon_sip_core::{Engine, FlowId, Hop, Transmit, Transport};
use carillon_sip_net::{Counters, Door, NetConfig, bind, drive};
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

#[derive(Debug)]
pub(crate) enum Order {
    Send(Transmit),
    WakeAt(Instant),
    Say(&'static str),
}

#[derive(Debug, PartialEq)]
pub(crate) enum News {
    Packet(Hop, Bytes),
    Closed(FlowId),
    Unreachable(Hop),
    Woken,
    Said(&'static str),
}

#[derive(Default)]
pub(crate) struct Echo {
    pub(crate) answers: bool,
    wake: Option<Instant>,
    transmits: VecDeque<Transmit>,
    news: VecDeque<News>,
}

impl Engine for Echo {
    type Command = Order;
    type Event = News;

    fn handle_packet(&mut self, _now: Instant, hop: Hop, packet: Bytes) {
        if self.answers {
            self.transmits.push_back(Transmit { hop, bytes: packet.to_ascii_uppercase().into() });
        }
        self.news.push_back(News::Packet(hop, packet));
    }

    fn handle_flow_closed(&mut self, _now: Instant, flow: FlowId) {
        self.news.push_back(News::Closed(flow));
    }

    fn handle_unreachable(&mut self, _now: Instant, hop: Hop) {
        self.news.push_back(News::Unreachable(hop));
    }

    fn handle_command(&mut self, _now: Instant, command: Order) {
        match command {
            Order::Send(transmit) => self.transmits.push_back(transmit),
            Order::WakeAt(at) => self.wake = Some(at),
            Order::Say(word) => self.news.push_back(News::Said(word)),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.wake.is_some_and(|at| at <= now) {
            self.wake = None;
            self.news.push_back(News::Woken);
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    fn poll_event(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.wake
    }
}

pub(crate) struct Running {
    pub(crate) udp: SocketAddr,
    pub(crate) tcp: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) ws: SocketAddr,
    pub(crate) wss: SocketAddr,
    pub(crate) door: Door,
    pub(crate) counters: Arc<Counters>,
    pub(crate) orders: mpsc::Sender<Order>,
    news: mpsc::UnboundedReceiver<News>,
    pub(crate) task: JoinHandle<()>,
}

/// A loop with one UDP and one TCP socket around an answering echo.
pub(crate) async fn run(config: NetConfig) -> Running {
    run_engine(config, Echo { answers: true, ..Echo::default() }).await
}

pub(crate) async fn run_engine(config: NetConfig, engine: Echo) -> Running {
    let any: SocketAddr = "127.0.0.1:0".parse().expect("address");
    let net = bind(NetConfig { udp: vec![any], tcp: vec![any], ..config }).await.expect("sockets");
    let (udp, tcp, counters) = (net.local(Transport::Udp)[0], net.local(Transport::Tcp)[0], net.counters());
    let at = |transport| net.local(transport).first().copied().unwrap_or(any);
    let (tls, ws, wss, door) = (at(Transport::Tls), at(Transport::Ws), at(Transport::Wss), net.door());
    let (orders, commands) = mpsc::channel(16);
    let (told, news) = mpsc::unbounded_channel();
    let task = tokio::spawn(drive(net, engine, commands, move |event| drop(told.send(event))));
    Running { udp, tcp, tls, ws, wss, door, counters, orders, news, task }
}

impl Running {
    pub(crate) async fn order(&self, order: Order) {
        self.orders.send(order).await.expect("the loop runs");
    }

    pub(crate) async fn news(&mut self) -> News {
        soon(self.news.recv()).await.expect("the loop runs")
    }

    pub(crate) async fn packet(&mut self) -> (Hop, Bytes) {
        match self.news().await {
            News::Packet(hop, bytes) => (hop, bytes),
            other => panic!("a packet was expected: {other:?}"),
        }
    }
}

/// Waits for something that must happen; ten seconds later it did not.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), future).await.expect("nothing happened")
}

/// A small request with this Call-ID and body.
pub(crate) fn message(call_id: &str, body: &str) -> String {
    let head = "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n";
    let ids = "From: <sip:b@192.0.2.9>;tag=1\r\nTo: <sip:a@192.0.2.1>\r\nCSeq: 1 OPTIONS\r\n";
    format!("{head}{ids}Call-ID: {call_id}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
