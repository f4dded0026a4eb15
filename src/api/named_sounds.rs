//! The sounds that a queue or a route names.

use carillon_model::{OutboundRoute, Queue, RecordingPolicy};

use super::{Api, Problem};
use crate::sounds::{Kind, Shelf};

impl Api {
    /// Refuses a queue whose callers would wait in silence, or be recorded unasked.
    pub(super) fn check_queue_sounds(&self, queue: &Queue) -> Result<(), Problem> {
        if !Shelf::of(&self.config).names(Kind::Music).map_err(unread)?.contains(&queue.music) {
            return Err(Problem::invalid("music", "There is no such music."));
        }
        self.check_consent(&queue.recording)
    }

    /// Refuses a route whose calls would end instead of being recorded.
    pub(super) fn check_route_sounds(&self, route: &OutboundRoute) -> Result<(), Problem> {
        self.check_consent(&route.recording)
    }

    fn check_consent(&self, recording: &RecordingPolicy) -> Result<(), Problem> {
        let prompts = Shelf::of(&self.config).names(Kind::Prompts).map_err(unread)?;
        match &recording.consent {
            Some(consent) if !prompts.contains(consent) => Err(Problem::invalid("consent", "There is no such prompt.")),
            _ => Ok(()),
        }
    }
}

pub(super) fn unread(error: anyhow::Error) -> Problem {
    Problem::unavailable("The sounds cannot be read.").detail(format!("{error:#}"))
}
