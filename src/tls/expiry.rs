//! When a certificate ends: the one field of X.509 (RFC 5280 4.1) that the libraries do not tell.

use jiff::{Timestamp, civil::date, tz::TimeZone};

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `notAfter` of a certificate; `None` when it is none.
pub(super) fn of(der: &[u8]) -> Option<Timestamp> {
    let (_, certificate, _) = element(der)?;
    let (_, mut fields, _) = element(certificate).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let (tag, _, after) = element(fields)?;
    if tag == VERSION {
        fields = after;
    }
    // Serial number, signature and issuer come before the validity.
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (_, validity, _) = element(fields).filter(|(tag, ..)| *tag == SEQUENCE)?;
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// The tag and content of the first element, and what follows it (X.690, DER).
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` from then on.
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let two = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let day = jiff::civil::Date::new(year, two(0)?, two(2)?).ok()?;
    let clock = jiff::civil::Time::new(two(4)?, two(6)?, two(8)?, 0).ok()?;
    Some(day.to_datetime(clock).to_zoned(TimeZone::UTC).ok()?.timestamp()).filter(|_| rest.ends_with('Z') && day > date(1950, 1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_read_before_and_after_2050_and_garbage_has_none() {
        for (year, said) in [(2031, "2031-03-01T00:00:00Z"), (2077, "2077-03-01T00:00:00Z")] {
            let key = rcgen::KeyPair::generate().expect("a key");
            let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
            parameters.not_after = rcgen::date_time_ymd(year, 3, 1);
            let certificate = parameters.self_signed(&key).expect("a certificate");
            assert_eq!(of(certificate.der()).map(|at| at.to_string()).as_deref(), Some(said));
            for length in 0..certificate.der().len().min(200) {
                assert_eq!(of(&certificate.der()[..length]), None);
            }
        }
    }
}
