//! Reading the other side's description: leniently, and no more of it than decides about audio.

use crate::{Codec, Direction, LocalMedia, SdpError, Secured, local::Formats, protection::RemoteProtection};
use sdp_types::{Attribute, Connection, Media, Session};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// The largest description read, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
const MAX_LINES: usize = 512;
const MAX_MEDIA_LINES: usize = 16;

/// Reads a description, keeping the lines that matter here.
///
/// Everything else is where real devices go wrong (ids beyond 64 bits, Latin-1 names, lines of their own, a missing
/// `s=` or `t=`), and nothing of it changes what we would answer.
pub(crate) fn read(body: &[u8]) -> Result<Session, SdpError> {
    let session = Session::parse(&relevant_lines(body)?).map_err(|error| SdpError::Malformed(error.to_string()))?;
    match session.medias.len() {
        0 => Err(SdpError::NoAudio("no media line")),
        1..=MAX_MEDIA_LINES => Ok(session),
        _ => Err(SdpError::TooLarge),
    }
}

fn relevant_lines(body: &[u8]) -> Result<Vec<u8>, SdpError> {
    if body.len() > MAX_BYTES {
        return Err(SdpError::TooLarge);
    }
    let mut kept = Vec::with_capacity(body.len());
    for (number, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if number >= MAX_LINES {
            return Err(SdpError::TooLarge);
        }
        let line = line.trim_ascii();
        match line {
            [b'v' | b'c' | b'm' | b'a', b'=', ..] => {
                let text = String::from_utf8_lossy(line);
                let mut words = text.split_ascii_whitespace();
                kept.extend(words.next().unwrap_or_default().bytes());
                for word in words {
                    kept.push(b' ');
                    kept.extend(word.bytes());
                }
            }
            [] | [b'a'..=b'z' | b'A'..=b'Z', b'=', ..] => {}
            _ => return Err(SdpError::Malformed(format!("line {} is not of the form x=value", number + 1))),
        }
        // Lines left out stay as empty ones, so that an error names the line of the body.
        kept.extend(b"\r\n");
    }
    Ok(kept)
}

/// One audio line of the other side that we can serve.
pub(crate) struct RemoteAudio {
    /// Which media line it is.
    pub(crate) index: usize,
    /// `RTP/AVP` or one of its kin, to be repeated in an answer.
    pub(crate) profile: String,
    pub(crate) rtp: SocketAddr,
    pub(crate) rtcp: Option<SocketAddr>,
    /// As the other side wrote it, except that nothing is received at 0.0.0.0 (hold as RFC 2543 spelt it).
    pub(crate) direction: Direction,
    pub(crate) formats: Formats,
    pub(crate) ptime_ms: u16,
    pub(crate) protection: RemoteProtection,
    pub(crate) secured: Secured,
}

impl RemoteAudio {
    /// The first audio line we can use; an error says what was wrong with the best candidate.
    pub(crate) fn find(session: &Session, ours: &LocalMedia, ours_was_first: bool) -> Result<Self, SdpError> {
        let mut refusal = SdpError::NoAudio("no audio line");
        for (index, media) in session.medias.iter().enumerate() {
            match Self::read(session, index, media, ours, ours_was_first) {
                Ok(audio) => return Ok(audio),
                Err(SdpError::NoAudio("not audio")) => {}
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    fn read(session: &Session, index: usize, media: &Media, ours: &LocalMedia, ours_was_first: bool) -> Result<Self, SdpError> {
        if !media.media.eq_ignore_ascii_case("audio") {
            return Err(SdpError::NoAudio("not audio"));
        }
        let protection = RemoteProtection::read(session, media, &ours.protection)?;
        if media.port == 0 {
            return Err(SdpError::NoAudio("the audio line is disabled"));
        }
        let secured = protection.agree(&ours.protection, ours_was_first)?;
        let ip = match protection.does_ice() {
            // A browser writes 0.0.0.0 before it knows its addresses; its checks tell them.
            true => unspecified_like(ours.address.ip()),
            false => address(session, media, ours)?,
        };
        let rtp = SocketAddr::new(ip, media.port);
        let formats = formats(media);
        if formats.codecs.is_empty() {
            return Err(SdpError::NoCodec);
        }
        let stated = direction(&media.attributes).or_else(|| direction(&session.attributes)).unwrap_or_default();
        Ok(RemoteAudio {
            index,
            profile: media.proto.clone(),
            rtp,
            rtcp: rtcp(media, rtp),
            direction: Direction::new(stated.sends(), stated.receives() && (protection.does_ice() || !ip.is_unspecified())),
            formats,
            ptime_ms: ptime(media),
            protection,
            secured,
        })
    }
}

/// The stream's own `c=` line, else the session's (RFC 8866 section 5.7).
fn address(session: &Session, media: &Media, ours: &LocalMedia) -> Result<IpAddr, SdpError> {
    let connection = media.connections.first().or(session.connection.as_ref());
    let ip = connection.and_then(literal).ok_or(SdpError::NoAudio("no literal address in c="))?;
    // Sending to a group would turn one call into many streams.
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    if ip.is_multicast() || broadcast {
        return Err(SdpError::NoAudio("the address is not one host's"));
    }
    if !ours.reaches(ip) && !ip.is_unspecified() {
        return Err(SdpError::NoAudio("the address is of the other IP version"));
    }
    Ok(ip)
}

fn unspecified_like(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

fn literal(connection: &Connection) -> Option<IpAddr> {
    let text = connection.connection_address.split('/').next()?;
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

fn formats(media: &Media) -> Formats {
    let maps = rtpmaps(media);
    let mut formats = Formats { codecs: vec![], events: vec![] };
    for payload_type in media.fmt.split_ascii_whitespace().filter_map(|word| word.parse::<u8>().ok()).filter(|number| *number < 128) {
        let codec = match maps.get(&payload_type) {
            None => Codec::of_static(payload_type),
            Some(map) if map.name.eq_ignore_ascii_case("telephone-event") => {
                if !formats.events.iter().any(|(_, hz)| *hz == map.clock_hz) && map.channels == 1 {
                    formats.events.push((payload_type, map.clock_hz));
                }
                None
            }
            Some(map) => Codec::of_map(map.name, map.clock_hz, map.channels),
        };
        if let Some(codec) = codec.filter(|codec| !formats.codecs.iter().any(|(_, known)| known == codec)) {
            formats.codecs.push((payload_type, codec));
        }
    }
    formats
}

struct RtpMap<'a> {
    name: &'a str,
    clock_hz: u32,
    channels: u8,
}

fn rtpmaps(media: &Media) -> BTreeMap<u8, RtpMap<'_>> {
    let values = media.attributes.iter().filter(|attribute| attribute.attribute.eq_ignore_ascii_case("rtpmap"));
    values.filter_map(|attribute| rtpmap(attribute.value.as_deref()?)).collect()
}

fn rtpmap(value: &str) -> Option<(u8, RtpMap<'_>)> {
    let (payload_type, encoding) = value.trim().split_once(' ')?;
    let mut parts = encoding.trim().split('/');
    let name = parts.next()?;
    let clock_hz = parts.next().map_or(Some(8000), |text| text.trim().parse().ok())?;
    let channels = parts.next().map_or(Some(1), |text| text.trim().parse().ok())?;
    Some((payload_type.parse().ok()?, RtpMap { name, clock_hz, channels }))
}

fn direction(attributes: &[Attribute]) -> Option<Direction> {
    attributes.iter().find_map(|attribute| Direction::of_attribute(&attribute.attribute))
}

/// `a=rtcp:PORT [IN IP4 ADDRESS]` (RFC 3605); an address of another host than RTP's is not taken.
fn rtcp(media: &Media, rtp: SocketAddr) -> Option<SocketAddr> {
    let stated = value(media, "rtcp").and_then(|value| value.split_ascii_whitespace().next()?.parse::<u16>().ok());
    let port = stated.or(rtp.port().checked_add(1)).filter(|port| *port != 0 && !rtp.ip().is_unspecified())?;
    Some(SocketAddr::new(rtp.ip(), port))
}

fn ptime(media: &Media) -> u16 {
    let stated = value(media, "ptime").and_then(|value| value.trim().parse::<u16>().ok());
    stated.filter(|ms| (10..=60).contains(ms) && ms % 10 == 0).unwrap_or(20)
}

fn value<'a>(media: &'a Media, name: &str) -> Option<&'a str> {
    media.attributes.iter().find(|attribute| attribute.attribute.eq_ignore_ascii_case(name))?.value.as_deref()
}
