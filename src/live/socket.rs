//! One WebSocket.

use std::{sync::Arc, time::Duration};

use axum::{
    Error,
    extract::ws::{Message, WebSocket},
};
use carillon_store as store;
use jiff::Timestamp;
use tokio::{
    sync::oneshot,
    time::{self, Instant, MissedTickBehavior},
};

use super::{
    Closing, Live, LivesBy, Place, Resume, Viewer,
    message::{Body, Head},
    news::{News, Picture},
    reader::Inbox,
    row::{AgentRow, LiveCallRow, QueueRow, WaitingRow},
};
use crate::auth::{key, session};

/// Bytes a frame or message of a client may have.
pub const FRAME: usize = 1 << 20;

const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a peer may take over one message.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a peer may take over the closing.
const FAREWELL: Duration = Duration::from_secs(5);

/// Why a socket ends.
enum End {
    /// The peer went, or its connection did.
    Gone,
    Closed(Closing),
}

/// Serves a socket to its end.
pub async fn serve(live: Arc<Live>, _place: Place, mut socket: WebSocket, viewer: Viewer, resume: Option<Resume>) {
    let mut beginning = live.begin(viewer, resume);
    let id = beginning.id;
    let end = speak(&live, &mut socket, viewer, &mut beginning).await;
    live.end(id);
    if let End::Closed(why) = end {
        // A peer that does not even take the close frame has gone.
        let _ = time::timeout(FAREWELL, farewell(&mut socket, why)).await;
    }
}

async fn farewell(socket: &mut WebSocket, why: Closing) -> Result<(), Error> {
    socket.send(Message::Close(Some(why.frame()))).await?;
    while let Some(Ok(_)) = socket.recv().await {}
    Ok(())
}

async fn speak(live: &Live, socket: &mut WebSocket, viewer: Viewer, beginning: &mut super::stream::Beginning) -> End {
    let mut last = beginning.prev;
    for missed in std::mem::take(&mut beginning.missed) {
        if let Err(end) = send(socket, &mut beginning.inbox.cut, live.as_seen_by(viewer.user, missed.text)).await {
            return end;
        }
    }
    let calls = std::mem::take(&mut beginning.calls);
    let picture = tokio::select! {
        why = &mut beginning.inbox.cut => return cut(why),
        picture = picture(live, viewer, calls, beginning.resumed) => picture,
    };
    let head = Head { epoch: live.epoch, seq: Some(beginning.seq), prev: last, at: Timestamp::now() };
    if let Err(end) = send(socket, &mut beginning.inbox.cut, live.as_seen_by(viewer.user, head.with(&picture))).await {
        return end;
    }
    last = beginning.seq;

    let Inbox { messages, cut: told } = &mut beginning.inbox;
    let mut heartbeat = interval(HEARTBEAT);
    let mut session_check = interval(live.check);
    loop {
        let text = tokio::select! {
            biased;
            why = &mut *told => return cut(why),
            heard = socket.recv() => match heard {
                // The stream goes one way; what a client says is taken and forgotten.
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return End::Gone,
            },
            message = messages.next() => match message {
                Some(message) => {
                    last = message.seq.unwrap_or(last);
                    message.text
                }
                None => return cut(told.await),
            },
            _ = heartbeat.tick() => {
                let head = Head { epoch: live.epoch, seq: None, prev: last, at: Timestamp::now() };
                head.with(&Body::of(&News::Heartbeat {}))
            }
            _ = session_check.tick() => {
                // A database that does not answer signs nobody out.
                match stands(live, viewer).await {
                    Ok(false) => return End::Closed(Closing::SignedOut),
                    Ok(true) | Err(_) => continue,
                }
            }
        };
        if let Err(end) = send(socket, told, live.as_seen_by(viewer.user, text)).await {
            return end;
        }
    }
}

/// Whether what a socket lives by still does. An end is told at once; this finds those that nobody tells of.
async fn stands(live: &Live, viewer: Viewer) -> Result<bool, store::Error> {
    match viewer.lives_by {
        LivesBy::Session(id) => session::stands(&live.db, viewer.user, id, Timestamp::now()).await,
        LivesBy::Key(id) => key::stands(&live.db, id).await,
    }
}

/// Sends a message; whoever is cut while the peer does not take it ends.
async fn send(socket: &mut WebSocket, told: &mut oneshot::Receiver<Closing>, text: String) -> Result<(), End> {
    tokio::select! {
        sent = socket.send(Message::Text(text.into())) => sent.map_err(|_| End::Gone),
        why = told => Err(cut(why)),
        () = time::sleep(PATIENCE) => Err(End::Closed(Closing::Behind)),
    }
}

/// A reader that was dropped without a word was dropped with the whole stream.
fn cut(why: Result<Closing, oneshot::error::RecvError>) -> End {
    End::Closed(why.unwrap_or(Closing::Stopping))
}

async fn picture(live: &Live, viewer: Viewer, calls: Vec<LiveCallRow>, resumed: bool) -> Body {
    let view = live.around.acd.view().await;
    live.reaches(live.around.journal.last()).await;
    let directory = live.around.directory.read();
    let queues = directory.queues_seen_by(viewer.only);
    let seen = |queue: &carillon_model::QueueId| queues.contains(queue);
    let agents = view.agents.iter().filter(|agent| viewer.only.is_none_or(|only| agent.agent == only));
    let picture = Picture {
        agents: agents.filter_map(|agent| AgentRow::of(agent, &directory)).collect(),
        queues: view.queues.iter().filter(|view| seen(&view.queue)).filter_map(|view| QueueRow::of(view, &directory)).collect(),
        waiting: view
            .waiting
            .iter()
            .filter(|view| seen(&view.queue))
            .filter_map(|view| WaitingRow::of(view, live.caller(view.call)?, &directory))
            .collect(),
        calls,
        written_up: live.written_up(&view.agents, viewer.user, &directory),
        alarms: if viewer.only.is_none() { live.around.health.alarms() } else { Vec::new() },
        resumed,
    };
    Body::of(&News::Snapshot(picture))
}

/// Ticks from one period on.
fn interval(period: Duration) -> time::Interval {
    let mut interval = time::interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
