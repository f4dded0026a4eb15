//! The registrar's bindings, kept so that phones ring again right after a restart.

use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, statements},
};

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
    ALL = "SELECT phone, contact, transport, remote, local, instance, call_id, cseq, expires_at, user_agent, reachable FROM binding
        WHERE expires_at > $1 ORDER BY phone, contact";
    SAVE = "INSERT INTO binding (phone, contact, transport, remote, local, call_id, cseq, expires_at, user_agent, reachable, created_at, instance)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 WHERE EXISTS (SELECT 1 FROM phone WHERE name = $1)
        ON CONFLICT (phone, contact) DO UPDATE SET transport = $3, remote = $4, local = $5, call_id = $6, cseq = $7, expires_at = $8,
        user_agent = $9, reachable = $10, instance = $12";
    DELETE = "DELETE FROM binding WHERE phone = $1 AND contact = $2";
    DELETE_OF_PHONE = "DELETE FROM binding WHERE phone = $1";
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

/// Keeps a binding, in place of the one with the same phone and contact; whether the phone still exists.
///
/// # Errors
/// As every write.
#[instrument(name = "db.binding.save", level = "debug", skip_all)]
pub async fn save(write: &mut Write, binding: &Binding, now: Timestamp) -> Result<bool, Error> {
    let q = Q::of(&SAVE).bind(binding.phone.as_str()).bind(binding.contact.as_str()).bind(binding.transport.as_str());
    let q = q.bind(binding.remote.as_str()).bind(binding.local.as_str()).bind(binding.call_id.as_str()).bind(binding.cseq);
    let q = q.bind(binding.expires_at).bind(binding.user_agent.as_deref()).bind(binding.reachable).bind(now);
    let q = q.bind(binding.instance.as_deref());
    Ok(q.run(write).await? == 1)
}

/// Makes `bindings` all there is of a phone.
///
/// # Errors
/// As every write.
#[instrument(name = "db.binding.replace", level = "debug", skip_all)]
pub async fn replace(write: &mut Write, phone: &str, bindings: &[Binding], now: Timestamp) -> Result<(), Error> {
    Q::of(&DELETE_OF_PHONE).bind(phone).run(write).await?;
    for binding in bindings {
        save(write, binding, now).await?;
    }
    Ok(())
}

/// Forgets a binding; whether it was there.
///
/// # Errors
/// As every write.
#[instrument(name = "db.binding.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, phone: &str, contact: &str) -> Result<bool, Error> {
    Ok(Q::of(&DELETE).bind(phone).bind(contact).run(write).await? == 1)
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
        call_id: row.text("call_id")?,
        cseq: row.int("cseq")?,
        expires_at: row.at("expires_at")?,
        user_agent: row.opt_text("user_agent")?,
        reachable: row.flag("reachable")?,
    })
}
