//! `[site]`

use carillon_media_audio::Country;
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
    /// Country whose ringing and busy tones are played: `it`, `ch`, `de`, `fr`, `es`, `gb` or `us`.
    pub tones: Tones,
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

/// A country whose tones there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tones {
    /// Italy.
    It,
    /// Switzerland.
    Ch,
    /// Germany.
    De,
    /// France.
    Fr,
    /// Spain.
    Es,
    /// The United Kingdom.
    Gb,
    /// The United States, and Canada.
    Us,
}

impl From<Tones> for Country {
    fn from(tones: Tones) -> Self {
        match tones {
            Tones::It | Tones::Ch => Self::Italy,
            Tones::De => Self::Germany,
            Tones::Fr => Self::France,
            Tones::Es => Self::Spain,
            Tones::Gb => Self::UnitedKingdom,
            Tones::Us => Self::NorthAmerica,
        }
    }
}

impl From<Language> for carillon_dialplan::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::English,
            Language::It => Self::Italian,
        }
    }
}

impl Default for Site {
    fn default() -> Self {
        Self { time_zone: TimeZone::UTC, language: Language::En, tones: Tones::It }
    }
}

fn time_zone<'de, D: de::Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name).map_err(|_| de::Error::custom(format!("`{name}` is no time zone; write it as in Europe/Rome")))
}
