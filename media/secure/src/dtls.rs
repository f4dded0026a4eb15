//! One DTLS handshake (RFC 6347) that yields SRTP keys (RFC 5764), held to the fingerprint that the SDP named.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use bytes::BytesMut;
use rtc_dtls::{
    config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType},
    endpoint::{Endpoint, EndpointEvent},
    extension::extension_use_srtp::SrtpProtectionProfile,
    state::State,
};
use rtc_shared::{TransportProtocol, error::Error};

use crate::{Fingerprint, Identity, MasterKey, Profile};

/// RFC 5764 section 4.2.
const EXPORTER: &str = "EXTRACTOR-dtls_srtp";
/// The handshake is between us and whoever holds the validated pair: addresses are the caller's business.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// Who speaks first (`a=setup`, RFC 8842).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// We do: `active`.
    Client,
    /// The peer does: `passive`.
    Server,
}

/// Why a handshake came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DtlsError {
    /// The certificate is not the one that the SDP names.
    #[error("the DTLS certificate is not the one that the SDP names")]
    WrongCertificate,
    /// Our own settings do not fit the cryptography, or no answer came however often we asked.
    #[error("the DTLS handshake failed: {0}")]
    Refused(String),
    /// The peer has none of our profiles.
    #[error("the peer has no SRTP profile in common with us")]
    NoProfile,
}

/// One handshake. Give it datagrams and time; take from it datagrams and, once, keys.
pub struct Dtls {
    endpoint: Endpoint,
    role: Role,
    wrong_certificate: Arc<AtomicBool>,
    keys: Option<(MasterKey, MasterKey)>,
}

impl Dtls {
    /// Begins. As client the first flight is there to be taken at once.
    ///
    /// # Errors
    /// [`DtlsError::Refused`] when our own settings do not fit the cryptography.
    pub fn new(now: Instant, identity: &Identity, role: Role, peer: Fingerprint) -> Result<Self, DtlsError> {
        let wrong_certificate = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&wrong_certificate);
        let config = ConfigBuilder::default()
            .with_crypto_provider(identity.provider.clone())
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(vec![
                SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
                SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
                SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            ])
            // No authority signs these certificates; the fingerprint below is what is verified.
            .with_insecure_skip_verify(true)
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_verify_peer_certificate(Some(Arc::new(move |certificates: &[Vec<u8>], _: &[_]| {
                if certificates.first().is_some_and(|certificate| Fingerprint::of(certificate) == peer) {
                    return Ok(());
                }
                tell.store(true, Ordering::Relaxed);
                Err(Error::Other(DtlsError::WrongCertificate.to_string()))
            })))
            .build(role == Role::Client, None)
            .map_err(refused)?;
        let config = Arc::new(config);
        let mut endpoint = Endpoint::new(PEER, TransportProtocol::UDP, (role == Role::Server).then(|| Arc::clone(&config)));
        if role == Role::Client {
            endpoint.connect(now, PEER, config, None).map_err(refused)?;
        }
        Ok(Self { endpoint, role, wrong_certificate, keys: None })
    }

    /// Takes a datagram of the peer's. One that does not fit is dropped, since anybody may have sent it: a handshake
    /// ends by its time-outs.
    ///
    /// # Errors
    /// [`DtlsError::WrongCertificate`], [`DtlsError::NoProfile`].
    pub fn receive(&mut self, now: Instant, datagram: &[u8]) -> Result<(), DtlsError> {
        let events = self.endpoint.read(now, PEER, None, BytesMut::from(datagram)).unwrap_or_default();
        if self.wrong_certificate.load(Ordering::Relaxed) {
            return Err(DtlsError::WrongCertificate);
        }
        for event in events {
            if matches!(event, EndpointEvent::HandshakeComplete) {
                let state = self.endpoint.get_connection_state(PEER).ok_or(DtlsError::NoProfile)?;
                self.keys = Some(keys(state, self.role)?);
            }
        }
        Ok(())
    }

    /// Datagrams to send, in order.
    pub fn poll_transmit(&mut self) -> Option<BytesMut> {
        self.endpoint.poll_transmit().map(|transmit| transmit.message)
    }

    /// When [`Self::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.endpoint.poll_timeout(&PEER)
    }

    /// Sends again what got lost.
    ///
    /// # Errors
    /// When it has been sent too often.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsError> {
        match self.endpoint.handle_timeout(PEER, now) {
            // Not begun: the peer speaks first.
            Ok(()) | Err(Error::InvalidRemoteAddress(_)) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }

    /// The keys of what we send and of what we hear, once the handshake is done.
    pub fn keys(&self) -> Option<&(MasterKey, MasterKey)> {
        self.keys.as_ref()
    }
}

fn keys(state: &State, role: Role) -> Result<(MasterKey, MasterKey), DtlsError> {
    let profile = match state.srtp_protection_profile() {
        SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => Profile::AeadAes128Gcm,
        SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm => Profile::AeadAes256Gcm,
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => Profile::Aes128CmSha1_80,
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_32 => Profile::Aes128CmSha1_32,
        _ => return Err(DtlsError::NoProfile),
    };
    let (key, salt) = (profile.key_len(), profile.salt_len());
    let material = state.export_keying_material(EXPORTER, &[], 2 * (key + salt)).map_err(refused)?;
    let material: &[u8] = material.as_ref();
    // RFC 5764 section 4.2: both keys, the client's first, then both salts.
    let part = |at: usize| {
        let (key_at, salt_at) = (at * key, 2 * key + at * salt);
        let bytes = [&material[key_at..key_at + key], &material[salt_at..salt_at + salt]].concat();
        MasterKey::new(profile, &bytes).map_err(|error| DtlsError::Refused(error.to_string()))
    };
    let (client, server) = (part(0)?, part(1)?);
    Ok(match role {
        Role::Client => (client, server),
        Role::Server => (server, client),
    })
}

fn refused(error: Error) -> DtlsError {
    DtlsError::Refused(error.to_string())
}
