//! The database itself: opening, reading, writing.

use std::{
    fmt, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    AnyConnection, AnyPool, Connection, Executor,
    any::{AnyPoolOptions, install_default_drivers},
};
use tokio::time::timeout;

use crate::{
    Error,
    audit::Actor,
    migration,
    writer::{Turn, Writer},
};

/// How long anybody waits for a turn, or for a sign of life of the server.
pub(crate) const TURN: Duration = Duration::from_secs(2);

/// How long a writer other than the journal waits for its transaction to begin, and a check of the database's health for its answer.
const BEGINS_WITHIN: Duration = Duration::from_secs(2);

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
/// Read by giving `&db` to a repository's function; write by [`Db::write`]. While it is known to refuse ([`Db::note_refusal`]) both
/// fail at once, and nobody queues up behind a lock.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    /// SQLite: the file's path. PostgreSQL: the URL.
    place: Arc<str>,
    writer: Writer,
    reader: AnyPool,
    refusal: Arc<Refusal>,
}

/// What the database is known to refuse now.
#[derive(Default)]
struct Refusal {
    writes: AtomicBool,
    reads: AtomicBool,
}

impl Db {
    /// Opens `sqlite:PATH` (made if it is missing, readable by its owner only) or `postgres://...`, and brings the schema up to date.
    ///
    /// SQLite runs in WAL mode with `synchronous=FULL`: what is committed survives a power cut, and the journal's group commits
    /// keep that affordable. One writer at a time on both engines; on SQLite anything else ends in `database is locked`.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unreachable`], [`Error::Schema`].
    pub async fn open(url: &str) -> Result<Self, Error> {
        let (engine, place) = read_url(url)?;
        if engine == Engine::Sqlite {
            make_private_file(&place)?;
        }
        let db = Self::connected(engine, place).await?;
        db.writer.migrate().await?;
        Ok(db)
    }

    /// Opens a database that is there, and changes nothing in it.
    ///
    /// # Errors
    /// As [`Db::open`]; [`Error::OtherSchema`] where it is another version's.
    pub async fn open_as_it_is(url: &str) -> Result<Self, Error> {
        let db = Self::open_whatever_it_is(url).await?;
        match db.schema().await {
            migration::SCHEMA => Ok(db),
            found => Err(Error::OtherSchema { found, ours: migration::SCHEMA }),
        }
    }

    /// Opens a database that is there, of whatever version: only to look at it.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_whatever_it_is(url: &str) -> Result<Self, Error> {
        let (engine, place) = read_url(url)?;
        if engine == Engine::Sqlite && !Path::new(&place).exists() {
            return Err(Error::Address { url: format!("sqlite:{place}"), why: "there is no such file".to_owned() });
        }
        Self::connected(engine, place).await
    }

    /// Connects, so that what is wrong shows now and as it is: pools would only say that nobody answered in time.
    async fn connected(engine: Engine, place: String) -> Result<Self, Error> {
        install_default_drivers();
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}?mode=rw", place.replace('%', "%25").replace('#', "%23")),
            Engine::Postgres => place.clone(),
        };
        // Where it does not close well, the other end does.
        let _ = connect(&url).await?.close().await;
        let reader = readers(engine).connect_lazy(&url).map_err(|error| unreachable(&url, &error))?;
        Ok(Self { engine, writer: Writer::new(engine, &url), place: place.into(), reader, refusal: Arc::default() })
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Begins a transaction that may write. It holds the one writer's place: await nothing but the database until it ends.
    ///
    /// # Errors
    /// [`Error::Unavailable`], within two seconds; at once while the database is known to refuse.
    pub async fn write(&self) -> Result<Write, Error> {
        if self.refusal.writes.load(Ordering::Relaxed) {
            return Err(Error::Unavailable(sqlx::Error::PoolTimedOut));
        }
        match tokio::time::timeout(BEGINS_WITHIN, self.write_whatever()).await {
            Ok(begun) => begun,
            Err(_) => Err(Error::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    /// As [`Db::write`], for the one who finds out whether the database takes writes again: it asks even while it is known to refuse.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn write_whatever(&self) -> Result<Write, Error> {
        Ok(Write { turn: self.writer.begin().await?, actor: None })
    }

    /// The same on behalf of somebody: what the repositories of the set-up change in it is entered in the audit log.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn write_by(&self, actor: Actor) -> Result<Write, Error> {
        Ok(Write { actor: Some(actor), ..self.write().await? })
    }

    /// Whether the database answers: for a readiness check.
    ///
    /// # Errors
    /// [`Error::Unavailable`], within two seconds.
    pub async fn ping(&self) -> Result<(), Error> {
        match tokio::time::timeout(BEGINS_WITHIN, sqlx::query("SELECT 1").execute(&self.reader)).await {
            Ok(answer) => answer.map(|_| ()).map_err(|error| Error::from_sqlx("connection", error)),
            Err(_) => Err(Error::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Notes what the journal met: a database that takes no writes, or takes them again.
    pub fn note_refusal(&self, refuses: bool) {
        self.refusal.writes.store(refuses, Ordering::SeqCst);
        if !refuses {
            self.refusal.reads.store(false, Ordering::SeqCst);
        }
    }

    /// Finds out whether a database that takes no writes still reads: a full disk does, a server that is gone does not.
    pub async fn look_whether_it_reads(&self) {
        let reads = self.ping().await.is_ok();
        self.refusal.reads.store(!reads, Ordering::SeqCst);
        // Meanwhile all may be well again.
        if !self.refusal.writes.load(Ordering::SeqCst) {
            self.refusal.reads.store(false, Ordering::SeqCst);
        }
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

    /// Whether it is known that nothing can be read.
    pub(crate) fn refuses_reads(&self) -> bool {
        self.refusal.reads.load(Ordering::Relaxed)
    }

    /// SQLite: the file's path. PostgreSQL: the URL, password and all.
    pub(crate) fn place(&self) -> &str {
        &self.place
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
    turn: Turn,
    actor: Option<Actor>,
}

impl Write {
    /// Makes all of it last.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: it may or may not have been committed when the connection broke in the middle.
    pub async fn commit(self) -> Result<(), Error> {
        self.turn.commit().await.map_err(|error| Error::from_sqlx("transaction", error))
    }

    /// On whose behalf it changes the set-up.
    pub(crate) fn actor(&mut self) -> Option<&mut Actor> {
        self.actor.as_mut()
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        self.turn.connection()
    }
}

fn readers(engine: Engine) -> AnyPoolOptions {
    // A connection that is still in a transaction can never begin another.
    let is_free = |connection: &AnyConnection| !connection.is_in_transaction();
    let pool = AnyPoolOptions::new()
        .acquire_timeout(TURN)
        .max_connections(READERS)
        .before_acquire(move |connection, _| Box::pin(std::future::ready(Ok(is_free(connection)))));
    match engine {
        // A file in our own process is there: asking it before each use would only wake its thread once more.
        Engine::Sqlite => pool
            .test_before_acquire(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .after_connect(|connection, _| Box::pin(async move { connection.execute(READERS_PRAGMAS).await.map(|_| ()) })),
        Engine::Postgres => pool,
    }
}

/// The journal changes the same pages again and again: copied into the file every 32 MiB, most of them are copied once.
pub(crate) const WRITERS_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8192";
const READERS_PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; PRAGMA query_only = ON";

/// Which engine, and the path or URL of its database.
fn read_url(url: &str) -> Result<(Engine, String), Error> {
    match url.split_once(':') {
        Some(("sqlite", path)) => {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains('?') || path == ":memory:" {
                let why = "expected the path of a file, without options".to_owned();
                return Err(Error::Address { url: format!("sqlite:{path}"), why });
            }
            Ok((Engine::Sqlite, path.to_owned()))
        }
        Some(("postgres" | "postgresql", _)) => Ok((Engine::Postgres, url.to_owned())),
        _ => Err(Error::Address { url: without_password(url), why: "expected sqlite:PATH or postgres://...".to_owned() }),
    }
}

/// Makes the file if it is missing, private to its owner since it holds password hashes.
fn make_private_file(path: &str) -> Result<(), Error> {
    let mut file = std::fs::OpenOptions::new();
    file.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let failed = |error: io::Error| Error::Address { url: format!("sqlite:{path}"), why: error.to_string() };
    file.open(path).map(|_| ()).map_err(failed)
}

/// One connection of its own.
pub(crate) async fn connect(url: &str) -> Result<AnyConnection, Error> {
    match timeout(TURN, AnyConnection::connect(url)).await {
        Ok(connected) => connected.map_err(|error| unreachable(url, &error)),
        Err(_) => {
            let why = format!("no answer within {TURN:?}: a firewall between here and there?");
            Err(Error::Unreachable { place: without_password(url), why })
        }
    }
}

/// Why a database could not be opened, for who has to mend it.
fn unreachable(url: &str, error: &sqlx::Error) -> Error {
    let place = without_password(url);
    let why = match error {
        sqlx::Error::Configuration(why) => return Error::Address { url: place, why: why.to_string() },
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => "nobody listens there: is it running?".to_owned(),
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::NotFound => "there is no such socket: is it running?".to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(refusal) if refusal.code().is_some_and(|code| code == "3D000") => {
            format!("{}: make it first (docs/OPERATIONS.md, Databases)", refusal.message())
        }
        sqlx::Error::Database(refusal) => refusal.message().to_owned(),
        other => other.to_string(),
    };
    Error::Unreachable { place, why }
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
