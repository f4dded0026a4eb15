//! Numbers and what stands for them: the same number is the same reference until the server stops, so that a caller who comes again is known again.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::hmac;

/// What every reference begins with.
const MARK: &str = "•••• ";
/// Letters of a reference. Two numbers have the same one once in 10^14.
const LETTERS: usize = 10;
/// Numbers that are known by their reference. Of more the oldest is forgotten: to dial it the list it stands in has to be loaded again.
const KNOWN: usize = 100_000;

/// What stands for each number that somebody was told of without seeing it.
pub(crate) struct References {
    key: hmac::Key,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    texts_by_reference: HashMap<String, String>,
    oldest_first: VecDeque<String>,
}

impl Default for References {
    fn default() -> Self {
        Self::new()
    }
}

impl References {
    /// With a key of its own, which nobody else has and nothing keeps.
    pub(crate) fn new() -> Self {
        let secret: [[u8; 16]; 2] = [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()];
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_flattened()), known: Mutex::default() }
    }

    /// What stands for a text: no character of it is in there.
    pub(crate) fn of(&self, text: &str) -> String {
        let tag = hmac::sign(&self.key, text.as_bytes());
        let letters = tag.as_ref().iter().take(LETTERS).map(|byte| char::from(b'a' + byte % 26));
        let reference: String = MARK.chars().chain(letters).collect();
        let mut known = self.lock();
        if known.texts_by_reference.insert(reference.clone(), text.to_owned()).is_none() {
            known.oldest_first.push_back(reference.clone());
            if known.oldest_first.len() > KNOWN
                && let Some(oldest) = known.oldest_first.pop_front()
            {
                known.texts_by_reference.remove(&oldest);
            }
        }
        reference
    }

    /// The text behind a reference; `None`: it is not known, or no longer.
    pub(crate) fn text(&self, reference: &str) -> Option<String> {
        self.lock().texts_by_reference.get(reference.trim()).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a text is meant as a reference.
pub(crate) fn is_reference(text: &str) -> bool {
    text.trim_start().starts_with(MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_stands_for_one_number_and_holds_no_digit_of_it() {
        let references = References::new();
        let (one, other) = (references.of("+390255501"), references.of("+390255502"));
        assert_ne!(one, other);
        assert_eq!(one, references.of("+390255501"), "whoever calls again is known again");
        assert!(is_reference(&one) && !one.contains(|c: char| c.is_ascii_digit()), "{one}");
        assert_eq!(references.text(&one).as_deref(), Some("+390255501"));
        assert_eq!(References::new().text(&one), None, "another run knows nothing of it");
    }

    #[test]
    fn of_too_many_the_oldest_is_forgotten() {
        let references = References::new();
        let first = references.of("first");
        for number in 0..KNOWN {
            references.of(&number.to_string());
        }
        assert_eq!(references.text(&first), None);
        assert!(references.text(&references.of("0")).is_some());
    }
}
