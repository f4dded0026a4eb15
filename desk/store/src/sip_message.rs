//! The SIP messages of calls, as they went by: what a call's ladder is drawn from. Kept for some days only.

use carillon_model::{CallId, LegId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, statements},
};

/// One message of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipMessage {
    /// The call.
    pub call: CallId,
    /// Its leg.
    pub leg: LegId,
    /// Orders messages of one moment.
    pub seq: u64,
    /// When it went by.
    pub at: Timestamp,
    /// Whether we sent it.
    pub sent: bool,
    /// `udp`, `tcp` and so on.
    pub transport: String,
    /// Our address and port.
    pub local: String,
    /// The peer's address and port.
    pub remote: String,
    /// The whole message, without what nobody may read.
    pub message: String,
}

/// Rows read for one call; a call with more shows its first.
const MOST: u32 = 2_000;

statements! { "sip_message":
    INSERT = "INSERT INTO sip_message (call_id, leg_id, seq, at, sent, transport, local, remote, message) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    OF_CALL = "SELECT call_id, leg_id, seq, at, sent, transport, local, remote, message FROM sip_message WHERE call_id = $1 ORDER BY at, seq LIMIT $2";
    DELETE_BEFORE = "DELETE FROM sip_message WHERE at < $1";
}

/// Adds a message.
///
/// # Errors
/// As every write.
#[instrument(name = "db.sip_message.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, row: &SipMessage) -> Result<(), Error> {
    let q = Q::of(&INSERT).bind(row.call).bind(row.leg.to_string()).bind(row.seq).bind(row.at).bind(row.sent);
    let q = q.bind(row.transport.as_str()).bind(row.local.as_str()).bind(row.remote.as_str()).bind(row.message.as_str());
    q.run(write).await.map(|_| ())
}

/// The messages of a call in their order, at most 2,000.
///
/// # Errors
/// As every read.
#[instrument(name = "db.sip_message.of_call", level = "debug", skip_all)]
pub async fn of_call(from: impl Into<Reader<'_>>, call: CallId) -> Result<Vec<SipMessage>, Error> {
    Q::of(&OF_CALL).bind(call).bind(MOST).all(from, read).await
}

/// Forgets what is older; how many there were.
///
/// # Errors
/// As every write.
#[instrument(name = "db.sip_message.delete_before", level = "debug", skip_all)]
pub async fn delete_before(write: &mut Write, before: Timestamp) -> Result<u64, Error> {
    Q::of(&DELETE_BEFORE).bind(before).run(write).await
}

fn read(row: &Row) -> Result<SipMessage, Error> {
    Ok(SipMessage {
        call: row.id("call_id")?,
        leg: row.id("leg_id")?,
        seq: row.int("seq")?,
        at: row.at("at")?,
        sent: row.flag("sent")?,
        transport: row.text("transport")?,
        local: row.text("local")?,
        remote: row.text("remote")?,
        message: row.text("message")?,
    })
}
