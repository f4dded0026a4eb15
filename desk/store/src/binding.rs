//! The registrar's bindings, kept so that phones ring again right after a restart.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, Value, statements},
};

/// Rows that one statement takes at once.
const ROWS: [usize; 6] = [32, 16, 8, 4, 2, 1];

/// Where a phone said it can be reached. Addresses are `IP:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Name of the phone.
    pub phone: String,
    /// Its contact URI, as registered.
    pub contact: String,
    /// `udp` or `tcp`.
    pub transport: String,
    /// The address it registered from.
    pub remote: String,
    /// Our address it registered at.
    pub local: String,
    /// The device's own name (`+sip.instance`, RFC 5626), if it has one.
    pub instance: Option<String>,
    /// The proxies on the way to it (RFC 3327), as requests name them.
    pub path: Option<String>,
    /// Which of the phone's places is preferred (`q` of the Contact), in thousandths.
    pub preference: u16,
    /// Call-ID of the registration.
    pub call_id: String,
    /// Its CSeq.
    pub cseq: u32,
    /// When it expires.
    pub expires_at: Timestamp,
    /// What the phone says it is.
    pub user_agent: Option<String>,
    /// Whether it could be called when this was written.
    pub reachable: bool,
}

statements! { "binding":
    ALL = "SELECT phone, contact, transport, remote, local, instance, call_id, cseq, expires_at, user_agent, reachable, preference, path FROM binding
        WHERE expires_at > $1 ORDER BY phone, contact";
    DELETE_EXPIRED = "DELETE FROM binding WHERE expires_at <= $1";
}

/// All bindings that have not expired, by phone.
///
/// # Errors
/// As every read.
#[instrument(name = "db.binding.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>, now: Timestamp) -> Result<Vec<Binding>, Error> {
    Q::of(&ALL).bind(now).all(from, read).await
}

/// Makes these bindings all there is of these phones, by name. A phone that is gone meanwhile gets none. A few statements for all:
/// phones that register again and again are what a database hears most of.
///
/// # Errors
/// As every write.
#[instrument(name = "db.binding.replace", level = "debug", skip_all)]
pub async fn replace(write: &mut Write, bindings_by_phone: &BTreeMap<String, Vec<Binding>>, now: Timestamp) -> Result<(), Error> {
    let phones: Vec<&str> = bindings_by_phone.keys().map(String::as_str).collect();
    for part in parts(&phones) {
        delete_query(part).run(write).await?;
    }
    let bindings: Vec<&Binding> = bindings_by_phone.values().flatten().collect();
    for part in parts(&bindings) {
        insert_query(part, now).run(write).await?;
    }
    Ok(())
}

/// Parts of few different lengths, so that the database keeps few texts: as many of the longest as there are, then shorter ones.
fn parts<T>(mut all: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = ROWS.into_iter().find(|length| *length <= all.len())?;
        let (part, rest) = all.split_at(length);
        all = rest;
        Some(part)
    })
}

fn delete_query(phones: &[&str]) -> Q {
    let begin = |q: Q, first| q.sql(if first { "" } else { ", " });
    let q = Q::list("binding", "DELETE FROM binding WHERE phone IN (");
    phones.iter().enumerate().fold(q, |q, (row, phone)| begin(q, row == 0).push(*phone)).sql(")")
}

/// In a UNION nothing tells PostgreSQL what a parameter is, but for a cast.
fn insert_query(bindings: &[&Binding], now: Timestamp) -> Q {
    let text = |q: Q, value: Option<&str>| q.sql("CAST(").push(value).sql(" AS TEXT), ");
    let integer = |q: Q, value: Value| q.sql("CAST(").push(value).sql(" AS BIGINT), ");
    let q = Q::list(
        "binding",
        "INSERT INTO binding (phone, contact, transport, remote, local, call_id, user_agent, instance, path, cseq, preference, expires_at, reachable, created_at)",
    );
    let q = bindings.iter().enumerate().fold(q, |q, (row, binding)| {
        let q = q.sql(if row == 0 { " SELECT " } else { " UNION ALL SELECT " });
        let Binding { phone, contact, transport, remote, local, call_id, .. } = binding;
        let q = [phone, contact, transport, remote, local, call_id].into_iter().fold(q, |q, value| text(q, Some(value)));
        let q = [&binding.user_agent, &binding.instance, &binding.path].into_iter().fold(q, |q, value| text(q, value.as_deref()));
        let q = integer(integer(q, binding.cseq.into()), binding.preference.into());
        let q = integer(integer(q, binding.expires_at.into()), binding.reachable.into());
        let q = q.sql("CAST(").push(now).sql(" AS BIGINT) WHERE EXISTS (SELECT 1 FROM phone WHERE name = CAST(");
        q.push(phone.as_str()).sql(" AS TEXT))")
    });
    // A phone that names one contact twice has it once.
    q.sql(" ON CONFLICT (phone, contact) DO NOTHING")
}

/// The texts [`replace`] can run, for the test that prepares them.
pub(crate) fn replace_texts() -> Vec<String> {
    let binding = Binding {
        phone: String::new(),
        contact: String::new(),
        transport: String::new(),
        remote: String::new(),
        local: String::new(),
        instance: None,
        path: None,
        call_id: String::new(),
        cseq: 0,
        preference: 0,
        expires_at: Timestamp::UNIX_EPOCH,
        user_agent: None,
        reachable: false,
    };
    let of = |rows| [delete_query(&vec![""; rows]).text(), insert_query(&vec![&binding; rows], Timestamp::UNIX_EPOCH).text()];
    ROWS.into_iter().flat_map(of).collect()
}

/// Forgets the bindings that have expired; how many.
///
/// # Errors
/// As every write.
#[instrument(name = "db.binding.delete_expired", level = "debug", skip_all)]
pub async fn delete_expired(write: &mut Write, now: Timestamp) -> Result<u64, Error> {
    Q::of(&DELETE_EXPIRED).bind(now).run(write).await
}

fn read(row: &Row) -> Result<Binding, Error> {
    Ok(Binding {
        phone: row.text("phone")?,
        contact: row.text("contact")?,
        transport: row.text("transport")?,
        remote: row.text("remote")?,
        local: row.text("local")?,
        instance: row.opt_text("instance")?,
        path: row.opt_text("path")?,
        preference: row.int("preference")?,
        call_id: row.text("call_id")?,
        cseq: row.int("cseq")?,
        expires_at: row.at("expires_at")?,
        user_agent: row.opt_text("user_agent")?,
        reachable: row.flag("reachable")?,
    })
}
