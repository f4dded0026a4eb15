//! Numbers, dates, times and money said with recorded words: what stands in a list of prompts as `digits:{called}` or `money:12.50 EUR`.
//!
//! A saying becomes a list of sounds, `say-` and the word's name, which are played like prompts, without a gap. Every language has its own
//! words and its own grammar; the words themselves come with the server.

mod english;
mod italian;

use std::fmt;

use jiff::civil::{Date, DateTime, Time};

/// The largest whole number that is said in words.
const MOST: u64 = 999_999_999_999;
/// The largest sum of money, in whole units: from a million on languages want other grammar.
const MOST_MONEY: u64 = 999_999;
/// Places behind the point that are said.
const MOST_PLACES: usize = 6;
/// Digits of a number that are read out, one by one.
const MOST_DIGITS: usize = 40;

/// A language that things are said in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Italian.
    Italian,
}

/// What is said, as it stands in a plan: with places for what is only known when it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    kind: Kind,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digits,
    Number,
    Money,
    Date,
    Time,
}

/// A word for each kind, as plans spell it.
const KINDS: [(&str, Kind); 5] =
    [("digits", Kind::Digits), ("number", Kind::Number), ("money", Kind::Money), ("date", Kind::Date), ("time", Kind::Time)];

/// What stands in a value for something of the call.
const CALLED: &str = "{called}";
const CALLER: &str = "{caller}";
const NOW: &str = "{now}";

/// What a saying may speak of.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What was dialled.
    pub called: &'a str,
    /// Who calls.
    pub caller: &'a str,
    /// The time on the wall of the site.
    pub local: DateTime,
}

/// A currency, by its code (ISO 4217).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Currency {
    Eur,
    Usd,
    Gbp,
    Chf,
}

const CURRENCIES: [(&str, Currency); 4] = [("EUR", Currency::Eur), ("USD", Currency::Usd), ("GBP", Currency::Gbp), ("CHF", Currency::Chf)];

/// A sum of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Money {
    whole: u64,
    hundredths: u64,
    currency: Currency,
}

/// A number in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    whole: u64,
    /// The digits behind the point.
    places: String,
}

/// Whether an entry of a list of prompts is something to be said, and not a sound's name: no sound has a colon in it.
pub(crate) fn is_saying(prompt: &str) -> bool {
    prompt.contains(':')
}

impl Saying {
    /// Reads one, `KIND:VALUE`.
    ///
    /// # Errors
    /// What is wrong with it, for the author of the plan.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (word, value) = text.split_once(':').unwrap_or((text, ""));
        let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == word) else {
            let known: Vec<_> = KINDS.iter().map(|(word, _)| format!("`{word}:`")).collect();
            return Err(format!("nothing is said as `{word}:`; there are {}", known.join(", ")));
        };
        let saying = Self { kind: *kind, value: value.trim().to_owned() };
        saying.check()?;
        Ok(saying)
    }

    fn check(&self) -> Result<(), String> {
        let Self { kind, value } = self;
        let is_number_of_the_call = value == CALLED || value == CALLER;
        let fits = match kind {
            Kind::Digits => is_number_of_the_call || digits(value).next().is_some(),
            Kind::Number => is_number_of_the_call || Decimal::parse(value).is_some(),
            Kind::Money => Money::parse(value).is_some(),
            Kind::Date => value == NOW || value.parse::<Date>().is_ok(),
            Kind::Time => value == NOW || value.parse::<Time>().is_ok(),
        };
        fits.then_some(()).ok_or_else(|| {
            let wanted = match kind {
                Kind::Digits => "digits, `{called}` or `{caller}`".to_owned(),
                Kind::Number => format!("a number up to {MOST}, `{{called}}` or `{{caller}}`"),
                Kind::Money => format!("a sum up to {MOST_MONEY}.99 and EUR, USD, GBP or CHF, such as `money:12.50 EUR`"),
                Kind::Date => "a date such as `date:2026-12-24`, or `{now}`".to_owned(),
                Kind::Time => "a time such as `time:18:30`, or `{now}`".to_owned(),
            };
            format!("`{value}` cannot be said; what can is {wanted}")
        })
    }

    /// The sounds it is said with, in order. What a call has in place of a number and is none is read out digit by digit.
    pub fn sounds(&self, language: Language, situation: &Situation<'_>) -> Vec<String> {
        let value = match self.value.as_str() {
            CALLED => situation.called,
            CALLER => situation.caller,
            other => other,
        };
        let words = match self.kind {
            Kind::Digits => read_out(value),
            Kind::Number => match Decimal::parse(value) {
                Some(number) => language.decimal(&number),
                None => read_out(value),
            },
            Kind::Money => Money::parse(value).map(|money| language.money(money)).unwrap_or_default(),
            Kind::Date => language.date(value.parse().unwrap_or(situation.local.date())),
            Kind::Time => language.time(value.parse().unwrap_or(situation.local.time())),
        };
        words.into_iter().map(|word| format!("say-{word}")).collect()
    }
}

/// As it stands in the plan.
impl fmt::Display for Saying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(word, _)| word);
        write!(f, "{word}:{}", self.value)
    }
}

impl Language {
    fn decimal(self, number: &Decimal) -> Vec<String> {
        let mut words = Vec::new();
        if number.is_negative {
            words.push("minus".to_owned());
        }
        words.extend(self.whole(number.whole));
        if !number.places.is_empty() {
            words.push("point".to_owned());
            words.extend(read_out(&number.places));
        }
        words
    }

    fn whole(self, number: u64) -> Vec<String> {
        match self {
            Self::English => english::whole(number),
            Self::Italian => italian::whole(number),
        }
    }

    fn money(self, money: Money) -> Vec<String> {
        match self {
            Self::English => english::money(money),
            Self::Italian => italian::money(money),
        }
    }

    fn date(self, date: Date) -> Vec<String> {
        match self {
            Self::English => english::date(date),
            Self::Italian => italian::date(date),
        }
    }

    fn time(self, time: Time) -> Vec<String> {
        match self {
            Self::English => english::time(time),
            Self::Italian => italian::time(time),
        }
    }
}

impl Currency {
    /// What its words' names begin with.
    fn name(self) -> &'static str {
        match self {
            Self::Eur => "eur",
            Self::Usd => "usd",
            Self::Gbp => "gbp",
            Self::Chf => "chf",
        }
    }

    /// The name of the word for so many of it, or of its hundredths.
    fn word(self, count: u64, are_hundredths: bool) -> String {
        let (name, part, one) = (self.name(), if are_hundredths { "-cent" } else { "" }, if count == 1 { "-1" } else { "" });
        format!("{name}{part}{one}")
    }
}

impl Money {
    fn parse(text: &str) -> Option<Self> {
        let (amount, code) = text.split_once(' ')?;
        let currency = CURRENCIES.iter().find(|(known, _)| *known == code.trim())?.1;
        let Decimal { is_negative: false, whole, places } = Decimal::parse(amount)? else { return None };
        let hundredths = match places.len() {
            0 => 0,
            1 => 10 * places.parse::<u64>().ok()?,
            2 => places.parse().ok()?,
            _ => return None,
        };
        (whole <= MOST_MONEY).then_some(Self { whole, hundredths, currency })
    }
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, places) = match text.split_once('.') {
            Some((_, "")) => return None,
            Some((whole, places)) => (whole, places),
            None => (text, ""),
        };
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = !whole.is_empty() && whole.len() <= 12 && are_digits(whole) && places.len() <= MOST_PLACES && are_digits(places);
        let whole = fits.then(|| whole.parse().ok())??;
        (whole <= MOST).then(|| Self { is_negative, whole, places: places.to_owned() })
    }
}

/// The words of what is read out one by one.
fn read_out(text: &str) -> Vec<String> {
    digits(text).take(MOST_DIGITS).collect()
}

fn digits(text: &str) -> impl Iterator<Item = String> {
    text.chars().filter_map(|character| match character {
        '0'..='9' => Some(character.to_string()),
        '+' => Some("plus".to_owned()),
        '*' => Some("star".to_owned()),
        '#' => Some("hash".to_owned()),
        _ => None,
    })
}
