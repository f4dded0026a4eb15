//! What the database adds to an entity, and the optimistic lock.

use jiff::Timestamp;

use crate::{
    Error, Write,
    query::{Q, Row, Statement},
};

/// An entity as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// The entity.
    pub entity: T,
    /// Grows with each change; an update names the one it read.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl<T> Stored<T> {
    pub(crate) fn read(row: &Row, entity: T) -> Result<Self, Error> {
        Ok(Self { entity, version: row.int("version")?, created_at: row.at("created_at")?, updated_at: row.at("updated_at")? })
    }
}

/// Runs an `UPDATE .. WHERE id = $1 AND version = $2` and tells the three ways it can go: the new version, `None` when there is no
/// such row, [`Error::Stale`] when the row has another version. `find` selects the row's version by its id.
pub(crate) async fn update(write: &mut Write, change: Q, find: &'static Statement, id: String, version: i64) -> Result<Option<i64>, Error> {
    if change.run(write).await? == 1 {
        return Ok(Some(version + 1));
    }
    match Q::of(find).bind(id).optional(write, |row| row.int::<i64>("version")).await? {
        None => Ok(None),
        Some(_) => Err(Error::Stale { table: find.table }),
    }
}

/// The form a login is compared in. Folded here and not by the databases, which disagree beyond ASCII.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}
