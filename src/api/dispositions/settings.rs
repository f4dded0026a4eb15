//! A disposition as an administrator sets it up.

use carillon_model::{DISPOSITION_LEVELS, Disposition, DispositionId};
use carillon_store::{
    Db, Error, Stored, Write, disposition,
    setup::{DispositionSetup, Setup},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Api, Problem,
        kept::{Resource, check, taken},
        page,
    },
    dispatch::Snapshot,
};

/// A class a call may be given.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispositionSettings {
    /// What people read; unique among those below the same one.
    #[schema(example = "Sold")]
    name: String,
    /// Id of the one it stands below; absent: it is of the first level. There may be three levels.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    parent: Option<DispositionId>,
    /// Whether it is the site's own and not one of the usual ones, which stand apart.
    #[serde(default)]
    custom: bool,
    /// Its place among those of the same level, the smallest first, of the same place as they were entered; absent: a new one is the last, a
    /// changed one stays.
    #[serde(default)]
    position: Option<u32>,
    /// Short names of the queues whose calls may be given it; none: any call. Of the first level alone.
    #[serde(default)]
    queues: Vec<String>,
}

impl DispositionSettings {
    /// As a stored disposition has them.
    pub(super) fn of(disposition: &Disposition, directory: &Snapshot) -> Self {
        Self {
            name: disposition.name.clone(),
            parent: disposition.parent,
            custom: disposition.custom,
            position: Some(disposition.position),
            queues: disposition.queues.iter().filter_map(|queue| Some(directory.queues.get(queue)?.name.clone())).collect(),
        }
    }

    /// The disposition with them, checked.
    pub(super) fn made(self, id: DispositionId, directory: &Snapshot) -> Result<Disposition, Problem> {
        let Self { name, parent, custom, position, queues } = self;
        let beside = directory.dispositions.iter().filter(|other| other.parent == parent);
        let position = position.unwrap_or_else(|| beside.map(|other| other.position).max().unwrap_or_default());
        let setup = DispositionSetup { name: name.clone(), parent: None, custom, position, queues: Vec::new() };
        check(&Setup { disposition: vec![setup], ..Setup::default() })?;
        if let Some(parent) = parent {
            match directory.disposition_path(parent).len() {
                0 => return Err(Problem::invalid("parent", "There is no such disposition.")),
                DISPOSITION_LEVELS.. => return Err(Problem::invalid("parent", "There are three levels at most.")),
                _ if !queues.is_empty() => return Err(Problem::invalid("queues", "Of the first level alone: those below follow it.")),
                _ => {}
            }
        }
        let queues: Result<Vec<_>, Problem> = queues.iter().map(|name| page::queue(directory, Some(name))).collect();
        Ok(Disposition { id, name, parent, custom, position, queues: queues?.into_iter().flatten().collect() })
    }
}

impl Resource for Disposition {
    type Settings = DispositionSettings;
    const KIND: &'static str = "disposition";

    async fn stored(db: &Db, id: Uuid) -> Result<Option<Stored<Self>>, Error> {
        disposition::get(db, DispositionId::new(id)).await
    }

    fn settings(&self, directory: &Snapshot) -> DispositionSettings {
        DispositionSettings::of(self, directory)
    }

    fn with(&self, settings: &DispositionSettings, api: &Api) -> Result<Self, Problem> {
        let settings = DispositionSettings { position: settings.position.or(Some(self.position)), ..settings.clone() };
        let disposition = settings.made(self.id, &api.around.directory.read())?;
        match disposition.parent == self.parent {
            true => Ok(disposition),
            false => Err(Problem::invalid("parent", "It stays below the one it is below.")),
        }
    }

    async fn store(&self, _: &DispositionSettings, _: &Api, write: &mut Write, version: i64) -> Result<Option<i64>, Problem> {
        disposition::update(write, self, version, Timestamp::now()).await.map_err(taken("name"))
    }
}
