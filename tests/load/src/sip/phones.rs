//! Phones that register: REGISTER, 401, REGISTER with digest, 200.

use std::{
    net::{SocketAddrV4, UdpSocket},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;

use super::{caller::Outcome, digest::authorization, message::Message};
use crate::device::Site;

const REPEAT: Duration = Duration::from_millis(500);
const GIVE_UP: Duration = Duration::from_secs(16);
const LOOK: Duration = Duration::from_millis(50);

/// Phones behind one address.
pub(crate) struct Phones {
    socket: UdpSocket,
    address: SocketAddrV4,
    device: SocketAddrV4,
    run: u64,
    attempts: Vec<Attempt>,
    looked_at: Instant,
}

struct Attempt {
    phone: String,
    /// The challenge, once there was one.
    authorization: Option<String>,
    since: Instant,
    asked_at: Instant,
    took: Option<Duration>,
    failed: bool,
}

impl Attempt {
    fn is_open(&self) -> bool {
        self.took.is_none() && !self.failed
    }
}

impl Phones {
    pub(crate) fn new(socket: UdpSocket, device: SocketAddrV4) -> anyhow::Result<Self> {
        let std::net::SocketAddr::V4(address) = socket.local_addr()? else { anyhow::bail!("the load speaks IPv4") };
        let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
        Ok(Self { socket, address, device, run, attempts: Vec::new(), looked_at: Instant::now() })
    }

    /// `count` registrations, `rate` a second, of the first `phones` phones in turn.
    pub(crate) fn register(&mut self, phones: usize, count: usize, rate: f64) -> anyhow::Result<Outcome> {
        self.run += 1;
        self.attempts.clear();
        let start = Instant::now();
        for number in 0..count {
            self.listen_until(start + Duration::from_secs_f64(number as f64 / rate))?;
            let now = Instant::now();
            let phone = Site::phone(number % phones);
            self.attempts.push(Attempt { phone, authorization: None, since: now, asked_at: now, took: None, failed: false });
            self.ask(number)?;
        }
        while self.attempts.iter().any(Attempt::is_open) {
            self.listen_until(Instant::now() + LOOK)?;
        }
        let mut set_up: Vec<_> = self.attempts.iter().filter_map(|attempt| attempt.took).collect();
        set_up.sort();
        Ok(Outcome { done: set_up.len(), failed: count - set_up.len(), set_up })
    }

    fn listen_until(&mut self, deadline: Instant) -> anyhow::Result<()> {
        let mut datagram = [0; 4096];
        loop {
            self.repeat()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.socket.set_read_timeout(Some(left.clamp(Duration::from_micros(100), LOOK)))?;
            if let Ok(length) = self.socket.recv(&mut datagram) {
                self.take(&datagram[..length])?;
            }
        }
    }

    fn repeat(&mut self) -> anyhow::Result<()> {
        let now = Instant::now();
        if now < self.looked_at + LOOK {
            return Ok(());
        }
        self.looked_at = now;
        for at in 0..self.attempts.len() {
            let attempt = &mut self.attempts[at];
            if attempt.is_open() && now >= attempt.asked_at + REPEAT {
                attempt.failed = now > attempt.since + GIVE_UP;
                attempt.asked_at = now;
                self.ask(at)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, datagram: &[u8]) -> anyhow::Result<()> {
        let Some(message) = Message::read(datagram) else { return Ok(()) };
        let Some(status) = message.status() else { return self.send(&message.response("200 OK")) };
        let at = message.header("Call-ID").and_then(|id| id.strip_suffix(&format!("-{:x}@load", self.run))?.parse::<usize>().ok());
        let Some(attempt) = at.and_then(|at| self.attempts.get_mut(at)).filter(|attempt| attempt.is_open()) else { return Ok(()) };
        match (status, &attempt.authorization) {
            (401, None) => {
                let (password, uri) = (Site::password(&attempt.phone), format!("sip:{}", self.device));
                attempt.authorization =
                    message.all("WWW-Authenticate").find_map(|challenge| authorization(challenge, &attempt.phone, &password, &uri));
                attempt.failed = attempt.authorization.is_none();
                attempt.asked_at = Instant::now();
                at.map_or(Ok(()), |at| self.ask(at))
            }
            (200, Some(_)) => {
                attempt.took = Some(attempt.since.elapsed());
                Ok(())
            }
            // The answer to the first REGISTER, once more.
            (401, Some(_)) | (100..200, _) => Ok(()),
            _ => {
                attempt.failed = true;
                Ok(())
            }
        }
    }

    fn ask(&self, at: usize) -> anyhow::Result<()> {
        let Self { address, device, run, .. } = self;
        let Attempt { phone, authorization, .. } = &self.attempts[at];
        let cseq = if authorization.is_some() { 2 } else { 1 };
        let authorization = authorization.as_ref().map_or_else(String::new, |value| format!("Authorization: {value}\r\n"));
        self.send(&format!(
            "REGISTER sip:{device} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bK{run:x}-{at}-{cseq}\r\nFrom: <sip:{phone}@{device}>;tag={at}\r\nTo: <sip:{phone}@{device}>\r\nCall-ID: {at}-{run:x}@load\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:{phone}@{address}>\r\n{authorization}Max-Forwards: 70\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n"
        ))
    }

    fn send(&self, text: &str) -> anyhow::Result<()> {
        self.socket.send_to(text.as_bytes(), self.device).context("SIP cannot be sent")?;
        Ok(())
    }
}
