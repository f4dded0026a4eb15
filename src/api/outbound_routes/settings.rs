//! An outbound route as an administrator sets it up.

use carillon_model::{Number, OutboundRoute, RecordingPolicy, RouteClass, RouteId, TrunkId};
use carillon_store::{
    Db, Error, Stored, Write, outbound_route,
    setup::{OutboundRouteSetup, Setup},
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

/// Which trunks take a dialled number.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteSettings {
    /// Leading characters of the dialled number, unique. The longest that fits wins. Of class `emergency` the whole number.
    #[schema(example = "+39")]
    prefix: String,
    /// `national`, `international` and `premium` need the right of that name; `emergency` may be dialled on any phone, `blocked` on none.
    #[serde(default)]
    #[schema(value_type = String)]
    class: RouteClass,
    /// Short name of the trunk.
    #[schema(example = "carrier")]
    trunk: String,
    /// Short names of the trunks tried in this order when that one cannot be had.
    #[serde(default)]
    fallback: Vec<String>,
    /// Number shown where neither queue nor agent has one; of class `emergency` always.
    caller_id: Option<String>,
    /// Whether calls that leave by it are recorded.
    #[serde(default)]
    record: bool,
    /// Prompt played before anything is recorded, by name.
    consent: Option<String>,
}

impl RouteSettings {
    /// As a stored route has them.
    pub(super) fn of(route: &OutboundRoute, directory: &Snapshot) -> Self {
        let name = |trunk: &TrunkId| directory.trunks.get(trunk).map(|trunk| trunk.name.clone());
        Self {
            prefix: route.prefix.clone(),
            class: route.class,
            trunk: name(&route.trunk).unwrap_or_default(),
            fallback: route.fallback.iter().filter_map(name).collect(),
            caller_id: route.caller_id.as_ref().map(|number| number.as_str().to_owned()),
            record: route.recording.record,
            consent: route.recording.consent.clone(),
        }
    }

    /// The route with them, checked.
    pub(super) fn route(self, id: RouteId, directory: &Snapshot) -> Result<OutboundRoute, Problem> {
        let Self { prefix, class, trunk, fallback, caller_id, record, consent } = self;
        let route = OutboundRouteSetup {
            prefix: prefix.clone(),
            class,
            trunk: trunk.clone(),
            fallback: fallback.clone(),
            caller_id: caller_id.clone(),
            record,
            consent: consent.clone(),
        };
        check(&Setup { outbound_route: vec![route], ..Setup::default() })?;
        let known = |field: &str, name: &str| {
            directory.trunk_named(name).map(|trunk| trunk.id).ok_or_else(|| Problem::invalid(field, "There is no such trunk."))
        };
        Ok(OutboundRoute {
            id,
            prefix,
            class,
            trunk: known("trunk", &trunk)?,
            fallback: fallback.iter().map(|name| known("fallback", name)).collect::<Result<_, _>>()?,
            caller_id: caller_id.map(Number::new),
            recording: RecordingPolicy { record, consent },
        })
    }
}

impl Resource for OutboundRoute {
    type Settings = RouteSettings;
    const KIND: &'static str = "route";

    async fn stored(db: &Db, id: Uuid) -> Result<Option<Stored<Self>>, Error> {
        outbound_route::get(db, RouteId::new(id)).await
    }

    fn settings(&self, directory: &Snapshot) -> RouteSettings {
        RouteSettings::of(self, directory)
    }

    fn with(&self, settings: &RouteSettings, api: &Api) -> Result<Self, Problem> {
        let route = settings.clone().route(self.id, &api.around.directory.read())?;
        api.check_route_sounds(&route)?;
        Ok(route)
    }

    async fn store(&self, _: &RouteSettings, _: &Api, write: &mut Write, version: i64) -> Result<Option<i64>, Problem> {
        outbound_route::update(write, self, version, Timestamp::now()).await.map_err(taken("prefix"))
    }
}
