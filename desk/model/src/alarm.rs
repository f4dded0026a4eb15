//! What somebody has to look after while calls go on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CertificateTrouble, StorageTrouble, TrunkTrouble};

/// Something is wrong with the server itself. Each is raised once, stands, and is cleared once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// The database refuses: facts wait in the spool file.
    DatabaseRefuses,
    /// Neither the database nor the spool file takes facts: they wait in memory, and new calls are refused.
    FactsUnwritten,
    /// The disk takes no recordings. It stands until one is written again.
    RecordingsRefused,
    /// A media thread failed by a fault of this program; its calls were ended. It stands until the server is restarted.
    MediaThreadLost,
    /// The server's certificate ends within 14 days, or a newer one cannot be used.
    CertificateEnds,
    /// The object store takes no recordings: they wait on the disk and are taken there once it does.
    RecordingsWait,
    /// A trunk cannot be had: its registration does not hold, it does not answer, or nobody knows where it is.
    TrunkDown,
    /// In a call nothing is heard of one side: audio goes one way alone.
    OneWayAudio,
}

impl Alarm {
    /// Every alarm there is.
    pub const ALL: [Self; 8] = [
        Self::DatabaseRefuses,
        Self::FactsUnwritten,
        Self::RecordingsRefused,
        Self::MediaThreadLost,
        Self::CertificateEnds,
        Self::RecordingsWait,
        Self::TrunkDown,
        Self::OneWayAudio,
    ];

    /// Its name, as in facts and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::DatabaseRefuses => "database_refuses",
            Self::FactsUnwritten => "facts_unwritten",
            Self::RecordingsRefused => "recordings_refused",
            Self::MediaThreadLost => "media_thread_lost",
            Self::CertificateEnds => "certificate_ends",
            Self::RecordingsWait => "recordings_wait",
            Self::TrunkDown => "trunk_down",
            Self::OneWayAudio => "one_way_audio",
        }
    }
}

/// What is known of an alarm beside its name. An alarm has none where its name says all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum AlarmCause {
    /// Of `recordings_refused`: what the disk says.
    #[error("the disk refuses: {said}")]
    Disk {
        /// Why.
        why: StorageTrouble,
        /// The system's words, for whoever mends it.
        said: String,
    },
    /// Of `recordings_wait`: what the object store says.
    #[error("{waiting} wait, the object store refuses: {said}")]
    ObjectStore {
        /// Recordings that wait on the disk.
        waiting: u64,
        /// Why.
        why: StorageTrouble,
        /// The store's words, for whoever mends it.
        said: String,
    },
    /// Of `media_thread_lost`: how many of them.
    #[error("{threads} media threads failed")]
    MediaThreads {
        /// Threads that failed since the server started.
        threads: u64,
    },
    /// Of `certificate_ends`: when the one in use does.
    #[error("the certificate ends at {at}")]
    CertificateEnds {
        /// When.
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        at: Timestamp,
    },
    /// Of `certificate_ends`: a newer one is not used, and the old one stays.
    #[error("the new certificate is not used, the old one stays: {why}")]
    CertificateNotUsed {
        /// Why.
        why: CertificateTrouble,
    },
    /// Of `trunk_down`: one of the trunks that cannot be had.
    #[error("{name}: {}", listed(troubles))]
    Trunk {
        /// The trunk's name.
        name: String,
        /// What is wrong with it.
        troubles: Vec<TrunkTrouble>,
    },
    /// Of `one_way_audio`: how many are not heard.
    #[error("nothing comes from {parties} of the parties who talk")]
    Unheard {
        /// Parties of whom nothing comes though somebody listens to them.
        parties: u64,
    },
}

/// Several things that are wrong, as one text for the log.
pub fn listed(troubles: &[impl ToString]) -> String {
    troubles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_has_one_name_everywhere() {
        for alarm in Alarm::ALL {
            assert_eq!(serde_json::to_value(alarm).expect("JSON"), alarm.name());
        }
    }

    #[test]
    fn an_alarm_of_an_older_server_whose_words_were_english_is_still_read() {
        let old = r#"{"type":"alarm.raised","data":{"alarm":"trunk_down","detail":"carrier: The registrar does not answer."}}"#;
        let read: crate::Fact = serde_json::from_str(old).expect("a fact");
        assert_eq!(read, crate::Fact::AlarmRaised { alarm: Alarm::TrunkDown, causes: vec![] });
    }
}
