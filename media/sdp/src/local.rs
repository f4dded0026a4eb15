//! Our side of a leg's audio, and how it is written.

use crate::{Codec, Direction, Protection};
use sdp_types::{Attribute, Connection, Media, Origin, Session};
use std::net::{IpAddr, SocketAddr};

/// The payload types we offer telephone-event under, and their clocks: the number most phones use themselves, and one beside Opus, whose
/// clock is another (RFC 4733 section 2.1).
const DTMF: (u8, u32) = (101, 8000);
const DTMF_BESIDE_OPUS: (u8, u32) = (97, 48_000);

/// What we bring to a leg: the address of its RTP port and what we speak there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalMedia {
    /// Where we take RTP; RTCP is the port after it.
    pub address: SocketAddr,
    /// The same of the other IP version, where the leg can take its audio there instead.
    pub other: Option<SocketAddr>,
    /// Names the session in `o=`; the same for every description of one leg.
    pub session_id: u64,
    /// Grows by one with every changed description of one leg (RFC 3264 section 8).
    pub version: u64,
    /// What we speak, most wanted first.
    pub codecs: Vec<Codec>,
    /// Whether we take and send telephone-event.
    pub dtmf: bool,
    /// Which way we want audio to flow.
    pub direction: Direction,
    /// How it is kept from others.
    pub protection: Protection,
}

impl LocalMedia {
    /// Both codecs (A-law first), telephone-event, both ways.
    pub fn new(address: SocketAddr, session_id: u64) -> Self {
        LocalMedia {
            address,
            other: None,
            session_id,
            version: 1,
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            dtmf: true,
            direction: Direction::SendRecv,
            protection: Protection::default(),
        }
    }

    /// The same for a peer of that IP version alone, as far as there is an address of it.
    #[must_use]
    pub fn towards(&self, peer: IpAddr) -> Self {
        let fitting = self.other.filter(|other| other.is_ipv4() == peer.is_ipv4() && self.address.is_ipv4() != peer.is_ipv4());
        LocalMedia { address: fitting.unwrap_or(self.address), other: None, ..self.clone() }
    }

    /// Whether audio can go to an address of that IP version.
    pub(crate) fn reaches(&self, peer: IpAddr) -> bool {
        [Some(self.address), self.other].into_iter().flatten().any(|ours| ours.is_ipv4() == peer.is_ipv4())
    }

    /// What we offer: a payload type for each codec, and one for telephone-event.
    pub(crate) fn offered_formats(&self) -> Formats {
        let codecs = self.codecs.iter().map(|codec| (codec.offered_payload_type(), *codec)).collect();
        let events =
            [DTMF, DTMF_BESIDE_OPUS].into_iter().filter(|(_, hz)| self.dtmf && self.codecs.iter().any(|codec| codec.clock_hz() == *hz));
        Formats { codecs, events: events.collect() }
    }

    /// Our audio line with these formats, and nothing of the other side's but the profile's name.
    pub(crate) fn audio(&self, profile: &str, formats: &Formats, direction: Direction, protection: Vec<Attribute>) -> Media {
        let mut attributes = vec![];
        let mut numbers = vec![];
        for (payload_type, codec) in &formats.codecs {
            numbers.push(payload_type.to_string());
            let channels = if codec.channels() == 1 { String::new() } else { format!("/{}", codec.channels()) };
            attributes.push(Attribute::with_value("rtpmap", format!("{payload_type} {codec}/{}{channels}", codec.clock_hz())));
            let parameters = codec.parameters().map(|parameters| Attribute::with_value("fmtp", format!("{payload_type} {parameters}")));
            attributes.extend(parameters);
        }
        for (payload_type, hz) in &formats.events {
            numbers.push(payload_type.to_string());
            attributes.push(Attribute::with_value("rtpmap", format!("{payload_type} telephone-event/{hz}")));
            attributes.push(Attribute::with_value("fmtp", format!("{payload_type} 0-15")));
        }
        attributes.push(Attribute::with_value("ptime", "20"));
        attributes.push(Attribute::new(direction.attribute()));
        let does_ice = protection.iter().any(|line| line.attribute == "ice-ufrag");
        attributes.extend(protection);
        if does_ice {
            // The one candidate of a lite agent (RFC 8839 section 5.1): RFC 8445's priority of a host's only address.
            let (ip, port) = (self.address.ip(), self.address.port());
            attributes.push(Attribute::with_value("candidate", format!("1 1 udp 2130706431 {ip} {port} typ host")));
            attributes.push(Attribute::new("end-of-candidates"));
        }
        Media { port: self.address.port(), attributes, ..media_line("audio", profile, &numbers.join(" ")) }
    }

    /// The whole description around these media lines.
    pub(crate) fn describe(&self, medias: Vec<Media>) -> String {
        let mut origin = Origin::with_ip_addr(self.session_id, self.version, self.address.ip());
        origin.set_username("carillon");
        let mut session = Session::new(origin, "-");
        session.connection = Some(Connection::from_ip_addr(self.address.ip()));
        let does_ice = |media: &Media| media.attributes.iter().any(|line| line.attribute == "ice-ufrag");
        if medias.iter().any(does_ice) {
            session.attributes.push(Attribute::new("ice-lite"));
        }
        session.medias = medias;
        let mut bytes = Vec::with_capacity(512);
        // Writing to memory cannot fail.
        let _ = session.write(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Payload types of one audio line that we can use.
pub(crate) struct Formats {
    pub(crate) codecs: Vec<(u8, Codec)>,
    /// Payload types of telephone-event, with their clocks.
    pub(crate) events: Vec<(u8, u32)>,
}

/// A media line with port 0: how a stream is refused (RFC 3264 section 6).
pub(crate) fn media_line(kind: &str, profile: &str, formats: &str) -> Media {
    Media {
        media: kind.to_owned(),
        port: 0,
        num_ports: None,
        proto: profile.to_owned(),
        fmt: formats.to_owned(),
        media_title: None,
        connections: vec![],
        bandwidths: vec![],
        key: None,
        attributes: vec![],
    }
}
