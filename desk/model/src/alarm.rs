//! What somebody has to look after while calls go on.

use serde::{Deserialize, Serialize};

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
}

impl Alarm {
    /// Every alarm there is.
    pub const ALL: [Self; 7] = [
        Self::DatabaseRefuses,
        Self::FactsUnwritten,
        Self::RecordingsRefused,
        Self::MediaThreadLost,
        Self::CertificateEnds,
        Self::RecordingsWait,
        Self::TrunkDown,
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
        }
    }
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
}
