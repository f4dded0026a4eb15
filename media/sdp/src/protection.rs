//! How a leg's audio is kept from others: keys in the description itself (SDES, RFC 4568), or a handshake on the media's way
//! (DTLS-SRTP, RFC 5763) that an ICE check of the peer's may precede (RFC 8445; we are a lite agent).

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use sdp_types::{Attribute, Media, Session};

use crate::SdpError;

/// More key lines than any device writes.
const MAX_KEY_LINES: usize = 16;

/// What our side can do for the secrecy of a leg, and what it insists on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// What an offer of ours says. An answer says what the offer says.
    pub offers: ProtectionKind,
    /// Whether RTP in clear is taken.
    pub clear: bool,
    /// A key of ours for each suite we have, most wanted first; empty: SDES is not spoken.
    pub sdes: Vec<SdesKey>,
    /// Our certificate's fingerprint as `a=fingerprint` has it, `sha-256 AB:…`; none: DTLS is not spoken.
    pub fingerprint: Option<String>,
    /// What a peer that does ICE needs; none: ICE is not spoken, and a browser cannot reach us.
    pub ice: Option<IceCredentials>,
}

/// RTP in clear and nothing else.
impl Default for Protection {
    fn default() -> Self {
        Self { offers: ProtectionKind::Clear, clear: true, sdes: Vec::new(), fingerprint: None, ice: None }
    }
}

/// A way of keying a leg, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtectionKind {
    /// `RTP/AVP`.
    Clear,
    /// `RTP/SAVP` with `a=crypto`.
    Sdes,
    /// `UDP/TLS/RTP/SAVPF` with `a=fingerprint`.
    Dtls,
}

/// One `a=crypto` line: a suite, and master key and salt one after the other.
#[derive(Clone, PartialEq, Eq)]
pub struct SdesKey {
    /// The line's number; an answer repeats that of the offer.
    pub tag: u32,
    /// The suite's name, such as `AES_CM_128_HMAC_SHA1_80`.
    pub suite: String,
    /// Key and salt.
    pub key: Vec<u8>,
}

/// The key is not printed.
impl fmt::Debug for SdesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SdesKey({} {})", self.tag, self.suite)
    }
}

/// A user fragment and its password (RFC 8839 section 5.4).
#[derive(Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// `a=ice-ufrag`.
    pub ufrag: String,
    /// `a=ice-pwd`.
    pub password: String,
}

/// The password is not printed.
impl fmt::Debug for IceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IceCredentials({})", self.ufrag)
    }
}

/// What both sides agreed for the secrecy of a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secured {
    /// Nothing: plain RTP.
    No,
    /// Keys that the descriptions exchanged.
    Sdes {
        /// What we seal with.
        local: SdesKey,
        /// What the other side seals with.
        remote: SdesKey,
    },
    /// A handshake to come.
    Dtls {
        /// Whether we speak first.
        we_begin: bool,
        /// The other side's certificate, as `a=fingerprint` has it.
        fingerprint: String,
    },
}

/// What the other side's audio line says of its protection.
#[derive(Debug, Clone)]
pub(crate) struct RemoteProtection {
    pub(crate) kind: ProtectionKind,
    pub(crate) sdes: Vec<SdesKey>,
    fingerprint: Option<String>,
    setup: Option<String>,
    pub(crate) ufrag: Option<String>,
    we_do_ice: bool,
    pub(crate) mid: Option<String>,
    pub(crate) rtcp_mux: bool,
}

impl RemoteProtection {
    /// Reads it; an unknown profile is no audio that we can serve.
    pub(crate) fn read(session: &Session, media: &Media, ours: &Protection) -> Result<Self, SdpError> {
        let profile = media.proto.to_ascii_uppercase();
        let fingerprint = either(session, media, "fingerprint");
        let kind = match profile.as_str() {
            "RTP/AVP" | "RTP/AVPF" => ProtectionKind::Clear,
            "RTP/SAVP" | "RTP/SAVPF" if fingerprint.is_some() => ProtectionKind::Dtls,
            "RTP/SAVP" | "RTP/SAVPF" => ProtectionKind::Sdes,
            "UDP/TLS/RTP/SAVP" | "UDP/TLS/RTP/SAVPF" => ProtectionKind::Dtls,
            _ => return Err(SdpError::NoAudio("the profile is none of RTP's")),
        };
        let lines = media.attributes.iter().filter(|attribute| attribute.attribute.eq_ignore_ascii_case("crypto")).take(MAX_KEY_LINES);
        Ok(Self {
            kind,
            sdes: lines.filter_map(|attribute| SdesKey::read(attribute.value.as_deref()?)).collect(),
            fingerprint: fingerprint.map(str::to_owned),
            setup: either(session, media, "setup").map(str::to_ascii_lowercase),
            ufrag: either(session, media, "ice-ufrag").map(str::to_owned),
            we_do_ice: ours.ice.is_some(),
            mid: either(session, media, "mid").map(str::to_owned),
            rtcp_mux: media.attributes.iter().any(|attribute| attribute.attribute.eq_ignore_ascii_case("rtcp-mux")),
        })
    }

    /// Whether the address of the audio line matters: a peer that does ICE is sent to where it checks from.
    pub(crate) fn does_ice(&self) -> bool {
        self.kind == ProtectionKind::Dtls && self.ufrag.is_some() && self.we_do_ice
    }

    /// What is agreed when this meets ours. `ours_was_first` when it answers our offer.
    pub(crate) fn agree(&self, ours: &Protection, ours_was_first: bool) -> Result<Secured, SdpError> {
        if ours_was_first && self.kind != ours.offers {
            return Err(SdpError::NoProtection("the answer is not protected as our offer was"));
        }
        match self.kind {
            ProtectionKind::Clear if ours.clear => Ok(Secured::No),
            ProtectionKind::Clear => Err(SdpError::NoProtection("audio in clear is not allowed here")),
            ProtectionKind::Sdes => self.agree_on_keys(ours, ours_was_first),
            ProtectionKind::Dtls => self.agree_on_handshake(ours),
        }
    }

    fn agree_on_keys(&self, ours: &Protection, ours_was_first: bool) -> Result<Secured, SdpError> {
        let pair = ours.sdes.iter().find_map(|local| {
            let fits = |remote: &&SdesKey| {
                remote.suite == local.suite && remote.key.len() == local.key.len() && (!ours_was_first || remote.tag == local.tag)
            };
            self.sdes.iter().find(fits).map(|remote| (local, remote))
        });
        let (local, remote) = pair.ok_or(SdpError::NoProtection("no crypto suite in common"))?;
        let local = SdesKey { tag: remote.tag, ..local.clone() };
        Ok(Secured::Sdes { local, remote: remote.clone() })
    }

    fn agree_on_handshake(&self, ours: &Protection) -> Result<Secured, SdpError> {
        if ours.fingerprint.is_none() {
            return Err(SdpError::NoProtection("DTLS-SRTP is not spoken here"));
        }
        let fingerprint = self.fingerprint.as_deref().filter(|text| is_sha256(text));
        let fingerprint = fingerprint.ok_or(SdpError::NoProtection("no SHA-256 fingerprint"))?.to_owned();
        match self.setup.as_deref() {
            // RFC 5763 section 5: active is what an answer is to be, so that the peer's checks and hello come together.
            Some("actpass" | "active") | None => Ok(Secured::Dtls { we_begin: false, fingerprint }),
            Some("passive") => Ok(Secured::Dtls { we_begin: true, fingerprint }),
            Some(_) => Err(SdpError::NoProtection("a=setup says that no connection is wanted")),
        }
    }
}

impl Protection {
    /// The profile of an audio line of ours.
    pub(crate) fn profile(&self) -> &'static str {
        match self.offers {
            ProtectionKind::Clear => "RTP/AVP",
            ProtectionKind::Sdes => "RTP/SAVP",
            ProtectionKind::Dtls => "UDP/TLS/RTP/SAVPF",
        }
    }

    /// What our offer says of it.
    pub(crate) fn offer_lines(&self) -> Vec<Attribute> {
        match self.offers {
            ProtectionKind::Clear => Vec::new(),
            ProtectionKind::Sdes => self.sdes.iter().map(SdesKey::write).collect(),
            ProtectionKind::Dtls => {
                let mut lines = vec![Attribute::with_value("mid", "0"), Attribute::with_value("setup", "actpass")];
                lines.extend(self.handshake_lines(true, true));
                lines
            }
        }
    }

    /// What our answer says of what was agreed.
    pub(crate) fn answer_lines(&self, secured: &Secured, remote: &RemoteProtection) -> Vec<Attribute> {
        match secured {
            Secured::No => Vec::new(),
            Secured::Sdes { local, .. } => vec![local.write()],
            Secured::Dtls { we_begin, .. } => {
                let mut lines: Vec<_> = remote.mid.iter().map(|mid| Attribute::with_value("mid", mid.clone())).collect();
                lines.push(Attribute::with_value("setup", if *we_begin { "active" } else { "passive" }));
                lines.extend(self.handshake_lines(remote.does_ice(), remote.rtcp_mux));
                lines
            }
        }
    }

    fn handshake_lines(&self, ice: bool, rtcp_mux: bool) -> Vec<Attribute> {
        let mut lines: Vec<_> = self.fingerprint.iter().map(|text| Attribute::with_value("fingerprint", text.clone())).collect();
        if let Some(ice) = self.ice.as_ref().filter(|_| ice) {
            lines.push(Attribute::with_value("ice-ufrag", ice.ufrag.clone()));
            lines.push(Attribute::with_value("ice-pwd", ice.password.clone()));
        }
        if rtcp_mux {
            lines.push(Attribute::new("rtcp-mux"));
        }
        lines
    }
}

impl SdesKey {
    /// `1 AES_CM_128_HMAC_SHA1_80 inline:KEY[|LIFETIME][|MKI:LENGTH] [PARAMETERS]` (RFC 4568 section 9.1). A line with a
    /// master key identifier or with session parameters is one we cannot honour.
    fn read(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next()?.parse().ok()?;
        let suite = words.next()?.to_ascii_uppercase();
        let mut parts = words.next()?.strip_prefix("inline:")?.split('|');
        let key = STANDARD_NO_PAD.decode(parts.next()?.trim_end_matches('=')).ok()?;
        let has_identifier = parts.any(|part| part.contains(':'));
        (!has_identifier && words.next().is_none()).then_some(Self { tag, suite, key })
    }

    fn write(&self) -> Attribute {
        let mut key = STANDARD_NO_PAD.encode(&self.key);
        key.extend(std::iter::repeat_n('=', (4 - key.len() % 4) % 4));
        Attribute::with_value("crypto", format!("{} {} inline:{key}", self.tag, self.suite))
    }
}

/// `sha-256` and 32 bytes in hex (RFC 8122 section 5).
fn is_sha256(text: &str) -> bool {
    let Some((hash, value)) = text.split_once(' ') else { return false };
    let is_byte = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    hash.eq_ignore_ascii_case("sha-256") && value.trim().split(':').count() == 32 && value.trim().split(':').all(is_byte)
}

/// An attribute of the media line, else the session's.
fn either<'a>(session: &'a Session, media: &'a Media, name: &str) -> Option<&'a str> {
    let of = |attributes: &'a [Attribute]| {
        attributes.iter().find(|attribute| attribute.attribute.eq_ignore_ascii_case(name))?.value.as_deref().map(str::trim)
    };
    of(&media.attributes).or_else(|| of(&session.attributes))
}
