//! Opening hours: days of the week and a time of day, in the site's own zone.

use jiff::civil::{DateTime, Weekday};

/// From one time of day to another, on some days. With the end before the start it runs over midnight, into the next day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    days: Vec<Weekday>,
    from: u16,
    to: u16,
}

const MINUTES_A_DAY: u16 = 24 * 60;

impl Window {
    pub(crate) fn new(days: &[String], from: &str, to: &str) -> Result<Self, String> {
        let mut all = Vec::new();
        for text in days {
            all.extend(days_of(text)?);
        }
        if all.is_empty() {
            return Err("opening hours need at least one day".into());
        }
        let (from, to) = (minutes(from)?, minutes(to)?);
        if from == to || from == MINUTES_A_DAY {
            return Err("opening hours must end at another time than they begin; the whole day is from \"00:00\" to \"24:00\"".into());
        }
        Ok(Self { days: all, from, to })
    }

    pub(crate) fn holds(&self, local: DateTime) -> bool {
        let at = local.hour().unsigned_abs() as u16 * 60 + local.minute().unsigned_abs() as u16;
        let today = local.weekday();
        if self.from < self.to {
            return self.days.contains(&today) && (self.from..self.to).contains(&at);
        }
        let before_midnight = self.days.contains(&today) && at >= self.from;
        let after_midnight = self.days.contains(&today.previous()) && at < self.to;
        before_midnight || after_midnight
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// `mon`, or `mon-fri`; a range may run over the week's end (`sat-mon`).
fn days_of(text: &str) -> Result<Vec<Weekday>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (mut day, last) = (day_of(first)?, day_of(last)?);
    let mut days = vec![day];
    while day != last {
        day = day.next();
        days.push(day);
    }
    Ok(days)
}

fn day_of(text: &str) -> Result<Weekday, String> {
    let found = DAYS.iter().find(|(name, _)| *name == text);
    found
        .map(|(_, day)| *day)
        .ok_or_else(|| format!("`{text}` is no day; write mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri"))
}

fn minutes(text: &str) -> Result<u16, String> {
    let wrong = || format!("`{text}` is no time of day; write it as \"09:00\", up to \"24:00\"");
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let two = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok()).flatten();
    let (hours, minutes) = (two(hours).ok_or_else(wrong)?, two(minutes).ok_or_else(wrong)?);
    let at = hours * 60 + minutes;
    if minutes > 59 || at > MINUTES_A_DAY { Err(wrong()) } else { Ok(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &str, from: &str, to: &str) -> Window {
        Window::new(&[days.to_owned()], from, to).expect("valid hours")
    }

    fn at(text: &str) -> DateTime {
        text.parse().expect("a civil date and time")
    }

    #[test]
    fn a_window_opens_with_its_first_minute_and_is_shut_at_its_last() {
        let office = window("mon-fri", "09:00", "18:00");
        // 2026-11-20 is a Friday.
        for (when, open) in [
            ("2026-11-20T08:59:59", false),
            ("2026-11-20T09:00", true),
            ("2026-11-20T17:59:59", true),
            ("2026-11-20T18:00", false),
            ("2026-11-21T10:00", false),
        ] {
            assert_eq!(office.holds(at(when)), open, "{when}");
        }
    }

    #[test]
    fn a_night_belongs_to_the_day_it_began_on() {
        let night = window("sat", "22:00", "06:00");
        for (when, open) in
            [("2026-11-21T23:00", true), ("2026-11-22T05:59", true), ("2026-11-22T23:00", false), ("2026-11-21T05:00", false)]
        {
            assert_eq!(night.holds(at(when)), open, "{when}");
        }
        assert!(window("sat-mon", "00:00", "24:00").holds(at("2026-11-22T23:59")), "a Sunday lies between Saturday and Monday");
    }

    #[test]
    fn nonsense_is_named() {
        for (days, from, to, said) in [
            ("someday", "09:00", "18:00", "`someday` is no day"),
            ("mon", "9:00", "18:00", "`9:00` is no time of day"),
            ("mon", "09:00", "24:01", "`24:01` is no time of day"),
            ("mon", "09:00", "09:00", "must end at another time"),
        ] {
            let error = Window::new(&[days.to_owned()], from, to).expect_err(said);
            assert!(error.contains(said), "{error}");
        }
    }
}
