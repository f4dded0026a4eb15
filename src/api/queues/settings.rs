//! A queue as an administrator sets it up.

use carillon_model::{Number, Queue, QueueId, RecordingPolicy, Strategy};
use carillon_store::{
    Db, Error, Stored, Write, queue,
    setup::{QueueSetup, Setup},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Api, Problem,
        kept::{Named, Resource, check, taken},
    },
    dispatch::Snapshot,
};

/// A queue of calls and how it is worked.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueSettings {
    /// Short name, unique; what a dialplan says.
    #[schema(example = "sales")]
    name: String,
    /// Name shown to people.
    #[schema(example = "Sales")]
    label: String,
    /// `longest_idle` or `ring_all`.
    #[schema(value_type = String)]
    strategy: Strategy,
    /// Milliseconds an offer rings.
    #[schema(example = 15000)]
    offer_ms: u32,
    /// Milliseconds of wrap-up after a call.
    #[schema(example = 10000)]
    wrapup_ms: u32,
    /// Misses in a row after which an agent is paused; 0: never.
    misses_pause: u32,
    /// Milliseconds a caller may wait; absent: without limit.
    max_wait_ms: Option<u32>,
    /// Callers that may wait at once.
    #[schema(example = 100)]
    max_waiting: u32,
    /// Music for those who wait, by name.
    #[schema(example = "hold")]
    music: String,
    /// Whether calls are recorded.
    record: bool,
    /// Prompt played before anything is recorded, by name.
    consent: Option<String>,
    /// Number shown to whom an agent calls in the queue's name; absent: the agent's.
    caller_id: Option<String>,
    /// Days after which a recording of the queue's calls is removed, 1 to 36500; absent: as the site keeps them.
    keep_recordings_days: Option<u32>,
}

impl QueueSettings {
    /// As a stored queue has them.
    pub(super) fn of(queue: &Queue) -> Self {
        Self {
            name: queue.name.clone(),
            label: queue.label.clone(),
            strategy: queue.strategy,
            offer_ms: queue.offer_ms,
            wrapup_ms: queue.wrapup_ms,
            misses_pause: queue.misses_pause,
            max_wait_ms: queue.max_wait_ms,
            max_waiting: queue.max_waiting,
            music: queue.music.clone(),
            record: queue.recording.record,
            consent: queue.recording.consent.clone(),
            caller_id: queue.caller_id.as_ref().map(|number| number.as_str().to_owned()),
            keep_recordings_days: queue.keep_recordings_days,
        }
    }

    /// The queue with them, checked.
    pub(super) fn queue(self, id: QueueId) -> Result<Queue, Problem> {
        let queue = QueueSetup {
            name: self.name.clone(),
            label: Some(self.label.clone()),
            strategy: self.strategy,
            offer_ms: self.offer_ms,
            wrapup_ms: self.wrapup_ms,
            misses_pause: self.misses_pause,
            max_wait_ms: self.max_wait_ms,
            max_waiting: self.max_waiting,
            music: self.music.clone(),
            record: self.record,
            consent: self.consent.clone(),
            caller_id: self.caller_id.clone(),
            keep_recordings_days: self.keep_recordings_days,
            members: Vec::new(),
        };
        check(&Setup { queue: vec![queue], ..Setup::default() })?;
        Ok(Queue {
            id,
            name: self.name,
            label: self.label,
            strategy: self.strategy,
            offer_ms: self.offer_ms,
            wrapup_ms: self.wrapup_ms,
            misses_pause: self.misses_pause,
            max_wait_ms: self.max_wait_ms,
            max_waiting: self.max_waiting,
            music: self.music,
            recording: RecordingPolicy { record: self.record, consent: self.consent },
            caller_id: self.caller_id.map(Number::new),
            keep_recordings_days: self.keep_recordings_days,
        })
    }
}

impl Resource for Queue {
    type Settings = QueueSettings;
    const KIND: &'static str = "queue";

    async fn stored(db: &Db, id: Uuid) -> Result<Option<Stored<Self>>, Error> {
        queue::get(db, QueueId::new(id)).await
    }

    fn settings(&self, _: &Snapshot) -> QueueSettings {
        QueueSettings::of(self)
    }

    fn with(&self, settings: &QueueSettings, api: &Api) -> Result<Self, Problem> {
        let queue = settings.clone().queue(self.id)?;
        api.check_queue_sounds(&queue)?;
        if self.name != queue.name {
            api.may_lose_name(Named::Queue, &self.name)?;
        }
        Ok(queue)
    }

    async fn store(&self, _: &QueueSettings, _: &Api, write: &mut Write, version: i64) -> Result<Option<i64>, Problem> {
        queue::update(write, self, version, Timestamp::now()).await.map_err(taken("name"))
    }
}
