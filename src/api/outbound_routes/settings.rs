//! An outbound route as an administrator sets it up.

use carillon_model::{OutboundRoute, RecordingPolicy, RouteId};
use carillon_store::setup::{OutboundRouteSetup, Setup};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{Problem, kept::check},
    dispatch::Snapshot,
};

/// Which trunk takes a dialled number.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteSettings {
    /// Leading characters of the dialled number, unique. The longest that fits wins.
    #[schema(example = "+39")]
    prefix: String,
    /// Short name of the trunk.
    #[schema(example = "carrier")]
    trunk: String,
    /// Whether calls that leave by it are recorded.
    #[serde(default)]
    record: bool,
    /// Prompt played before anything is recorded, by name.
    consent: Option<String>,
}

impl RouteSettings {
    /// As a stored route has them.
    pub(super) fn of(route: &OutboundRoute, directory: &Snapshot) -> Self {
        Self {
            prefix: route.prefix.clone(),
            trunk: directory.trunks.get(&route.trunk).map(|trunk| trunk.name.clone()).unwrap_or_default(),
            record: route.recording.record,
            consent: route.recording.consent.clone(),
        }
    }

    /// The route with them, checked.
    pub(super) fn route(self, id: RouteId, directory: &Snapshot) -> Result<OutboundRoute, Problem> {
        let Self { prefix, trunk, record, consent } = self;
        let route = OutboundRouteSetup { prefix: prefix.clone(), trunk: trunk.clone(), record, consent: consent.clone() };
        check(&Setup { outbound_route: vec![route], ..Setup::default() })?;
        let trunk = directory.trunk_named(&trunk).ok_or_else(|| Problem::invalid("trunk", "There is no such trunk."))?.id;
        Ok(OutboundRoute { id, prefix, trunk, recording: RecordingPolicy { record, consent } })
    }
}
