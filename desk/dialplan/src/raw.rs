//! The file's own shape, as serde reads it: spans kept, unknown keys refused, nothing judged yet.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

pub(crate) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRoute {
    pub(crate) trunk: Option<Text>,
    pub(crate) from: Option<Text>,
    pub(crate) called: Spanned<OneOrMany>,
    pub(crate) caller: Option<Spanned<OneOrMany>>,
    pub(crate) hours: Option<Spanned<RawHours>>,
    pub(crate) step: Text,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a text or a list of texts")]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "hours as { days = [\"mon-fri\"], from = \"09:00\", to = \"18:00\" } or a list of these")]
pub(crate) enum RawHours {
    One(RawWindow),
    Many(Vec<RawWindow>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWindow {
    pub(crate) days: Vec<String>,
    pub(crate) from: String,
    pub(crate) to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAnnounce {
    pub(crate) prompt: Text,
    #[serde(default)]
    pub(crate) consent: bool,
    pub(crate) then: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPlay {
    pub(crate) prompts: Spanned<OneOrMany>,
    #[serde(default)]
    pub(crate) skip: bool,
    pub(crate) then: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMenu {
    pub(crate) prompts: Spanned<OneOrMany>,
    pub(crate) keys: BTreeMap<Text, Text>,
    pub(crate) timeout_ms: Option<Spanned<u32>>,
    pub(crate) tries: Option<Spanned<u32>>,
    pub(crate) wrong: Option<Text>,
    pub(crate) otherwise: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawQueue {
    pub(crate) queue: Text,
    #[serde(default)]
    pub(crate) priority: i32,
    #[serde(default)]
    pub(crate) wait_for_nobody: bool,
    pub(crate) on_timeout: Option<Text>,
    pub(crate) on_full: Option<Text>,
    pub(crate) on_no_agents: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDial {
    pub(crate) phone: Option<Text>,
    pub(crate) number: Option<Text>,
    pub(crate) trunk: Option<Text>,
    pub(crate) ring_ms: Option<Spanned<u32>>,
    pub(crate) on_busy: Option<Text>,
    pub(crate) on_no_answer: Option<Text>,
    pub(crate) on_failed: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHangUp {
    pub(crate) reason: Option<Text>,
    pub(crate) prompt: Option<Text>,
}
