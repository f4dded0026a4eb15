//! The schema's steps, embedded. An applied file is never edited: a change is a new step (expand, move, contract).
//!
//! All steps so far are the same text on both engines. One that cannot be goes to a folder of its engine beside `common`.

use std::borrow::Cow;

use sqlx::{
    AnyPool, SqlSafeStr,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

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
];

/// Brings the schema up to this version of the program; does nothing when it already is.
pub(crate) async fn run(pool: &AnyPool) -> Result<(), MigrateError> {
    let steps = COMMON
        .iter()
        .map(|(version, name, sql)| Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql.into_sql_str(), false));
    Migrator::with_migrations(steps.collect()).run(pool).await
}
