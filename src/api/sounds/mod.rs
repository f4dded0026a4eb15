//! Prompts and music.

pub(super) mod audio;
pub(super) mod delete;
pub(super) mod list;
mod row;
pub(super) mod upload;

use carillon_dialplan::Known;

use super::{Api, Problem, named_sounds::unread};
use crate::{
    server::plan_knows,
    sounds::{Kind, Shelf},
};

/// What a path names: a kind, and a name that can be no path (threat 31).
fn named(kind: &str, name: &str) -> Result<(Kind, String), Problem> {
    let kind = match kind {
        "prompts" => Kind::Prompts,
        "music" => Kind::Music,
        _ => return Err(Problem::not_found("kind of sound")),
    };
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
        return Err(Problem::invalid("name", "1 to 64 letters, digits, - and _."));
    }
    Ok((kind, name.to_owned()))
}

/// Queues, outbound routes and the dialplan, as far as they play this sound.
fn used_by(api: &Api, kind: Kind, name: &str) -> Result<Vec<String>, Problem> {
    let directory = api.around.directory.read();
    let mut users: Vec<String> = match kind {
        Kind::Music => directory.queues.values().filter(|queue| queue.music == name).map(|queue| queue.label.clone()).collect(),
        Kind::Prompts => {
            let of_queues = directory.queues.values().map(|queue| (queue.label.clone(), &queue.recording));
            let of_routes = directory.site.routes().iter().map(|route| (route.prefix.clone(), &route.recording));
            let played = of_queues.chain(of_routes).filter(|(_, recording)| recording.consent.as_deref() == Some(name));
            played.map(|(of, _)| of).collect()
        }
    };
    users.sort();
    if kind == Kind::Prompts && plan_says(api, name)? {
        users.push("plan.toml".to_owned());
    }
    Ok(users)
}

/// Whether the dialplan would miss a prompt.
fn plan_says(api: &Api, name: &str) -> Result<bool, Problem> {
    let plan = api.admission.plan();
    let prompts = Shelf::of(&api.config).names(Kind::Prompts).map_err(unread)?;
    let known = |prompts| Known { prompts: Some(prompts), ..plan_knows(&api.around.directory.read()) };
    let mut without = prompts.clone();
    without.remove(name);
    Ok(plan.check(&known(without)).len() > plan.check(&known(prompts)).len())
}
