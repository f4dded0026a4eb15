//! The task that feeds the stream: facts as they come, and how agents and queues stand when that has changed.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use carillon_model::{AgentId, CallId, QueueId};
use carillon_store::{abandoned_call, fact};
use tokio::time::{self, MissedTickBehavior};

use super::{
    Live,
    message::Body,
    news::{Line, News, Saved},
    reader::Audience,
    row::{AgentRow, QueueRow, WaitingRow},
    stream::{Shown, Tells, Unsaved},
};
use crate::{
    dispatch::{Snapshot, View},
    journal::{Followed, Follower},
};

/// Rows that changed are told this often at most.
const SHOW_EVERY: Duration = Duration::from_millis(200);
/// Callers a queue's message lists.
const LISTED: usize = 100;
/// How often missed facts are looked for in the database before they are given up.
const LOOKS: u32 = 10;

impl Live {
    /// Follows the journal until it ends. `follower` was made before anything was appended that readers have to know.
    pub async fn run(self: Arc<Self>, mut follower: Follower) {
        let mut landed = self.around.journal.landed();
        self.taken.send_replace(follower.after());
        let _ended = Ended(Arc::clone(&self));
        let mut show = time::interval(SHOW_EVERY);
        show.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                followed = follower.next() => match followed {
                    Some(followed) => self.take(followed).await,
                    None => return,
                },
                _ = show.tick(), if self.is_stale() => self.show(&mut follower).await,
                Ok(()) = landed.changed() => self.tell_saved(*landed.borrow_and_update()),
                () = self.touched.notified() => {}
            }
        }
    }

    async fn take(self: &Arc<Self>, followed: Followed) {
        // The next entry's number says where a gap is.
        let Followed::Entry(entry) = followed else { return };
        self.catch_up(entry.seq).await;
        let directory = self.around.directory.read();
        self.lock().tell(&entry, &directory);
        self.taken.send_replace(entry.seq);
        // It may have been written before it was heard of here.
        let landed = *self.around.journal.landed().borrow();
        self.tell_saved(landed);
    }

    fn is_stale(&self) -> bool {
        let state = self.lock();
        state.stale && !state.readers.is_empty()
    }

    /// Facts before `next` that were appended before this followed, or while it was too slow, are in the database by now.
    async fn catch_up(&self, next: u64) {
        let mut last = self.lock().recent.last;
        for _ in 0..LOOKS {
            while last + 1 < next {
                let Ok(entries) = fact::after(&self.db, self.epoch, last, 1000).await else { break };
                let directory = self.around.directory.read();
                let found = entries.iter().filter(|entry| entry.epoch == self.epoch && entry.seq < next);
                let before = last;
                for entry in found.take_while(|entry| entry.seq <= next) {
                    if entry.seq != last + 1 {
                        break;
                    }
                    self.lock().tell(entry, &directory);
                    last = entry.seq;
                }
                if last == before {
                    break;
                }
            }
            if last + 1 >= next {
                return;
            }
            time::sleep(SHOW_EVERY).await;
        }
        tracing::error!(from = last + 1, to = next - 1, "facts are missing for the live stream: desktops begin anew");
        self.lock().forget(next);
    }

    /// Tells the rows that are others than those shown.
    async fn show(self: &Arc<Self>, follower: &mut Follower) {
        self.lock().stale = false;
        let view = self.around.acd.view().await;
        // Who waits by that view is up by the facts before it.
        let before = self.around.journal.last();
        while *self.taken.borrow() < before {
            let Some(followed) = follower.next().await else { return };
            self.take(followed).await;
        }
        let directory = self.around.directory.read();
        let now = shown(view);
        let agents =
            now.agents.values().filter_map(|view| Some((view.agent, Body::of(&News::AgentChanged(AgentRow::of(view, &directory)?)))));
        let agents: BTreeMap<AgentId, Body> = agents.collect();
        let lines = now.queues.keys().filter_map(|queue| Some((*queue, self.line(&now, *queue, &directory)?)));
        let lines: BTreeMap<QueueId, Body> = lines.collect();
        let mut state = self.lock();
        let before = std::mem::replace(&mut state.shown, now);
        for (agent, body) in &agents {
            let same = before.agents.get(agent) == state.shown.agents.get(agent);
            let audience = Audience::agent(*agent);
            state.say(self.epoch, body, |reader| (reader.fresh || !same) && audience.includes(&reader.viewer));
        }
        for (queue, body) in &lines {
            let same = before.queues.get(queue) == state.shown.queues.get(queue);
            state.say(self.epoch, body, |reader| (reader.fresh || !same) && reader.queues.contains(queue));
        }
        for reader in state.readers.values_mut() {
            reader.fresh = false;
        }
    }

    fn line(&self, now: &Shown, queue: QueueId, directory: &Snapshot) -> Option<Body> {
        let (view, waiting) = now.queues.get(&queue)?;
        let waiting = waiting.iter().take(LISTED).filter_map(|view| WaitingRow::of(view, self.caller(view.call)?, directory)).collect();
        Some(Body::of(&News::QueueChanged(Line { queue: QueueRow::of(view, directory)?, waiting })))
    }

    /// The database has every fact up to `seq`.
    fn tell_saved(self: &Arc<Self>, seq: u64) {
        let mut state = self.lock();
        if state.unsaved.is_empty() {
            return;
        }
        let unsaved = std::mem::take(&mut state.unsaved);
        let (saved, unsaved): (Vec<Unsaved>, Vec<Unsaved>) = unsaved.into_iter().partition(|one| one.seq <= seq);
        state.unsaved = unsaved;
        let mut abandoned = Vec::new();
        for Unsaved { call, tells, .. } in saved {
            match tells {
                Tells::Ended(audience, queue) => {
                    state.say(self.epoch, &Body::of(&News::CallSaved(Saved { call })), |reader| audience.includes(&reader.viewer));
                    abandoned.extend(queue.map(|queue| (call, queue)));
                }
                Tells::Made(audience) => {
                    state.say(self.epoch, &Body::of(&News::CallSaved(Saved { call })), |reader| audience.includes(&reader.viewer));
                    drop(tokio::spawn(Arc::clone(self).tell_concerned(call)));
                }
                Tells::Talks => drop(tokio::spawn(Arc::clone(self).tell_concerned(call))),
            }
        }
        drop(state);
        for (call, queue) in abandoned {
            self.abandoned_changed(call, queue);
        }
    }

    /// Tells what was abandoned before by whom a call serves, or calls back.
    async fn tell_concerned(self: Arc<Self>, call: CallId) {
        match abandoned_call::concerned(&self.db, call).await {
            Ok(concerned) => concerned.into_iter().for_each(|(call, queue)| self.abandoned_changed(call, queue)),
            // Whoever looks at the list anew sees it.
            Err(error) => tracing::warn!(%call, %error, "what was abandoned before cannot be read"),
        }
    }
}

/// However the stream ends, nobody waits for it afterwards.
struct Ended(Arc<Live>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.taken.send_replace(u64::MAX);
    }
}

fn shown(view: View) -> Shown {
    let mut shown = Shown::default();
    shown.agents.extend(view.agents.into_iter().map(|agent| (agent.agent, agent)));
    shown.queues.extend(view.queues.into_iter().map(|queue| (queue.queue, (queue, Vec::new()))));
    for waiting in view.waiting {
        if let Some((_, line)) = shown.queues.get_mut(&waiting.queue) {
            line.push(waiting);
        }
    }
    shown
}
