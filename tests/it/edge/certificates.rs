//! An authority, certificates of it, and clients that believe it.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use carillon::config::Tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::new(vec![]).expect("parameters");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().expect("a key")).expect("an authority");
        let authority = Self { issuer, folder: tempfile::tempdir().expect("a folder") };
        fs::write(authority.path("authorities.pem"), authority.issuer.pem()).expect("a file");
        authority.certify("2090");
        authority
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn tls(&self) -> Tls {
        Tls {
            certificate: self.path("certificate.pem"),
            key: self.path("key.pem"),
            authorities: self.path("authorities.pem"),
            ..Tls::default()
        }
    }

    /// Writes a certificate for 127.0.0.1 with this common name in place of the one that was.
    pub(crate) fn certify(&self, name: &str) {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).expect("parameters");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = parameters.signed_by(&key, &self.issuer).expect("a certificate");
        write(&self.path("certificate.pem"), &certificate.pem());
        write(&self.path("key.pem"), &key.serialize_pem());
    }

    /// Connects with TLS, believing this authority.
    pub(crate) async fn connect(&self, to: SocketAddr) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a root");
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let stream = TcpStream::connect(to).await.expect("a connection");
        let name = ServerName::from(to.ip());
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("a handshake with a certificate of the authority")
    }

    /// Asks something from an address, showing who one is by the certificate of an authority; the answer, if there is one.
    pub(crate) async fn asks(&self, to: SocketAddr, from: Ipv4Addr, shown: Option<&Authority>, question: &str) -> Option<String> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a root");
        let config = ClientConfig::builder().with_root_certificates(roots);
        let config = match shown {
            None => config.with_no_client_auth(),
            Some(of) => {
                let chain = CertificateDer::from_pem_file(of.path("certificate.pem")).expect("a certificate");
                let key = PrivateKeyDer::from_pem_file(of.path("key.pem")).expect("a key");
                config.with_client_auth_cert(vec![chain], key).expect("a pair")
            }
        };
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((from, 0).into()).expect("an address");
        let stream = socket.connect(to).await.expect("a connection");
        // By TLS 1.3 a refusal is heard only after our own handshake is done.
        let mut stream = TlsConnector::from(Arc::new(config)).connect(ServerName::from(to.ip()), stream).await.ok()?;
        stream.write_all(question.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        let mut buffer = vec![0; 4096];
        let length = stream.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// The common name in the certificate that is shown there.
    pub(crate) async fn shown(&self, at: SocketAddr) -> String {
        let stream = self.connect(at).await;
        let shown = stream.get_ref().1.peer_certificates().expect("a certificate")[0].to_vec();
        // The subject's common name (2.5.4.3) as a UTF-8 string.
        let at = shown.windows(5).position(|bytes| bytes == [0x06, 0x03, 0x55, 0x04, 0x03]);
        let mut names = shown.windows(5).enumerate().filter(|(_, bytes)| *bytes == [0x06, 0x03, 0x55, 0x04, 0x03]).map(|(at, _)| at);
        let last = names.next_back().or(at).expect("a common name") + 5;
        let length = usize::from(shown[last + 1]);
        String::from_utf8_lossy(&shown[last + 2..last + 2 + length]).into_owned()
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("a file");
}
