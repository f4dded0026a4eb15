//! Call records: one row a call, written when it begins and again when it ends.

use carillon_model::{AgentId, CallId, CallKind, Ending, Name, Number, Origin, QueueId, RecordingId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Cursor, Error, PAGE_MAX, Page, Reader, Write,
    query::{Q, Row, statements, word},
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
    /// The agent who spoke, first if several.
    pub agent: Option<AgentId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When the caller first talked to somebody.
    pub answered_at: Option<Timestamp>,
    /// When it ended; `None` while it runs.
    pub ended_at: Option<Timestamp>,
    /// Milliseconds spent waiting in queues.
    pub wait_ms: u64,
    /// Milliseconds the answering party's phone rang.
    pub ring_ms: u64,
    /// Milliseconds of talk.
    pub talk_ms: u64,
    /// Who ended it and why; set when `ended_at` is.
    pub ending: Option<Ending>,
    /// Its recording.
    pub recording: Option<RecordingId>,
    /// The whole record, JSON.
    pub body: String,
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
    /// Only calls that began at or after this.
    pub from: Option<Timestamp>,
    /// Only calls that began before this.
    pub until: Option<Timestamp>,
    /// Goes on where another page ended.
    pub after: Option<Cursor<CallId>>,
    /// Rows at most, up to [`PAGE_MAX`].
    pub limit: u32,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT c.id, c.number, c.kind, c.origin, c.origin_id, c.caller, c.caller_name, c.called, c.connected, c.queue_id, c.agent_id, ",
            "c.started_at, c.answered_at, c.ended_at, c.wait_ms, c.ring_ms, c.talk_ms, c.ended_by, c.reason, c.recording_id, c.body FROM ",
            $tail
        )
    };
}

statements! { "call":
    GET = select!("call c WHERE c.id = $1");
    BY_NUMBER = select!("call c WHERE c.number = $1 ORDER BY c.started_at DESC LIMIT 1");
    OPEN = "SELECT id FROM call WHERE ended_at IS NULL ORDER BY id";
    LAST_NUMBER = "SELECT MAX(number) AS number FROM call";
    LIST = select!("call c WHERE c.ended_at IS NOT NULL");
    LIST_OF_AGENT = select!("call_agent a JOIN call c ON c.id = a.call_id WHERE c.ended_at IS NOT NULL AND a.agent_id = $1");
    AGENTS = "SELECT agent_id, joined_at FROM call_agent WHERE call_id = $1 ORDER BY joined_at, agent_id";
    IS_OF_AGENT = "SELECT call_id FROM call_agent WHERE call_id = $1 AND agent_id = $2";
    SAVE = "INSERT INTO call (id, number, kind, origin, origin_id, caller, caller_name, called, connected, queue_id, agent_id, started_at, answered_at,
        ended_at, wait_ms, ring_ms, talk_ms, ended_by, reason, recording_id, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
        ON CONFLICT (id) DO UPDATE SET number = excluded.number, kind = excluded.kind, origin = excluded.origin, origin_id = excluded.origin_id,
        caller = excluded.caller, caller_name = excluded.caller_name, called = excluded.called, connected = excluded.connected,
        queue_id = excluded.queue_id, agent_id = excluded.agent_id, started_at = excluded.started_at, answered_at = excluded.answered_at,
        ended_at = excluded.ended_at, wait_ms = excluded.wait_ms, ring_ms = excluded.ring_ms, talk_ms = excluded.talk_ms,
        ended_by = excluded.ended_by, reason = excluded.reason, recording_id = excluded.recording_id, body = excluded.body";
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

/// A page of ended calls, newest first.
///
/// # Errors
/// As every read.
#[instrument(name = "db.call.list", level = "debug", skip_all)]
pub async fn list(from: impl Into<Reader<'_>>, filter: &CallFilter) -> Result<Page<CallRecord, CallId>, Error> {
    let rows = list_query(filter).all(from, read).await?;
    Ok(Page::of(rows, filter.limit.clamp(1, PAGE_MAX), |call| Cursor { started_at: call.started_at, id: call.id }))
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
    q.bind(call.recording).bind(call.body.as_str()).run(write).await?;
    for of in agents {
        let q = Q::of(&SAVE_AGENT).bind(of.agent).bind(call.started_at).bind(call.id).bind(of.joined_at);
        q.run(write).await?;
    }
    Ok(())
}

fn list_query(filter: &CallFilter) -> Q {
    let q = match filter.agent {
        None => Q::of(&LIST),
        Some(agent) => Q::of(&LIST_OF_AGENT).bind(agent),
    };
    let q = q.and("c.queue_id =", filter.queue);
    let q = match filter.kind {
        None => q.sql(" AND c.kind <> 'service'"),
        Some(kind) => q.sql(" AND c.kind = ").push(word(&kind)),
    };
    // An agent's calls are walked along the index of call_agent, which carries the start.
    let (since, before, key, order) = match filter.agent {
        None => ("c.started_at >=", "c.started_at <", " AND (c.started_at, c.id) < (", " ORDER BY c.started_at DESC, c.id DESC LIMIT "),
        Some(_) => (
            "a.started_at >=",
            "a.started_at <",
            " AND (a.started_at, a.call_id) < (",
            " ORDER BY a.started_at DESC, a.call_id DESC LIMIT ",
        ),
    };
    let q = q.and(since, filter.from).and(before, filter.until);
    let q = match filter.after {
        None => q,
        Some(cursor) => q.sql(key).push(cursor.started_at).sql(", ").push(cursor.id).sql(")"),
    };
    q.sql(order).push(filter.limit.clamp(1, PAGE_MAX) + 1)
}

/// Every text [`list`] can run, for the test that prepares them.
pub(crate) fn list_texts() -> Vec<String> {
    let (call, agent, queue) = (CallId::from_u128(1), AgentId::from_u128(1), QueueId::from_u128(1));
    let whether = |bits: u32, bit: u32| bits & (1 << bit) != 0;
    let filter = |bits: u32| CallFilter {
        agent: whether(bits, 0).then_some(agent),
        queue: whether(bits, 1).then_some(queue),
        kind: whether(bits, 2).then_some(CallKind::Inbound),
        from: whether(bits, 3).then_some(Timestamp::UNIX_EPOCH),
        until: whether(bits, 4).then_some(Timestamp::UNIX_EPOCH),
        after: whether(bits, 5).then_some(Cursor { started_at: Timestamp::UNIX_EPOCH, id: call }),
        limit: 1,
    };
    (0..64).map(|bits| list_query(&filter(bits)).text()).collect()
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
        ring_ms: row.int("ring_ms")?,
        talk_ms: row.int("talk_ms")?,
        ending,
        recording: row.opt_id("recording_id")?,
        body: row.text("body")?,
    })
}
