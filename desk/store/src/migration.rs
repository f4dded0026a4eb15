//! The schema's steps, embedded. An applied file is never edited: a change is a new step (expand, move, contract).
//!
//! All steps so far are the same text on both engines. One that cannot be goes to a folder of its engine beside `common`.

use std::borrow::Cow;

use sqlx::{
    AnyConnection, SqlSafeStr,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::{
    Db, Error,
    query::{Q, statements},
};

/// The schema's last step: what this program works with.
pub const SCHEMA: i64 = COMMON[COMMON.len() - 1].0;

/// The oldest schema whose backups are restored as they are: new columns take their default, new tables stay empty. A step that computes what
/// it adds from what was there raises this.
pub const OLDEST_RESTORED: i64 = 4;

macro_rules! steps {
    ($($version:literal $name:literal),+ $(,)?) => {
        &[$(($version, $name, include_str!(concat!("../migrations/common/", $name, ".sql")))),+]
    };
}

const COMMON: &[(i64, &str, &str)] = steps![
    1 "0001_people_and_phones",
    2 "0002_queues_and_trunks",
    3 "0003_journal",
    4 "0004_calls_and_recordings",
    5 "0005_audit",
    6 "0006_sip_messages",
    7 "0007_bindings_have_a_preference",
    20 "0020_dialling",
    21 "0021_abandoned_calls",
    22 "0022_dispositions",
    30 "0030_trunk_accounts",
    31 "0031_paths_and_large_requests",
    40 "0040_media_security",
    45 "0045_telephones_and_keys",
    50 "0050_passwords",
    61 "0061_recording_links",
    62 "0062_recordings_are_kept_for_a_while",
    63 "0063_what_agents_are_shown",
    71 "0071_recording_files",
    81 "0081_phones_of_pages",
    91 "0091_mail_and_sessions",
    92 "0092_calls_without_their_recording",
    101 "0101_second_factors",
    102 "0102_disabled_people",
    103 "0103_sessions_by_a_provider",
    111 "0111_agents_log_in_paused",
    121 "0121_quiet_stretches",
    122 "0122_saved_filters",
    131 "0131_who_listened",
    132 "0132_waits_that_ended_with_an_answer",
];

/// Brings the schema up to this version of the program; does nothing when it already is.
pub(crate) async fn run(connection: &mut AnyConnection) -> Result<(), MigrateError> {
    let steps = COMMON
        .iter()
        .map(|(version, name, sql)| Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql.into_sql_str(), false));
    Migrator::with_migrations(steps.collect()).run(connection).await
}

statements! { "database":
    STEP = "SELECT MAX(version) AS step FROM _sqlx_migrations";
    MIXES_CASE = "SELECT CAST(CASE WHEN 'a' < 'B' THEN 1 ELSE 0 END AS BIGINT) AS mixes";
}

impl Db {
    /// The last step of the schema that the database has taken; 0: none, or it is not ours.
    pub async fn schema(&self) -> i64 {
        let step = Q::of(&STEP).optional(self, |row| row.opt_int("step")).await;
        step.ok().flatten().flatten().unwrap_or(0)
    }

    /// Whether texts sort by their bytes, as lists expect (`LC_COLLATE C`). SQLite always does.
    ///
    /// # Errors
    /// As every read.
    pub async fn sorts_by_bytes(&self) -> Result<bool, Error> {
        Ok(Q::of(&MIXES_CASE).optional(self, |row| row.flag("mixes")).await? == Some(false))
    }
}
