//! Whose certificate a peer must show.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};
use tokio_rustls::rustls::pki_types::ServerName;

/// Names of the peers we connect to with TLS, by their address: a trunk known by its name shows a certificate for that name, one known by
/// its address alone a certificate for the address. Clones share one list.
#[derive(Debug, Clone, Default)]
pub struct ServerNames(Arc<RwLock<BTreeMap<SocketAddr, String>>>);

impl ServerNames {
    /// Replaces the list.
    pub fn set(&self, names: impl IntoIterator<Item = (SocketAddr, String)>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = names.into_iter().collect();
    }

    /// The name of a peer.
    pub(crate) fn of(&self, peer: SocketAddr) -> ServerName<'static> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&peer).cloned();
        known.and_then(|name| ServerName::try_from(name).ok()).unwrap_or_else(|| ServerName::from(peer.ip()))
    }
}
