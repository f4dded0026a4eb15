//! What a password must be, and how long it lasts (A8, A9, A11; AB10: which special characters).

use std::time::Duration;

use carillon_store::password::{SetBy, Standing};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::Accounts;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long a password lasts.
const LASTS: Duration = Duration::from_secs(90 * DAY.as_secs());
/// How long before its end its owner is warned.
const WARNED: Duration = Duration::from_secs(15 * DAY.as_secs());
/// The fewest characters.
const SHORTEST: usize = 8;
/// The most octets: more only costs time.
const LONGEST: usize = 200;
/// The special characters, one of which must be there.
const SPECIAL: &str = "~!@#$%^&-_=+[{]}";

/// What a password lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// 8 characters.
    Length,
    /// A lower-case letter.
    LowerCase,
    /// An upper-case letter.
    UpperCase,
    /// A digit.
    Digit,
    /// One of `~!@#$%^&-_=+[{]}`.
    Special,
}

impl Lack {
    /// The same for people, in English.
    pub fn words(self) -> &'static str {
        match self {
            Self::Length => "It has fewer than 8 characters, or more than 200.",
            Self::LowerCase => "It has no lower-case letter.",
            Self::UpperCase => "It has no upper-case letter.",
            Self::Digit => "It has no digit.",
            Self::Special => "It has none of ~!@#$%^&-_=+[{]}",
        }
    }
}

/// How a password stands towards the site's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Validity {
    /// Nothing else can be done before it is changed.
    pub must_change: bool,
    /// When it must be changed; absent: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Whether that is less than 15 days away.
    pub expires_soon: bool,
}

impl Validity {
    /// Of a password that nobody asks for.
    pub(crate) const UNASKED: Self = Self { must_change: false, expires_at: None, expires_soon: false };
}

impl Accounts {
    /// What is missing from a password; nothing, if it may be taken.
    pub fn lacks(&self, password: &str) -> Vec<Lack> {
        let length = password.chars().count() >= SHORTEST && password.len() <= LONGEST;
        let has = |kind: fn(char) -> bool| password.chars().any(kind);
        let rules = [
            (length, Lack::Length),
            (!self.security_suite || has(char::is_lowercase), Lack::LowerCase),
            (!self.security_suite || has(char::is_uppercase), Lack::UpperCase),
            (!self.security_suite || has(|letter| letter.is_ascii_digit()), Lack::Digit),
            (!self.security_suite || has(|letter| SPECIAL.contains(letter)), Lack::Special),
        ];
        rules.into_iter().filter(|(kept, _)| !kept).map(|(_, lack)| lack).collect()
    }

    /// How a password stands.
    pub fn validity(&self, standing: Standing, now: Timestamp) -> Validity {
        if !self.security_suite {
            return Validity::UNASKED;
        }
        let expires_at = standing.set_at + LASTS;
        Validity {
            must_change: standing.set_by == SetBy::Other || expires_at <= now,
            expires_at: Some(expires_at),
            expires_soon: expires_at - WARNED <= now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AskedOf;

    const ON: Accounts = Accounts { security_suite: true, ..OFF };
    const OFF: Accounts =
        Accounts { security_suite: false, second_factor: AskedOf::Nobody, lock_after: 10, lock_minutes: 15, agent_numbers: None };

    #[test]
    fn the_suite_asks_for_four_kinds_of_characters_and_without_it_length_is_enough() {
        assert_eq!(ON.lacks("Carillon-1"), []);
        for special in SPECIAL.chars() {
            assert_eq!(ON.lacks(&format!("Carillon1{special}")), []);
        }
        assert_eq!(ON.lacks("Aa1-"), [Lack::Length]);
        assert_eq!(ON.lacks("CARILLON-1"), [Lack::LowerCase]);
        assert_eq!(ON.lacks("carillon-1"), [Lack::UpperCase]);
        assert_eq!(ON.lacks("Carillon-x"), [Lack::Digit]);
        assert_eq!(ON.lacks("Carillon*1"), [Lack::Special]);
        assert_eq!(ON.lacks(""), [Lack::Length, Lack::LowerCase, Lack::UpperCase, Lack::Digit, Lack::Special]);
        assert_eq!(OFF.lacks("carillon"), []);
        assert_eq!(OFF.lacks("carillo"), [Lack::Length]);
        assert_eq!(OFF.lacks(&"c".repeat(201)), [Lack::Length]);
    }

    #[test]
    fn a_password_lasts_ninety_days_of_which_the_last_fifteen_warn() {
        let set_at = Timestamp::UNIX_EPOCH + 1000 * DAY;
        let own = Standing { set_at, set_by: SetBy::Owner };
        let after = |days: u32| ON.validity(own, set_at + days * DAY);
        let of = |must_change, expires_soon| Validity { must_change, expires_at: Some(set_at + LASTS), expires_soon };
        assert_eq!(after(0), of(false, false));
        assert_eq!(after(74), of(false, false));
        assert_eq!(after(75), of(false, true));
        assert_eq!(after(89), of(false, true));
        assert_eq!(after(90), of(true, true));
        let given = Standing { set_at, set_by: SetBy::Other };
        assert!(ON.validity(given, set_at).must_change, "somebody else knows it");
        assert_eq!(OFF.validity(given, set_at + 1000 * DAY), Validity::UNASKED);
    }
}
