//! Who is calling, by what the source address and From say (never by what other headers claim).

use crate::{Account, Credentials, TrunkPeer, UaConfig};
use carillon_sip_core::{
    Hop, Transport,
    digest::Ha1,
    message::{Host, Request, SipUri},
};
use std::{collections::BTreeMap, net::IpAddr};

/// Phones and trunks, as configured.
#[derive(Default)]
pub(crate) struct Directory {
    accounts: BTreeMap<String, Ha1>,
    trunks: Vec<TrunkPeer>,
}

/// What a new request from outside has to do to be heard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Prove by digest to be the phone it says it is.
    MustProve,
    /// Nothing: it comes from an address of this trunk.
    Trunk(String),
    /// It will not be heard.
    Stranger,
}

impl Directory {
    pub(crate) fn set_accounts(&mut self, accounts: Vec<Account>) {
        self.accounts = accounts.into_iter().map(|account| (account.name, account.ha1)).collect();
    }

    pub(crate) fn set_trunks(&mut self, trunks: Vec<TrunkPeer>) {
        self.trunks = trunks;
    }

    pub(crate) fn ha1(&self, user: &str) -> Option<&Ha1> {
        self.accounts.get(user)
    }

    /// Where calls to a trunk go, the first choice first.
    pub(crate) fn trunk_peers(&self, name: &str) -> impl Iterator<Item = &TrunkPeer> {
        self.trunks.iter().filter(move |trunk| trunk.name == name)
    }

    /// Who we are to the trunks at an address: of those that share it, their realms tell which is meant.
    pub(crate) fn accounts_at(&self, ip: IpAddr) -> impl Iterator<Item = &Credentials> {
        let there = self.trunks.iter().filter(move |trunk| trunk.address.ip().to_canonical() == ip.to_canonical());
        there.filter_map(|trunk| trunk.credentials.as_ref())
    }

    /// Whether a number is the name that we register with a trunk by.
    pub(crate) fn is_our_user(&self, trunk: &str, user: &str) -> bool {
        self.trunk_peers(trunk).any(|peer| peer.credentials.as_ref().is_some_and(|ours| ours.user == user))
    }

    /// Whether a path is a trunk's.
    pub(crate) fn is_trunk(&self, hop: &Hop) -> bool {
        self.trunks.iter().any(|trunk| is_from(trunk, hop))
    }

    /// A phone (a live registration's path, or From names a local user) proves itself; else a trunk is known by its address;
    /// else nobody.
    ///
    /// Whoever claims to be local without being a trunk is challenged, whether there is such a user or not: otherwise the
    /// difference between 401 and 403 would list our users (RFC 3261 gives no rule; SIP scanners live off it).
    pub(crate) fn standing(&self, request: &Request, hop: &Hop, comes_from_a_phone: bool, config: &UaConfig) -> Standing {
        if comes_from_a_phone {
            return Standing::MustProve;
        }
        let from = request.headers.from().ok().map(|from| from.uri);
        let claims_local = from.as_ref().and_then(|uri| uri.sip()).is_some_and(|uri| is_local(uri, request, hop, config));
        let user = from.as_ref().and_then(|uri| uri.user());
        if claims_local && user.is_some_and(|user| self.accounts.contains_key(user.as_ref())) {
            return Standing::MustProve;
        }
        match self.trunks.iter().find(|trunk| is_from(trunk, hop)) {
            Some(trunk) => Standing::Trunk(trunk.name.clone()),
            None if claims_local => Standing::MustProve,
            None => Standing::Stranger,
        }
    }
}

/// Whether an address of ours stands in a From: the realm, what we advertise, the socket, or what the request itself is
/// addressed to (a phone writes the one domain it was given in both).
fn is_local(from: &SipUri, request: &Request, hop: &Hop, config: &UaConfig) -> bool {
    let is_at =
        |host: &Host, port: Option<u16>| from.host == *host && (from.port.is_none() || from.port.or(Some(5060)) == port.or(Some(5060)));
    let addressed = request.uri.sip().is_some_and(|uri| is_at(&uri.host, uri.port));
    let named = matches!(&from.host, Host::Name(name) if name.eq_ignore_ascii_case(&config.realm));
    let is_socket = is_at(&Host::Ip(hop.local.ip()), Some(hop.local.port()));
    addressed || named || is_socket || config.reach.is_ours(&from.host, from.port)
}

fn is_from(trunk: &TrunkPeer, hop: &Hop) -> bool {
    let same_port = match hop.transport {
        Transport::Udp => trunk.address.port() == 0 || trunk.address.port() == hop.remote.port(),
        _ => true,
    };
    trunk.transport == hop.transport && trunk.address.ip().to_canonical() == hop.remote.ip().to_canonical() && same_port
}
