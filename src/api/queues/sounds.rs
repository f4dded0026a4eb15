//! The sounds a queue names.

use carillon_model::Queue;

use crate::{
    api::{Api, Problem},
    sounds,
};

/// Refuses a queue whose callers would wait in silence, or be recorded unasked.
pub(super) fn check(api: &Api, queue: &Queue) -> Result<(), Problem> {
    let folder = &api.config.dialplan.folder;
    let unread = |error: anyhow::Error| Problem::unavailable("The sounds cannot be read.").detail(format!("{error:#}"));
    if !sounds::music_names(folder).map_err(unread)?.contains(&queue.music) {
        return Err(Problem::invalid("music", "There is no such music."));
    }
    let prompts = sounds::prompt_names(folder, api.config.site.language).map_err(unread)?;
    match &queue.recording.consent {
        Some(consent) if !prompts.contains(consent) => Err(Problem::invalid("consent", "There is no such prompt.")),
        _ => Ok(()),
    }
}
