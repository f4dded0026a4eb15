//! `[sip]`

use std::net::{Ipv4Addr, SocketAddr};

use carillon_sip_core::digest::Policy;
use serde::Deserialize;

/// Digest algorithms (RFC 8760). Several phones fail when they see another than MD5, so it is the usual one; none is weaker than what is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// MD5 alone.
    Md5,
    /// SHA-256, then MD5.
    Both,
    /// SHA-256 alone.
    Sha256,
}

impl From<Digest> for Policy {
    fn from(digest: Digest) -> Self {
        match digest {
            Digest::Md5 => Self::Md5,
            Digest::Both => Self::Both,
            Digest::Sha256 => Self::Sha256,
        }
    }
}

/// SIP listeners and registration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sip {
    /// Addresses and ports for UDP. Port 0 takes any free one.
    pub udp: Vec<SocketAddr>,
    /// Addresses and ports for TCP.
    pub tcp: Vec<SocketAddr>,
    /// Addresses and ports for TLS, with the certificate of `[tls]`.
    pub tls: Vec<SocketAddr>,
    /// Addresses and ports for WebSockets at `/sip`. The HTTP port takes them as well.
    pub ws: Vec<SocketAddr>,
    /// Addresses and ports for WebSockets over TLS.
    pub wss: Vec<SocketAddr>,
    /// Digest realm. Passwords are stored hashed with it: a change asks for every phone's password anew.
    pub realm: String,
    /// What phones are challenged by: `md5`, `both` (SHA-256 first) or `sha256`.
    pub digest: Digest,
    /// Servers that are asked where trunks named by host are; empty: those of this machine.
    pub dns_servers: Vec<SocketAddr>,
    /// Shortest registration a phone may ask for, seconds.
    pub expires_min_s: u32,
    /// Longest registration granted, seconds.
    pub expires_max_s: u32,
    /// Days that the SIP messages of calls are kept; 0 keeps none.
    pub messages_days: u32,
}

impl Default for Sip {
    fn default() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 5060));
        Self {
            udp: vec![listen],
            tcp: vec![listen],
            tls: vec![],
            ws: vec![],
            wss: vec![],
            realm: "carillon".to_owned(),
            digest: Digest::Md5,
            dns_servers: vec![],
            expires_min_s: 30,
            expires_max_s: 3600,
            messages_days: 7,
        }
    }
}
