//! What must hold for any bytes that come behind a WebSocket's handshake: the connection ends, and no message is made of what was not sent.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use carillon_sip_core::{Engine, FlowId, Hop, Transmit, limits::MESSAGE};
use carillon_sip_net::{Door, NetConfig, bind, drive};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    runtime::Runtime,
    sync::mpsc,
    time::timeout,
};

/// Much longer than anything of this takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A loop with nothing but a door, and an engine that tells how long each message was.
pub(crate) struct Server {
    runtime: Runtime,
    door: Door,
    news: mpsc::UnboundedReceiver<News>,
    _orders: mpsc::Sender<()>,
}

enum News {
    Message(usize),
    Closed,
}

impl Server {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let net = runtime.block_on(bind(NetConfig::default())).expect("no sockets are asked for");
        let (door, (orders, commands), (told, news)) = (net.door(), mpsc::channel(1), mpsc::unbounded_channel());
        runtime.spawn(drive(net, Ears::default(), commands, move |event| drop(told.send(event))));
        Self { runtime, door, news, _orders: orders }
    }

    /// One connection that says these bytes and ends.
    pub(crate) fn any(&mut self, bytes: &[u8]) {
        let Self { runtime, door, news, .. } = self;
        runtime.block_on(async {
            let (mut ours, theirs) = tokio::io::duplex(4096);
            let [local, remote] = [1, 2].map(|host| SocketAddr::from(([192, 0, 2, host], 40_000)));
            door.enter(theirs, false, local, remote).await;
            let (mut read, mut write) = tokio::io::split(&mut ours);
            let say = async {
                // The server may have heard enough before the end.
                let _ = write.write_all(bytes).await;
                let _ = write.shutdown().await;
            };
            let mut answer = Vec::new();
            let (_, heard) = tokio::join!(say, timeout(PATIENCE, read.read_to_end(&mut answer)));
            assert!(heard.is_ok(), "the connection does not end");
            let (mut messages, mut said) = (0, 0);
            while let News::Message(length) = timeout(PATIENCE, news.recv()).await.expect("the flow ends").expect("the loop runs") {
                assert!(length <= MESSAGE, "a message of {length} bytes");
                (messages, said) = (messages + 1, said + length);
            }
            // A frame of a client costs six bytes of its own.
            assert!(said + 6 * messages <= bytes.len(), "{messages} messages of {said} bytes out of {}", bytes.len());
        });
    }
}

#[derive(Default)]
struct Ears(VecDeque<News>);

impl Engine for Ears {
    type Command = ();
    type Event = News;

    fn handle_packet(&mut self, _: Instant, _: Hop, packet: Bytes) {
        self.0.push_back(News::Message(packet.len()));
    }

    fn handle_flow_closed(&mut self, _: Instant, _: FlowId) {
        self.0.push_back(News::Closed);
    }

    fn handle_unreachable(&mut self, _: Instant, _: Hop) {}

    fn handle_command(&mut self, _: Instant, (): ()) {}

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_transmit(&mut self) -> Option<Transmit> {
        None
    }

    fn poll_event(&mut self) -> Option<News> {
        self.0.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}
