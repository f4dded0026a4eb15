//! English.

use jiff::civil::{Date, Time};

use super::Money;

const GROUPS: [(u64, &str); 3] = [(1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand")];

pub(super) fn whole(number: u64) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = number;
    for (size, name) in GROUPS {
        if rest >= size {
            words.extend(below_a_thousand(rest / size));
            words.push(name.to_owned());
            rest %= size;
        }
    }
    if rest > 0 || number == 0 {
        words.extend(below_a_thousand(rest));
    }
    words
}

fn below_a_thousand(number: u64) -> Vec<String> {
    let mut words = Vec::new();
    let (hundreds, rest) = (number / 100, number % 100);
    if hundreds > 0 {
        words.extend([hundreds.to_string(), "hundred".to_owned()]);
    }
    match rest {
        0 if hundreds > 0 => {}
        0..=20 => words.push(rest.to_string()),
        _ => {
            words.push((rest / 10 * 10).to_string());
            if rest % 10 > 0 {
                words.push((rest % 10).to_string());
            }
        }
    }
    words
}

/// `twelve euros and fifty cents`.
pub(super) fn money(Money { whole: count, hundredths, currency }: Money) -> Vec<String> {
    let mut words = Vec::new();
    if count > 0 || hundredths == 0 {
        words.extend(whole(count));
        words.push(currency.word(count, false));
    }
    if hundredths > 0 {
        if count > 0 {
            words.push("and".to_owned());
        }
        words.extend(whole(hundredths));
        words.push(currency.word(hundredths, true));
    }
    words
}

/// `Monday, March second, twenty twenty-six`.
pub(super) fn date(date: Date) -> Vec<String> {
    let day = format!("day-{}", date.weekday().to_monday_one_offset());
    let mut words = vec![day, format!("month-{}", date.month()), format!("{}th", date.day())];
    words.extend(year(u64::from(date.year().unsigned_abs())));
    words
}

/// In pairs, but for the first years of a millennium.
fn year(year: u64) -> Vec<String> {
    let (century, rest) = (year / 100, year % 100);
    if century == 0 || (century.is_multiple_of(10) && rest < 10) {
        return whole(year);
    }
    let mut words = whole(century);
    match rest {
        0 => words.push("hundred".to_owned()),
        1..10 => words.extend(["oh".to_owned(), rest.to_string()]),
        _ => words.extend(whole(rest)),
    }
    words
}

/// `ten oh five a.m.`, `six thirty p.m.`.
pub(super) fn time(time: Time) -> Vec<String> {
    let (hour, minute) = (u64::from(time.hour().unsigned_abs()), u64::from(time.minute().unsigned_abs()));
    let mut words = whole(if hour % 12 == 0 { 12 } else { hour % 12 });
    match minute {
        0 => {}
        1..10 => words.extend(["oh".to_owned(), minute.to_string()]),
        _ => words.extend(whole(minute)),
    }
    words.push(if hour < 12 { "am" } else { "pm" }.to_owned());
    words
}
