//! Which agents work in which queues.

use carillon_model::{AgentId, Membership, QueueId};
use jiff::Timestamp;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    audit::body,
    query::{Q, Row, statements},
};

statements! { "membership":
    ALL = "SELECT queue_id, agent_id, priority FROM membership ORDER BY queue_id, priority, agent_id";
    OF_QUEUE = "SELECT queue_id, agent_id, priority FROM membership WHERE queue_id = $1 ORDER BY priority, agent_id";
    OF_AGENT = "SELECT queue_id, agent_id, priority FROM membership WHERE agent_id = $1 ORDER BY queue_id";
    SAVE = "INSERT INTO membership (queue_id, agent_id, priority, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (queue_id, agent_id) DO UPDATE SET priority = $3";
    DELETE = "DELETE FROM membership WHERE queue_id = $1 AND agent_id = $2";
}

/// All memberships, by queue and priority.
///
/// # Errors
/// As every read.
#[instrument(name = "db.membership.all", level = "debug", skip_all)]
pub async fn all(from: impl Into<Reader<'_>>) -> Result<Vec<Membership>, Error> {
    Q::of(&ALL).all(from, read).await
}

/// A queue's memberships, by priority.
///
/// # Errors
/// As every read.
#[instrument(name = "db.membership.of_queue", level = "debug", skip_all)]
pub async fn of_queue(from: impl Into<Reader<'_>>, queue: QueueId) -> Result<Vec<Membership>, Error> {
    Q::of(&OF_QUEUE).bind(queue).all(from, read).await
}

/// An agent's memberships.
///
/// # Errors
/// As every read.
#[instrument(name = "db.membership.of_agent", level = "debug", skip_all)]
pub async fn of_agent(from: impl Into<Reader<'_>>, agent: AgentId) -> Result<Vec<Membership>, Error> {
    Q::of(&OF_AGENT).bind(agent).all(from, read).await
}

/// Puts an agent into a queue, or changes the priority there.
///
/// # Errors
/// [`Error::Linked`]: no such queue or user. [`Error::Invalid`]: priority 0.
#[instrument(name = "db.membership.save", level = "debug", skip_all)]
pub async fn save(write: &mut Write, membership: &Membership, now: Timestamp) -> Result<(), Error> {
    let q = Q::of(&SAVE).bind(membership.queue).bind(membership.agent).bind(membership.priority).bind(now);
    let before = member(write, membership.queue, membership.agent).await?;
    q.run(write).await?;
    write.note("membership", membership.queue.to_string(), before, body(membership)).await
}

/// Takes an agent out of a queue; whether it was in it.
///
/// # Errors
/// As every write.
#[instrument(name = "db.membership.delete", level = "debug", skip_all)]
pub async fn delete(write: &mut Write, queue: QueueId, agent: AgentId) -> Result<bool, Error> {
    let before = member(write, queue, agent).await?;
    let deleted = Q::of(&DELETE).bind(queue).bind(agent).run(write).await? == 1;
    if deleted {
        write.note("membership", queue.to_string(), before, None).await?;
    }
    Ok(deleted)
}

/// A membership as it is, for the audit log.
async fn member(write: &mut Write, queue: QueueId, agent: AgentId) -> Result<Option<String>, Error> {
    if write.actor().is_none() {
        return Ok(None);
    }
    let members = of_queue(&mut *write, queue).await?;
    Ok(members.iter().find(|member| member.agent == agent).and_then(body))
}

fn read(row: &Row) -> Result<Membership, Error> {
    Ok(Membership { queue: row.id("queue_id")?, agent: row.id("agent_id")?, priority: row.int("priority")? })
}
