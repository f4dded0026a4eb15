//! Every text of an answer or an event, looked at once: numbers become references, numbers within other texts dots.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::{References, is_own, is_reference};
use crate::dispatch::Snapshot;

/// Digits from which on a text that is nothing else is a number.
const NUMBER: usize = 3;
/// Digits from which on a part of a text is one.
const PART: usize = 6;
/// What stands in place of such a part.
const DOTS: &str = "••••";

/// What may hold digits and no number of anybody.
const OTHERS: [&str; 9] = ["id", "file", "version", "address", "program", "user_agent", "login", "content_type", "hint"];
/// Where a list goes on: its text may hold what the list is sorted by.
const CURSOR: &str = "next";

/// Hides the numbers of others in an answer or an event.
pub(crate) fn hide(value: &mut Value, references: &References, directory: &Snapshot) {
    walk(value, None, references, directory);
}

fn walk(value: &mut Value, name: Option<&str>, references: &References, directory: &Snapshot) {
    match value {
        Value::String(text) => {
            if let Some(hidden) = hidden(text, name, references, directory) {
                *text = hidden;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| walk(value, name, references, directory)),
        Value::Object(fields) => {
            // Whom a call from outside called is ourselves.
            let is_inbound = fields.get("kind").is_some_and(|kind| kind == "inbound");
            for (name, value) in fields.iter_mut().filter(|(name, _)| !(is_inbound && *name == "called")) {
                walk(value, Some(name), references, directory);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a text is shown as; `None`: as it is.
fn hidden(text: &str, name: Option<&str>, references: &References, directory: &Snapshot) -> Option<String> {
    let has_digits = text.bytes().filter(u8::is_ascii_digit).count() >= NUMBER;
    if !has_digits || is_reference(text) || name.is_some_and(|name| OTHERS.contains(&name)) {
        return None;
    }
    if name == Some(CURSOR) {
        return Some(references.of(text));
    }
    if Uuid::parse_str(text).is_ok() || text.parse::<Timestamp>().is_ok() || is_own(directory, text) {
        return None;
    }
    let is_number = text.chars().all(|c| c.is_ascii_digit() || is_between(c) || matches!(c, '+' | '*' | '#'));
    if is_number { Some(references.of(text)) } else { hide_text(text) }
}

/// A text that holds a number among other words, with dots in its place; `None`: it holds none.
pub(crate) fn hide_text(text: &str) -> Option<String> {
    let (mut shown, mut part, mut changed) = (String::with_capacity(text.len()), String::new(), false);
    let mut end = |part: &mut String, shown: &mut String| {
        if part.bytes().filter(u8::is_ascii_digit).count() < PART {
            shown.push_str(part);
        } else {
            changed = true;
            shown.push_str(DOTS);
            shown.extend(part.chars().rev().take_while(|c| is_between(*c)).collect::<Vec<_>>().into_iter().rev());
        }
        part.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() || (part.is_empty() && c == '+') || (!part.is_empty() && is_between(c)) {
            part.push(c);
        } else {
            end(&mut part, &mut shown);
            shown.push(c);
        }
    }
    end(&mut part, &mut shown);
    changed.then_some(shown)
}

/// What people write between the digits of a number.
fn is_between(c: char) -> bool {
    matches!(c, ' ' | '(' | ')' | '-' | '.' | '/' | '\u{a0}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_of_others_become_references_and_all_else_stays() {
        let (references, directory) = (References::new(), Snapshot::default());
        let mut row = json!({
            "id": "019aa000-0000-7000-8000-000000000000",
            "number": 4711,
            "kind": "inbound",
            "caller": "+390255501",
            "caller_name": "Mario 02 555-01 12",
            "called": "5001",
            "started_at": "2026-11-20T10:00:00.123456789Z",
            "note": "Order 12345, call back",
            "record": { "legs": [{ "party": "+390255501" }], "recordings": [{ "file": "2026/11/20/1.wav" }] },
            "next": "started_at|1763632800000",
        });
        hide(&mut row, &references, &directory);
        let hidden = references.of("+390255501");
        assert_eq!(row["caller"], hidden);
        assert_eq!(row["record"]["legs"][0]["party"], hidden);
        assert_eq!(row["caller_name"], "Mario ••••");
        assert_eq!((&row["called"], &row["note"]), (&json!("5001"), &json!("Order 12345, call back")));
        assert_eq!((&row["number"], &row["started_at"]), (&json!(4711), &json!("2026-11-20T10:00:00.123456789Z")));
        assert_eq!(row["record"]["recordings"][0]["file"], "2026/11/20/1.wav");
        assert_eq!(references.text(row["next"].as_str().expect("a cursor")).as_deref(), Some("started_at|1763632800000"));
        let once = row.clone();
        hide(&mut row, &references, &directory);
        assert_eq!(row, once, "what is hidden stays so");
    }

    #[test]
    fn a_number_called_by_us_is_hidden_whatever_it_is_called() {
        let (references, directory) = (References::new(), Snapshot::default());
        for text in ["+44 20 1234-5678", "(02) 555.01", "118", "sip:+390255501@example.com", "tel:+390255501"] {
            let mut row = json!({ "kind": "outbound", "called": text, "caller_name": text });
            hide(&mut row, &references, &directory);
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let shown: String = row.to_string().chars().filter(char::is_ascii_digit).collect();
            assert!(!shown.contains(&digits), "{row}");
        }
    }
}
