//! What people call the things of the audit log.

use std::collections::BTreeMap;

use carillon_model::{CallId, RecordingId, UserId};
use carillon_store::{Error, audit, audit::AuditEntry, call, recording};
use serde_json::Value;
use uuid::Uuid;

use crate::{api::Api, dispatch::Snapshot};

/// Names of things by their ids, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Of everything that a page of entries speaks of: what is set up as it is called now, what was removed as it was called then, a recording by its
    /// call's short number.
    pub(super) async fn of(api: &Api, entries: &[AuditEntry]) -> Result<Self, Error> {
        let mut names = Self::default();
        for entry in entries {
            for body in [&entry.before, &entry.after].into_iter().flatten() {
                let body = serde_json::from_str(body).unwrap_or(Value::Null);
                ids(&body, &mut |id| names.wants(id));
            }
            names.wants(&entry.entity_id);
        }
        {
            let directory = api.around.directory.read();
            for (id, name) in &mut names.0 {
                *name = set_up(&directory, id).unwrap_or_default();
            }
        }
        let unknown: Vec<String> = names.0.iter().filter(|(_, name)| name.is_empty()).map(|(id, _)| id.clone()).collect();
        for id in unknown {
            match other(api, &id).await? {
                Some(name) => drop(names.0.insert(id, name)),
                None => drop(names.0.remove(&id)),
            }
        }
        Ok(names)
    }

    /// What the thing of an entry was called then, or else is now; `None`: nobody knows any more.
    pub(super) fn thing(&self, entry: &AuditEntry, before: Option<&Value>, after: Option<&Value>) -> Option<String> {
        match entry.entity.as_str() {
            "sound" => Some(entry.entity_id.clone()),
            "membership" => {
                let agent = after.or(before)?.get("agent")?.as_str()?;
                let names = [self.get(agent), self.get(&entry.entity_id)];
                Some(names.into_iter().flatten().collect::<Vec<_>>().join(" · ")).filter(|name| !name.is_empty())
            }
            "recording_link" => self.get(after.or(before)?.get("recording")?.as_str()?).map(str::to_owned),
            _ => after.and_then(own_name).or_else(|| before.and_then(own_name)).or_else(|| self.get(&entry.entity_id).map(str::to_owned)),
        }
    }

    /// The names of what the settings of an entry name by id.
    pub(super) fn within(&self, bodies: [Option<&Value>; 2]) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for body in bodies.into_iter().flatten() {
            ids(body, &mut |id| {
                if let Some(name) = self.get(id) {
                    found.insert(id.to_owned(), name.to_owned());
                }
            });
        }
        found
    }

    fn get(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    fn wants(&mut self, id: &str) {
        self.0.entry(id.to_owned()).or_default();
    }
}

/// Every text in settings that is an id.
fn ids(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) if Uuid::try_parse(text).is_ok() => each(text),
        Value::Array(values) => values.iter().for_each(|value| ids(value, each)),
        Value::Object(fields) => fields.iter().filter(|(name, _)| *name != "id").for_each(|(_, value)| ids(value, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What settings call themselves; of an entry about a recording or a call its short number.
fn own_name(settings: &Value) -> Option<String> {
    let text = |field: &str| settings.get(field).and_then(Value::as_str).map(str::to_owned);
    let number = || settings.get("call_number").and_then(Value::as_u64).map(|number| format!("#{number}"));
    text("label").or_else(|| text("name")).or_else(|| text("login")).or_else(|| text("prefix")).or_else(number)
}

fn set_up(directory: &Snapshot, id: &str) -> Option<String> {
    let id = Uuid::try_parse(id).ok()?;
    let user = directory.users.get(&UserId::new(id)).map(|user| user.name.clone());
    let phone = directory.phones.values().find(|phone| phone.id.uuid() == id).map(|phone| format!("{} · {}", phone.name, phone.label));
    let queue = directory.queues.values().find(|queue| queue.id.uuid() == id).map(|queue| queue.label.clone());
    let trunk = directory.trunks.values().find(|trunk| trunk.id.uuid() == id).map(|trunk| trunk.name.clone());
    let pause = directory.pauses.values().find(|pause| pause.id.uuid() == id).map(|pause| pause.label.clone());
    let disposition = directory.dispositions.iter().find(|one| one.id.uuid() == id).map(|one| one.name.clone());
    user.or(phone).or(queue).or(trunk).or(pause).or(disposition)
}

/// A recording, a call, or what was removed.
async fn other(api: &Api, id: &str) -> Result<Option<String>, Error> {
    let Ok(uuid) = Uuid::try_parse(id) else { return Ok(None) };
    if let Some(removed) = audit::removed(&api.db, id).await? {
        return Ok(serde_json::from_str(&removed).ok().as_ref().and_then(own_name));
    }
    let of = recording::get(&api.db, RecordingId::new(uuid)).await?.map_or(CallId::new(uuid), |recording| recording.call);
    Ok(call::get(&api.db, of).await?.map(|call| format!("#{} · {}", call.number, call.caller.as_str())))
}
