//! Callers who left a queue before anybody answered, and who of the agents calls them back.

use carillon_model::{AgentId, CallId, Name, Number, QueueId, Reason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::instrument;

use crate::{
    Error, Order, Page, Reader, Write,
    call::{CallDisposition, read_disposition},
    page::{SortKey, Walk, both_pages},
    query::{Q, Row, statements},
    search::{Places, Search, search},
};

/// One abandoned call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbandonedCall {
    /// The call.
    pub call: CallId,
    /// Its short number.
    pub number: u64,
    /// Who waited: who called, or whom we called and gave to the queue.
    pub caller: Number,
    /// The caller's display name.
    pub caller_name: Option<Name>,
    /// The queue left.
    pub queue: QueueId,
    /// When.
    pub abandoned_at: Timestamp,
    /// Who has reserved it.
    pub reserved_by: Option<AgentId>,
    /// Who reserved it last, be it released since.
    pub assigned_to: Option<AgentId>,
    /// The newest attempt to call back.
    pub redial: Option<Redial>,
    /// The call by which the caller was served in the same queue afterwards.
    pub served_by: Option<CallId>,
    /// How it was classed.
    pub disposition: Option<CallDisposition>,
}

/// An attempt to call back, as far as its record is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redial {
    /// The call.
    pub call: CallId,
    /// When it began; `None` while it is not written.
    pub started_at: Option<Timestamp>,
    /// When the caller of before answered.
    pub answered_at: Option<Timestamp>,
    /// Why it ended.
    pub reason: Option<Reason>,
}

/// How reserving went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// It is the agent's.
    Yes(Box<AbandonedCall>),
    /// It was another's first.
    By(AgentId),
    /// The caller has been served meanwhile.
    Served,
    /// There is no such abandoned call.
    Missing,
}

/// Which abandoned calls a list shows.
#[derive(Debug, Clone, Default)]
pub struct AbandonedFilter {
    /// Only those of queues this agent works in.
    pub agent: Option<AgentId>,
    /// Only those of this queue.
    pub queue: Option<QueueId>,
    /// Only those that hold this text in a number, in the caller's name, or in the name of an agent or a queue.
    pub search: Option<Search>,
    /// Those whose callers were served afterwards, instead of those who were not. What somebody has reserved is of the others until it is released.
    pub served: bool,
    /// Only those that were classed, or that were not.
    pub disposed: Option<bool>,
    /// Only those abandoned at or after this.
    pub from: Option<Timestamp>,
    /// Only those abandoned before this.
    pub until: Option<Timestamp>,
    /// What they are ordered by.
    pub sort: AbandonedColumn,
    /// Which way.
    pub order: Order,
    /// Goes on where another page of the same order ended.
    pub after: Option<String>,
    /// Rows at most, up to [`PAGE_MAX`](crate::PAGE_MAX).
    pub limit: u32,
}

/// What a list of abandoned calls can be ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields of `AbandonedCall`; a queue by its short name, agents by login")]
pub enum AbandonedColumn {
    Number,
    Name,
    Phone,
    Queue,
    #[default]
    AbandonedAt,
    Disposition,
    AssignedTo,
    ReservedBy,
}

impl AbandonedColumn {
    /// Every one.
    pub const ALL: [Self; 8] = {
        use AbandonedColumn::*;
        [Number, Name, Phone, Queue, AbandonedAt, Disposition, AssignedTo, ReservedBy]
    };

    fn key(self) -> SortKey {
        match self {
            Self::Number => SortKey::integer("c.number"),
            Self::Name => SortKey::text("CASE WHEN a.caller = c.caller THEN c.caller_name END").or_null(),
            Self::Phone => SortKey::text("a.caller"),
            Self::Queue => SortKey::text("q.name").or_null().joined(" LEFT JOIN queue q ON q.id = a.queue_id"),
            Self::AbandonedAt => SortKey::integer("a.abandoned_at"),
            Self::Disposition => SortKey::text("c.disposition").or_null(),
            Self::AssignedTo => SortKey::text("u.login_fold").or_null().joined(r#" LEFT JOIN "user" u ON u.id = a.assigned_to"#),
            Self::ReservedBy => SortKey::text("u.login_fold").or_null().joined(r#" LEFT JOIN "user" u ON u.id = a.reserved_by"#),
        }
    }
}

/// Where a search looks.
const SEARCHED: Places = Places {
    numbers: &["a.caller"],
    words: &["c.caller_name"],
    names: &[
        "CAST(c.number AS TEXT)",
        "(SELECT s.label || ' ' || s.name FROM queue s WHERE s.id = a.queue_id)",
        r#"(SELECT s.name || ' ' || s.login FROM "user" s WHERE s.id = a.assigned_to)"#,
        "c.disposition",
    ],
};

macro_rules! columns {
    () => {
        concat!(
            "SELECT a.call_id AS id, c.number, a.caller, CASE WHEN a.caller = c.caller THEN c.caller_name END AS caller_name, a.queue_id, a.abandoned_at, a.reserved_by, a.assigned_to, a.redial_call_id, ",
            "r.started_at AS redial_started_at, r.answered_at AS redial_answered_at, r.reason AS redial_reason, a.served_call_id, ",
            "c.disposition_names, c.disposition_path, c.note, c.disposed_at"
        )
    };
}

macro_rules! tables {
    () => {
        " FROM abandoned_call a JOIN call c ON c.id = a.call_id LEFT JOIN call r ON r.id = a.redial_call_id"
    };
}

statements! { "abandoned_call":
    GET = concat!(columns!(), tables!(), " WHERE a.call_id = $1");
    CONCERNED = "SELECT call_id, queue_id FROM abandoned_call WHERE served_call_id = $1 OR redial_call_id = $1 ORDER BY call_id";
    SAVE = "INSERT INTO abandoned_call (call_id, queue_id, caller, abandoned_at) VALUES ($1, $2, $3, $4) ON CONFLICT (call_id) DO NOTHING";
    SETTLE = "UPDATE abandoned_call SET served_call_id = $1 WHERE queue_id = $2 AND caller = $3 AND abandoned_at <= $4 AND served_call_id IS NULL";
    RESERVE = "UPDATE abandoned_call SET reserved_by = $2, assigned_to = $2, reserved_at = $3
        WHERE call_id = $1 AND (reserved_by = $2 OR (reserved_by IS NULL AND served_call_id IS NULL))";
    RELEASE = "UPDATE abandoned_call SET reserved_by = NULL, reserved_at = NULL WHERE call_id = $1 AND reserved_by = $2";
    RELEASE_OF = "UPDATE abandoned_call SET reserved_by = NULL, reserved_at = NULL WHERE reserved_by = $1";
    REDIAL = "UPDATE abandoned_call SET redial_call_id = $2 WHERE call_id = $1";
}

/// One abandoned call.
///
/// # Errors
/// As every read.
#[instrument(name = "db.abandoned_call.get", level = "debug", skip_all)]
pub async fn get(from: impl Into<Reader<'_>>, call: CallId) -> Result<Option<AbandonedCall>, Error> {
    Q::of(&GET).bind(call).optional(from, read).await
}

/// A page of abandoned calls, in the order asked for.
///
/// # Errors
/// As every read; [`Error::Cursor`].
#[instrument(name = "db.abandoned_call.list", level = "debug", skip_all)]
pub async fn list(from: impl Into<Reader<'_>>, filter: &AbandonedFilter) -> Result<Page<AbandonedCall>, Error> {
    let walk = Walk::new(&filter.sort, filter.sort.key(), filter.order, "a.call_id", filter.after.as_deref(), filter.limit)?;
    let rows = list_query(filter, &walk).all(from, |row| Ok((read(row)?, walk.position(row)?))).await?;
    Ok(walk.page(rows))
}

/// The abandoned calls whose caller was served or called back by a call, with their queues.
///
/// # Errors
/// As every read.
#[instrument(name = "db.abandoned_call.concerned", level = "debug", skip_all)]
pub async fn concerned(from: impl Into<Reader<'_>>, call: CallId) -> Result<Vec<(CallId, QueueId)>, Error> {
    Q::of(&CONCERNED).bind(call).all(from, |row| Ok((row.id("call_id")?, row.id("queue_id")?))).await
}

/// Notes that a caller gave up in a queue. A call that is noted stays as it is.
///
/// # Errors
/// [`Error::Linked`]: no such call.
#[instrument(name = "db.abandoned_call.save", level = "debug", skip_all)]
pub async fn save(write: &mut Write, call: CallId, queue: QueueId, caller: &Number, abandoned_at: Timestamp) -> Result<(), Error> {
    Q::of(&SAVE).bind(call).bind(queue).bind(caller).bind(abandoned_at).run(write).await.map(|_| ())
}

/// Takes off the list what a caller, by number, abandoned in a queue before being `served` there. How many that were.
///
/// # Errors
/// As every write.
#[instrument(name = "db.abandoned_call.settle", level = "debug", skip_all)]
pub async fn settle(write: &mut Write, served: CallId, queue: QueueId, caller: &Number, at: Timestamp) -> Result<u64, Error> {
    Q::of(&SETTLE).bind(served).bind(queue).bind(caller).bind(at).run(write).await
}

/// Reserves an abandoned call for an agent: of several who try at once one wins. Reserving one's own again changes nothing.
///
/// # Errors
/// As every write.
#[instrument(name = "db.abandoned_call.reserve", level = "debug", skip_all)]
pub async fn reserve(write: &mut Write, call: CallId, agent: AgentId, now: Timestamp) -> Result<Reserved, Error> {
    let won = Q::of(&RESERVE).bind(call).bind(agent).bind(now).run(write).await? == 1;
    Ok(match get(write, call).await? {
        None => Reserved::Missing,
        Some(found) if won => Reserved::Yes(Box::new(found)),
        Some(found) => found.reserved_by.map_or(Reserved::Served, Reserved::By),
    })
}

/// Releases an abandoned call; whether the agent had it.
///
/// # Errors
/// As every write.
#[instrument(name = "db.abandoned_call.release", level = "debug", skip_all)]
pub async fn release(write: &mut Write, call: CallId, agent: AgentId) -> Result<bool, Error> {
    let released = Q::of(&RELEASE).bind(call).bind(agent).run(write).await? == 1;
    if released {
        let held = |by: Option<AgentId>| serde_json::json!({ "reserved_by": by }).to_string();
        write.note("abandoned_call", call.to_string(), Some(held(Some(agent))), Some(held(None))).await?;
    }
    Ok(released)
}

/// Releases all that somebody has reserved who is no agent any more.
pub(crate) async fn release_of(write: &mut Write, agent: AgentId) -> Result<(), Error> {
    Q::of(&RELEASE_OF).bind(agent).run(write).await.map(drop)
}

/// Notes the newest attempt to call back; whether there is such an abandoned call.
///
/// # Errors
/// As every write.
#[instrument(name = "db.abandoned_call.redialled", level = "debug", skip_all)]
pub async fn redialled(write: &mut Write, call: CallId, by: CallId) -> Result<bool, Error> {
    Ok(Q::of(&REDIAL).bind(call).bind(by).run(write).await? == 1)
}

fn list_query(filter: &AbandonedFilter, walk: &Walk) -> Q {
    let q = walk.join(walk.select(Q::list("abandoned_call", columns!())).sql(tables!()));
    let q = q.sql(if filter.served {
        " WHERE a.served_call_id IS NOT NULL AND a.reserved_by IS NULL"
    } else {
        " WHERE (a.served_call_id IS NULL OR a.reserved_by IS NOT NULL)"
    });
    let q = match filter.disposed {
        None => q,
        Some(true) => q.sql(" AND c.disposition IS NOT NULL"),
        Some(false) => q.sql(" AND c.disposition IS NULL"),
    };
    let q = match filter.agent {
        None => q,
        Some(agent) => {
            q.sql(" AND EXISTS (SELECT 1 FROM membership m WHERE m.queue_id = a.queue_id AND m.agent_id = ").push(agent).sql(")")
        }
    };
    let q = search(q, filter.search.as_ref(), &SEARCHED);
    walk.order(q.and("a.queue_id =", filter.queue).and("a.abandoned_at >=", filter.from).and("a.abandoned_at <", filter.until))
}

/// The texts [`list`] can run, for the test that prepares them: every filter in one order, every order without a filter.
pub(crate) fn list_texts() -> Vec<String> {
    let whether = |bits: u32, bit: u32| bits & (1 << bit) != 0;
    let filter = |bits: u32| AbandonedFilter {
        agent: whether(bits, 0).then_some(AgentId::from_u128(1)),
        queue: whether(bits, 1).then_some(QueueId::from_u128(1)),
        from: whether(bits, 2).then_some(Timestamp::UNIX_EPOCH),
        until: whether(bits, 3).then_some(Timestamp::UNIX_EPOCH),
        served: whether(bits, 4),
        disposed: (whether(bits, 2) != whether(bits, 3)).then_some(whether(bits, 2)),
        ..AbandonedFilter::default()
    };
    let filtered = (0..32).map(|bits| (AbandonedColumn::default(), filter(bits)));
    let sought = [0, 1].map(|bits| {
        (
            AbandonedColumn::default(),
            AbandonedFilter { search: Some(Search { text: "rossi".to_owned(), hides_numbers: false }), ..filter(bits) },
        )
    });
    let filtered = filtered.chain(sought);
    let ordered = AbandonedColumn::ALL.map(|column| (column, filter(0)));
    let pages = filtered
        .chain(ordered)
        .flat_map(|(column, filter)| both_pages(|| column.key(), "a.call_id", |walk| list_query(&filter, &walk).text()));
    pages.collect()
}

fn read(row: &Row) -> Result<AbandonedCall, Error> {
    let redial = row.opt_id("redial_call_id")?.map(|call| {
        Ok::<_, Error>(Redial {
            call,
            started_at: row.opt_at("redial_started_at")?,
            answered_at: row.opt_at("redial_answered_at")?,
            reason: row.opt_word("redial_reason")?,
        })
    });
    Ok(AbandonedCall {
        call: row.id("id")?,
        number: row.int("number")?,
        caller: Number::new(row.text("caller")?),
        caller_name: row.opt_text("caller_name")?.map(Name::new),
        queue: row.id("queue_id")?,
        abandoned_at: row.at("abandoned_at")?,
        reserved_by: row.opt_id("reserved_by")?,
        assigned_to: row.opt_id("assigned_to")?,
        redial: redial.transpose()?,
        served_by: row.opt_id("served_call_id")?,
        disposition: read_disposition(row)?,
    })
}
