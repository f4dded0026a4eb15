//! What all readers hang on.

use std::{
    collections::BTreeMap,
    mem,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use carillon_acd::{AgentView, QueueView, WaitingView};
use carillon_model::{AgentId, AgentState, ApiKeyId, CallId, CallKind, Entry, Fact, QueueExit, QueueId, Role, SessionId, UserId};
use carillon_store::Db;
use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::{
    Caller, Closing, LivesBy, Resume, Viewer,
    board::Board,
    message::{Body, Head},
    news::{Abandoned, News},
    notices::{For, NoticeList, Notices},
    reader::{Audience, Inbox, Outgoing, Reader},
    recent::{Recent, Told},
    row::LiveCallRow,
};
use crate::{
    calls::Surroundings,
    dispatch::Snapshot,
    masking::{self, References},
};

/// Sockets of all users.
const SOCKETS: usize = 1000;
/// Sockets of one user: desktops, wallboards, forgotten tabs.
const SOCKETS_OF_USER: usize = 16;

/// The live stream of this server.
pub struct Live {
    pub(super) around: Arc<Surroundings>,
    pub(super) db: Db,
    pub(super) epoch: u64,
    /// How often a socket asks whether what it lives by still stands.
    pub(super) check: Duration,
    state: Mutex<State>,
    /// What stands for numbers that are hidden from somebody.
    pub(crate) references: References,
    /// Something may stand differently without a fact that says so.
    pub(super) touched: Notify,
    /// Up to which number facts were taken in.
    pub(super) taken: watch::Sender<u64>,
}

/// Everything readers are told from, under one lock: what a reader is given at the beginning and what follows leave no hole.
#[derive(Default)]
pub(super) struct State {
    pub(super) board: Board,
    pub(super) recent: Recent,
    pub(super) readers: BTreeMap<u64, Reader>,
    next_reader: u64,
    sockets_by_user: BTreeMap<UserId, usize>,
    /// Whether rows may be others than those shown.
    pub(super) stale: bool,
    pub(super) shown: Shown,
    /// What readers are told once it is written.
    pub(super) unsaved: Vec<Unsaved>,
    /// What people should see once.
    notices: Notices,
    /// Calls that are up whose callers gave up in a queue.
    abandoned: BTreeMap<CallId, QueueId>,
    stopped: bool,
}

/// A call whose record is being written.
pub(super) struct Unsaved {
    /// The fact that changes it.
    pub(super) seq: u64,
    pub(super) call: CallId,
    pub(super) tells: Tells,
}

/// Whom a record that is written concerns.
pub(super) enum Tells {
    /// Who sees the call in lists; and whoever works in the queue its caller gave up in.
    Ended(Audience, Option<QueueId>),
    /// Who sees the call in lists; and whoever sees that by this call somebody is called back.
    Made(Audience),
    /// Whoever sees that somebody who had given up before is spoken with now.
    Talks,
}

/// How agents and queues stood when readers were last told.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) agents: BTreeMap<AgentId, AgentView>,
    pub(super) queues: BTreeMap<QueueId, (QueueView, Vec<WaitingView>)>,
}

/// A socket's place among those that may be open; free again when it is dropped.
pub struct Place {
    live: Arc<Live>,
    user: UserId,
}

/// What a reader begins with.
pub(super) struct Beginning {
    pub(super) id: u64,
    pub(super) inbox: Inbox,
    /// The facts it missed.
    pub(super) missed: Vec<Outgoing>,
    pub(super) resumed: bool,
    /// `seq` of its snapshot.
    pub(super) seq: u64,
    pub(super) prev: u64,
    /// The calls it may see.
    pub(super) calls: Vec<LiveCallRow>,
}

impl Live {
    /// With nobody reading yet. [`Live::run`] brings it to life.
    pub fn new(around: Arc<Surroundings>, db: Db, check: Duration) -> Arc<Self> {
        let epoch = around.journal.epoch();
        let (state, touched, taken) = (Mutex::default(), Notify::new(), watch::Sender::default());
        Arc::new(Self { around, db, epoch, check, state, references: References::new(), touched, taken })
    }

    /// A place for one more socket of a user, if there is any.
    pub fn place(self: &Arc<Self>, user: UserId) -> Option<Place> {
        let mut state = self.lock();
        let all: usize = state.sockets_by_user.values().sum();
        let of_user = state.sockets_by_user.get(&user).copied().unwrap_or(0);
        if state.stopped || all >= SOCKETS || of_user >= SOCKETS_OF_USER {
            return None;
        }
        state.sockets_by_user.insert(user, of_user + 1);
        Some(Place { live: Arc::clone(self), user })
    }

    /// Whether a desktop of this user follows.
    pub fn is_read_by(&self, user: UserId) -> bool {
        self.lock().readers.values().any(|reader| reader.viewer.user == user)
    }

    /// Something may stand differently without a fact that says so: a pause that waits for the end of a call.
    pub fn touch(&self) {
        self.lock().stale = true;
        self.touched.notify_one();
    }

    /// An operator changed something. Sockets of users who are gone, kept out, have another role or see numbers otherwise are closed.
    pub fn setup_changed(&self) {
        let directory = self.around.directory.read();
        let mut state = self.lock();
        let closing: Vec<(u64, Closing)> =
            state.readers.iter().filter_map(|(id, reader)| Some((*id, misfit(reader, &directory)?))).collect();
        for (id, why) in closing {
            state.close(id, why);
        }
        for reader in state.readers.values_mut() {
            reader.queues = directory.queues_seen_by(reader.viewer.only);
        }
        state.shown = Shown::default();
        state.say(self.epoch, &Body::of(&News::SetupChanged {}), |_| true);
        drop(state);
        self.touch();
    }

    /// Closes the sockets of a session that ends.
    pub fn close_session(&self, session: SessionId) {
        self.close_where(Closing::SignedOut, |viewer| viewer.lives_by == LivesBy::Session(session));
    }

    /// Closes the sockets of a key that is taken back.
    pub fn close_key(&self, key: ApiKeyId) {
        self.close_where(Closing::SignedOut, |viewer| viewer.lives_by == LivesBy::Key(key));
    }

    /// Closes the sockets of a user whose sessions end.
    pub fn close_user(&self, user: UserId) {
        self.close_where(Closing::SignedOut, |viewer| viewer.is_another_session(user, None));
    }

    /// Closes the sockets of a user's other sessions, which ended with the password they were opened by.
    pub fn close_user_but(&self, user: UserId, stays: SessionId) {
        self.close_where(Closing::SignedOut, |viewer| viewer.is_another_session(user, Some(stays)));
    }

    /// Closes the sockets of a user's other sessions: `stays` took the work over, from an address.
    pub fn close_others(&self, user: UserId, stays: SessionId, from: IpAddr) {
        self.close_where(Closing::TakenOver(from), |viewer| viewer.is_another_session(user, Some(stays)));
    }

    /// Closes all sockets, for good.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.close_where(Closing::Stopping, |_| true);
    }

    fn close_where(&self, why: Closing, concerned: impl Fn(&Viewer) -> bool) {
        let mut state = self.lock();
        let readers: Vec<u64> = state.readers.iter().filter(|(_, reader)| concerned(&reader.viewer)).map(|(id, _)| *id).collect();
        for id in readers {
            state.close(id, why);
        }
    }

    /// An abandoned call stands otherwise: agents of its queue are told to look.
    pub fn abandoned_changed(&self, call: CallId, queue: QueueId) {
        let name = self.around.directory.read().queues.get(&queue).map(|queue| queue.name.clone());
        let body = Body::of(&News::AbandonedChanged(Abandoned { call, queue: name }));
        self.lock().say(self.epoch, &body, |reader| reader.queues.contains(&queue));
    }

    /// What a person should see once, and has seen or not.
    pub fn notices(&self, user: UserId, supervises: bool) -> NoticeList {
        self.lock().notices.of(user, supervises)
    }

    /// The person has seen them all; the person's other desktops are told.
    pub fn notices_seen(&self, user: UserId) {
        let mut state = self.lock();
        state.notices.seen(user);
        state.say(self.epoch, &Body::of(&News::NotificationsChanged {}), |reader| reader.viewer.user == user);
    }

    /// A message as its reader is to see it: with references in place of numbers, where those are hidden.
    pub(super) fn as_seen_by(&self, user: UserId, text: String) -> String {
        let directory = self.around.directory.read();
        if !masking::is_hidden_from(&directory, user) {
            return text;
        }
        // Our own messages are JSON.
        let mut message: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        masking::hide(&mut message, &self.references, &directory);
        message.to_string()
    }

    /// Waits until every fact up to that number was taken in, or none is any more: what others knew by then is known here.
    pub async fn reaches(&self, seq: u64) {
        // The sender lives in `self`: waiting cannot fail.
        let _ = self.taken.subscribe().wait_for(|taken| *taken >= seq).await;
    }

    /// Who a call that is up is from.
    pub fn caller(&self, call: CallId) -> Option<Caller> {
        self.lock().board.call(call).map(|call| call.caller.clone())
    }

    /// The call that somebody writes up, where it has ended: what is up is among the others.
    pub(super) fn written_up(&self, agents: &[AgentView], user: UserId, directory: &Snapshot) -> Option<LiveCallRow> {
        let agent = agents.iter().find(|agent| UserId::from(agent.agent) == user && agent.state == AgentState::WrapUp)?;
        self.lock().board.ended(agent.call?).map(|call| LiveCallRow::of(call, directory))
    }

    pub(super) fn begin(&self, viewer: Viewer, resume: Option<Resume>) -> Beginning {
        let directory = self.around.directory.read();
        let queues = directory.queues_seen_by(viewer.only);
        let mut state = self.lock();
        let after = resume.filter(|resume| resume.epoch == self.epoch).map(|resume| resume.after);
        let missed = after.and_then(|after| state.missed(self.epoch, after, &viewer));
        let resumed = missed.is_some();
        let missed = missed.unwrap_or_default();
        let prev = if resumed { missed.last().and_then(|last| last.seq).or(after).unwrap_or(0) } else { 0 };
        let seq = state.recent.last;
        let seen = |agents| Audience::Agents(agents).includes(&viewer);
        let row = |call| if viewer.only.is_none() { LiveCallRow::whole(call, &directory) } else { LiveCallRow::of(call, &directory) };
        let calls = state.board.calls().filter(|call| seen(call.seen_by())).map(row).collect();
        let (mut reader, inbox) = Reader::new(viewer, queues, seq);
        reader.numbers_hidden = masking::is_hidden_from(&directory, viewer.user);
        state.next_reader += 1;
        let id = state.next_reader;
        if state.stopped {
            reader.close(Closing::Stopping);
        } else {
            state.readers.insert(id, reader);
        }
        Beginning { id, inbox, missed, resumed, seq, prev, calls }
    }

    pub(super) fn end(&self, reader: u64) {
        self.lock().readers.remove(&reader);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Whole at every step: a reader that could not be told is cut.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn misfit(reader: &Reader, directory: &Snapshot) -> Option<Closing> {
    let user = directory.users.get(&reader.viewer.user).filter(|user| !user.disabled);
    let Some(user) = user else { return Some(Closing::SignedOut) };
    let sees_others = (user.role == Role::Agent) != reader.viewer.only.is_some();
    let sees_numbers = masking::is_hidden_from(directory, reader.viewer.user) != reader.numbers_hidden;
    (sees_others || sees_numbers).then_some(Closing::RoleChanged)
}

impl State {
    /// Takes the next fact and tells it.
    pub(super) fn tell(&mut self, entry: &Entry, directory: &Snapshot) {
        let made_here = entry.fact.call().and_then(|call| self.board.call(call)).is_some_and(|call| call.kind != CallKind::Inbound);
        let noticed = self.notices.take(entry, &self.board, directory);
        let folded = self.board.fold(entry);
        let row = folded.changed.and_then(|call| self.board.call(call));
        let row = row.map(|call| {
            let body = |row| Body::of(&News::CallChanged(row));
            (Audience::Agents(call.seen_by()), body(LiveCallRow::of(call, directory)), body(LiveCallRow::whole(call, directory)))
        });
        if let Some((call, tells)) = self.tells(&entry.fact, &folded.audience, made_here) {
            self.unsaved.push(Unsaved { seq: entry.seq, call, tells });
        }
        let told = Told { seq: entry.seq, at: entry.at, body: Body::of_fact(&entry.fact), audience: folded.audience };
        let told = self.recent.add(told);
        let mut behind = Vec::new();
        for (id, reader) in self.readers.iter_mut().filter(|(_, reader)| told.audience.includes(&reader.viewer)) {
            if !reader.push(outgoing(entry.epoch, told, reader.last)) {
                behind.push(*id);
            }
        }
        self.cut(behind);
        if let Some(whom) = noticed {
            let body = Body::of(&News::NotificationsChanged {});
            self.say(entry.epoch, &body, |reader| match whom {
                For::One(user) => reader.viewer.user == user,
                For::Supervisors => reader.viewer.only.is_none(),
            });
        }
        if let Some((audience, of_agents, whole)) = row {
            self.say(entry.epoch, &of_agents, |reader| reader.viewer.only.is_some() && audience.includes(&reader.viewer));
            self.say(entry.epoch, &whole, |reader| reader.viewer.only.is_none());
        }
        self.stale = true;
    }

    /// What readers are told once a fact is written.
    fn tells(&mut self, fact: &Fact, audience: &Audience, made_here: bool) -> Option<(CallId, Tells)> {
        match fact {
            Fact::CallDequeued { call, queue, exit: QueueExit::Abandoned, .. } => {
                self.abandoned.insert(*call, *queue);
                None
            }
            Fact::CallBridged { call, .. } if made_here || self.board.call(*call)?.queue.is_some() => Some((*call, Tells::Talks)),
            Fact::CallEnded { call, .. } if made_here && !self.abandoned.contains_key(call) => Some((*call, Tells::Made(audience.clone()))),
            Fact::CallEnded { call, .. } => Some((*call, Tells::Ended(audience.clone(), self.abandoned.remove(call)))),
            Fact::CallDisposed { call, .. } | Fact::RecordingStarted { call, .. } | Fact::RecordingClosed { call, .. } => {
                Some((*call, Tells::Ended(audience.clone(), None)))
            }
            _ => None,
        }
    }

    /// Says how something stands, beside the chain.
    pub(super) fn say(&mut self, epoch: u64, body: &Body, to: impl Fn(&Reader) -> bool) {
        let mut behind = Vec::new();
        let at = Timestamp::now();
        for (id, reader) in self.readers.iter_mut().filter(|(_, reader)| to(reader)) {
            let text = Head { epoch, seq: None, prev: reader.last, at }.with(body);
            if !reader.push(Outgoing { text, seq: None }) {
                behind.push(*id);
            }
        }
        self.cut(behind);
    }

    /// Facts are gone for good before `next`: whoever reads has to begin anew.
    pub(super) fn forget(&mut self, next: u64) {
        self.recent.forget(next);
        self.unsaved.clear();
        self.abandoned.clear();
        let readers = self.readers.keys().copied().collect();
        self.cut(readers);
    }

    fn missed(&self, epoch: u64, after: u64, viewer: &Viewer) -> Option<Vec<Outgoing>> {
        let mut prev = after;
        let told = self.recent.after(after)?.filter(|told| told.audience.includes(viewer));
        Some(told.map(|told| outgoing(epoch, told, mem::replace(&mut prev, told.seq))).collect())
    }

    fn cut(&mut self, readers: Vec<u64>) {
        for id in readers {
            tracing::info!(user = ?self.readers.get(&id).map(|reader| reader.viewer.user), "a desktop reads too slowly: its live stream is cut");
            self.close(id, Closing::Behind);
        }
    }

    fn close(&mut self, id: u64, why: Closing) {
        if let Some(reader) = self.readers.remove(&id) {
            reader.close(why);
        }
    }
}

fn outgoing(epoch: u64, told: &Told, prev: u64) -> Outgoing {
    let head = Head { epoch, seq: Some(told.seq), prev, at: told.at };
    Outgoing { text: head.with(&told.body), seq: head.seq }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.live.lock();
        if let Some(sockets) = state.sockets_by_user.get_mut(&self.user) {
            *sockets -= 1;
            if *sockets == 0 {
                state.sockets_by_user.remove(&self.user);
            }
        }
    }
}
