//! `[accounts]`

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

/// The passwords of people, and what is asked beside them.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Whether passwords are of several kinds of characters, last 90 days and are changed at the first sign-in.
    pub security_suite: bool,
    /// Who must have a second factor. Everybody may.
    pub second_factor: AskedOf,
    /// Wrong passwords and codes in a row that lock a login, from where they came.
    pub lock_after: u32,
    /// How long it stays locked, counted from the first of them, minutes.
    pub lock_minutes: u32,
    /// The internal numbers that new agents are given who have none, for example `"200-299"`. Empty: each is given one.
    #[serde(deserialize_with = "range_if_any")]
    pub agent_numbers: Option<NumberRange>,
}

/// A range of internal numbers, written `FIRST-LAST`, both with as many digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberRange {
    first: u32,
    last: u32,
    digits: usize,
}

impl NumberRange {
    /// All of them, in order.
    pub fn numbers(self) -> impl Iterator<Item = String> {
        (self.first..=self.last).map(move |number| self.written(number))
    }

    fn written(self, number: u32) -> String {
        format!("{number:0width$}", width = self.digits)
    }
}

impl fmt::Display for NumberRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.written(self.first), self.written(self.last))
    }
}

impl FromStr for NumberRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str| (2..=6).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit());
        let range = text.split_once('-').filter(|(first, last)| first.len() == last.len() && digits(first) && digits(last));
        let range =
            range.and_then(|(first, last)| Some(Self { first: first.parse().ok()?, last: last.parse().ok()?, digits: first.len() }));
        let wrong = || format!("agent_numbers: `{text}` is not a range of numbers with 2 to 6 digits each, such as \"200-299\"");
        range.filter(|range| range.first <= range.last).ok_or_else(wrong)
    }
}

fn range_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NumberRange>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(de::Error::custom) }
}

/// Of whom something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedOf {
    /// Of nobody.
    Nobody,
    /// Of administrators.
    Administrators,
    /// Of everybody.
    Everybody,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { security_suite: false, second_factor: AskedOf::Nobody, lock_after: 10, lock_minutes: 15, agent_numbers: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_keeps_its_noughts_and_odd_ones_are_refused() {
        let range: NumberRange = "0098-0101".parse().expect("a range");
        assert_eq!(range.numbers().collect::<Vec<_>>(), ["0098", "0099", "0100", "0101"]);
        assert_eq!(range.to_string(), "0098-0101");
        for odd in ["", "200", "299-200", "200-1000", "2-9", "200-29x", "-", "+20-+29"] {
            assert!(odd.parse::<NumberRange>().is_err(), "{odd}");
        }
    }
}
