//! Lists in every order they offer, both ways, in pages of any size: each row once, those without a value last (K6).

use carillon_model::{AgentId, CallKind, DispositionId, EndedBy, Ending, Number, Queue, QueueId, Reason, RecordingPolicy, Strategy};
use carillon_store::{
    Error, Order, call,
    call::{CallColumn, CallDisposition, CallFilter, CallRecord},
    recording,
    recording::{FileClosed, Recording, RecordingColumn, RecordingFilter},
};
use jiff::Timestamp;

use crate::{
    calls::{call as a_call, closed, recording_of},
    site::{Site, at, on_both_engines, write},
};

on_both_engines!(calls_come_in_any_order, recordings_come_in_any_order, a_page_of_another_order_is_refused);

const NAMES: [&str; 3] = ["sales", "support", "Zulu"];

/// What rows name by id, and the names.
struct Named {
    queues: Vec<QueueId>,
    agents: Vec<AgentId>,
}

impl Named {
    async fn new(site: &mut Site) -> Self {
        let (mut queues, mut agents) = (Vec::new(), Vec::new());
        for (n, name) in NAMES.into_iter().enumerate() {
            let queue = Queue {
                id: QueueId::new(site.ids.next(at(0))),
                name: name.to_owned(),
                label: name.to_owned(),
                strategy: Strategy::LongestIdle,
                offer_ms: 15_000,
                wrapup_ms: 0,
                misses_pause: 0,
                max_wait_ms: None,
                max_waiting: 10,
                music: "hold".to_owned(),
                recording: RecordingPolicy::default(),
                caller_id: None,
                keep_recordings_days: None,
            };
            write!(site, queue::insert(&queue, at(0))).expect("a queue");
            let agent = site.agent(name, &format!("20{n}"));
            write!(site, user::insert(&agent, "hash", at(0))).expect("an agent");
            queues.push(queue.id);
            agents.push(AgentId::from(agent.id));
        }
        Self { queues, agents }
    }

    fn queue(&self, id: Option<QueueId>) -> Option<String> {
        let nth = self.queues.iter().position(|queue| Some(*queue) == id)?;
        Some(NAMES[nth].to_owned())
    }

    /// Logins sort without regard to case.
    fn agent(&self, id: Option<AgentId>) -> Option<String> {
        let nth = self.agents.iter().position(|agent| Some(*agent) == id)?;
        Some(NAMES[nth].to_lowercase())
    }
}

/// Numbers as texts that sort as they do.
fn padded(number: impl TryInto<u64>) -> Option<String> {
    Some(format!("{:020}", number.try_into().ok().expect("not negative")))
}

fn time(at: Timestamp) -> Option<String> {
    padded(at.as_millisecond())
}

/// The ids in the order a list should have: those without a value last both ways, ties by id.
fn expected<T>(rows: &[T], order: Order, key: impl Fn(&T) -> Option<String>, id: impl Fn(&T) -> u128) -> Vec<u128> {
    let mut keyed: Vec<_> = rows.iter().map(|row| (key(row), id(row))).collect();
    keyed.sort_by(|(one, one_id), (other, other_id)| {
        let by_key = match order {
            Order::Asc => (one, one_id).cmp(&(other, other_id)),
            Order::Desc => (other, other_id).cmp(&(one, one_id)),
        };
        one.is_none().cmp(&other.is_none()).then(by_key)
    });
    keyed.into_iter().map(|(_, id)| id).collect()
}

fn call_key(column: CallColumn, call: &CallRecord, named: &Named) -> Option<String> {
    match column {
        CallColumn::Number => padded(call.number),
        CallColumn::Kind => Some(format!("{:?}", call.kind).to_lowercase()),
        CallColumn::Caller => Some(call.caller.as_str().to_owned()),
        CallColumn::Called => Some(call.called.as_str().to_owned()),
        CallColumn::Connected => call.connected.as_ref().map(|number| number.as_str().to_owned()),
        CallColumn::Queue => named.queue(call.queue),
        CallColumn::Agent => named.agent(call.agent),
        CallColumn::StartedAt => time(call.started_at),
        CallColumn::AnsweredAt => call.answered_at.and_then(time),
        CallColumn::EndedAt => call.ended_at.and_then(time),
        CallColumn::WaitMs => padded(call.wait_ms),
        CallColumn::RingMs => padded(call.ring_ms),
        CallColumn::TalkMs => padded(call.talk_ms),
        CallColumn::Disposition => call.disposition.as_ref().and_then(|disposed| disposed.names.last().cloned()),
        CallColumn::Reason => call.ending.map(|ending| serde_json::to_string(&ending.reason).expect("a word")),
    }
}

fn classed(name: &str) -> CallDisposition {
    CallDisposition { path: vec![DispositionId::from_u128(1)], names: vec![name.to_owned()], note: None, at: at(300) }
}

/// Different in every column, with ties and gaps in each.
fn calls(named: &Named) -> Vec<CallRecord> {
    let one = |n: usize| {
        let number = i64::try_from(n).expect("small");
        CallRecord {
            number: (n % 7) as u64,
            kind: [CallKind::Inbound, CallKind::Outbound, CallKind::Internal][n % 3],
            caller: Number::new(["+390255501", "1001", "a\0b'%_", ""][n % 4]),
            called: Number::new(["5001", "5002"][n % 2]),
            connected: (!n.is_multiple_of(3)).then(|| Number::new(["1001", "1002"][n % 2])),
            queue: named.queues.get(n % 5).copied(),
            agent: (!n.is_multiple_of(4)).then(|| named.agents[n % 3]),
            answered_at: (!n.is_multiple_of(2)).then(|| at(100 - number)),
            ended_at: Some(at(200 + number / 3)),
            wait_ms: (n % 4) as u64,
            ring_ms: (n % 5) as u64,
            talk_ms: (n * 7 % 11) as u64,
            ending: Some(Ending::new(EndedBy::Caller, [Reason::HungUp, Reason::NoAgents][n % 2])),
            disposition: (n % 3 != 1).then(|| classed(["Sold", "Fax"][n % 2])),
            ..a_call(n as u128 + 1, number / 2)
        }
    };
    (0..17).map(one).collect()
}

async fn calls_come_in_any_order(mut site: Site) {
    let named = Named::new(&mut site).await;
    let anna = named.agents[0];
    let mut calls = calls(&named);
    for call in &mut calls {
        let mut write = site.db.write().await.expect("the writer's turn");
        let of = call::CallAgent { agent: anna, joined_at: call.started_at };
        call::save(&mut write, call, &[of]).await.expect("a call");
        write.commit().await.expect("a commit");
        // As it is read back.
        call.caller = Number::new(call.caller.as_str().replace('\0', "\u{FFFD}"));
    }
    for (column, order, agent) in CallColumn::ALL.into_iter().flat_map(|column| {
        [Order::Asc, Order::Desc].into_iter().flat_map(move |order| [None, Some(anna)].map(|agent| (column, order, agent)))
    }) {
        let wanted = expected(&calls, order, |call| call_key(column, call, &named), |call| call.id.as_u128());
        for limit in [1, 4, 50] {
            let mut filter = CallFilter { agent, sort: column, order, limit, ..CallFilter::default() };
            let mut seen = Vec::new();
            loop {
                let page = call::list(&site.db, &filter).await.expect("a page");
                seen.extend(page.items.iter().map(|call| call.id.as_u128()));
                filter.after = page.next;
                if filter.after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, wanted, "{column:?} {order:?} in pages of {limit}, of an agent: {}", agent.is_some());
        }
    }
}

fn recording_key(column: RecordingColumn, recording: &Recording, named: &Named) -> Option<String> {
    let closed = recording.file_closed.as_ref();
    match column {
        RecordingColumn::Id => Some(recording.id.to_string()),
        RecordingColumn::Kind => Some(format!("{:?}", recording.kind).to_lowercase()),
        RecordingColumn::Caller => Some(recording.caller.as_str().to_owned()),
        RecordingColumn::Called => Some(recording.called.as_str().to_owned()),
        RecordingColumn::Connected => recording.connected.as_ref().map(|number| number.as_str().to_owned()),
        RecordingColumn::Queue => named.queue(recording.queue),
        RecordingColumn::Agent => named.agent(recording.agent),
        RecordingColumn::StartedAt => time(recording.started_at),
        RecordingColumn::StoppedAt => recording.stopped_at.and_then(time),
        RecordingColumn::LengthMs => padded(closed?.length_ms),
        RecordingColumn::Bytes => padded(closed?.bytes),
        RecordingColumn::Rating => padded(recording.rating?),
    }
}

async fn recordings_come_in_any_order(mut site: Site) {
    let named = Named::new(&mut site).await;
    let mut recordings = Vec::new();
    for (n, call) in calls(&named).iter().enumerate() {
        write!(site, call::save(call, &[])).expect("a call");
        let number = u64::try_from(n).expect("small");
        let file_closed = closed().map(|closed| FileClosed { length_ms: number % 4, bytes: number * 5 % 9, ..closed });
        let stopped_at = (!n.is_multiple_of(3)).then_some(call.started_at);
        let rating = (!n.is_multiple_of(2)).then_some(u32::try_from(n % 5 + 1).expect("small"));
        let recording = Recording { file_closed, stopped_at, ..recording_of(call) };
        write!(site, recording::save(&recording)).expect("a recording");
        write!(site, recording::set_rating(recording.id, rating)).expect("a rating");
        let caller = Number::new(call.caller.as_str().replace('\0', "\u{FFFD}"));
        recordings.push(Recording { rating, caller, ..recording });
    }
    for (column, order) in RecordingColumn::ALL.into_iter().flat_map(|column| [(column, Order::Asc), (column, Order::Desc)]) {
        let wanted = expected(&recordings, order, |recording| recording_key(column, recording, &named), |recording| recording.id.as_u128());
        let mut filter = RecordingFilter { sort: column, order, limit: 3, ..RecordingFilter::default() };
        let mut seen = Vec::new();
        loop {
            let page = recording::list(&site.db, &filter).await.expect("a page");
            seen.extend(page.items.iter().map(|recording| recording.id.as_u128()));
            filter.after = page.next;
            if filter.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, wanted, "{column:?} {order:?}");
    }
}

async fn a_page_of_another_order_is_refused(mut site: Site) {
    let named = Named::new(&mut site).await;
    for call in calls(&named) {
        write!(site, call::save(&call, &[])).expect("a call");
    }
    let by_queue = CallFilter { sort: CallColumn::Queue, order: Order::Asc, limit: 3, ..CallFilter::default() };
    let next = call::list(&site.db, &by_queue).await.expect("a page").next.expect("a second page");
    let no_hex = format!("queue.asc.{}.t6", call_id());
    let wrong = [
        (CallFilter { order: Order::Desc, ..by_queue.clone() }, next.as_str()),
        (CallFilter { sort: CallColumn::Number, ..by_queue.clone() }, next.as_str()),
        (by_queue.clone(), ""),
        (by_queue.clone(), "queue.asc"),
        (by_queue.clone(), "queue.asc.id.i5"),
        (by_queue.clone(), "queue.asc.id.tzz"),
        (by_queue.clone(), &no_hex),
        (CallFilter { sort: CallColumn::Number, ..by_queue.clone() }, "number.asc.id."),
        (CallFilter { sort: CallColumn::Number, ..by_queue }, "number.asc.id.i99999999999999999999"),
    ];
    for (filter, after) in wrong {
        let refused = call::list(&site.db, &CallFilter { after: Some(after.to_owned()), ..filter }).await;
        assert!(matches!(refused, Err(Error::Cursor)), "{after}: {refused:?}");
    }
}

fn call_id() -> carillon_model::CallId {
    carillon_model::CallId::from_u128(1)
}
