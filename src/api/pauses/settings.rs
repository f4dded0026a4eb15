//! A reason for a pause as an administrator sets it up.

use carillon_model::{PauseId, PauseReason};
use carillon_store::{
    Db, Error, Stored, Write, pause_reason,
    setup::{PauseReasonSetup, Setup},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Api, Problem,
        kept::{Resource, check, taken},
    },
    dispatch::Snapshot,
};

/// A reason an agent may give for a pause.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseSettings {
    /// Short name, unique; what `POST /me/pause` takes.
    #[schema(example = "lunch")]
    name: String,
    /// Name shown to people.
    #[schema(example = "Lunch")]
    label: String,
    /// The one taken when none is named. Making one so unmakes the other.
    #[serde(default)]
    default: bool,
    /// Whether the time counts as paid.
    #[serde(default)]
    paid: bool,
}

impl PauseSettings {
    /// As a stored reason has them.
    pub(super) fn of(pause: &PauseReason) -> Self {
        Self { name: pause.name.clone(), label: pause.label.clone(), default: pause.is_default, paid: pause.paid }
    }

    /// The reason with them, checked.
    pub(super) fn pause(self, id: PauseId) -> Result<PauseReason, Problem> {
        let Self { name, label, default, paid } = self;
        let pause = PauseReasonSetup { name: name.clone(), label: Some(label.clone()), is_default: default, paid };
        check(&Setup { pause_reason: vec![pause], ..Setup::default() })?;
        Ok(PauseReason { id, name, label, is_default: default, paid })
    }
}

impl Resource for PauseReason {
    type Settings = PauseSettings;
    const KIND: &'static str = "pause";

    async fn stored(db: &Db, id: Uuid) -> Result<Option<Stored<Self>>, Error> {
        pause_reason::get(db, PauseId::new(id)).await
    }

    fn settings(&self, _: &Snapshot) -> PauseSettings {
        PauseSettings::of(self)
    }

    fn with(&self, settings: &PauseSettings, _: &Api) -> Result<Self, Problem> {
        let pause = settings.clone().pause(self.id)?;
        match self.is_default && !pause.is_default {
            true => Err(Problem::invalid("default", "Make another one the default instead.")),
            false => Ok(pause),
        }
    }

    async fn store(&self, _: &PauseSettings, _: &Api, write: &mut Write, version: i64) -> Result<Option<i64>, Problem> {
        pause_reason::update(write, self, version, Timestamp::now()).await.map_err(taken("name"))
    }
}
