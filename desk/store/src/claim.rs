//! One server to a database: two would give offers twice and write each other's calls off as lost.
//!
//! On SQLite a lock on a file beside the database's, on PostgreSQL an advisory lock of a connection of its own. Both end with the process, so
//! that a crash leaves nothing to clear away.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write as _},
    path::Path,
    time::Duration,
};

use sqlx::{AnyConnection, Connection, Row};
use tokio::time::{Instant, sleep, timeout};

use crate::{Db, Engine, Error};

/// The lock's number: `Cari` in ASCII.
const LOCK: i64 = 0x4361_7269;
/// How long the last holder's end may take to be noticed.
const HANDOVER: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(100);
/// How often the connection that holds the lock is tried, and how long it may take to answer.
const TRY: Duration = Duration::from_secs(5);

/// `$1` is the lock. PostgreSQL's alone, so it is not among the statements both engines know.
const ACQUIRE: &str =
    "SELECT CAST(CASE WHEN pg_try_advisory_lock($1) THEN 1 ELSE 0 END AS BIGINT) AS held, CAST(pg_backend_pid() AS BIGINT) AS own";
const HOLDER: &str = "SELECT CAST(l.pid AS BIGINT) AS pid, COALESCE(CAST(a.client_addr AS TEXT), 'this machine') AS host FROM pg_locks l \
    LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND CAST(l.objid AS BIGINT) = $1 \
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const END: &str = "SELECT CAST(CASE WHEN pg_terminate_backend(CAST($1 AS INTEGER)) THEN 1 ELSE 0 END AS BIGINT) AS ended";

/// That this process is the database's server, until it is dropped.
#[must_use = "the database is claimed until this is dropped"]
pub struct Claim(Held);

enum Held {
    File(#[expect(dead_code, reason = "held, not read: the lock ends with it")] File),
    Connection { connection: Box<AnyConnection>, own: i64, url: String },
}

impl Db {
    /// Makes this process the database's one server.
    ///
    /// # Errors
    /// [`Error::Claimed`] when another one is; [`Error::Unavailable`].
    pub async fn claim(&self) -> Result<Claim, Error> {
        let deadline = Instant::now() + HANDOVER;
        loop {
            let claimed = match self.engine() {
                Engine::Sqlite => claim_file(Path::new(self.place())),
                Engine::Postgres => claim_connection(self.place()).await,
            };
            match claimed {
                Err(Error::Claimed { .. }) if Instant::now() < deadline => sleep(LOOK).await,
                other => return other.map(Claim),
            }
        }
    }
}

impl Claim {
    /// Returns when the claim has been lost to another server: the database went away and the other was faster when it came back.
    pub async fn lost(self) {
        let Held::Connection { mut connection, mut own, url } = self.0 else { return std::future::pending().await };
        loop {
            sleep(TRY).await;
            if matches!(timeout(TRY, connection.ping()).await, Ok(Ok(()))) {
                continue;
            }
            match claim_connection(&url).await {
                Ok(Held::Connection { connection: again, own: now, .. }) => {
                    tracing::warn!("the connection that claims the database was lost and is made again");
                    (connection, own) = (again, now);
                }
                // Where the network broke, our own old connection may live on at the server's end.
                Err(Error::Claimed { .. }) if end_own(&url, own).await => {}
                Err(Error::Claimed { .. }) => return,
                Ok(Held::File(_)) | Err(_) => {}
            }
        }
    }
}

/// The lock stands in a file of its own: SQLite's locks on the database's file are not ours to mix with.
fn claim_file(database: &Path) -> Result<Held, Error> {
    let path = database.with_added_extension("lock");
    let failed = |why: std::io::Error| Error::Address { url: format!("sqlite:{}", path.display()), why: why.to_string() };
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
            written.map_err(failed)?;
            Ok(Held::File(file))
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let known = file.read_to_string(&mut holder).is_ok() && !holder.is_empty();
            let by = if known { format!("process {holder}") } else { "another process".to_owned() };
            Err(Error::Claimed { by })
        }
        Err(TryLockError::Error(why)) => Err(failed(why)),
    }
}

async fn claim_connection(url: &str) -> Result<Held, Error> {
    let mut connection = crate::db::connect(url).await?;
    let got = sqlx::query(ACQUIRE).bind(LOCK).fetch_one(&mut connection).await.map_err(refused)?;
    let number = |column: &str| got.try_get::<i64, _>(column).map_err(refused);
    if number("held")? == 1 {
        return Ok(Held::Connection { own: number("own")?, connection: Box::new(connection), url: url.to_owned() });
    }
    let holder = sqlx::query(HOLDER).bind(LOCK).fetch_optional(&mut connection).await.map_err(refused)?;
    let host = holder.and_then(|row| row.try_get::<String, _>("host").ok());
    Err(Error::Claimed { by: host.map_or_else(|| "another connection".to_owned(), |host| format!("connected from {host}")) })
}

/// Ends our own lost connection, if it is what holds the lock.
async fn end_own(url: &str, own: i64) -> bool {
    let Ok(mut connection) = crate::db::connect(url).await else { return false };
    let holder = sqlx::query(HOLDER).bind(LOCK).fetch_optional(&mut connection).await;
    let is_own = holder.is_ok_and(|row| row.is_none_or(|row| row.try_get::<i64, _>("pid").is_ok_and(|pid| pid == own)));
    is_own && sqlx::query(END).bind(own).fetch_one(&mut connection).await.is_ok()
}

fn refused(error: sqlx::Error) -> Error {
    Error::from_sqlx("claim", error)
}
