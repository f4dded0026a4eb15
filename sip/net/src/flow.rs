//! One stream connection: framing what comes, writing what goes, and the time-outs of both.

use crate::Limits;
use bytes::Bytes;
use carillon_sip_core::{
    FlowId,
    message::{FrameError, Framed, Response, StreamFramer},
};
use socket2::{SockRef, TcpKeepalive};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

/// What a connection tells the loop.
pub(crate) enum FromFlow {
    Message(FlowId, Bytes),
    /// The last word of a connection: it is over, or (`connected: false`) it never was.
    Closed {
        flow: FlowId,
        connected: bool,
    },
}

/// The loop's end of one connection.
pub(crate) struct FlowTask {
    pub(crate) flow: FlowId,
    pub(crate) limits: Limits,
    pub(crate) inbox: mpsc::Sender<FromFlow>,
    pub(crate) outbox: mpsc::Receiver<Bytes>,
}

const PONG: Bytes = Bytes::from_static(b"\r\n");

impl FlowTask {
    /// Serves a connection that a peer made.
    pub(crate) async fn serve(self, stream: TcpStream) {
        let (flow, inbox) = (self.flow, self.inbox.clone());
        self.talk(stream).await;
        let _ = inbox.send(FromFlow::Closed { flow, connected: true }).await;
    }

    /// Connects, then serves.
    pub(crate) async fn connect(self, remote: SocketAddr) {
        let (flow, inbox) = (self.flow, self.inbox.clone());
        let connected = match timeout(self.limits.connect, TcpStream::connect(remote)).await {
            Ok(Ok(stream)) => {
                self.talk(stream).await;
                true
            }
            Ok(Err(error)) => {
                tracing::debug!(%remote, %error, "could not connect");
                false
            }
            Err(_) => {
                tracing::debug!(%remote, "connecting took too long");
                false
            }
        };
        let _ = inbox.send(FromFlow::Closed { flow, connected }).await;
    }

    /// Reads and writes until either side ends; an error of one ends both.
    async fn talk(self, stream: TcpStream) {
        if let Err(error) = tune(&stream) {
            tracing::debug!(%error, "could not tune a connection");
        }
        let (read, mut write) = stream.into_split();
        let (pong, pongs) = mpsc::channel(4);
        let reading = Reading { flow: self.flow, half_open: self.limits.half_open, idle: self.limits.idle, inbox: self.inbox, pong };
        let end = tokio::select! {
            end = reading.run(read) => end,
            why = write_all(&mut write, self.outbox, pongs, self.limits.write) => Finish::because(why),
        };
        if let Some(words) = end.last_words {
            let _ = timeout(self.limits.write, write.write_all(&words)).await;
        }
        tracing::debug!(flow = %self.flow, why = end.why, "connection ended");
    }
}

/// Why a connection ended, and what its peer still ought to hear.
struct Finish {
    why: &'static str,
    last_words: Option<Bytes>,
}

impl Finish {
    fn because(why: &'static str) -> Self {
        Finish { why, last_words: None }
    }

    /// Where the next message would begin is not known, so the connection must end; a request is told what was wrong with it.
    fn unframed(FrameError(error): FrameError) -> Self {
        let answer = error.request.zip(error.status).map(|(request, status)| {
            let mut response = Response::to(&request, status).with_reason(error.reason);
            response.headers.tag_to("unframed");
            response.to_bytes()
        });
        Finish { why: error.reason, last_words: answer }
    }
}

struct Reading {
    flow: FlowId,
    half_open: Duration,
    idle: Duration,
    inbox: mpsc::Sender<FromFlow>,
    pong: mpsc::Sender<Bytes>,
}

impl Reading {
    async fn run(self, mut read: OwnedReadHalf) -> Finish {
        let mut framer = StreamFramer::new();
        let mut buffer = vec![0; 16 * 1024];
        // A peer that has said nothing yet, or not all of something, has less time than one that merely rests.
        let mut deadline = Instant::now() + self.half_open;
        loop {
            let count = match timeout_at(deadline, read.read(&mut buffer)).await {
                Err(_) => return Finish::because("too slow or idle"),
                Ok(Err(_)) => return Finish::because("reset"),
                Ok(Ok(0)) => return Finish::because("closed by the peer"),
                Ok(Ok(count)) => count,
            };
            let was_midway = framer.is_midway();
            framer.feed(&buffer[..count]);
            let mut completed = false;
            while let Some(framed) = framer.next() {
                completed = true;
                match framed {
                    Ok(Framed::Message(bytes)) => {
                        if self.inbox.send(FromFlow::Message(self.flow, bytes)).await.is_err() {
                            return Finish::because("the loop has ended");
                        }
                    }
                    // RFC 5626 3.5.1: CRLFCRLF is a ping. One pong in waiting answers them all.
                    Ok(Framed::KeepAlive) => drop(self.pong.try_send(PONG)),
                    Err(error) => return Finish::unframed(error),
                }
            }
            match framer.is_midway() {
                false => deadline = Instant::now() + self.idle,
                true if completed || !was_midway => deadline = Instant::now() + self.half_open,
                true => {}
            }
        }
    }
}

async fn write_all(
    write: &mut OwnedWriteHalf,
    mut outbox: mpsc::Receiver<Bytes>,
    mut pongs: mpsc::Receiver<Bytes>,
    limit: Duration,
) -> &'static str {
    loop {
        let next = tokio::select! {
            message = outbox.recv() => message,
            pong = pongs.recv() => pong,
        };
        let Some(bytes) = next else { return "closed by us" };
        match timeout(limit, write.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return "reset while writing",
            Err(_) => return "the peer does not read",
        }
    }
}

fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(20)).with_retries(3);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}
