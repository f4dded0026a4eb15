//! Numbers and names as callers present them: personal data, which a log must not hold.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number or SIP user part. Its `Debug` form is redacted to the last three characters, so that logs hold no personal data;
/// use [`Number::as_str`] where the whole of it is meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Number(String);

impl Number {
    /// Wraps text as it came from the wire, the database or a person.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The whole number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
        write!(f, "…{}", &self.0[shown..])
    }
}

/// A display name as it came with a call. Its `Debug` form shows nothing of it; use [`Name::as_str`] where the name is meant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Wraps text as it came from the wire or the database.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_only_the_last_three_characters() {
        assert_eq!(format!("{:?}", Number::new("+390212345678")), "…678");
        assert_eq!(format!("{:?}", Number::new("7")), "…7");
    }

    #[test]
    fn debug_shows_nothing_of_a_name() {
        assert_eq!(format!("{:?}", Some(Name::new("Nora Rossi"))), "Some(…)");
    }
}
