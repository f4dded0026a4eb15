//! Italian.

use jiff::civil::{Date, Time};

use super::{Currency, Money};

const GROUPS: [(u64, &str); 3] = [(1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand")];

pub(super) fn whole(number: u64) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = number;
    for (size, name) in GROUPS {
        match rest / size {
            0 => {}
            // Un miliardo, un milione, mille.
            1 => words.push(format!("{name}-1")),
            count => {
                words.extend(below_a_thousand(count));
                words.push(name.to_owned());
            }
        }
        rest %= size;
    }
    if rest > 0 || number == 0 {
        words.extend(below_a_thousand(rest));
    }
    words
}

/// There is a word for each number below a hundred, since they grow together: ventuno, ventotto.
fn below_a_thousand(number: u64) -> Vec<String> {
    let (hundreds, rest) = (number / 100 * 100, number % 100);
    let mut words = Vec::new();
    if hundreds > 0 {
        words.push(hundreds.to_string());
    }
    if rest > 0 || hundreds == 0 {
        words.push(rest.to_string());
    }
    words
}

/// `dodici euro e cinquanta centesimi`.
pub(super) fn money(Money { whole: count, hundredths, currency }: Money) -> Vec<String> {
    let one = if currency == Currency::Gbp { "feminine" } else { "masculine" };
    let counted = |count: u64, one: &str| if count == 1 { vec![one.to_owned()] } else { whole(count) };
    let mut words = Vec::new();
    if count > 0 || hundredths == 0 {
        words.extend(counted(count, one));
        words.push(currency.word(count, false));
    }
    if hundredths > 0 {
        if count > 0 {
            words.push("and".to_owned());
        }
        words.extend(counted(hundredths, "masculine"));
        words.push(currency.word(hundredths, true));
    }
    words
}

/// `lunedì due marzo duemilaventisei`.
pub(super) fn date(date: Date) -> Vec<String> {
    let day = u64::from(date.day().unsigned_abs());
    let mut words = vec![format!("day-{}", date.weekday().to_monday_one_offset())];
    words.push(if day == 1 { "first".to_owned() } else { day.to_string() });
    words.push(format!("month-{}", date.month()));
    words.extend(whole(u64::from(date.year().unsigned_abs())));
    words
}

/// `ore dieci e cinque`, `ore diciotto e trenta`.
pub(super) fn time(time: Time) -> Vec<String> {
    let mut words = vec!["hours".to_owned()];
    words.extend(whole(u64::from(time.hour().unsigned_abs())));
    if time.minute() > 0 {
        words.push("and".to_owned());
        words.extend(whole(u64::from(time.minute().unsigned_abs())));
    }
    words
}
