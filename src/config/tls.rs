//! `[tls]`

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The server's certificate, for HTTPS, SIP over TLS and WebSockets over TLS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// The certificate and those of its issuers, PEM. Empty: none.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// The authorities whose certificates are believed of trunks that are called by TLS, PEM. Without the file none is.
    pub authorities: PathBuf,
    /// The authorities of whose certificates a trunk must show one that connects to us by TLS, PEM. Empty: trunks are known by their
    /// addresses alone.
    pub trunk_authorities: PathBuf,
    /// Whether trunks that ask for our certificate when we connect are shown it.
    pub show_to_trunks: bool,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            authorities: PathBuf::from("/etc/ssl/certs/ca-certificates.crt"),
            trunk_authorities: PathBuf::new(),
            show_to_trunks: false,
        }
    }
}

impl Tls {
    /// Whether there is a certificate.
    pub fn is_set(&self) -> bool {
        !self.certificate.as_os_str().is_empty()
    }

    /// Where trunks must show a certificate: the authorities of theirs.
    pub fn asks_trunks(&self) -> Option<&Path> {
        Some(self.trunk_authorities.as_path()).filter(|file| !file.as_os_str().is_empty())
    }

    pub(super) fn resolve(&mut self, base: &Path) {
        for path in [&mut self.certificate, &mut self.key, &mut self.authorities, &mut self.trunk_authorities] {
            if path.is_relative() && !path.as_os_str().is_empty() {
                *path = base.join(&*path);
            }
        }
    }
}
