//! One who reads the stream: what it may see, what waits for it, and where it is cut.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use carillon_model::{AgentId, ApiKeyId, QueueId, SessionId, UserId};
use tokio::sync::{mpsc, oneshot};

use super::Closing;

/// Messages that may wait for a reader.
const MESSAGES: usize = 256;
/// Bytes that may wait for a reader.
const BYTES: usize = 4 << 20;

/// Whose stream it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// The user.
    pub user: UserId,
    /// What the socket lives by.
    pub lives_by: LivesBy,
    /// The one agent whose things are seen; `None`: everybody's.
    pub only: Option<AgentId>,
}

/// What a socket was opened with, and ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LivesBy {
    /// Somebody who signed in.
    Session(SessionId),
    /// Other software.
    Key(ApiKeyId),
}

impl Viewer {
    /// Whether it lives by a session of this user other than `stays`.
    pub(super) fn is_another_session(&self, user: UserId, stays: Option<SessionId>) -> bool {
        self.user == user && matches!(self.lives_by, LivesBy::Session(session) if Some(session) != stays)
    }
}

/// Who sees a message. Supervisors and administrators see them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Audience {
    Everybody,
    Supervisors,
    Agents(BTreeSet<AgentId>),
}

impl Audience {
    pub(super) fn agent(agent: AgentId) -> Self {
        Self::Agents(BTreeSet::from([agent]))
    }

    pub(super) fn includes(&self, viewer: &Viewer) -> bool {
        match (viewer.only, self) {
            (None, _) | (_, Self::Everybody) => true,
            (Some(_), Self::Supervisors) => false,
            (Some(agent), Self::Agents(agents)) => agents.contains(&agent),
        }
    }
}

/// A message on its way to a socket.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) text: String,
    pub(super) seq: Option<u64>,
}

/// The writing end of a reader's queue.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) viewer: Viewer,
    /// The queues an agent works in, as they were when last looked up.
    pub(super) queues: BTreeSet<QueueId>,
    /// Last `seq` put into the queue.
    pub(super) last: u64,
    /// Whether numbers were hidden from it when it began: what it holds of them.
    pub(super) numbers_hidden: bool,
    /// Whether nothing but the snapshot has told it how things stand.
    pub(super) fresh: bool,
    queue: mpsc::Sender<Outgoing>,
    bytes: Arc<AtomicUsize>,
    cut: oneshot::Sender<Closing>,
}

/// The reading end.
pub(super) struct Inbox {
    pub(super) messages: Messages,
    /// Says when and why the socket is to be closed.
    pub(super) cut: oneshot::Receiver<Closing>,
}

/// What waits for a reader.
pub(super) struct Messages {
    queue: mpsc::Receiver<Outgoing>,
    bytes: Arc<AtomicUsize>,
}

impl Reader {
    pub(super) fn new(viewer: Viewer, queues: BTreeSet<QueueId>, last: u64) -> (Self, Inbox) {
        let (sender, queue) = mpsc::channel(MESSAGES);
        let (cut, told) = oneshot::channel();
        let bytes = Arc::new(AtomicUsize::new(0));
        (
            Self { viewer, queues, last, numbers_hidden: false, fresh: true, queue: sender, bytes: Arc::clone(&bytes), cut },
            Inbox { messages: Messages { queue, bytes }, cut: told },
        )
    }

    /// Puts a message into the queue; false when it has no room: the reader is to be cut.
    pub(super) fn push(&mut self, message: Outgoing) -> bool {
        let length = message.text.len();
        let seq = message.seq;
        if self.bytes.load(Ordering::Relaxed) + length > BYTES {
            return false;
        }
        self.bytes.fetch_add(length, Ordering::Relaxed);
        let taken = self.queue.try_send(message).is_ok();
        if let (true, Some(seq)) = (taken, seq) {
            self.last = seq;
        }
        taken
    }

    pub(super) fn close(self, why: Closing) {
        // A socket that has gone by itself needs no telling.
        let _ = self.cut.send(why);
    }
}

impl Messages {
    /// The next message; `None` when the reader has been cut.
    pub(super) async fn next(&mut self) -> Option<Outgoing> {
        let message = self.queue.recv().await?;
        self.bytes.fetch_sub(message.text.len(), Ordering::Relaxed);
        Some(message)
    }
}
