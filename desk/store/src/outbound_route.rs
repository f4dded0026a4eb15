//! Outbound routes: which trunk takes a dialled number.

use carillon_model::{OutboundRoute, RecordingPolicy, RouteId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, statements},
    stored::{self, Stored},
};

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT id, prefix, trunk_id, record, consent, version, created_at, updated_at FROM outbound_route ", $tail)
    };
}

statements! { "outbound_route":
    ALL = select!("ORDER BY prefix");
    GET = select!("WHERE id = $1");
    BY_PREFIX = select!("WHERE prefix = $1");
    INSERT = "INSERT INTO outbound_route (id, prefix, trunk_id, record, consent, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $6, 1)";
    UPDATE = "UPDATE outbound_route SET prefix = $3, trunk_id = $4, record = $5, consent = $6, updated_at = $7, version = version + 1
        WHERE id = $1 AND version = $2";
    DELETE = "DELETE FROM outbound_route WHERE id = $1";
}

/// All outbound routes, by prefix.
///
/// # Errors
/// As every read.
#[instrument(name = "db.outbound_route.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<OutboundRoute>>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// One outbound route.
///
/// # Errors
/// As every read.
#[instrument(name = "db.outbound_route.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: RouteId) -> Result<Option<Stored<OutboundRoute>>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The route of exactly this prefix. (Which route fits a number is the caller's to choose, from [`all`].)
///
/// # Errors
/// As every read.
#[instrument(name = "db.outbound_route.by_prefix", level = "debug", skip_all)]
pub async fn by_prefix(from: impl Into<Reader<'_>>, prefix: &str) -> Result<Option<Stored<OutboundRoute>>, Error> {
    Q::of(&BY_PREFIX).bind(prefix).optional(from, read).await
}

/// Adds a route.
///
/// # Errors
/// [`Error::Taken`]: the prefix has a route. [`Error::Linked`]: no such trunk.
#[instrument(name = "db.outbound_route.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, route: &OutboundRoute, now: Timestamp) -> Result<(), Error> {
    bind(Q::of(&INSERT).bind(route.id), route).bind(now).run(write).await.map(|_| ())
}

/// Changes a route. The new version, or `None`: no such route.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Linked`]; [`Error::Stale`].
#[instrument(name = "db.outbound_route.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, route: &OutboundRoute, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let q = bind(Q::of(&UPDATE).bind(route.id).bind(version), route).bind(now);
    stored::update(write, q, &GET, route.id.to_string(), version).await
}

/// Removes a route; whether there was one.
///
/// # Errors
/// As every write.
#[instrument(name = "db.outbound_route.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: RouteId) -> Result<bool, Error> {
    Ok(Q::of(&DELETE).bind(id).run(write).await? == 1)
}

fn bind(q: Q, route: &OutboundRoute) -> Q {
    q.bind(route.prefix.as_str()).bind(route.trunk).bind(route.recording.record).bind(route.recording.consent.as_deref())
}

fn read(row: &Row) -> Result<Stored<OutboundRoute>, Error> {
    let route = OutboundRoute {
        id: row.id("id")?,
        prefix: row.text("prefix")?,
        trunk: row.id("trunk_id")?,
        recording: RecordingPolicy { record: row.flag("record")?, consent: row.opt_text("consent")? },
    };
    Stored::read(row, route)
}
