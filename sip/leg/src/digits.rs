//! Digits that come by SIP INFO: `application/dtmf-relay` (two lines, `Signal=` and `Duration=`) and `application/dtmf`
//! (the digit alone). Neither is a standard; phones send both.

/// A digit and how long it was pressed, milliseconds.
pub(crate) type Press = (char, u32);

/// How long a press lasts that names no time.
const USUAL_MS: u32 = 250;

/// Reads a body of this media type; `None` if it holds no digit.
pub(crate) fn read(media_type: &str, body: &[u8]) -> Option<Press> {
    let text = std::str::from_utf8(body.get(..256).unwrap_or(body)).ok()?;
    match media_type {
        "application/dtmf-relay" => relay(text),
        "application/dtmf" => Some((digit(text.trim())?, USUAL_MS)),
        _ => None,
    }
}

/// Whether this is one of the two media types.
pub(crate) fn is_digits(media_type: &str) -> bool {
    matches!(media_type, "application/dtmf-relay" | "application/dtmf")
}

fn relay(text: &str) -> Option<Press> {
    let value = |name: &str| {
        let fields = text.lines().filter_map(|line| line.split_once('='));
        fields.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let duration = value("Duration").and_then(|text| text.parse().ok()).unwrap_or(USUAL_MS);
    Some((digit(value("Signal")?)?, duration.clamp(40, 10_000)))
}

/// One digit; some phones send `*` and `#` as the event numbers of RFC 4733.
fn digit(text: &str) -> Option<char> {
    match text {
        "10" => Some('*'),
        "11" => Some('#'),
        _ => {
            let mut chars = text.chars();
            let digit = chars.next()?.to_ascii_uppercase();
            (chars.next().is_none() && matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D')).then_some(digit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_digit_is_read_and_nothing_else() {
        assert_eq!(read("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n"), Some(('5', 160)));
        assert_eq!(read("application/dtmf-relay", b"signal = #\nduration= 99999"), Some(('#', 10_000)));
        assert_eq!(read("application/dtmf-relay", b"Signal=10"), Some(('*', 250)));
        assert_eq!(read("application/dtmf", b"d\r\n"), Some(('D', 250)));
        assert_eq!(read("application/dtmf", b"55"), None);
        assert_eq!(read("application/dtmf-relay", b"Duration=160"), None);
        assert_eq!(read("application/dtmf", b"\xff"), None);
        assert_eq!(read("text/plain", b"5"), None);
    }
}
