//! The server's certificate: read at the start, renewed while it runs, watched until it ends.

mod certificate;
mod expiry;
mod self_signed;

use std::{path::Path, sync::Arc};

use anyhow::Context;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, pem::PemObject},
    server::WebPkiClientVerifier,
};

pub use self::{certificate::Certificates, self_signed::self_signed};

/// Our end of TLS, with whatever certificate holds at the time of a handshake.
pub fn server(certificates: &Arc<Certificates>, protocols: &[&[u8]]) -> Arc<ServerConfig> {
    let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(Arc::clone(certificates) as _);
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

/// The same for the trunks: they must show a certificate of an authority in this file.
///
/// # Errors
/// The file cannot be read, or no authority is in it.
pub fn server_of_trunks(certificates: &Arc<Certificates>, authorities: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let of_file = || format!("tls.trunk_authorities: {}", authorities.display());
    let listed = CertificateDer::pem_file_iter(authorities).and_then(Iterator::collect::<Result<Vec<_>, _>>).with_context(of_file)?;
    anyhow::ensure!(!listed.is_empty(), "{}: there is no certificate in it", of_file());
    let mut roots = RootCertStore::empty();
    for authority in listed {
        roots.add(authority).with_context(of_file)?;
    }
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().with_context(of_file)?;
    let config = ServerConfig::builder().with_client_cert_verifier(verifier).with_cert_resolver(Arc::clone(certificates) as _);
    Ok(Arc::new(config))
}

/// Our end of TLS where we connect: believes the authorities of a file, and shows a certificate to whom asks for one. Without the file it
/// believes nobody.
///
/// # Errors
/// The file holds what is no certificate.
pub fn client(authorities: &Path, shown: Option<&Arc<Certificates>>) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    if authorities.exists() {
        let unreadable = || format!("tls.authorities: {}", authorities.display());
        let listed = CertificateDer::pem_file_iter(authorities).with_context(unreadable)?;
        // Of a system's list some are beyond what rustls reads; they are believed in no case.
        roots.add_parsable_certificates(listed.collect::<Result<Vec<_>, _>>().with_context(unreadable)?);
    }
    let config = ClientConfig::builder().with_root_certificates(roots);
    Ok(Arc::new(match shown {
        Some(certificates) => config.with_client_cert_resolver(Arc::clone(certificates) as _),
        None => config.with_no_client_auth(),
    }))
}
