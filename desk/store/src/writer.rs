//! The one connection that writes. It is kept between transactions, and in no pool: a pool asks each connection that comes back whether it is
//! there still, which costs SQLite's thread one more turn, and PostgreSQL's server one more way, for every transaction.

use std::sync::Arc;

use sqlx::{AnyConnection, Connection, Executor};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use crate::{Engine, Error, db, migration};

/// Whoever writes takes the connection, and gives it back when the transaction is committed. One that is not given back is closed, which
/// undoes what was not committed; the next who writes opens another.
#[derive(Clone)]
pub(crate) struct Writer {
    engine: Engine,
    url: Arc<str>,
    place: Arc<Mutex<Place>>,
}

/// Where the connection is between transactions.
#[derive(Default)]
struct Place {
    kept: Option<AnyConnection>,
    /// Nobody writes any more.
    closed: bool,
}

/// Somebody's turn to write, in a transaction that has begun.
pub(crate) struct Turn {
    connection: AnyConnection,
    place: OwnedMutexGuard<Place>,
}

impl Writer {
    pub(crate) fn new(engine: Engine, url: &str) -> Self {
        Self { engine, url: url.into(), place: Arc::default() }
    }

    /// Waits for the turn, and begins.
    pub(crate) async fn begin(&self) -> Result<Turn, Error> {
        let turn = timeout(db::TURN, Arc::clone(&self.place).lock_owned()).await;
        let Ok(mut place) = turn else { return Err(Error::Unavailable(sqlx::Error::PoolTimedOut)) };
        if place.closed {
            return Err(Error::Unavailable(sqlx::Error::PoolClosed));
        }
        // Out of its place while it is in use: who gives up waiting takes it along.
        if let Some(mut connection) = place.kept.take() {
            match connection.execute(self.beginning()).await {
                Ok(_) => return Ok(Turn { connection, place }),
                // Locked, or read-only: no other connection fares better.
                Err(error @ sqlx::Error::Database(_)) if self.engine == Engine::Sqlite => {
                    place.kept = Some(connection);
                    return Err(Error::from_sqlx("transaction", error));
                }
                // The server may have been started anew since.
                Err(_) => {}
            }
        }
        let mut connection = self.open().await?;
        connection.execute(self.beginning()).await.map_err(|error| Error::from_sqlx("transaction", error))?;
        Ok(Turn { connection, place })
    }

    /// Brings the schema up to this version of the program.
    pub(crate) async fn migrate(&self) -> Result<(), Error> {
        let mut place = self.place.lock().await;
        let mut connection = self.open().await?;
        migration::run(&mut connection).await.map_err(Error::Schema)?;
        place.kept = Some(connection);
        Ok(())
    }

    async fn open(&self) -> Result<AnyConnection, Error> {
        let opened = timeout(db::TURN, async {
            let mut connection = AnyConnection::connect(&self.url).await?;
            if self.engine == Engine::Sqlite {
                connection.execute(db::WRITERS_PRAGMAS).await?;
            }
            Ok(connection)
        });
        opened.await.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| Error::from_sqlx("connection", error))
    }

    /// A transaction that reads first and writes later fails at once when another wrote in between (SQLITE_BUSY_SNAPSHOT): SQLite's takes the
    /// write lock at the beginning.
    fn beginning(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        }
    }

    /// Waits for whoever writes, and lets nobody write after.
    pub(crate) async fn close(&self) {
        let mut place = self.place.lock().await;
        place.closed = true;
        if let Some(connection) = place.kept.take() {
            // Where it does not close well, the other end does.
            let _ = connection.close().await;
        }
    }
}

impl Turn {
    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.connection.execute("COMMIT").await?;
        self.place.kept = Some(self.connection);
        Ok(())
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}
