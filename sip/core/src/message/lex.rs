//! Bytes and words of the grammar (RFC 3261 25.1), shared by the views.

use std::borrow::Cow;

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~');
        byte += 1;
    }
    table
};

pub(crate) fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize]
}

pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&b| is_token_byte(b))
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(crate) fn trim_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|&b| !is_blank(b)).unwrap_or(bytes.len());
    &bytes[start..]
}

pub(crate) fn trim_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&b| !is_blank(b)).map_or(0, |last| last + 1);
    &bytes[..end]
}

pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

/// The text of bytes from the wire. What is not UTF-8 is read as Latin-1, which is what old phones send.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()),
    }
}

/// Where the first CR or LF is, eight bytes at a time: this is most of what reading a message costs.
pub(crate) fn line_end(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let (words, _) = bytes.as_chunks::<8>();
    let clear = words.iter().take_while(|word| {
        let word = u64::from_ne_bytes(**word);
        has_zero(word ^ (ONES * u64::from(b'\r'))) | has_zero(word ^ (ONES * u64::from(b'\n'))) == 0
    });
    let from = clear.count() * 8;
    bytes[from..].iter().position(|&b| matches!(b, b'\r' | b'\n')).map(|at| from + at)
}

/// A decimal number; `None` when there is anything but digits or it does not fit.
pub(crate) fn number<T: TryFrom<u64>>(digits: &[u8]) -> Option<T> {
    if digits.is_empty() {
        return None;
    }
    let mut value = 0u64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    T::try_from(value).ok()
}

/// Where a quoted string that starts at 0 ends (the index behind the closing quote).
pub(crate) fn quoted_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// The text inside a quoted string, without quotes and escapes; other text as it is.
pub(crate) fn unquote(text: &str) -> Cow<'_, str> {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    Cow::Owned(plain)
}

/// Text as a quoted string. Control characters are escaped as well (RFC 3261 25.1, quoted-pair); line ends become blanks.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\r' | '\n' => quoted.push(' '),
            '"' | '\\' | '\0'..='\u{1f}' | '\u{7f}' => quoted.extend(['\\', character]),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Splits at a separator that stands neither in a quoted string nor between angle brackets.
/// A quote that never closes runs to the end: the view of the last piece refuses it.
pub(crate) fn split(bytes: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let mut at = 0;
        let mut angle = false;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte == separator && !angle {
                rest = Some(&bytes[at + 1..]);
                return Some(&bytes[..at]);
            }
            match byte {
                b'"' => {
                    at += quoted_end(&bytes[at..]).unwrap_or(bytes.len() - at);
                    continue;
                }
                b'<' => angle = true,
                b'>' => angle = false,
                _ => {}
            }
            at += 1;
        }
        rest = None;
        Some(bytes)
    })
}
