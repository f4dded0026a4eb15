//! Dialling: what may be dialled, by whom, and how a phone is told to answer by itself.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::Number;

/// Longest number that is dialled. The longest of a telephone network has 15 digits (ITU-T E.164); names of users are longer.
const LONGEST: usize = 64;

/// A kind of number that somebody may dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialRight {
    /// Phones of this site.
    Internal,
    /// Numbers of routes of class `national`.
    National,
    /// Numbers of routes of class `international`.
    International,
    /// Numbers of routes of class `premium`.
    Premium,
}

/// All that somebody may dial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DialRights(pub BTreeSet<DialRight>);

impl DialRights {
    /// What an agent may dial of whom nothing else is said: inside and in the country.
    pub fn usual() -> Self {
        Self(BTreeSet::from([DialRight::Internal, DialRight::National]))
    }

    /// What may be dialled on a phone nobody works with, of which nothing else is said: inside.
    pub fn inside() -> Self {
        Self(BTreeSet::from([DialRight::Internal]))
    }

    /// Whether this is among it.
    pub fn include(&self, right: DialRight) -> bool {
        self.0.contains(&right)
    }
}

/// What an outbound route's numbers are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteClass {
    /// In the country.
    #[default]
    National,
    /// Abroad.
    International,
    /// Expensive.
    Premium,
    /// Emergency services: from any phone of the site, without login, right or cap. Its prefix is the whole number.
    Emergency,
    /// Nobody may dial them.
    Blocked,
}

/// Whether a number may be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Always.
    Nothing,
    /// By those who have this right.
    Right(DialRight),
    /// Never.
    Impossible,
}

impl RouteClass {
    /// What it takes to dial such a number.
    pub fn needs(self) -> Needs {
        match self {
            Self::National => Needs::Right(DialRight::National),
            Self::International => Needs::Right(DialRight::International),
            Self::Premium => Needs::Right(DialRight::Premium),
            Self::Emergency => Needs::Nothing,
            Self::Blocked => Needs::Impossible,
        }
    }
}

/// The header by which a phone is told to answer at once: each model knows its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoAnswer {
    /// It rings until its user answers.
    #[default]
    Off,
    /// `Answer-Mode: Auto` (RFC 5373).
    AnswerMode,
    /// `Call-Info: <sip:...>;answer-after=0`: Snom, Grandstream, Gigaset, baresip.
    CallInfo,
    /// `Alert-Info: <...>;info=alert-autoanswer`: Yealink, Polycom, Fanvil, Htek.
    AlertInfo,
}

/// Why a text is no number that can be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undiallable {
    /// Nothing is left without blanks and separators.
    Empty,
    /// Longer than 64 characters.
    TooLong,
    /// Holds a character that stands in no number.
    Character(char),
    /// A `+` that does not begin it.
    Plus,
}

impl fmt::Display for Undiallable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("It is empty."),
            Self::TooLong => write!(f, "It is longer than {LONGEST} characters."),
            Self::Character(odd) => write!(f, "{odd:?} cannot be dialled: digits, letters, + * # . and - can."),
            Self::Plus => f.write_str("A + can only begin it."),
        }
    }
}

impl Number {
    /// A number as people write it, click it or paste it, made into what is dialled: without `tel:`, its parameters (RFC 3966), blanks, brackets and slashes,
    /// and, where only digits are left, without dots and dashes. What comes out is `[0-9*#+A-Za-z.-]`, 1 to 64 characters.
    ///
    /// # Errors
    /// The text is no such number.
    pub fn dialled(text: &str) -> Result<Self, Undiallable> {
        let text = text.trim();
        let number = match text.get(..4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => text[4..].split(';').next().unwrap_or_default(),
            _ => text,
        };
        let shown_only = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '(' | ')' | '/');
        let mut number: String = number.chars().filter(|c| !shown_only(*c)).collect();
        if !number.chars().any(|c| c.is_ascii_alphabetic()) {
            number.retain(|c| !matches!(c, '.' | '-'));
        }
        if let Some(odd) = number.chars().find(|c| !is_diallable(*c)) {
            return Err(Undiallable::Character(odd));
        }
        match number.len() {
            0 => Err(Undiallable::Empty),
            length if length > LONGEST => Err(Undiallable::TooLong),
            _ if number.get(1..).is_some_and(|rest| rest.contains('+')) => Err(Undiallable::Plus),
            _ => Ok(Self::new(number)),
        }
    }

    /// Whether it may stand in the user part of an INVITE of ours as it is.
    pub fn is_diallable(&self) -> bool {
        (1..=LONGEST).contains(&self.as_str().len()) && self.as_str().chars().all(is_diallable)
    }
}

fn is_diallable(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '*' | '#' | '+' | '.' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_made_into_what_is_dialled() {
        for (text, wanted) in [
            ("+39 02 1234-567", Ok("+39021234567")),
            ("(02) 12.34/567", Ok("021234567")),
            ("tel:+39021234567;phone-context=example.org", Ok("+39021234567")),
            ("TEL:112", Ok("112")),
            ("*45", Ok("*45")),
            ("anna.rossi-2", Ok("anna.rossi-2")),
            ("", Err(Undiallable::Empty)),
            (" ()-- ", Err(Undiallable::Empty)),
            ("12+3", Err(Undiallable::Plus)),
            ("1\r\nVia: x", Err(Undiallable::Character('\r'))),
            ("1@evil.example", Err(Undiallable::Character('@'))),
            ("1;user=phone", Err(Undiallable::Character(';'))),
            ("sip:1001", Err(Undiallable::Character(':'))),
            ("%31", Err(Undiallable::Character('%'))),
            ("é", Err(Undiallable::Character('é'))),
        ] {
            assert_eq!(Number::dialled(text), wanted.map(Number::new), "{text:?}");
        }
        assert_eq!(Number::dialled(&"1".repeat(65)), Err(Undiallable::TooLong));
    }
}
