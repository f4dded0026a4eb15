//! What an operator sets up, as it is stored and as it is sent back changed.

use carillon_model::IdSource;
use carillon_store::{Stored, Write, audit::Actor, setup::Setup};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Api, Problem, SignedIn};
use crate::server::plan_knows;

/// Settings as they are stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kept<T> {
    /// Id.
    id: Uuid,
    /// Grows with each change; a change names the one it was made from.
    version: i64,
    /// When they were last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// The settings.
    #[serde(flatten)]
    settings: T,
}

impl<T> Kept<T> {
    /// A stored entity as its settings.
    pub(super) fn of<E>(id: Uuid, stored: &Stored<E>, settings: impl FnOnce(&E) -> T) -> Self {
        Self { id, version: stored.version, updated_at: stored.updated_at, settings: settings(&stored.entity) }
    }
}

/// Settings with a change: what was read may be sent back, `id` and all.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changed<T> {
    /// The version they were read with: if another has been stored since, this is refused with 409 `stale`.
    pub(super) version: i64,
    /// All settings, as they are to be.
    #[serde(flatten)]
    pub(super) settings: T,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Changed<T> {
    /// By hand, since `flatten` would let unknown fields pass.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = serde_json::Map::deserialize(deserializer)?;
        let version = fields.remove("version").ok_or_else(|| Error::missing_field("version"))?;
        for ours in ["id", "updated_at", "status"] {
            fields.remove(ours);
        }
        Ok(Self {
            version: serde_json::from_value(version).map_err(Error::custom)?,
            settings: serde_json::from_value(fields.into()).map_err(Error::custom)?,
        })
    }
}

/// Holds settings against the rules of a setup file, which are theirs too.
pub(super) fn check(setup: &Setup) -> Result<(), Problem> {
    let Err(found) = setup.check() else { return Ok(()) };
    let mut problem = Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "invalid", "A field is wrong.");
    for wrong in found {
        // In a file the name of the thing comes first.
        let field = wrong.field.rsplit(", ").next().unwrap_or_default().to_owned();
        problem = problem.field(&field, wrong.why);
    }
    Err(problem)
}

/// A name or an address is another's: says which field that is.
pub(super) fn taken(field: &'static str) -> impl FnOnce(carillon_store::Error) -> Problem {
    move |error| {
        let taken = matches!(error, carillon_store::Error::Taken { .. });
        let problem = Problem::from(error);
        if taken { problem.field(field, "Another one has this already.") } else { problem }
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    Queue,
    Phone,
    Trunk,
}

impl Api {
    /// Begins a change of the set-up on behalf of whoever asks for it: it is entered in the audit log.
    pub(super) async fn write(&self, by: &SignedIn) -> Result<Write, Problem> {
        let (user, name) = (Some(by.user.id), by.user.login.clone());
        Ok(self.db.write_by(Actor { user, name, at: Timestamp::now(), ids: IdSource::new(rand::random()) }).await?)
    }

    /// Everybody takes up what has just been stored.
    pub(super) async fn setup_changed(&self) -> Result<(), Problem> {
        self.reload.run().await.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "a change is stored and could not be taken up");
            Problem::unavailable("The change is stored; the server could not take it up yet.").detail(format!("{error:#}"))
        })
    }

    /// Refuses to take away a name that the dialplan says: the next start would fail.
    pub(super) fn may_lose_name(&self, what: Named, name: &str) -> Result<(), Problem> {
        let plan = self.admission.plan();
        let mut known = plan_knows(&self.around.directory.read());
        let before = plan.check(&known).len();
        let names = match what {
            Named::Queue => &mut known.queues,
            Named::Phone => &mut known.phones,
            Named::Trunk => &mut known.trunks,
        };
        names.get_or_insert_default().remove(name);
        let problems = plan.check(&known);
        if problems.len() <= before {
            return Ok(());
        }
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Err(Problem::conflict("in_use", format!("The dialplan names {name}.")).detail(told.join("\n")))
    }

    /// An id for something new.
    pub(super) fn new_id(&self) -> Uuid {
        self.around.next_id(crate::clock::now())
    }
}
