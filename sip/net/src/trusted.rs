//! The sources that limits per source spare.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

/// Addresses of the configured trunks. Clones share one list, so that the server can change it while the loop runs.
#[derive(Debug, Clone, Default)]
pub struct TrustedSources(Arc<RwLock<BTreeSet<IpAddr>>>);

impl TrustedSources {
    /// Replaces the list.
    pub fn set(&self, sources: impl IntoIterator<Item = IpAddr>) {
        let sources = sources.into_iter().map(|ip| ip.to_canonical()).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = sources;
    }

    /// Whether an address is on the list.
    pub fn contains(&self, source: IpAddr) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&source.to_canonical())
    }
}
