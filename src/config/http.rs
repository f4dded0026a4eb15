//! `[http]`

use std::net::{Ipv4Addr, SocketAddr};

use carillon_sip_core::Network;
use serde::Deserialize;

use super::nat::networks;

/// The page and the API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Speaks HTTPS there, with the certificate of `[tls]`.
    pub https: bool,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<Network>,
    /// Answers `/metrics` to other machines as well; otherwise to loopback only.
    pub metrics_for_all: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)), https: false, trusted_proxies: vec![], metrics_for_all: false }
    }
}
