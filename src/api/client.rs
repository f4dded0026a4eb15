//! Where a request comes from: the other end of its connection, or who a trusted proxy says it is.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use carillon_sip_core::Network;

use super::{Api, front::Ends};
use crate::auth::session::Seen;

/// Characters kept of what a client calls itself.
const PROGRAM_MAX: usize = 200;

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Its address; of a client behind a proxy with the port of the proxy's connection.
    pub address: SocketAddr,
    /// Our end of the connection.
    pub local: SocketAddr,
    /// Whether its way here, to us or to the proxy, is encrypted.
    pub secure: bool,
}

impl Client {
    /// Its address.
    pub fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }

    /// What a session that it opens remembers of it.
    pub fn seen(&self, headers: &HeaderMap) -> Seen {
        let program = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Seen { address: Some(self.ip()), program: program.map(|text| text.chars().take(PROGRAM_MAX).collect()), by_provider: false }
    }

    fn of(ends: Ends, headers: &HeaderMap, proxies: &[Network]) -> Self {
        let direct = Self { address: ends.remote, local: ends.local, secure: ends.secure };
        let is_proxy = |ip: IpAddr| proxies.iter().any(|proxy| proxy.contains(ip));
        if !is_proxy(ends.remote.ip()) {
            return direct;
        }
        let said: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
        // Each proxy adds whom it heard at the end. What stands before the last stranger is that stranger's own word.
        let client = said.iter().rev().map(|text| address(text)).take_while(Option::is_some).flatten();
        let mut last = None;
        for ip in client {
            last = Some(ip);
            if !is_proxy(ip) {
                break;
            }
        }
        let proto = headers.get_all("x-forwarded-proto").iter().next_back().and_then(|value| value.to_str().ok());
        Self {
            address: SocketAddr::new(last.unwrap_or(ends.remote.ip()), ends.remote.port()),
            local: ends.local,
            secure: proto.map_or(ends.secure, |proto| proto.rsplit(',').next().unwrap_or_default().trim().eq_ignore_ascii_case("https")),
        }
    }
}

/// An address as proxies write it: bare, in brackets, with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(text);
    bare.parse().ok().or_else(|| bare.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

impl FromRequestParts<Arc<Api>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Infallible> {
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let ends =
            parts.extensions.get::<ConnectInfo<Ends>>().map_or(Ends { remote: unknown, local: unknown, secure: false }, |info| info.0);
        Ok(Self::of(ends, &parts.headers, &api.config.http.trusted_proxies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(from: &str, headers: &[(&'static str, &str)]) -> (String, bool) {
        let ends = Ends { remote: SocketAddr::new(from.parse().expect("ip"), 9), local: ([127, 0, 0, 1], 1).into(), secure: false };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        let proxies = ["10.0.0.0/8".parse().expect("network")];
        let client = Client::of(ends, &map, &proxies);
        (client.ip().to_string(), client.secure)
    }

    #[test]
    fn only_a_trusted_proxy_says_who_a_request_comes_from() {
        let forged = [("x-forwarded-for", "198.51.100.7"), ("x-forwarded-proto", "https")];
        assert_eq!(seen("192.0.2.66", &forged), ("192.0.2.66".into(), false));
        assert_eq!(seen("10.0.0.2", &forged), ("198.51.100.7".into(), true));
        assert_eq!(seen("10.0.0.2", &[]), ("10.0.0.2".into(), false));
    }

    #[test]
    fn what_a_client_itself_wrote_before_the_proxies_is_not_believed() {
        let chain = |value: &str| seen("10.0.0.2", &[("x-forwarded-for", value)]).0;
        assert_eq!(chain("127.0.0.1, 198.51.100.7, 10.0.0.3"), "198.51.100.7");
        assert_eq!(chain("10.0.0.9, 10.0.0.3"), "10.0.0.9");
        assert_eq!(chain("127.0.0.1, nonsense"), "10.0.0.2");
        assert_eq!(chain("[2001:db8::7]:4711"), "2001:db8::7");
        let two = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(seen("10.0.0.2", &two).0, "198.51.100.7");
        assert!(!seen("10.0.0.2", &[("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")]).1);
    }
}
