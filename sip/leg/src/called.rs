//! Which number a URI means.

use carillon_sip_core::message::Uri;

/// The longest number read.
const LONGEST: usize = 64;

/// The number or name in a URI that we may call: `0-9 A-Z a-z * # + . -` and nothing else, at most 64 characters. Parameters in the user part
/// (`;phone-context=`) are left out; from a `tel:` URI the visual separators are too (RFC 3966 5.1.1). `None` when there is nothing
/// of the kind.
pub(crate) fn number_of(uri: &Uri) -> Option<String> {
    let user = shown(uri);
    let is_sound = !user.is_empty() && user.len() <= LONGEST && user.chars().all(is_dialled);
    is_sound.then_some(user)
}

/// The user part of a URI as it is shown, whatever stands there: without its parameters, a telephone number without visual separators.
pub(crate) fn shown(uri: &Uri) -> String {
    let user = uri.user().unwrap_or_default();
    let user = user.split(';').next().unwrap_or_default();
    match uri {
        Uri::Tel(_) => user.chars().filter(|c| !matches!(c, '-' | '.' | '(' | ')')).collect(),
        Uri::Sip(_) | Uri::Other(_) => user.to_owned(),
    }
}

/// What may stand in the user part of a number we call.
pub(crate) fn is_dialled(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '*' | '#' | '+' | '.' | '-')
}
