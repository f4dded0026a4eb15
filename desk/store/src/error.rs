//! What can go wrong with the database, told apart where it happens.

use sqlx::error::{DatabaseError, ErrorKind};

/// An error of the store. "Not found" is not among them: it is `Ok(None)`, or `Ok(false)` for a deletion.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database cannot be reached, is locked, full, read-only, or too slow. The same may succeed later.
    #[error("the database cannot be reached or refuses to work: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The database cannot be opened.
    #[error("the database {place} cannot be reached: {why}")]
    Unreachable {
        /// Where it is looked for, without its password.
        place: String,
        /// Why not, for who has to mend it.
        why: String,
    },
    /// Another server works with this database.
    #[error("another server has this database ({by}): two must never share one")]
    Claimed {
        /// What is known of it.
        by: String,
    },
    /// Another row has the same name, number or address.
    #[error("another {table} has the same name, number or address")]
    Taken {
        /// Where.
        table: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The row was changed by somebody else since it was read.
    #[error("this {table} was changed in the meantime: read it again")]
    Stale {
        /// Where.
        table: &'static str,
    },
    /// A foreign key does not hold: the row names something that is not there, or something still names the row.
    #[error("this {table} names something that does not exist, or is still in use")]
    Linked {
        /// Where.
        table: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A value the schema does not take.
    #[error("a value of this {table} is out of its range: {source}")]
    Invalid {
        /// Where.
        table: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A list was to go on from a place that is none of its own.
    #[error("not where a page of this list ended, or of another order")]
    Cursor,
    /// A row holds what this program never writes.
    #[error("impossible row: {table}.{column} of row {row}: {why}")]
    Impossible {
        /// Where.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// The row's first column, its key in most tables.
        row: String,
        /// What is wrong with it.
        why: String,
    },
    /// A statement the database does not understand, or another fault of this program.
    #[error("a statement on {table} failed: {source}")]
    Fault {
        /// Where.
        table: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date: {0}")]
    Schema(#[source] sqlx::migrate::MigrateError),
    /// The schema is another version's, and is not to be changed.
    #[error("{}", other_schema(*found, *ours))]
    OtherSchema {
        /// The database's step; 0: it has no schema yet.
        found: i64,
        /// This program's.
        ours: i64,
    },
    /// A row of a backup does not fit its table.
    #[error("a row does not fit table {table}: {why}")]
    Misfit {
        /// Which table.
        table: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The address of the database makes no sense.
    #[error("database address {url:?}: {why}")]
    Address {
        /// As configured, without its password.
        url: String,
        /// What is wrong with it.
        why: String,
    },
}

/// What a caller can do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Try again later (503).
    Unavailable,
    /// Read again, choose another name, or remove what refers to it (409).
    Conflict,
    /// Send another value (422).
    Invalid,
    /// Nothing: a fault of the program or of the data (500).
    Fault,
}

impl Error {
    /// What a caller can do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Unavailable(_) | Self::Unreachable { .. } | Self::Claimed { .. } => Class::Unavailable,
            Self::Taken { .. } | Self::Stale { .. } | Self::Linked { .. } => Class::Conflict,
            Self::Invalid { .. } | Self::Cursor | Self::Misfit { .. } => Class::Invalid,
            Self::Impossible { .. } | Self::Fault { .. } | Self::Schema(_) | Self::OtherSchema { .. } | Self::Address { .. } => {
                Class::Fault
            }
        }
    }

    /// Whether the same may succeed later without anything being changed.
    pub fn is_unavailable(&self) -> bool {
        self.class() == Class::Unavailable
    }

    /// Classifies what sqlx says about a statement on `table`.
    pub(crate) fn from_sqlx(table: &'static str, source: sqlx::Error) -> Self {
        match &source {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Unavailable(source),
            sqlx::Error::Database(refusal) => match refusal.kind() {
                ErrorKind::UniqueViolation => Self::Taken { table, source },
                ErrorKind::ForeignKeyViolation => Self::Linked { table, source },
                ErrorKind::NotNullViolation | ErrorKind::CheckViolation => Self::Invalid { table, source },
                _ if may_pass(refusal.as_ref()) => Self::Unavailable(source),
                _ => Self::Fault { table, source },
            },
            _ => Self::Fault { table, source },
        }
    }
}

fn other_schema(found: i64, ours: i64) -> String {
    match found {
        0 => "the database has no schema yet: no server has used it".to_owned(),
        _ if found > ours => format!("the database belongs to a newer version (schema {found}, this one has {ours}): use that version"),
        _ => {
            format!("the database belongs to an older version (schema {found}, this one has {ours}): use that one, or start this one first")
        }
    }
}

/// Whether the database's refusal has to do with its state and not with the statement.
fn may_pass(refusal: &dyn DatabaseError) -> bool {
    let Some(code) = refusal.code() else { return false };
    match code.parse::<u32>() {
        // SQLite: primary result code in the low byte. BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
        Ok(extended) if code.len() < 5 => matches!(extended & 0xFF, 5 | 6 | 7 | 8 | 9 | 10 | 11 | 13 | 14 | 15 | 26),
        // PostgreSQL: connection, read-only transaction, rollback (serialization, deadlock), resources, operator's hand, system error, lock not available.
        _ => ["08", "25006", "40", "53", "57", "58", "55P03"].iter().any(|class| code.starts_with(class)),
    }
}
