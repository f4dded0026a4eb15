//! The database itself: opening, reading, writing.

use std::{fmt, path::Path, time::Duration};

use sqlx::{
    Any, AnyConnection, AnyPool, Executor, Transaction,
    any::{AnyPoolOptions, install_default_drivers},
};

use crate::{Error, migration};

/// How long a reader or writer waits for its turn, or a connection for its server.
const TURN: Duration = Duration::from_secs(5);

/// Readers at once.
const READERS: u32 = 8;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file of this server's own.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// The database, open. Clones share its connections.
///
/// Read by giving `&db` to a repository's function; write by [`Db::write`].
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    writer: AnyPool,
    reader: AnyPool,
}

impl Db {
    /// Opens `sqlite:PATH` (made if it is missing, readable by its owner only) or `postgres://...`, and brings the schema up to date.
    ///
    /// SQLite runs in WAL mode with `synchronous=FULL`: what is committed survives a power cut, and the journal's group commits
    /// keep that affordable. One writer at a time on both engines; on SQLite anything else ends in `database is locked`.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unavailable`], [`Error::Schema`].
    pub async fn open(url: &str) -> Result<Self, Error> {
        install_default_drivers();
        let (engine, url) = match url.split_once(':') {
            Some(("sqlite", path)) => (Engine::Sqlite, sqlite_url(path)?),
            Some(("postgres" | "postgresql", _)) => (Engine::Postgres, url.to_owned()),
            _ => return Err(Error::Address { url: without_password(url), why: "expected sqlite:PATH or postgres://...".to_owned() }),
        };
        let failed = |error| match error {
            sqlx::Error::Configuration(why) => Error::Address { url: without_password(&url), why: why.to_string() },
            other => Error::Unavailable(other),
        };
        let writer = options(engine, Access::Write).connect(&url).await.map_err(failed)?;
        migration::run(&writer).await.map_err(Error::Schema)?;
        let reader = options(engine, Access::Read).connect(&url).await.map_err(failed)?;
        Ok(Self { engine, writer, reader })
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Begins a transaction that may write. It holds the one writer's place: await nothing but the database until it ends.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn write(&self) -> Result<Write, Error> {
        let transaction = match self.engine {
            // A transaction that reads first and writes later fails at once when another wrote in between (SQLITE_BUSY_SNAPSHOT):
            // take the write lock at the beginning.
            Engine::Sqlite => self.writer.begin_with("BEGIN IMMEDIATE").await,
            Engine::Postgres => self.writer.begin().await,
        };
        transaction.map(|transaction| Write { transaction }).map_err(|error| Error::from_sqlx("transaction", error))
    }

    /// Whether the database answers: for a readiness check.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.reader).await.map(|_| ()).map_err(|error| Error::from_sqlx("connection", error))
    }

    /// Closes every connection; later use of any clone fails with [`Error::Unavailable`].
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Asks the database to prepare a text without running it.
    #[doc(hidden)]
    pub async fn prepare(&self, sql: String) -> Result<(), Error> {
        let prepared = self.reader.prepare(sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(sql))).await;
        prepared.map(|_| ()).map_err(|error| Error::from_sqlx("statement", error))
    }

    pub(crate) fn reader(&self) -> &AnyPool {
        &self.reader
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// A transaction that may write; dropped without [`Write::commit`], it leaves no trace.
#[must_use = "a transaction that is not committed leaves no trace"]
pub struct Write {
    transaction: Transaction<'static, Any>,
}

impl Write {
    /// Makes all of it last.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: it may or may not have been committed when the connection broke in the middle.
    pub async fn commit(self) -> Result<(), Error> {
        self.transaction.commit().await.map_err(|error| Error::from_sqlx("transaction", error))
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

#[derive(Clone, Copy)]
enum Access {
    Read,
    Write,
}

fn options(engine: Engine, access: Access) -> AnyPoolOptions {
    let pool = AnyPoolOptions::new().acquire_timeout(TURN);
    let pool = match access {
        Access::Read => pool.max_connections(READERS),
        Access::Write => pool.max_connections(1),
    };
    match engine {
        Engine::Sqlite => pool
            .max_lifetime(None)
            .idle_timeout(None)
            .after_connect(move |connection, _| Box::pin(async move { connection.execute(pragmas(access)).await.map(|_| ()) })),
        Engine::Postgres => pool,
    }
}

fn pragmas(access: Access) -> &'static str {
    match access {
        Access::Write => {
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536"
        }
        Access::Read => "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384; PRAGMA query_only = ON",
    }
}

/// Makes the file, private to its owner since it holds password hashes, and the URL sqlx opens it by.
fn sqlite_url(path: &str) -> Result<String, Error> {
    let path = path.strip_prefix("//").unwrap_or(path);
    let failed = |why: String| Error::Address { url: format!("sqlite:{path}"), why };
    if path.is_empty() || path.contains('?') || path == ":memory:" {
        return Err(failed("expected the path of a file, without options".to_owned()));
    }
    let mut file = std::fs::OpenOptions::new();
    file.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file.open(Path::new(path)).map_err(|error| failed(error.to_string()))?;
    Ok(format!("sqlite:{}?mode=rw", path.replace('%', "%25").replace('#', "%23")))
}

fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}{user}{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}
