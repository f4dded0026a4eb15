//! A browser's leg as the server meets it: ICE checks, DTLS-SRTP, and the codecs of a page. What seals is the server's own crate; that
//! Chromium agrees with it is shown by the page's tests, and here only the cost on the server's side counts.

mod check;
mod speech;

use std::{
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket},
    time::{Duration, Instant},
};

use anyhow::Context;
use carillon_media_secure::{Fingerprint, Identity, Keying, Peer, Received, Role, TAG_ROOM, is_stun};

use check::Check;
pub(crate) use speech::Speech;

/// A handshake that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a check without an answer is sent again.
const REPEAT: Duration = Duration::from_millis(50);
/// Larger than any packet of the server's.
const ROOM: usize = 2048;

/// What a browser speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Pcmu,
    Opus,
}

impl Codec {
    pub(crate) fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Opus => 111,
        }
    }

    fn line(self) -> &'static str {
        match self {
            Self::Pcmu => "a=rtpmap:0 PCMU/8000",
            Self::Opus => "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1",
        }
    }
}

/// One leg.
pub(crate) struct Browser {
    pub(crate) socket: UdpSocket,
    identity: Identity,
    codec: Codec,
    ufrag: String,
    /// Set by the answer.
    joined: Option<Joined>,
}

struct Joined {
    server: SocketAddr,
    check: Check,
    peer: Peer,
}

impl Browser {
    pub(crate) fn open(number: usize, identity: &Identity, codec: Codec) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("a socket of a browser")?;
        Ok(Self { socket, identity: identity.clone(), codec, ufrag: format!("load{number:04}"), joined: None })
    }

    /// What its INVITE says.
    pub(crate) fn offer(&self) -> anyhow::Result<String> {
        let (port, ufrag, fingerprint) = (self.socket.local_addr()?.port(), &self.ufrag, self.identity.fingerprint());
        let (payload_type, codec) = (self.codec.payload_type(), self.codec.line());
        Ok(format!(
            "v=0\r\no=load 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio {port} UDP/TLS/RTP/SAVPF {payload_type}\r\n\
             c=IN IP4 127.0.0.1\r\n{codec}\r\na=ptime:20\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:of-the-load-generator-here\r\n\
             a=fingerprint:{fingerprint}\r\na=setup:actpass\r\na=mid:0\r\na=rtcp-mux\r\na=sendrecv\r\n"
        ))
    }

    /// Takes the server's answer, proves its address and shakes hands.
    pub(crate) fn join(&mut self, server: SocketAddrV4, answer: &str) -> anyhow::Result<()> {
        let value = |name: &str| {
            let found = answer.lines().find_map(|line| line.strip_prefix("a=")?.strip_prefix(name)?.strip_prefix(':'));
            found.with_context(|| format!("the answer has no {name}:\n{answer}"))
        };
        let fingerprint = Fingerprint::parse(value("fingerprint")?).context("a fingerprint of another kind")?;
        let role = if value("setup")? == "active" { Role::Server } else { Role::Client };
        let check = Check::new(value("ice-ufrag")?, &self.ufrag, value("ice-pwd")?);
        let server = SocketAddr::V4(server);
        self.socket.set_read_timeout(Some(REPEAT))?;
        let deadline = Instant::now() + PATIENCE;
        self.prove(server, &check, deadline)?;
        let peer = Peer::new(&self.identity, None, Some(server), Keying::Dtls { role, peer: fingerprint })?;
        let joined = self.joined.insert(Joined { server, check, peer });
        while !joined.peer.is_secured() {
            anyhow::ensure!(Instant::now() < deadline, "no handshake within {PATIENCE:?}");
            joined.peer.handle_timeout(Instant::now());
            while let Some((to, flight)) = joined.peer.poll_transmit() {
                self.socket.send_to(&flight, to)?;
            }
            let mut datagram = [0; ROOM];
            if let Ok((length, from)) = self.socket.recv_from(&mut datagram) {
                joined.peer.receive(Instant::now(), from, &mut datagram[..length]);
            }
        }
        // The last flight may be ours.
        while let Some((to, flight)) = joined.peer.poll_transmit() {
            self.socket.send_to(&flight, to)?;
        }
        self.socket.set_nonblocking(true)?;
        Ok(())
    }

    fn prove(&self, server: SocketAddr, check: &Check, deadline: Instant) -> anyhow::Result<()> {
        let mut datagram = [0; ROOM];
        while Instant::now() < deadline {
            self.socket.send_to(check.request(), server)?;
            if let Ok((length, _)) = self.socket.recv_from(&mut datagram)
                && is_stun(&datagram[..length])
            {
                return Ok(());
            }
        }
        anyhow::bail!("no check was answered within {PATIENCE:?}")
    }

    /// Says that it is still there (RFC 7675): nothing is sent to who does not for half a minute.
    pub(crate) fn consent(&self) -> anyhow::Result<()> {
        if let Some(joined) = &self.joined {
            self.socket.send_to(joined.check.request(), joined.server)?;
        }
        Ok(())
    }

    /// Seals a packet and sends it.
    pub(crate) fn send(&mut self, packet: &[u8]) -> anyhow::Result<()> {
        let joined = self.joined.as_mut().context("a browser without a call")?;
        let mut buffer = [0; ROOM];
        buffer[..packet.len()].copy_from_slice(packet);
        let room = &mut buffer[..packet.len() + TAG_ROOM];
        let sealed = joined.peer.seal_rtp(Instant::now(), room, packet.len()).context("a packet that cannot be sealed")?;
        self.socket.send_to(&buffer[..sealed], joined.server)?;
        Ok(())
    }

    /// The next RTP packet that came, opened, and its length; `None`: no more for now.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Option<usize> {
        let joined = self.joined.as_mut()?;
        while let Ok((length, from)) = self.socket.recv_from(buffer) {
            if let Received::Rtp(length) = joined.peer.receive(Instant::now(), from, &mut buffer[..length]) {
                return Some(length);
            }
        }
        None
    }
}
