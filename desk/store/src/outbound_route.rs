//! Outbound routes: which trunk takes a dialled number.

use carillon_model::{Number, OutboundRoute, RecordingPolicy, RouteId, TrunkId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    audit::body,
    query::{Q, Row, statements, word},
    stored::{self, Stored},
};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT r.id, r.prefix, r.class, r.trunk_id, r.caller_id, r.record, r.consent, r.version, r.created_at, r.updated_at, ",
            "f.trunk_id AS fallback FROM outbound_route r LEFT JOIN outbound_route_fallback f ON f.route_id = r.id ",
            $tail
        )
    };
}

statements! { "outbound_route":
    ALL = select!("ORDER BY r.prefix, f.place");
    GET = select!("WHERE r.id = $1 ORDER BY f.place");
    BY_PREFIX = select!("WHERE r.prefix = $1 ORDER BY f.place");
    INSERT = "INSERT INTO outbound_route (id, prefix, class, trunk_id, caller_id, record, consent, created_at, updated_at, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 1)";
    UPDATE = "UPDATE outbound_route SET prefix = $3, class = $4, trunk_id = $5, caller_id = $6, record = $7, consent = $8, updated_at = $9,
        version = version + 1 WHERE id = $1 AND version = $2";
    DELETE = "DELETE FROM outbound_route WHERE id = $1";
    ADD_FALLBACK = "INSERT INTO outbound_route_fallback (route_id, place, trunk_id) VALUES ($1, $2, $3)";
    CLEAR_FALLBACK = "DELETE FROM outbound_route_fallback WHERE route_id = $1";
}

/// All outbound routes, by prefix.
///
/// # Errors
/// As every read.
#[instrument(name = "db.outbound_route.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Stored<OutboundRoute>>, Error> {
    Ok(together(Q::of(&ALL).all(from, read).await?))
}

/// One outbound route.
///
/// # Errors
/// As every read.
#[instrument(name = "db.outbound_route.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: RouteId) -> Result<Option<Stored<OutboundRoute>>, Error> {
    Ok(together(Q::of(&GET).bind(id).all(from, read).await?).pop())
}

/// The route of exactly this prefix. (Which route fits a number is the caller's to choose, from [`all`].)
///
/// # Errors
/// As every read.
#[instrument(name = "db.outbound_route.by_prefix", level = "debug", skip_all)]
pub async fn by_prefix(from: impl Into<Reader<'_>>, prefix: &str) -> Result<Option<Stored<OutboundRoute>>, Error> {
    Ok(together(Q::of(&BY_PREFIX).bind(prefix).all(from, read).await?).pop())
}

/// Adds a route.
///
/// # Errors
/// [`Error::Taken`]: the prefix has a route. [`Error::Linked`]: no such trunk.
#[instrument(name = "db.outbound_route.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, route: &OutboundRoute, now: Timestamp) -> Result<(), Error> {
    bind(Q::of(&INSERT).bind(route.id), route).bind(now).run(write).await?;
    save_fallback(write, route).await?;
    write.note("outbound_route", route.id.to_string(), None, body(route)).await
}

/// Changes a route. The new version, or `None`: no such route.
///
/// # Errors
/// [`Error::Taken`]; [`Error::Linked`]; [`Error::Stale`].
#[instrument(name = "db.outbound_route.update", level = "debug", skip_all)]
pub async fn update(write: &mut Write, route: &OutboundRoute, version: i64, now: Timestamp) -> Result<Option<i64>, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, route.id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let q = bind(Q::of(&UPDATE).bind(route.id).bind(version), route).bind(now);
    let updated = stored::update(write, q, &GET, route.id.to_string(), version).await?;
    if updated.is_some() {
        save_fallback(write, route).await?;
        write.note("outbound_route", route.id.to_string(), before, body(route)).await?;
    }
    Ok(updated)
}

/// Removes a route; whether there was one.
///
/// # Errors
/// As every write.
#[instrument(name = "db.outbound_route.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: RouteId) -> Result<bool, Error> {
    let before = match write.actor() {
        Some(_) => get(&mut *write, id).await?.and_then(|stored| body(&stored.entity)),
        None => None,
    };
    let deleted = Q::of(&DELETE).bind(id).run(write).await? == 1;
    if deleted {
        write.note("outbound_route", id.to_string(), before, None).await?;
    }
    Ok(deleted)
}

async fn save_fallback(write: &mut Write, route: &OutboundRoute) -> Result<(), Error> {
    Q::of(&CLEAR_FALLBACK).bind(route.id).run(write).await?;
    for (place, trunk) in (1_u32..).zip(&route.fallback) {
        Q::of(&ADD_FALLBACK).bind(route.id).bind(place).bind(*trunk).run(write).await?;
    }
    Ok(())
}

fn bind(q: Q, route: &OutboundRoute) -> Q {
    q.bind(route.prefix.as_str())
        .bind(word(&route.class))
        .bind(route.trunk)
        .bind(route.caller_id.as_ref())
        .bind(route.recording.record)
        .bind(route.recording.consent.as_deref())
}

/// A row a fallback trunk, in order: one route of each run of rows.
fn together(rows: Vec<Stored<OutboundRoute>>) -> Vec<Stored<OutboundRoute>> {
    let mut routes: Vec<Stored<OutboundRoute>> = Vec::new();
    for row in rows {
        match routes.last_mut().filter(|last| last.entity.id == row.entity.id) {
            Some(last) => last.entity.fallback.extend(row.entity.fallback),
            None => routes.push(row),
        }
    }
    routes
}

fn read(row: &Row) -> Result<Stored<OutboundRoute>, Error> {
    let fallback: Option<TrunkId> = row.opt_id("fallback")?;
    let route = OutboundRoute {
        id: row.id("id")?,
        prefix: row.text("prefix")?,
        class: row.word("class")?,
        trunk: row.id("trunk_id")?,
        fallback: fallback.into_iter().collect(),
        caller_id: row.opt_text("caller_id")?.map(Number::new),
        recording: RecordingPolicy { record: row.flag("record")?, consent: row.opt_text("consent")? },
    };
    Stored::read(row, route)
}
