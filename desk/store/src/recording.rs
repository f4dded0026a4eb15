//! Recordings: one row a file.

use carillon_model::{AgentId, CallId, CallKind, Number, QueueId, RecordingId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::instrument;

use crate::{
    Error, Order, Page, Reader, Write,
    page::{SortKey, Walk, both_pages},
    query::{Q, Row, statements, word},
    search::{Places, Search, search},
};

/// One recording of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The recording.
    pub id: RecordingId,
    /// Its call.
    pub call: CallId,
    /// File name below the recordings folder.
    pub file: String,
    /// The queue, if the call came through one.
    pub queue: Option<QueueId>,
    /// The agent who answered first.
    pub agent: Option<AgentId>,
    /// Who called.
    pub caller: Number,
    /// What was dialled.
    pub called: Number,
    /// The party the caller really talked to.
    pub connected: Option<Number>,
    /// What the call is.
    pub kind: CallKind,
    /// Start of the recording span.
    pub started_at: Timestamp,
    /// End of the recording span.
    pub stopped_at: Option<Timestamp>,
    /// What the closed file holds; `None` while it is being written, or was not closed by a server that died.
    pub file_closed: Option<FileClosed>,
    /// Stars given by somebody, 1 to 5.
    pub rating: Option<u32>,
}

/// A recording's file once it is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileClosed {
    /// When.
    pub closed_at: Timestamp,
    /// Length of the audio in milliseconds.
    pub length_ms: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Milliseconds that could not be written and stand as silence.
    pub gap_ms: u64,
    /// What went wrong with the file, if anything did.
    pub error: Option<String>,
}

/// Which recordings a list shows: those whose file is closed.
#[derive(Debug, Clone, Default)]
pub struct RecordingFilter {
    /// Only of this agent's calls.
    pub agent: Option<AgentId>,
    /// Only of this queue.
    pub queue: Option<QueueId>,
    /// Only those that hold this text in a number, in the caller's name, or in the name of an agent or a queue.
    pub search: Option<Search>,
    /// Only those that began at or after this.
    pub from: Option<Timestamp>,
    /// Only those that began before this.
    pub until: Option<Timestamp>,
    /// What they are ordered by.
    pub sort: RecordingColumn,
    /// Which way.
    pub order: Order,
    /// Goes on where another page of the same order ended: its [`Page::next`].
    pub after: Option<String>,
    /// Rows at most, up to [`PAGE_MAX`](crate::PAGE_MAX).
    pub limit: u32,
}

/// What a list of recordings can be ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields of `Recording`; a queue by its short name, an agent by login")]
pub enum RecordingColumn {
    Id,
    Kind,
    Caller,
    Called,
    Connected,
    Queue,
    Agent,
    #[default]
    StartedAt,
    StoppedAt,
    LengthMs,
    Bytes,
    Rating,
}

impl RecordingColumn {
    /// Every one.
    pub const ALL: [Self; 12] = {
        use RecordingColumn::*;
        [Id, Kind, Caller, Called, Connected, Queue, Agent, StartedAt, StoppedAt, LengthMs, Bytes, Rating]
    };

    fn key(self) -> SortKey {
        match self {
            Self::Id => SortKey::text("r.id"),
            Self::Kind => SortKey::text("r.kind"),
            Self::Caller => SortKey::text("r.caller"),
            Self::Called => SortKey::text("r.called"),
            Self::Connected => SortKey::text("r.connected").or_null(),
            Self::Queue => SortKey::text("q.name").or_null().joined(" LEFT JOIN queue q ON q.id = r.queue_id"),
            Self::Agent => SortKey::text("u.login_fold").or_null().joined(r#" LEFT JOIN "user" u ON u.id = r.agent_id"#),
            Self::StartedAt => SortKey::integer("r.started_at"),
            Self::StoppedAt => SortKey::integer("r.stopped_at").or_null(),
            Self::LengthMs => SortKey::integer("r.length_ms").or_null(),
            Self::Bytes => SortKey::integer("r.bytes").or_null(),
            Self::Rating => SortKey::integer("r.rating").or_null(),
        }
    }
}

/// Where a search looks.
const SEARCHED: Places = Places {
    numbers: &["r.caller", "r.called", "r.connected"],
    words: &["(SELECT s.caller_name FROM call s WHERE s.id = r.call_id)"],
    names: &[
        "r.id",
        r#"(SELECT s.name || ' ' || s.login FROM "user" s WHERE s.id = r.agent_id)"#,
        "(SELECT s.label || ' ' || s.name FROM queue s WHERE s.id = r.queue_id)",
    ],
};

macro_rules! columns {
    () => {
        concat!(
            "SELECT r.id, r.call_id, r.file, r.queue_id, r.agent_id, r.caller, r.called, r.connected, r.kind, r.started_at, r.stopped_at, ",
            "r.closed_at, r.length_ms, r.bytes, r.gap_ms, r.error, r.rating"
        )
    };
}

macro_rules! select {
    ($tail:literal) => {
        concat!(columns!(), " FROM recording r ", $tail)
    };
}

statements! { "recording":
    GET = select!("WHERE r.id = $1");
    OF_CALL = select!("WHERE r.call_id = $1 ORDER BY r.started_at, r.id");
    OPEN = select!("WHERE r.closed_at IS NULL ORDER BY r.id");
    WITHOUT_FILE = select!("WHERE r.closed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM recording_file f WHERE f.recording_id = r.id)
        ORDER BY r.closed_at, r.id LIMIT $1");
    SAVE = "INSERT INTO recording (id, call_id, file, queue_id, agent_id, caller, called, connected, kind, started_at, stopped_at, closed_at, length_ms,
        bytes, gap_ms, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT (id) DO UPDATE SET file = excluded.file, queue_id = excluded.queue_id, agent_id = excluded.agent_id, caller = excluded.caller,
        called = excluded.called, connected = excluded.connected, kind = excluded.kind, started_at = excluded.started_at,
        stopped_at = excluded.stopped_at, closed_at = excluded.closed_at, length_ms = excluded.length_ms, bytes = excluded.bytes,
        gap_ms = excluded.gap_ms, error = excluded.error";
    EXPIRED = concat!(columns!(), " FROM recording r LEFT JOIN queue q ON q.id = r.queue_id WHERE r.closed_at IS NOT NULL
        AND COALESCE(q.keep_recordings_days, $2) > 0 AND r.started_at < $1 - 86400000 * COALESCE(q.keep_recordings_days, $2)
        ORDER BY r.started_at, r.id LIMIT 200");
    SET_RATING = "UPDATE recording SET rating = $2 WHERE id = $1";
    LEAVE_CALL = "UPDATE call SET recording_id = NULL WHERE recording_id = $1 AND id = (SELECT call_id FROM recording WHERE id = $1)";
    DELETE = "DELETE FROM recording WHERE id = $1";
}

/// One recording.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: RecordingId) -> Result<Option<Recording>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// A call's recordings, oldest first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording.of_call", level = "debug", skip_all)]
pub async fn of_call(from: impl Into<Reader<'_>>, call: CallId) -> Result<Vec<Recording>, Error> {
    Q::of(&OF_CALL).bind(call).all(from, read).await
}

/// The recordings whose file is not closed: those being written, or, at a start, those to be repaired.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording.open", level = "debug", skip_all)]
pub async fn open(from: impl Into<Reader<'_>>) -> Result<Vec<Recording>, Error> {
    Q::of(&OPEN).all(from, read).await
}

/// Closed recordings without a row in `recording_file`, oldest first.
pub(crate) async fn without_file(from: impl Into<Reader<'_>>, limit: u32) -> Result<Vec<Recording>, Error> {
    Q::of(&WITHOUT_FILE).bind(i64::from(limit)).all(from, read).await
}

/// A page of closed recordings, in the order asked for.
///
/// # Errors
/// As every read; [`Error::Cursor`].
#[instrument(name = "db.recording.list", level = "debug", skip_all)]
pub async fn list(from: impl Into<Reader<'_>>, filter: &RecordingFilter) -> Result<Page<Recording>, Error> {
    let walk = Walk::new(&filter.sort, filter.sort.key(), filter.order, "r.id", filter.after.as_deref(), filter.limit)?;
    let rows = list_query(filter, &walk).all(from, |row| Ok((read(row)?, walk.position(row)?))).await?;
    Ok(walk.page(rows))
}

/// Writes what is known of a recording in place of what was known before. The rating is not touched.
///
/// # Errors
/// [`Error::Linked`]: no such call.
#[instrument(name = "db.recording.save", level = "debug", skip_all)]
pub async fn save(write: &mut Write, recording: &Recording) -> Result<(), Error> {
    let closed = recording.file_closed.as_ref();
    let q = Q::of(&SAVE).bind(recording.id).bind(recording.call).bind(recording.file.as_str()).bind(recording.queue).bind(recording.agent);
    let q = q.bind(&recording.caller).bind(&recording.called).bind(recording.connected.as_ref()).bind(word(&recording.kind));
    let q = q.bind(recording.started_at).bind(recording.stopped_at).bind(closed.map(|closed| closed.closed_at));
    let q = q.bind(closed.map(|closed| closed.length_ms)).bind(closed.map(|closed| closed.bytes)).bind(closed.map(|closed| closed.gap_ms));
    q.bind(closed.and_then(|closed| closed.error.as_deref())).run(write).await.map(|_| ())
}

/// Closed recordings that are older than their queue keeps them, oldest first, two hundred at most. `site_days` holds for calls of no queue and of
/// queues without days of their own; 0: for ever.
///
/// # Errors
/// As every read.
#[instrument(name = "db.recording.expired", level = "debug", skip_all)]
pub async fn expired(from: impl Into<Reader<'_>>, now: Timestamp, site_days: u32) -> Result<Vec<Recording>, Error> {
    Q::of(&EXPIRED).bind(now).bind(site_days).all(from, read).await
}

/// Sets or clears a recording's rating; whether there is such a recording.
///
/// # Errors
/// [`Error::Invalid`]: not 1 to 5.
#[instrument(name = "db.recording.set_rating", level = "debug", skip_all)]
pub async fn set_rating(write: &mut Write, id: RecordingId, rating: Option<u32>) -> Result<bool, Error> {
    let before = get(&mut *write, id).await?;
    let set = Q::of(&SET_RATING).bind(id).bind(rating).run(write).await? == 1;
    if let Some(before) = before.filter(|_| set) {
        let told = |stars: Option<u32>| serde_json::json!({ "rating": stars }).to_string();
        write.note("recording", id.to_string(), Some(told(before.rating)), Some(told(rating))).await?;
    }
    Ok(set)
}

/// Forgets a recording, whose file the caller has removed, and its call names it no more; whether there was one.
///
/// # Errors
/// As every write.
#[instrument(name = "db.recording.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, id: RecordingId) -> Result<bool, Error> {
    Q::of(&LEAVE_CALL).bind(id).run(write).await?;
    Ok(Q::of(&DELETE).bind(id).run(write).await? == 1)
}

fn list_query(filter: &RecordingFilter, walk: &Walk) -> Q {
    let q = walk.join(walk.select(Q::list("recording", columns!())).sql(" FROM recording r"));
    let q = q.sql(" WHERE r.closed_at IS NOT NULL");
    let q = match filter.agent {
        None => q,
        Some(agent) => q.sql(" AND EXISTS (SELECT 1 FROM call_agent a WHERE a.call_id = r.call_id AND a.agent_id = ").push(agent).sql(")"),
    };
    let q = search(q, filter.search.as_ref(), &SEARCHED);
    walk.order(q.and("r.queue_id =", filter.queue).and("r.started_at >=", filter.from).and("r.started_at <", filter.until))
}

/// The texts [`list`] can run, for the test that prepares them: every filter in one order, every order without a filter.
pub(crate) fn list_texts() -> Vec<String> {
    let whether = |bits: u32, bit: u32| bits & (1 << bit) != 0;
    let filter = |bits: u32| RecordingFilter {
        agent: whether(bits, 0).then_some(AgentId::from_u128(1)),
        queue: whether(bits, 1).then_some(QueueId::from_u128(1)),
        from: whether(bits, 2).then_some(Timestamp::UNIX_EPOCH),
        until: whether(bits, 3).then_some(Timestamp::UNIX_EPOCH),
        ..RecordingFilter::default()
    };
    let filtered = (0..16).map(|bits| (RecordingColumn::default(), filter(bits)));
    let sought = [0, 1].map(|bits| {
        (
            RecordingColumn::default(),
            RecordingFilter { search: Some(Search { text: "rossi".to_owned(), hides_numbers: false }), ..filter(bits) },
        )
    });
    let filtered = filtered.chain(sought);
    let ordered = RecordingColumn::ALL.map(|column| (column, filter(0)));
    let pages =
        filtered.chain(ordered).flat_map(|(column, filter)| both_pages(|| column.key(), "r.id", |walk| list_query(&filter, &walk).text()));
    pages.collect()
}

fn read(row: &Row) -> Result<Recording, Error> {
    let file_closed = match row.opt_at("closed_at")? {
        None => None,
        Some(closed_at) => Some(FileClosed {
            closed_at,
            length_ms: row.int("length_ms")?,
            bytes: row.int("bytes")?,
            gap_ms: row.int("gap_ms")?,
            error: row.opt_text("error")?,
        }),
    };
    Ok(Recording {
        id: row.id("id")?,
        call: row.id("call_id")?,
        file: row.text("file")?,
        queue: row.opt_id("queue_id")?,
        agent: row.opt_id("agent_id")?,
        caller: Number::new(row.text("caller")?),
        called: Number::new(row.text("called")?),
        connected: row.opt_text("connected")?.map(Number::new),
        kind: row.word("kind")?,
        started_at: row.at("started_at")?,
        stopped_at: row.opt_at("stopped_at")?,
        file_closed,
        rating: row.opt_int("rating")?,
    })
}
