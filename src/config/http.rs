//! `[http]`

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

/// The page and the API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Answers `/metrics` to other machines as well; otherwise to loopback only.
    pub metrics_for_all: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)), metrics_for_all: false }
    }
}
