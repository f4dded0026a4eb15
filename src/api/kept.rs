//! What an operator sets up, as it is stored and as it is sent back changed.

use axum::{
    Json,
    extract::{Path, rejection::PathRejection},
};
use carillon_model::IdSource;
use carillon_store::{Db, Stored, Write, audit::Actor, setup::Setup};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Api, Problem, SignedIn};
use crate::{dispatch::Snapshot, server::plan_knows};

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

/// A change, as the API's description has it: what was read may be sent back, `id` and all. What is left out stays as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changed<T> {
    /// The version they were read with: if another has been stored since, this is refused with 409 `stale`.
    version: i64,
    /// Settings as they are to be. One that is left out stays as it is; `null` takes away what may be absent.
    #[serde(flatten)]
    settings: T,
}

/// A change as it is read: laid on the settings that are stored.
#[derive(Debug)]
pub struct Change {
    /// The version the settings were read with.
    pub(super) version: i64,
    fields: Map<String, Value>,
}

impl Change {
    /// Settings with this change. A field that is not one of theirs is refused.
    pub(super) fn onto<T: Serialize + DeserializeOwned>(&self, stored: &T) -> Result<T, Problem> {
        let wrong = |error: serde_json::Error| Problem::invalid("body", error.to_string());
        let mut settings = serde_json::to_value(stored).map_err(wrong)?;
        for (name, value) in &self.fields {
            lay(&mut settings[name.as_str()], value);
        }
        serde_json::from_value(settings).map_err(wrong)
    }
}

/// What stands below a name stays too where it is left out.
fn lay(stored: &mut Value, wanted: &Value) {
    match (stored, wanted) {
        (Value::Object(stored), Value::Object(wanted)) => {
            for (name, value) in wanted {
                lay(stored.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        (stored, wanted) => stored.clone_from(wanted),
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let version = fields.remove("version").ok_or_else(|| Error::missing_field("version"))?;
        for ours in ["id", "updated_at", "status"] {
            fields.remove(ours);
        }
        Ok(Self { version: serde_json::from_value(version).map_err(Error::custom)?, fields })
    }
}

/// A kind of thing that is set up: what [`update`] does with all of them alike.
pub(super) trait Resource: Sized {
    /// As an administrator sees and sends it.
    type Settings: Serialize + DeserializeOwned;
    /// What a person calls it.
    const KIND: &'static str;

    /// As it is stored.
    async fn stored(db: &Db, id: Uuid) -> Result<Option<Stored<Self>>, carillon_store::Error>;

    /// Its settings.
    fn settings(&self, directory: &Snapshot) -> Self::Settings;

    /// The thing with other settings, checked.
    fn with(&self, settings: &Self::Settings, api: &Api) -> Result<Self, Problem>;

    /// Stores it in place of that version; `None`: it is gone.
    async fn store(&self, settings: &Self::Settings, api: &Api, write: &mut Write, version: i64) -> Result<Option<i64>, Problem>;
}

/// Settings as they are stored now.
pub(super) async fn kept<R: Resource>(api: &Api, id: Uuid) -> Result<Kept<R::Settings>, Problem> {
    let stored = R::stored(&api.db, id).await?.ok_or_else(|| Problem::not_found(R::KIND))?;
    let directory = api.around.directory.read();
    Ok(Kept::of(id, &stored, |thing| thing.settings(&directory)))
}

/// Changes a thing that is set up, at once. What the change leaves out stays as it is.
pub(super) async fn update<R: Resource>(
    api: &Api,
    signed_in: &SignedIn,
    id: Result<Path<Uuid>, PathRejection>,
    change: Change,
) -> Result<Json<Kept<R::Settings>>, Problem> {
    signed_in.administers()?;
    let id = id?.0;
    let missing = || Problem::not_found(R::KIND);
    let before = R::stored(&api.db, id).await?.ok_or_else(missing)?.entity;
    let settings = change.onto(&before.settings(&api.around.directory.read()))?;
    let thing = before.with(&settings, api)?;
    let mut write = api.write(signed_in).await?;
    thing.store(&settings, api, &mut write, change.version).await?.ok_or_else(missing)?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok(Json(kept::<R>(api, id).await?))
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

    /// Prompts and music are taken up as they are stored now.
    pub(super) async fn sounds_changed(&self) -> Result<(), Problem> {
        self.reload.sounds().await.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "a sound is stored and could not be taken up");
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
