//! The database, and what is checked against it: the dialplan's names, its sounds, the clock.

use std::path::Path;

use carillon_store::{Db, SCHEMA, epoch};
use jiff::{SignedDuration, Timestamp};

use super::Finding;
use crate::{config::Config, dispatch::Snapshot, server::read_plan, sounds::Shelf};

/// Clocks of two machines differ this much without anybody having set one back.
const APART: SignedDuration = SignedDuration::from_secs(60);

/// Looks without changing anything. A database that is not there yet, or is of an older version, is made or brought up to date by the start.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let file = config.database.url.strip_prefix("sqlite:");
    if file.is_some_and(|file| !Path::new(file).exists()) {
        return sounds_of(config);
    }
    let db = match Db::open_whatever_it_is(&config.database.url).await {
        Ok(db) => db,
        Err(error) => return vec![Finding::grave(error.to_string())],
    };
    let found = match db.schema().await {
        SCHEMA => of_schema(config, &db).await,
        newer if newer > SCHEMA => vec![Finding::grave(format!(
            "the database belongs to a newer version (schema {newer}, this one has {SCHEMA}): use that version"
        ))],
        _ => sounds_of(config),
    };
    db.close().await;
    found
}

async fn of_schema(config: &Config, db: &Db) -> Vec<Finding> {
    let mut found = of_open_database(db, Timestamp::now()).await;
    match Snapshot::load(db).await {
        Ok(directory) => match read_plan(config, &directory) {
            Ok(_) => found.extend(sounds_of(config)),
            Err(error) => found.push(Finding::grave(format!("{error:#}"))),
        },
        Err(error) => found.push(Finding::grave(format!("{error:#}"))),
    }
    found
}

/// What the database says of itself, and of the clock.
pub async fn of_open_database(db: &Db, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    match db.sorts_by_bytes().await {
        Ok(true) => {}
        Ok(false) => found.push(Finding::warning(
            "the database does not sort by LC_COLLATE 'C': lists sort names otherwise than SQLite does, and its indexes break when the system's \
             language data changes. Make it anew as docs/OPERATIONS.md says (Databases), by backup and restore",
        )),
        Err(error) => found.push(Finding::grave(error.to_string())),
    }
    if let Ok(Some(last)) = epoch::last(db).await
        && last.alive_at.duration_since(now) > APART
    {
        found.push(Finding::warning(format!(
            "the clock is behind: the last server on this database ran at {}, and it is {now} here. Was it set back? New calls would be \
             listed before older ones",
            last.alive_at
        )));
    }
    found
}

fn sounds_of(config: &Config) -> Vec<Finding> {
    let loaded = Shelf::of(config).load();
    loaded.err().map(|error| Finding::grave(format!("{error:#}"))).into_iter().collect()
}
