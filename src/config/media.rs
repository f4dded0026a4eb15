//! `[media]`

use std::{
    net::{IpAddr, Ipv4Addr},
    ops::RangeInclusive,
    str::FromStr,
};

use serde::{Deserialize, Deserializer, de};

/// RTP.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// Address of this machine that phones send their audio to.
    pub address: IpAddr,
    /// A second one, of the other IP version, where phones and trunks of both are served.
    #[serde(deserialize_with = "address_if_any")]
    pub other_address: Option<IpAddr>,
    /// Ports for RTP and RTCP, for example `"20000-29999"`. A call of two legs takes four.
    pub rtp_ports: PortRange,
    /// Media threads; 0: one fewer than the machine has cores, at least one.
    pub threads: usize,
    /// Seconds without a packet after which a call is ended.
    pub rtp_timeout_s: u32,
    /// How media threads wait for packets.
    pub poller: Poller,
}

/// An address, or nothing.
fn address_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<IpAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(de::Error::custom) }
}

/// How media threads wait for packets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Poller {
    /// By io_uring, by epoll where the system refuses that.
    #[default]
    Auto,
    /// By io_uring or not at all.
    IoUring,
    /// By epoll.
    Epoll,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            other_address: None,
            rtp_ports: PortRange(20_000..=29_999),
            threads: 0,
            rtp_timeout_s: 30,
            poller: Poller::Auto,
        }
    }
}

/// A range of UDP ports, written `FIRST-LAST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortRange(pub RangeInclusive<u16>);

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let range = text.split_once('-').and_then(|(first, last)| Some(first.trim().parse().ok()?..=last.trim().parse().ok()?));
        match range {
            Some(range) if *range.start() >= 1024 && range.len() >= 4 => Ok(Self(range)),
            _ => Err(format!("rtp_ports: `{text}` is not a range of at least four ports from 1024 on, such as \"20000-29999\"")),
        }
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
