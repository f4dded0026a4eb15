//! Call records: one row a call, written when it begins and again when it ends.

use carillon_model::{AgentId, CallId, CallKind, DispositionId, Ending, Name, Note, Number, Origin, QueueId, RecordingId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::instrument;

use crate::{
    Error, Order, Page, Reader, Write,
    page::{SortKey, Walk, both_pages},
    query::{Q, Row, statements, word},
    search::{Places, Search, search},
};

/// A call's record. What lists show and filter by stands in fields; the whole, legs included, in `body`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// The call.
    pub id: CallId,
    /// Its short number.
    pub number: u64,
    /// What it is.
    pub kind: CallKind,
    /// Where it came from.
    pub origin: Origin,
    /// Who called.
    pub caller: Number,
    /// The caller's display name.
    pub caller_name: Option<Name>,
    /// What was dialled.
    pub called: Number,
    /// The party the caller really talked to, first if several.
    pub connected: Option<Number>,
    /// The queue it came through, last if several.
    pub queue: Option<QueueId>,
    /// The agent who spoke, first if several; of a call that reached nobody and waited in no queue, who made it.
    pub agent: Option<AgentId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When the caller first talked to somebody.
    pub answered_at: Option<Timestamp>,
    /// When it ended; `None` while it runs.
    pub ended_at: Option<Timestamp>,
    /// Milliseconds spent waiting in queues.
    pub wait_ms: u64,
    /// How many waits ended with an agent's answer.
    pub answered_waits: u64,
    /// Milliseconds of those.
    pub answered_wait_ms: u64,
    /// Milliseconds the answering party's phone rang.
    pub ring_ms: u64,
    /// Milliseconds of talk.
    pub talk_ms: u64,
    /// Who ended it and why; set when `ended_at` is.
    pub ending: Option<Ending>,
    /// Its recording.
    pub recording: Option<RecordingId>,
    /// How it was classed.
    pub disposition: Option<CallDisposition>,
    /// The whole record, JSON.
    pub body: String,
}

/// How a call was classed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallDisposition {
    /// The dispositions, the first level first.
    pub path: Vec<DispositionId>,
    /// Their names then.
    pub names: Vec<String>,
    /// What was written about the call.
    pub note: Option<Note>,
    /// When.
    pub at: Timestamp,
}

/// That a call is an agent's: the agent answered in it, or made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallAgent {
    /// The agent.
    pub agent: AgentId,
    /// When the agent's part began, first if several.
    pub joined_at: Timestamp,
}

/// Which calls a list shows: ended ones; feature codes only when asked for by `kind`.
#[derive(Debug, Clone, Default)]
pub struct CallFilter {
    /// Only this agent's calls.
    pub agent: Option<AgentId>,
    /// Only calls of this queue.
    pub queue: Option<QueueId>,
    /// Only calls of this kind.
    pub kind: Option<CallKind>,
    /// Only calls of this disposition, or of one below it.
    pub disposition: Option<DispositionId>,
    /// Only calls that were classed, or that were not.
    pub disposed: Option<bool>,
    /// Only calls that hold this text in a number, in a name of caller, agent or queue, in their disposition or their note.
    pub search: Option<Search>,
    /// Only calls that began at or after this.
    pub from: Option<Timestamp>,
    /// Only calls that began before this.
    pub until: Option<Timestamp>,
    /// What they are ordered by.
    pub sort: CallColumn,
    /// Which way.
    pub order: Order,
    /// Goes on where another page of the same order ended: its [`Page::next`].
    pub after: Option<String>,
    /// Rows at most, up to [`PAGE_MAX`](crate::PAGE_MAX).
    pub limit: u32,
}

/// What a list of calls can be ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields of `CallRecord`; a queue by its short name, an agent by login")]
pub enum CallColumn {
    Number,
    Kind,
    Caller,
    Called,
    Connected,
    Queue,
    Agent,
    #[default]
    StartedAt,
    AnsweredAt,
    EndedAt,
    WaitMs,
    RingMs,
    TalkMs,
    Reason,
    Disposition,
}

impl CallColumn {
    /// Every one.
    pub const ALL: [Self; 15] = {
        use CallColumn::*;
        [Number, Kind, Caller, Called, Connected, Queue, Agent, StartedAt, AnsweredAt, EndedAt, WaitMs, RingMs, TalkMs, Reason, Disposition]
    };

    /// An agent's calls are walked along the index of call_agent, which carries the start.
    fn key(self, of_agent: bool) -> SortKey {
        match self {
            Self::Number => SortKey::integer("c.number"),
            Self::Kind => SortKey::text("c.kind"),
            Self::Caller => SortKey::text("c.caller"),
            Self::Called => SortKey::text("c.called"),
            Self::Connected => SortKey::text("c.connected").or_null(),
            Self::Queue => SortKey::text("q.name").or_null().joined(" LEFT JOIN queue q ON q.id = c.queue_id"),
            Self::Agent => SortKey::text("u.login_fold").or_null().joined(r#" LEFT JOIN "user" u ON u.id = c.agent_id"#),
            Self::StartedAt => SortKey::integer(if of_agent { "a.started_at" } else { "c.started_at" }),
            Self::AnsweredAt => SortKey::integer("c.answered_at").or_null(),
            Self::EndedAt => SortKey::integer("c.ended_at"),
            Self::WaitMs => SortKey::integer("c.wait_ms"),
            Self::RingMs => SortKey::integer("c.ring_ms"),
            Self::TalkMs => SortKey::integer("c.talk_ms"),
            Self::Reason => SortKey::text("c.reason"),
            Self::Disposition => SortKey::text("c.disposition").or_null(),
        }
    }
}

/// Where a search looks.
const SEARCHED: Places = Places {
    numbers: &["c.caller", "c.called", "c.connected"],
    words: &["c.caller_name", "c.note"],
    names: &[
        "CAST(c.number AS TEXT)",
        r#"(SELECT s.name || ' ' || s.login FROM "user" s WHERE s.id = c.agent_id)"#,
        "(SELECT s.label || ' ' || s.name FROM queue s WHERE s.id = c.queue_id)",
        "c.disposition",
    ],
};

macro_rules! columns {
    () => {
        concat!(
            "SELECT c.id, c.number, c.kind, c.origin, c.origin_id, c.caller, c.caller_name, c.called, c.connected, c.queue_id, c.agent_id, ",
            "c.started_at, c.answered_at, c.ended_at, c.wait_ms, c.answered_waits, c.answered_wait_ms, c.ring_ms, c.talk_ms, c.ended_by, c.reason, c.recording_id, c.disposition_names, ",
            "c.disposition_path, c.note, c.disposed_at, c.body"
        )
    };
}

macro_rules! select {
    ($tail:literal) => {
        concat!(columns!(), " FROM ", $tail)
    };
}

statements! { "call":
    GET = select!("call c WHERE c.id = $1");
    BY_NUMBER = select!("call c WHERE c.number = $1 ORDER BY c.started_at DESC LIMIT 1");
    OPEN = "SELECT id FROM call WHERE ended_at IS NULL ORDER BY id";
    LAST_NUMBER = "SELECT MAX(number) AS number FROM call";
    AGENTS = "SELECT agent_id, joined_at FROM call_agent WHERE call_id = $1 ORDER BY joined_at, agent_id";
    SUMS = "SELECT COUNT(*) AS answered, CAST(COALESCE(SUM(COALESCE(answered_waits, CASE WHEN queue_id IS NULL THEN 0 ELSE 1 END)), 0) AS BIGINT) AS queued,
        CAST(COALESCE(SUM(talk_ms), 0) AS BIGINT) AS talk_ms, CAST(COALESCE(SUM(COALESCE(answered_wait_ms, wait_ms)), 0) AS BIGINT) AS wait_ms FROM call WHERE ended_at IS NOT NULL AND answered_at IS NOT NULL AND kind <> 'service' AND started_at >= $1 AND started_at < $2";
    SUMS_OF_AGENT = "SELECT COUNT(*) AS answered, CAST(COALESCE(SUM(COALESCE(c.answered_waits, CASE WHEN c.queue_id IS NULL THEN 0 ELSE 1 END)), 0) AS BIGINT) AS queued,
        CAST(COALESCE(SUM(c.talk_ms), 0) AS BIGINT) AS talk_ms, CAST(COALESCE(SUM(COALESCE(c.answered_wait_ms, c.wait_ms)), 0) AS BIGINT) AS wait_ms FROM call_agent a JOIN call c ON c.id = a.call_id
        WHERE c.ended_at IS NOT NULL AND c.answered_at IS NOT NULL AND c.kind <> 'service' AND a.started_at >= $1 AND a.started_at < $2
        AND a.agent_id = $3";
    IS_OF_AGENT = "SELECT call_id FROM call_agent WHERE call_id = $1 AND agent_id = $2";
    SAVE = "INSERT INTO call (id, number, kind, origin, origin_id, caller, caller_name, called, connected, queue_id, agent_id, started_at, answered_at,
        ended_at, wait_ms, ring_ms, talk_ms, ended_by, reason, recording_id, body, disposition, disposition_names, disposition_path, note, disposed_at,
        answered_waits, answered_wait_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $24, $25, $26, $27, $28)
        ON CONFLICT (id) DO UPDATE SET number = excluded.number, kind = excluded.kind, origin = excluded.origin, origin_id = excluded.origin_id,
        caller = excluded.caller, caller_name = excluded.caller_name, called = excluded.called, connected = excluded.connected,
        queue_id = excluded.queue_id, agent_id = excluded.agent_id, started_at = excluded.started_at, answered_at = excluded.answered_at,
        ended_at = excluded.ended_at, wait_ms = excluded.wait_ms, ring_ms = excluded.ring_ms, talk_ms = excluded.talk_ms,
        ended_by = excluded.ended_by, reason = excluded.reason, recording_id = excluded.recording_id, body = excluded.body,
        disposition = excluded.disposition, disposition_names = excluded.disposition_names, disposition_path = excluded.disposition_path,
        note = excluded.note, disposed_at = excluded.disposed_at, answered_waits = excluded.answered_waits,
        answered_wait_ms = excluded.answered_wait_ms";
    SAVE_AGENT = "INSERT INTO call_agent (agent_id, started_at, call_id, joined_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (call_id, agent_id) DO UPDATE SET started_at = excluded.started_at, joined_at = excluded.joined_at";
}

/// One call.
///
/// # Errors
/// As every read.
#[instrument(name = "db.call.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, id: CallId) -> Result<Option<CallRecord>, Error> {
    Q::of(&GET).bind(id).optional(from, read).await
}

/// The call of a short number, the latest if several.
///
/// # Errors
/// As every read.
#[instrument(name = "db.call.by_number", level = "debug", skip_all)]
pub async fn by_number(from: impl Into<Reader<'_>>, number: u64) -> Result<Option<CallRecord>, Error> {
    Q::of(&BY_NUMBER).bind(number).optional(from, read).await
}

/// The calls that have not ended: those that run, or, at a start, those the last run left behind.
///
/// # Errors
/// As every read.
#[instrument(name = "db.call.open", level = "debug", skip_all)]
pub async fn open(from: impl Into<Reader<'_>>) -> Result<Vec<CallId>, Error> {
    Q::of(&OPEN).all(from, |row| row.id("id")).await
}

/// The highest short number given so far; 0 before the first call.
///
/// # Errors
/// As every read.
#[instrument(name = "db.call.last_number", level = "debug", skip_all)]
pub async fn last_number(from: impl Into<Reader<'_>>) -> Result<u64, Error> {
    Ok(Q::of(&LAST_NUMBER).optional(from, |row| row.opt_int("number")).await?.flatten().unwrap_or(0))
}

/// A page of ended calls, in the order asked for.
///
/// # Errors
/// As every read; [`Error::Cursor`].
#[instrument(name = "db.call.list", level = "debug", skip_all)]
pub async fn list(from: impl Into<Reader<'_>>, filter: &CallFilter) -> Result<Page<CallRecord>, Error> {
    let of_agent = filter.agent.is_some();
    let id = if of_agent { "a.call_id" } else { "c.id" };
    let walk = Walk::new(&filter.sort, filter.sort.key(of_agent), filter.order, id, filter.after.as_deref(), filter.limit)?;
    let rows = list_query(filter, &walk).all(from, |row| Ok((read(row)?, walk.position(row)?))).await?;
    Ok(walk.page(rows))
}

/// The agents a call is of, in the order they joined it.
///
/// # Errors
/// As every read.
#[instrument(name = "db.call.agents", level = "debug", skip_all)]
pub async fn agents(from: impl Into<Reader<'_>>, call: CallId) -> Result<Vec<CallAgent>, Error> {
    Q::of(&AGENTS).bind(call).all(from, |row| Ok(CallAgent { agent: row.id("agent_id")?, joined_at: row.at("joined_at")? })).await
}

/// Whether a call is an agent's: what an agent may see.
///
/// # Errors
/// As every read.
#[instrument(name = "db.call.is_of_agent", level = "debug", skip_all)]
pub async fn is_of_agent(from: impl Into<Reader<'_>>, call: CallId, agent: AgentId) -> Result<bool, Error> {
    Ok(Q::of(&IS_OF_AGENT).bind(call).bind(agent).optional(from, |_| Ok(())).await?.is_some())
}

/// Writes a call's record in place of what was known of it before.
///
/// # Errors
/// As every write.
#[instrument(name = "db.call.save", level = "debug", skip_all)]
pub async fn save(write: &mut Write, call: &CallRecord, agents: &[CallAgent]) -> Result<(), Error> {
    let (origin, origin_id) = match call.origin {
        Origin::Trunk(trunk) => ("trunk", trunk.to_string()),
        Origin::Phone(phone) => ("phone", phone.to_string()),
    };
    let q = Q::of(&SAVE).bind(call.id).bind(call.number).bind(word(&call.kind)).bind(origin).bind(origin_id);
    let q = q.bind(&call.caller).bind(call.caller_name.as_ref().map(Name::as_str)).bind(&call.called).bind(call.connected.as_ref());
    let q = q.bind(call.queue).bind(call.agent).bind(call.started_at).bind(call.answered_at).bind(call.ended_at);
    let q = q.bind(call.wait_ms).bind(call.ring_ms).bind(call.talk_ms);
    let q = q.bind(call.ending.map(|ending| word(&ending.by))).bind(call.ending.map(|ending| word(&ending.reason)));
    let disposed = call.disposition.as_ref();
    let names = disposed.map(|disposed| serde_json::to_string(&disposed.names).unwrap_or_default());
    let path = disposed.map(|disposed| disposed.path.iter().map(ToString::to_string).collect::<Vec<_>>().join("/"));
    let q = q.bind(call.recording).bind(call.body.as_str()).bind(disposed.and_then(|disposed| disposed.names.last().map(String::as_str)));
    let q = q.bind(names).bind(path).bind(disposed.and_then(|disposed| disposed.note.as_ref()).map(Note::as_str));
    q.bind(disposed.map(|disposed| disposed.at)).bind(call.answered_waits).bind(call.answered_wait_ms).run(write).await?;
    for of in agents {
        let q = Q::of(&SAVE_AGENT).bind(of.agent).bind(call.started_at).bind(call.id).bind(of.joined_at);
        q.run(write).await?;
    }
    Ok(())
}

/// What came of the answered calls of some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallSums {
    /// How many were answered.
    pub answered: u64,
    /// How many waits of theirs in queues ended with an answer: none of a call of no queue, several of one that was given on.
    pub queued: u64,
    /// Milliseconds of talk in all.
    pub talk_ms: u64,
    /// Milliseconds of those waits.
    pub wait_ms: u64,
}

/// The answered calls that began at or after `from` and before `until`, summed: an agent's own, or all.
///
/// # Errors
/// As every read.
#[instrument(name = "db.call.sums", level = "debug", skip_all)]
pub async fn sums(reader: impl Into<Reader<'_>>, agent: Option<AgentId>, from: Timestamp, until: Timestamp) -> Result<CallSums, Error> {
    let q = Q::of(if agent.is_some() { &SUMS_OF_AGENT } else { &SUMS }).bind(from).bind(until);
    let q = agent.into_iter().fold(q, Q::bind);
    let read = |row: &Row| {
        Ok(CallSums {
            answered: row.int("answered")?,
            queued: row.int("queued")?,
            talk_ms: row.int("talk_ms")?,
            wait_ms: row.int("wait_ms")?,
        })
    };
    Ok(q.optional(reader, read).await?.unwrap_or_default())
}

fn list_query(filter: &CallFilter, walk: &Walk) -> Q {
    let q = walk.select(Q::list("call", columns!()));
    let q = match filter.agent {
        None => walk.join(q.sql(" FROM call c")).sql(" WHERE c.ended_at IS NOT NULL"),
        Some(agent) => {
            let q = walk.join(q.sql(" FROM call_agent a JOIN call c ON c.id = a.call_id"));
            q.sql(" WHERE c.ended_at IS NOT NULL AND a.agent_id = ").push(agent)
        }
    };
    let q = q.and("c.queue_id =", filter.queue);
    let q = match filter.kind {
        None => q.sql(" AND c.kind <> 'service'"),
        Some(kind) => q.sql(" AND c.kind = ").push(word(&kind)),
    };
    let q = match filter.disposition {
        None => q,
        Some(id) => q.sql(" AND c.disposition_path LIKE ").push(format!("%{id}%")),
    };
    let q = match filter.disposed {
        None => q,
        Some(true) => q.sql(" AND c.disposition IS NOT NULL"),
        Some(false) => q.sql(" AND c.disposition IS NULL"),
    };
    let q = search(q, filter.search.as_ref(), &SEARCHED);
    let (since, before) = match filter.agent {
        None => ("c.started_at >=", "c.started_at <"),
        Some(_) => ("a.started_at >=", "a.started_at <"),
    };
    walk.order(q.and(since, filter.from).and(before, filter.until))
}

/// The texts [`list`] can run, for the test that prepares them: every filter in one order, every order with and without an agent.
pub(crate) fn list_texts() -> Vec<String> {
    let whether = |bits: u32, bit: u32| bits & (1 << bit) != 0;
    let filter = |bits: u32| CallFilter {
        agent: whether(bits, 0).then_some(AgentId::from_u128(1)),
        queue: whether(bits, 1).then_some(QueueId::from_u128(1)),
        kind: whether(bits, 2).then_some(CallKind::Inbound),
        from: whether(bits, 3).then_some(Timestamp::UNIX_EPOCH),
        until: whether(bits, 4).then_some(Timestamp::UNIX_EPOCH),
        ..CallFilter::default()
    };
    let filtered = (0..32).map(|bits| (CallColumn::default(), filter(bits)));
    let classed = [
        CallFilter { disposition: Some(DispositionId::from_u128(1)), ..CallFilter::default() },
        CallFilter { disposed: Some(true), ..CallFilter::default() },
        CallFilter { disposed: Some(false), ..CallFilter::default() },
        CallFilter { search: Some(Search { text: "rossi".to_owned(), hides_numbers: false }), ..CallFilter::default() },
        CallFilter { search: Some(Search { text: "rossi".to_owned(), hides_numbers: false }), ..filter(1) },
    ];
    let filtered = filtered.chain(classed.map(|filter| (CallColumn::default(), filter)));
    let ordered = CallColumn::ALL.into_iter().flat_map(|column| [(column, filter(0)), (column, filter(1))]);
    let pages = filtered
        .chain(ordered)
        .flat_map(|(column, filter)| both_pages(|| column.key(filter.agent.is_some()), "c.id", |walk| list_query(&filter, &walk).text()));
    pages.collect()
}

fn read(row: &Row) -> Result<CallRecord, Error> {
    let origin = match row.text("origin")?.as_str() {
        "trunk" => Origin::Trunk(row.id("origin_id")?),
        "phone" => Origin::Phone(row.id("origin_id")?),
        other => return Err(row.impossible("origin", format_args!("{other:?} is neither trunk nor phone"))),
    };
    let ending = match (row.opt_word("ended_by")?, row.opt_word("reason")?) {
        (Some(by), Some(reason)) => Some(Ending::new(by, reason)),
        (None, None) => None,
        _ => return Err(row.impossible("reason", "ended_by and reason belong together")),
    };
    Ok(CallRecord {
        id: row.id("id")?,
        number: row.int("number")?,
        kind: row.word("kind")?,
        origin,
        caller: Number::new(row.text("caller")?),
        caller_name: row.opt_text("caller_name")?.map(Name::new),
        called: Number::new(row.text("called")?),
        connected: row.opt_text("connected")?.map(Number::new),
        queue: row.opt_id("queue_id")?,
        agent: row.opt_id("agent_id")?,
        started_at: row.at("started_at")?,
        answered_at: row.opt_at("answered_at")?,
        ended_at: row.opt_at("ended_at")?,
        wait_ms: row.int("wait_ms")?,
        answered_waits: row.opt_int("answered_waits")?.unwrap_or_default(),
        answered_wait_ms: row.opt_int("answered_wait_ms")?.unwrap_or_default(),
        ring_ms: row.int("ring_ms")?,
        talk_ms: row.int("talk_ms")?,
        ending,
        recording: row.opt_id("recording_id")?,
        disposition: read_disposition(row)?,
        body: row.text("body")?,
    })
}

/// How the call of a row was classed.
pub(crate) fn read_disposition(row: &Row) -> Result<Option<CallDisposition>, Error> {
    let (Some(at), Some(path)) = (row.opt_at("disposed_at")?, row.opt_text("disposition_path")?) else { return Ok(None) };
    let path: Result<Vec<DispositionId>, Error> =
        path.split('/').map(|id| id.parse().map_err(|error| row.impossible("disposition_path", error))).collect();
    Ok(Some(CallDisposition { path: path?, names: row.json("disposition_names")?, note: row.opt_text("note")?.map(Note::new), at }))
}
