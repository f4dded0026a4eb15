//! The audit log: who changed what of the set-up, when, what it was before and is after. Written in the transaction of the change itself, by
//! the repositories: what is changed on behalf of somebody cannot be changed without its entry.

use carillon_model::{CallId, IdSource, RecordingId, Supervision, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::instrument;

use crate::{
    Error, Order, Page, Reader, Write,
    page::{SortKey, Walk, both_pages},
    query::{Q, Row, statements, word},
};

/// On whose behalf a transaction changes the set-up.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user, if it is one.
    pub user: Option<UserId>,
    /// The user's login, or the command's name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Where the entries' ids come from.
    pub ids: IdSource,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Made.
    Create,
    /// Changed.
    Update,
    /// Removed.
    Delete,
    /// Listened to: of recordings.
    Listen,
    /// Downloaded: of recordings.
    Download,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who, if it was a user.
    pub user: Option<UserId>,
    /// The user's login then, or the command's name.
    pub by: String,
    /// What was done.
    pub action: Action,
    /// Of what: `user`, `phone`, `queue`, `membership`, `trunk`, `outbound_route`, `pause_reason`, `disposition`, `recording_link`, `second_factor`, `sound`; `call`: how it was classed, who supervised it;
    /// `recording`: how it was rated, who listened to it.
    pub entity: String,
    /// Its id; a membership's is the queue's.
    pub entity_id: String,
    /// What it was, JSON without secrets; `None` when it was made, or where only a secret was changed.
    pub before: Option<String>,
    /// What it is since, JSON without secrets; `None` when it was removed.
    pub after: Option<String>,
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only of this kind of thing.
    pub entity: Option<String>,
    /// Only of the thing of this id.
    pub entity_id: Option<String>,
    /// Only by this login or command.
    pub by: Option<String>,
    /// Only at or after this.
    pub from: Option<Timestamp>,
    /// Only before this.
    pub until: Option<Timestamp>,
    /// Newest first, or oldest.
    pub order: Order,
    /// Goes on where another page of the same order ended.
    pub after: Option<String>,
    /// Rows at most, up to [`PAGE_MAX`](crate::PAGE_MAX).
    pub limit: u32,
}

statements! { "audit":
    INSERT = "INSERT INTO audit (id, at, user_id, by_name, action, entity, entity_id, before_body, after_body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    REMOVED = "SELECT before_body FROM audit WHERE entity_id = $1 AND action = 'delete' AND entity <> 'membership' ORDER BY at DESC, id DESC LIMIT 1";
}

/// What secrets are shown as.
pub(crate) const SECRET: &str = r#"{"password":"changed"}"#;

/// An entity as it stands in an entry.
pub(crate) fn body<T: Serialize>(entity: &T) -> Option<String> {
    serde_json::to_string(entity).ok()
}

impl Write {
    /// Notes a change on behalf of the actor; nothing without one, or where nothing changed.
    pub(crate) async fn note(
        &mut self,
        entity: &'static str,
        id: String,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<(), Error> {
        let action = match (&before, &after) {
            (before, after) if before == after => return Ok(()),
            (None, Some(after)) if after != SECRET => Action::Create,
            (Some(_), None) => Action::Delete,
            _ => Action::Update,
        };
        self.note_as(action, entity, id, before, after).await
    }

    async fn note_as(
        &mut self,
        action: Action,
        entity: &'static str,
        id: String,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<(), Error> {
        let Some(actor) = self.actor() else { return Ok(()) };
        let q = Q::of(&INSERT).bind(actor.ids.next(actor.at).to_string()).bind(actor.at).bind(actor.user).bind(actor.name.as_str());
        let q = q.bind(word(&action)).bind(entity).bind(id).bind(before).bind(after);
        q.run(self).await.map(|_| ())
    }
}

/// Notes that a supervisor corrected how a call was classed.
///
/// # Errors
/// As every write.
#[instrument(name = "db.audit.corrected", level = "debug", skip_all)]
pub async fn corrected(write: &mut Write, call: CallId, before: String, after: String) -> Result<(), Error> {
    write.note("call", call.to_string(), Some(before), Some(after)).await
}

/// Notes that a prompt or a piece of music was uploaded, replaced or removed: what is known of the one before and of the one after.
///
/// # Errors
/// As every write.
#[instrument(name = "db.audit.sound", level = "debug", skip_all)]
pub async fn sound(write: &mut Write, name: &str, before: Option<String>, after: Option<String>) -> Result<(), Error> {
    write.note("sound", name.to_owned(), before, after).await
}

/// Notes that somebody listens to a recording, or downloads it, with the short number of its call.
///
/// # Errors
/// As every write.
#[instrument(name = "db.audit.heard", level = "debug", skip_all)]
pub async fn heard(write: &mut Write, action: Action, recording: RecordingId, number: Option<u64>) -> Result<(), Error> {
    let told = serde_json::json!({ "call_number": number }).to_string();
    write.note_as(action, "recording", recording.to_string(), None, Some(told)).await
}

/// What a thing was when it was removed; `None`: the log does not know that it was.
///
/// # Errors
/// As every read.
#[instrument(name = "db.audit.removed", level = "debug", skip_all)]
pub async fn removed(from: impl Into<Reader<'_>>, id: &str) -> Result<Option<String>, Error> {
    Ok(Q::of(&REMOVED).bind(id).optional(from, |row| row.opt_text("before_body")).await?.flatten())
}

/// Notes that a supervisor takes part in a call, and how: `listen`, `whisper` or `barge`.
///
/// # Errors
/// As every write.
#[instrument(name = "db.audit.supervised", level = "debug", skip_all)]
pub async fn supervised(write: &mut Write, call: CallId, mode: Supervision) -> Result<(), Error> {
    write.note("call", call.to_string(), None, Some(format!(r#"{{"supervision":"{}"}}"#, word(&mode)))).await
}

/// Notes that a supervisor took a call over.
///
/// # Errors
/// As every write.
#[instrument(name = "db.audit.taken_over", level = "debug", skip_all)]
pub async fn taken_over(write: &mut Write, call: CallId) -> Result<(), Error> {
    write.note("call", call.to_string(), None, Some(r#"{"supervision":"take_over"}"#.to_owned())).await
}

/// Notes that somebody unlocked a login that too many wrong passwords had locked.
///
/// # Errors
/// As every write.
#[instrument(name = "db.audit.unlocked", level = "debug", skip_all)]
pub async fn unlocked(write: &mut Write, user: UserId, login: &str) -> Result<(), Error> {
    let told = |locked: bool| serde_json::json!({ "login": login, "locked": locked }).to_string();
    write.note("user", user.to_string(), Some(told(true)), Some(told(false))).await
}

/// Notes that somebody was invited by mail to choose a password.
///
/// # Errors
/// As every write.
#[instrument(name = "db.audit.invited", level = "debug", skip_all)]
pub async fn invited(write: &mut Write, user: UserId, login: &str) -> Result<(), Error> {
    let told = |invited: bool| serde_json::json!({ "login": login, "invited": invited }).to_string();
    write.note("user", user.to_string(), Some(told(false)), Some(told(true))).await
}

/// A page of entries.
///
/// # Errors
/// As every read; [`Error::Cursor`].
#[instrument(name = "db.audit.list", level = "debug", skip_all)]
pub async fn list(from: impl Into<Reader<'_>>, filter: &AuditFilter) -> Result<Page<AuditEntry>, Error> {
    let walk = Walk::new(&"at", key(), filter.order, "a.id", filter.after.as_deref(), filter.limit)?;
    let rows = list_query(filter, &walk).all(from, |row| Ok((read(row)?, walk.position(row)?))).await?;
    Ok(walk.page(rows))
}

fn key() -> SortKey {
    SortKey::integer("a.at")
}

fn list_query(filter: &AuditFilter, walk: &Walk) -> Q {
    let columns = "SELECT a.id, a.at, a.user_id, a.by_name, a.action, a.entity, a.entity_id, a.before_body, a.after_body";
    let q = walk.select(Q::list("audit", columns)).sql(" FROM audit a WHERE 1 = 1");
    let q = q.and("a.entity =", filter.entity.as_deref()).and("a.entity_id =", filter.entity_id.as_deref());
    let q = q.and("a.by_name =", filter.by.as_deref());
    walk.order(q.and("a.at >=", filter.from).and("a.at <", filter.until))
}

/// The texts [`list`] can run, for the test that prepares them.
pub(crate) fn list_texts() -> Vec<String> {
    let whether = |bits: u32, bit: u32| bits & (1 << bit) != 0;
    let text = |bits: u32, bit: u32| whether(bits, bit).then(String::new);
    let filter = |bits: u32| AuditFilter {
        entity: text(bits, 0),
        entity_id: text(bits, 1),
        by: text(bits, 2),
        from: whether(bits, 3).then_some(Timestamp::UNIX_EPOCH),
        until: whether(bits, 4).then_some(Timestamp::UNIX_EPOCH),
        ..AuditFilter::default()
    };
    (0..32).flat_map(|bits| both_pages(key, "a.id", |walk| list_query(&filter(bits), &walk).text())).collect()
}

fn read(row: &Row) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        id: row.text("id")?,
        at: row.at("at")?,
        user: row.opt_id("user_id")?,
        by: row.text("by_name")?,
        action: row.word("action")?,
        entity: row.text("entity")?,
        entity_id: row.text("entity_id")?,
        before: row.opt_text("before_body")?,
        after: row.opt_text("after_body")?,
    })
}
