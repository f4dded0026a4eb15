//! Somebody nobody knows: floods, and guesses users.

use std::{
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{digest::authorization, message::Message, socket};

/// Another address than everybody else's.
const ADDRESS: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 66), 15_066);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Sends from one address.
pub(crate) struct Stranger {
    socket: UdpSocket,
    device: SocketAddrV4,
    sent: u64,
}

/// What a flood sent, and how it was answered.
#[derive(Debug, Default)]
pub(crate) struct Flooded {
    pub(crate) sent: u64,
    pub(crate) challenged: u64,
    pub(crate) refused: u64,
    /// A call was taken or a phone registered: must never be.
    pub(crate) let_in: u64,
}

/// How a guess was answered.
pub(crate) struct Guessed {
    /// How long the refusal took.
    pub(crate) took: Duration,
    /// The challenge and the refusal without what differs by request.
    pub(crate) challenge: String,
    pub(crate) refusal: String,
}

impl Stranger {
    pub(crate) fn new(device: SocketAddrV4) -> anyhow::Result<Self> {
        Ok(Self { socket: socket(ADDRESS)?, device, sent: 0 })
    }

    /// So many REGISTER and INVITE a second until it is over, whatever the answers.
    pub(crate) fn flood(mut self, registers: u64, invites: u64, over: &AtomicBool) -> anyhow::Result<Flooded> {
        self.socket.set_nonblocking(true)?;
        let (start, mut flooded, mut datagram) = (Instant::now(), Flooded::default(), [0; 4096]);
        while !over.load(Ordering::Relaxed) {
            let due = (start.elapsed().as_secs_f64() * (registers + invites) as f64) as u64;
            while flooded.sent < due {
                let method = if flooded.sent % (registers + invites) < registers { "REGISTER" } else { "INVITE" };
                let text = self.request(method, &format!("{}", 100_000 + flooded.sent % 5000), "");
                // A full buffer is loss, here as anywhere.
                let _ = self.socket.send_to(text.as_bytes(), self.device);
                flooded.sent += 1;
            }
            while let Ok(length) = self.socket.recv(&mut datagram) {
                match Message::read(&datagram[..length]).and_then(|message| message.status()) {
                    Some(401 | 407) => flooded.challenged += 1,
                    Some(200..300) => flooded.let_in += 1,
                    Some(300..) => flooded.refused += 1,
                    _ => {}
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(flooded)
    }

    /// Tries a wrong password.
    pub(crate) fn guess(&mut self, user: &str) -> anyhow::Result<Guessed> {
        self.ask(user, "")?;
        let challenge = self.answer()?;
        let message = Message::read(challenge.as_bytes());
        let uri = format!("sip:{}", self.device);
        let answer =
            message.and_then(|message| message.all("WWW-Authenticate").find_map(|value| authorization(value, user, "wrong", &uri)));
        let Some(answer) = answer else { anyhow::bail!("{user} was not challenged: {challenge}") };
        let asked_at = Instant::now();
        self.ask(user, &format!("Authorization: {answer}\r\n"))?;
        let refusal = self.answer()?;
        Ok(Guessed { took: asked_at.elapsed(), challenge: what_everybody_is_told(&challenge), refusal: what_everybody_is_told(&refusal) })
    }

    fn ask(&mut self, user: &str, authorization: &str) -> anyhow::Result<()> {
        let text = self.request("REGISTER", user, authorization);
        self.socket.send_to(text.as_bytes(), self.device)?;
        Ok(())
    }

    fn answer(&self) -> anyhow::Result<String> {
        let mut datagram = [0; 4096];
        self.socket.set_read_timeout(Some(PATIENCE))?;
        let length = self.socket.recv(&mut datagram)?;
        Ok(String::from_utf8_lossy(&datagram[..length]).into_owned())
    }

    fn request(&mut self, method: &str, user: &str, authorization: &str) -> String {
        self.sent += 1;
        let (number, device) = (self.sent, self.device);
        format!(
            "{method} sip:{user}@{device} SIP/2.0\r\nVia: SIP/2.0/UDP {ADDRESS};branch=z9hG4bKs{number}\r\nFrom: <sip:{user}@{device}>;tag=s{number}\r\nTo: <sip:{user}@{device}>\r\nCall-ID: s{number}@stranger\r\nCSeq: 1 {method}\r\nContact: <sip:{user}@{ADDRESS}>\r\n{authorization}Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
    }
}

/// An answer without what names the request it is to, and without the nonce.
fn what_everybody_is_told(answer: &str) -> String {
    let differs = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
    let same = answer.split("\r\n").filter(|line| !differs.iter().any(|name| line.starts_with(name)));
    let without_nonce = same.map(|line| match line.split_once("nonce=\"") {
        Some((before, rest)) => format!("{before}{}", rest.split_once('"').map_or("", |(_, after)| after)),
        None => line.to_owned(),
    });
    without_nonce.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_differ_by_what_they_tell_and_not_by_whom_they_answer() {
        let told = |status: &str, n: u8, realm: &str| {
            let text = format!(
                "SIP/2.0 {status}\r\nVia: {n}\r\nTo: {n}\r\nWWW-Authenticate: Digest realm=\"{realm}\", nonce=\"{n}\", qop=\"auth\"\r\n"
            );
            what_everybody_is_told(&text)
        };
        assert_eq!(told("401 Unauthorized", 1, "a"), told("401 Unauthorized", 2, "a"));
        assert_ne!(told("401 Unauthorized", 1, "a"), told("404 Not Found", 1, "a"));
        assert_ne!(told("401 Unauthorized", 1, "a"), told("401 Unauthorized", 1, "b"));
    }
}
