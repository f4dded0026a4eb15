//! An authority of our own and a certificate for 127.0.0.1 and `sip.example`.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::sync::Arc;
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

pub(crate) struct Certificates {
    pub(crate) server: Arc<ServerConfig>,
    /// Believes the authority.
    pub(crate) client: Arc<ClientConfig>,
    /// Believes nobody.
    pub(crate) doubter: Arc<ClientConfig>,
}

pub(crate) fn certificates() -> Certificates {
    let mut authority = CertificateParams::new(vec![]).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let names = vec!["127.0.0.1".to_owned(), "sip.example".to_owned()];
    let certificate = CertificateParams::new(names).expect("parameters").signed_by(&key, &authority).expect("a certificate");
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let server = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private).expect("a pair");
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).expect("a root");
    let client = |roots: RootCertStore| Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth());
    Certificates { server: Arc::new(server), client: client(roots), doubter: client(RootCertStore::empty()) }
}
