//! The certificate in use, and the files it comes from.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use carillon_model::{AlarmCause, CertificateTrouble};
use jiff::{Timestamp, ToSpan};
use rustls::{
    SignatureScheme,
    client::ResolvesClientCert,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::expiry;
use crate::telemetry::names;

/// How long before its end a certificate is complained of.
const AHEAD_DAYS: i64 = 14;

/// A certificate with its key, from two files that may change while the server runs.
pub struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    state: Mutex<State>,
}

struct State {
    expires: Timestamp,
    /// What the files held when they were last looked at, good or bad.
    seen: Option<[Vec<u8>; 2]>,
    /// Why the files as they are now are not used.
    refused: Option<CertificateTrouble>,
    /// The day on which its end was last warned of.
    warned: Option<jiff::civil::Date>,
}

/// How the certificate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// When the one in use ends.
    pub expires: Timestamp,
    /// Why newer files are not in use.
    pub refused: Option<CertificateTrouble>,
}

impl Certificates {
    /// Reads both files.
    ///
    /// # Errors
    /// One cannot be read or does not hold what it should, the key is of another certificate, or its time is over: with file and reason.
    pub fn load(certificate: &Path, key: &Path) -> anyhow::Result<Arc<Self>> {
        let seen = read(certificate, key)?;
        let (current, expires) = pair(certificate, key, &seen)?;
        let certificates = Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(current)),
            state: Mutex::new(State { expires, seen: Some(seen), refused: None, warned: None }),
        };
        certificates.tell();
        Ok(Arc::new(certificates))
    }

    /// Takes up what the files hold now. What cannot be used is complained of, once, and the one in use stays.
    pub fn refresh(&self) {
        let read = read(&self.certificate, &self.key);
        let mut state = self.state();
        if let (Ok(now), Some(seen)) = (&read, &state.seen)
            && now == seen
        {
            drop(state);
            return self.tell();
        }
        let read = read.and_then(|held| {
            state.seen = Some(held.clone());
            pair(&self.certificate, &self.key, &held)
        });
        match read {
            Ok((current, expires)) => {
                tracing::info!(certificate = %self.certificate.display(), %expires, "a new certificate is in use");
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
                (state.expires, state.refused) = (expires, None);
            }
            Err(why) => {
                if state.refused.as_ref() != Some(&why) {
                    tracing::error!("a new certificate is not used, the old one stays: {why}");
                }
                state.refused = Some(why);
            }
        }
        drop(state);
        self.tell();
    }

    /// How it stands now.
    pub fn standing(&self) -> Standing {
        let state = self.state();
        Standing { expires: state.expires, refused: state.refused.clone() }
    }

    /// What is wrong with it: it ends soon, or newer files cannot be used.
    pub fn complaint(&self) -> Option<AlarmCause> {
        let Standing { expires, refused } = self.standing();
        if let Some(why) = refused {
            return Some(AlarmCause::CertificateNotUsed { why });
        }
        let ends_soon = expires.duration_since(Timestamp::now()).as_hours() < AHEAD_DAYS * 24;
        ends_soon.then_some(AlarmCause::CertificateEnds { at: expires })
    }

    fn tell(&self) {
        let standing = self.standing();
        metrics::gauge!(names::CERTIFICATE_EXPIRES).set(standing.expires.as_second() as f64);
        metrics::gauge!(names::CERTIFICATE_REFUSED).set(if standing.refused.is_some() { 1.0 } else { 0.0 });
        let now = Timestamp::now();
        let today = Some(now.to_zoned(jiff::tz::TimeZone::UTC).date());
        let ends_soon = standing.expires.duration_since(now).as_hours() < AHEAD_DAYS * 24;
        if ends_soon && std::mem::replace(&mut self.state().warned, today) != today {
            tracing::warn!(certificate = %self.certificate.display(), expires = %standing.expires, "the certificate ends soon: renew it");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Where we connect and are asked who we are.
impl ResolvesClientCert for Certificates {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

fn read(certificate: &Path, key: &Path) -> Result<[Vec<u8>; 2], CertificateTrouble> {
    let held = |setting: &str, path: &Path| {
        let unreadable = |error: std::io::Error| (setting.to_owned(), path.display().to_string(), error.to_string());
        fs::read(path).map_err(unreadable).map_err(|(setting, file, said)| CertificateTrouble::Unreadable { setting, file, said })
    };
    Ok([held("certificate", certificate)?, held("key", key)?])
}

fn pair(certificate: &Path, key: &Path, [chain, private]: &[Vec<u8>; 2]) -> Result<(CertifiedKey, Timestamp), CertificateTrouble> {
    let file = || certificate.display().to_string();
    let none = || CertificateTrouble::NoCertificate { file: file() };
    let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>().map_err(|_| none())?;
    let expires = chain.first().and_then(|first| expiry::of(first)).ok_or_else(none)?;
    if expires <= Timestamp::now() {
        return Err(CertificateTrouble::Over { file: file(), at: expires });
    }
    let key_file = || key.display().to_string();
    let private = PrivateKeyDer::from_pem_slice(private).map_err(|_| CertificateTrouble::NoKey { file: key_file() })?;
    let pair = CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider())
        .map_err(|_| CertificateTrouble::OtherKey { key: key_file(), certificate: file() })?;
    Ok((pair, expires))
}

/// Whether a certificate lasts so long that it need not be made anew.
pub(super) fn lasts(certificate: &Path, key: &Path) -> bool {
    let soon = Timestamp::now().checked_add((AHEAD_DAYS * 2 * 24).hours());
    let found = read(certificate, key).and_then(|held| pair(certificate, key, &held));
    matches!((found, soon), (Ok((_, expires)), Ok(soon)) if expires > soon)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files(tempfile::TempDir);

    impl Files {
        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, certificate: &str, key: &str) {
            fs::write(self.path("certificate.pem"), certificate).expect("a file");
            fs::write(self.path("key.pem"), key).expect("a file");
        }

        fn load(&self) -> anyhow::Result<Arc<Certificates>> {
            Certificates::load(&self.path("certificate.pem"), &self.path("key.pem"))
        }
    }

    fn ending(year: i32) -> (String, String) {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        parameters.not_after = rcgen::date_time_ymd(year, 3, 1);
        (parameters.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
    }

    /// One that ends so many days from now.
    fn ending_in(days: u64) -> (String, String) {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        parameters.not_after = (std::time::SystemTime::now() + std::time::Duration::from_secs(days * 24 * 3600)).into();
        (parameters.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
    }

    #[test]
    fn two_weeks_before_its_end_and_while_a_newer_one_is_no_good_it_is_complained_of() {
        let (files, soon, later) = (files(), ending_in(13), ending_in(15));
        files.write(&soon.0, &soon.1);
        let certificates = files.load().expect("a certificate");
        assert!(matches!(certificates.complaint(), Some(AlarmCause::CertificateEnds { .. })));
        files.write(&later.0, &soon.1);
        certificates.refresh();
        assert!(matches!(certificates.complaint(), Some(AlarmCause::CertificateNotUsed { why: CertificateTrouble::OtherKey { .. } })));
        files.write(&later.0, &later.1);
        certificates.refresh();
        assert_eq!(certificates.complaint(), None);
    }

    fn files() -> Files {
        Files(tempfile::tempdir().expect("a folder"))
    }

    #[test]
    fn a_start_with_a_bad_certificate_names_the_file_and_the_reason() {
        let (files, good, other, over) = (files(), ending(2090), ending(2091), ending(2020));
        let said = |certificate: &str, key: &str| {
            files.write(certificate, key);
            format!("{:#}", files.load().expect_err("refused"))
        };
        for (said, parts) in [
            (said("", &good.1), ["tls.certificate: ", "no certificate in it"]),
            (said("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &good.1), ["certificate.pem", "no certificate"]),
            (said(&good.0, "not a key"), ["tls.key: ", "key.pem"]),
            (said(&good.0, &other.1), ["tls.key: ", "does not go with"]),
            (said(&over.0, &over.1), ["certificate.pem", "ended at 2020-03-01"]),
        ] {
            assert!(parts.iter().all(|part| said.contains(part)), "{said}");
        }
        let gone = Certificates::load(&files.path("none.pem"), &files.path("key.pem")).expect_err("refused");
        assert!(format!("{gone:#}").contains("none.pem cannot be read"), "{gone:#}");
    }

    #[test]
    fn a_changed_file_is_taken_up_and_a_bad_one_leaves_the_old_in_use() {
        let (files, first, second) = (files(), ending(2090), ending(2091));
        files.write(&first.0, &first.1);
        let certificates = files.load().expect("a good pair");
        let year = || certificates.standing().expires.to_string()[..4].to_owned();
        assert_eq!(year(), "2090");
        // Half written: the certificate is there, its key still is the old one's.
        files.write(&second.0, &first.1);
        certificates.refresh();
        assert_eq!(year(), "2090");
        assert!(matches!(certificates.standing().refused, Some(CertificateTrouble::OtherKey { .. })));
        files.write(&second.0, &second.1);
        certificates.refresh();
        assert_eq!((year().as_str(), certificates.standing().refused), ("2091", None));
        fs::remove_file(files.path("key.pem")).expect("the file goes");
        certificates.refresh();
        assert_eq!(year(), "2091");
        assert!(matches!(certificates.standing().refused, Some(CertificateTrouble::Unreadable { .. })));
    }
}
