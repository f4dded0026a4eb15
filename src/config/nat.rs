//! `[nat]`

use std::{net::IpAddr, str::FromStr};

use carillon_sip_core::Network;
use serde::{Deserialize, Deserializer, de};

/// What others call this server when a router translates its addresses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Nat {
    /// The router's addresses, at most one of each family. Its ports for SIP and RTP must be this server's.
    pub external_address: Vec<IpAddr>,
    /// Who reaches this server without the router: it is told the server's own addresses.
    #[serde(deserialize_with = "networks")]
    pub local_networks: Vec<Network>,
}

impl Default for Nat {
    fn default() -> Self {
        let usual = ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1", "fc00::/7", "fe80::/10"];
        Self { external_address: vec![], local_networks: usual.iter().filter_map(|network| network.parse().ok()).collect() }
    }
}

/// A list of networks, each as text.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| Network::from_str(text).map_err(de::Error::custom)).collect()
}
