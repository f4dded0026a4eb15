//! What is wrong outside, as a code with what belongs to it: each desktop has the words in its reader's language. `Display` is for the log.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is wrong with a trunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum TrunkTrouble {
    /// The DNS does not say where it is.
    #[error("the DNS does not say where it is: {}{}", why.said(), if *last_known { "; where it was last is taken" } else { "" })]
    NotLocated {
        /// Why.
        why: DnsTrouble,
        /// Whether calls go where it was last.
        last_known: bool,
    },
    /// The registrar does not answer.
    #[error("the registrar does not answer")]
    RegistrarSilent,
    /// The registrar refuses our password.
    #[error("the registrar refuses our password")]
    WrongPassword,
    /// The registrar asks for the proof of another realm than is set: it got none.
    #[error("the registrar asks for the realm \"{asked}\", and \"{configured}\" is set: it got no proof of our password")]
    OtherRealm {
        /// The realm it asks for.
        asked: String,
        /// The realm that is set.
        configured: String,
    },
    /// This server does not listen for the trunk's transport, so it cannot call by it either.
    #[error("this server does not listen for {transport}: set sip.{transport} in the configuration")]
    NotListening {
        /// `udp`, `tcp` or `tls`: the setting is `sip.` and this.
        transport: String,
    },
    /// The registrar answers that we may not register.
    #[error("the registrar answers {status}")]
    RegistrationRefused {
        /// The SIP status it answers.
        status: u16,
    },
    /// It does not answer OPTIONS.
    #[error("it does not answer OPTIONS")]
    OptionsUnanswered,
}

/// Why the DNS does not say where a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DnsTrouble {
    /// No server answers usefully.
    Unanswered,
    /// All questions together took too long.
    TooSlow,
    /// There is no such name, or it has no address.
    NoSuchName,
}

impl DnsTrouble {
    fn said(self) -> &'static str {
        match self {
            Self::Unanswered => "no server answers usefully",
            Self::TooSlow => "it takes too long",
            Self::NoSuchName => "there is no address of that name",
        }
    }
}

/// Why the files of a certificate are not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum CertificateTrouble {
    /// A file cannot be read.
    #[error("tls.{setting}: {file} cannot be read: {said}")]
    Unreadable {
        /// The setting that names it: `certificate` or `key`.
        setting: String,
        /// The file.
        file: String,
        /// What the system says of it.
        said: String,
    },
    /// There is no certificate in the file.
    #[error("tls.certificate: {file}: there is no certificate in it")]
    NoCertificate {
        /// The file.
        file: String,
    },
    /// There is no key in the file.
    #[error("tls.key: {file}: there is no key in it")]
    NoKey {
        /// The file.
        file: String,
    },
    /// Its time is over.
    #[error("tls.certificate: {file}: it ended at {at}")]
    Over {
        /// The file.
        file: String,
        /// When.
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        at: Timestamp,
    },
    /// The key is of another certificate.
    #[error("tls.key: {key} does not go with {certificate}")]
    OtherKey {
        /// The file of the key.
        key: String,
        /// The file of the certificate.
        certificate: String,
    },
}

/// Why a disk or a store takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StorageTrouble {
    /// No room is left.
    Full,
    /// It may be read only.
    ReadOnly,
    /// This server may not write there.
    Forbidden,
    /// The folder or the bucket is not there.
    Missing,
    /// It cannot be reached, or anything else: what it says tells.
    Other,
}
