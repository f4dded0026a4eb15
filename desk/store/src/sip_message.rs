//! The SIP messages of calls, as they went by: what a call's ladder is drawn from. Kept for some days only.

use carillon_model::{CallId, LegId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, Row, Value, statements},
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
/// Rows that one statement adds at most.
const ROWS: usize = 16;

statements! { "sip_message":
    OF_CALL = "SELECT call_id, leg_id, seq, at, sent, transport, local, remote, message FROM sip_message WHERE call_id = $1 ORDER BY at, seq LIMIT $2";
    DELETE_BEFORE = "DELETE FROM sip_message WHERE at <= (SELECT MAX(at) FROM (SELECT at FROM sip_message WHERE at < $1 ORDER BY at LIMIT $2) AS oldest)";
}

/// Adds messages, many by one statement.
///
/// # Errors
/// As every write.
#[instrument(name = "db.sip_message.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, messages: &[SipMessage]) -> Result<(), Error> {
    for part in messages.chunks(ROWS) {
        insert_query(part.iter().map(insert_row).collect()).run(write).await?;
    }
    Ok(())
}

fn insert_row(row: &SipMessage) -> [Value; 9] {
    let SipMessage { call, leg, seq, at, sent, transport, local, remote, message } = row;
    let texts = [transport, local, remote, message].map(|text| Value::from(text.as_str()));
    let [transport, local, remote, message] = texts;
    [(*call).into(), leg.to_string().into(), (*seq).into(), (*at).into(), (*sent).into(), transport, local, remote, message]
}

fn insert_query(rows: Vec<[Value; 9]>) -> Q {
    Q::list("sip_message", "INSERT INTO sip_message (call_id, leg_id, seq, at, sent, transport, local, remote, message) VALUES ").rows(rows)
}

/// The texts [`insert`] can run, for the test that prepares them.
pub(crate) fn insert_texts() -> Vec<String> {
    (1..=ROWS).map(|rows| insert_query((0..rows).map(|_| [0; 9].map(|zero: i64| Value::from(zero))).collect()).text()).collect()
}

/// The messages of a call in their order, at most 2,000.
///
/// # Errors
/// As every read.
#[instrument(name = "db.sip_message.of_call", level = "debug", skip_all)]
pub async fn of_call(from: impl Into<Reader<'_>>, call: CallId) -> Result<Vec<SipMessage>, Error> {
    Q::of(&OF_CALL).bind(call).bind(MOST).all(from, read).await
}

/// Forgets what is older than `before`, oldest first, some `portion` of it (messages of one moment go together); how many. 0: nothing is left.
///
/// # Errors
/// As every write.
#[instrument(name = "db.sip_message.delete_before", level = "debug", skip_all)]
pub async fn delete_before(write: &mut Write, before: Timestamp, portion: u32) -> Result<u64, Error> {
    Q::of(&DELETE_BEFORE).bind(before).bind(portion).run(write).await
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
