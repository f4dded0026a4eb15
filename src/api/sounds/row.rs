//! A sound as lists show it.

use carillon_media_audio::wav_length;
use serde::Serialize;
use utoipa::ToSchema;

use super::used_by;
use crate::{
    api::{Api, Problem},
    sounds::{Found, Kind},
};

/// A prompt or a piece of music.
#[derive(Debug, Serialize, ToSchema)]
pub struct SoundRow {
    /// `prompts` or `music`.
    #[schema(value_type = String)]
    kind: Kind,
    /// What queues, routes and the dialplan call it.
    name: String,
    /// Whether it was uploaded; otherwise it came with the dialplan.
    uploaded: bool,
    /// Whether the dialplan has one of its own of this name, which an uploaded one stands before.
    own: bool,
    /// How long it plays, milliseconds; absent: its file cannot be read.
    length_ms: Option<u64>,
    /// Names of the queues, prefixes of the routes, and `plan.toml`, that play it.
    used_by: Vec<String>,
}

impl SoundRow {
    pub(super) fn of(api: &Api, kind: Kind, name: String, found: &Found) -> Result<Self, Problem> {
        let used_by = used_by(api, kind, &name)?;
        let length_ms = wav_length(&found.path).ok().map(|length| length.duration_ms());
        Ok(Self { kind, name, uploaded: found.uploaded, own: found.own, length_ms, used_by })
    }
}
