//! What somebody types into the search of a list, as a condition.

use crate::query::Q;

/// Characters of a search at most.
pub const SEARCH_MAX: usize = 100;

/// What people write between the digits of a number.
const BETWEEN: &[char] = &[' ', '(', ')', '.', '/', '-'];

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The text, in any case.
    pub text: String,
    /// Whether numbers are hidden from who asks: then none is told by its being found either.
    pub hides_numbers: bool,
}

/// Where a list looks: columns, or what makes one text of several.
pub(crate) struct Places {
    /// Numbers, which are found however their digits are grouped.
    pub(crate) numbers: &'static [&'static str],
    /// What strangers or agents wrote, where a number may be.
    pub(crate) words: &'static [&'static str],
    /// The site's own names.
    pub(crate) names: &'static [&'static str],
}

/// ` AND (one of the places holds the text)`; nothing where there is no text. Rows come along the list's own order, so that a page ends the search; a
/// text that nothing holds looks through all that the other filters leave.
pub(crate) fn search(q: Q, search: Option<&Search>, places: &Places) -> Q {
    let Some((search, text)) = search.map(|search| (search, search.text.trim())).filter(|(_, text)| !text.is_empty()) else { return q };
    let numbers = if search.hides_numbers { &[] } else { places.numbers };
    let words = if search.hides_numbers && text.contains(|c: char| c.is_numeric()) { &[] } else { places.words };
    let bare = text.replace(BETWEEN, "");
    let is_number = bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '#')) && !bare.is_empty();
    let (number, word) = (part(if is_number { &bare } else { text }), part(text));
    let all = numbers.iter().map(|column| (*column, &number)).chain(words.iter().chain(places.names).map(|column| (*column, &word)));
    let q = all.enumerate().fold(q.sql(" AND ("), |q, (place, (column, part))| {
        let q = q.sql(if place == 0 { "LOWER(" } else { " OR LOWER(" }).sql(column).sql(") LIKE LOWER(");
        q.push(part.as_str()).sql(r") ESCAPE '\'")
    });
    q.sql(")")
}

/// A pattern for whatever holds the text as it stands.
fn part(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for c in text.chars().take(SEARCH_MAX) {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern + "%"
}
