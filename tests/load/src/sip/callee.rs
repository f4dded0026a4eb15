//! Whoever is called: answers every call at once, and remembers where its media goes.

use std::{
    collections::HashMap,
    net::{SocketAddrV4, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use super::{
    call_of,
    message::{Message, sdp, uri, user},
};
use crate::media::Sockets;

/// Answers from a thread of its own until dropped.
pub(crate) struct Callee {
    media_by_call: Arc<Mutex<HashMap<usize, SocketAddrV4>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Callee {
    pub(crate) fn start(socket: UdpSocket, sockets: &Arc<Sockets>) -> anyhow::Result<Self> {
        let (media_by_call, over) = (Arc::<Mutex<HashMap<_, _>>>::default(), Arc::<AtomicBool>::default());
        let answering = Answering {
            contact: socket.local_addr()?.to_string(),
            socket,
            sockets: Arc::clone(sockets),
            media_by_call: Arc::clone(&media_by_call),
        };
        let is_over = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let mut datagram = [0; 8192];
            while !is_over.load(Ordering::Relaxed) {
                // Times out now and then, to look whether it is over.
                if let Ok((length, from)) = answering.socket.recv_from(&mut datagram) {
                    answering.take(&datagram[..length], from);
                }
            }
        });
        Ok(Self { media_by_call, over, thread: Some(thread) })
    }

    /// Where the device takes the media of this call's callee.
    pub(crate) fn media(&self, call: usize) -> Option<SocketAddrV4> {
        self.media_by_call.lock().unwrap_or_else(PoisonError::into_inner).get(&call).copied()
    }
}

impl Drop for Callee {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Answering {
    socket: UdpSocket,
    contact: String,
    sockets: Arc<Sockets>,
    media_by_call: Arc<Mutex<HashMap<usize, SocketAddrV4>>>,
}

impl Answering {
    fn take(&self, datagram: &[u8], from: std::net::SocketAddr) {
        let Some(request) = Message::read(datagram) else { return };
        let answers = match request.method() {
            Some("INVITE") => self.answers(&request).unwrap_or_default(),
            Some("ACK") | None => Vec::new(),
            Some(_) => vec![self.response(&request, "200 OK", None)],
        };
        for answer in answers {
            // A full buffer is loss; the device asks again.
            let _ = self.socket.send_to(answer.as_bytes(), from);
        }
    }

    fn answers(&self, request: &Message<'_>) -> Option<Vec<String>> {
        let call = call_of(request.header("From").map(uri).and_then(user)?)?;
        self.media_by_call.lock().unwrap_or_else(PoisonError::into_inner).insert(call, request.media()?);
        let body = sdp(self.sockets.callee(call).ok()?);
        Some(vec![self.response(request, "180 Ringing", None), self.response(request, "200 OK", Some(&body))])
    }

    fn response(&self, request: &Message<'_>, status: &str, body: Option<&str>) -> String {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for name in ["Via", "Record-Route", "From", "Call-ID", "CSeq"] {
            request.all(name).for_each(|value| text += &format!("{name}: {value}\r\n"));
        }
        let to = request.header("To").unwrap_or_default();
        let tag = if to.contains(";tag=") { "" } else { ";tag=callee" };
        text += &format!("To: {to}{tag}\r\nContact: <sip:{}>\r\n", self.contact);
        if body.is_some() {
            text += "Content-Type: application/sdp\r\n";
        }
        let body = body.unwrap_or_default();
        text + &format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }
}
