//! `[site]`

use jiff::tz::TimeZone;
use serde::{Deserialize, de};

/// Where the site is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// Time zone of opening hours, an IANA name such as `Europe/Rome`.
    #[serde(deserialize_with = "time_zone")]
    pub time_zone: TimeZone,
    /// Language of prompts: `en` or `it`.
    pub language: Language,
}

/// A language that prompts exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Italian.
    It,
}

impl Language {
    /// Name of the folder of its prompts.
    pub fn folder(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::It => "it",
        }
    }
}

impl Default for Site {
    fn default() -> Self {
        Self { time_zone: TimeZone::UTC, language: Language::En }
    }
}

fn time_zone<'de, D: de::Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name).map_err(|_| de::Error::custom(format!("`{name}` is no time zone; write it as in Europe/Rome")))
}
