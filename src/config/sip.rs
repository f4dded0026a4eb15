//! `[sip]`

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

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
            expires_min_s: 30,
            expires_max_s: 3600,
            messages_days: 7,
        }
    }
}
