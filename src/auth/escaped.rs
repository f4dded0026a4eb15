//! Texts as parts of an address or a form.

/// What may stand there as it is; the rest by its octets (RFC 3986 2.1).
pub(crate) fn escaped(text: &str) -> String {
    text.bytes().map(octet).collect()
}

fn octet(octet: u8) -> String {
    match octet {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(octet).to_string(),
        octet => format!("%{octet:02X}"),
    }
}
