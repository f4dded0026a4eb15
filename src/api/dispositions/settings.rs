//! A disposition as an administrator sets it up.

use carillon_model::{DISPOSITION_LEVELS, Disposition, DispositionId};
use carillon_store::setup::{DispositionSetup, Setup};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{Problem, kept::check, page},
    dispatch::Snapshot,
};

/// A class a call may be given.
#[derive(Serialize, Deserialize, ToSchema)]
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
    /// Its place among those of the same level, the smallest first.
    #[serde(default)]
    position: u32,
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
            position: disposition.position,
            queues: disposition.queues.iter().filter_map(|queue| Some(directory.queues.get(queue)?.name.clone())).collect(),
        }
    }

    /// The disposition with them, checked.
    pub(super) fn made(self, id: DispositionId, directory: &Snapshot) -> Result<Disposition, Problem> {
        let Self { name, parent, custom, position, queues } = self;
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
