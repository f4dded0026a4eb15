//! Where in a TOML text a thing stands, for mistakes that serde cannot see: bytes from the beginning.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Where the value of a section's key stands; without the key, where the section begins.
pub(crate) fn of_key(text: &str, section: &str, key: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let section = document.get_ref().get(section)?;
    Some(below(section, key).unwrap_or(section).span().start)
}

/// Where an entry of a setup stands, as the store names it: `queue "sales", members, agent "anna"`. Of two with one name, the second.
pub(crate) fn of_entry(text: &str, named: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut parts = named.split(", ");
    let (kind, name) = parts.next()?.split_once(' ')?;
    let mut entries = document.get_ref().get(kind)?.get_ref().as_array()?.iter();
    let is_it = |entry: &&Spanned<DeValue<'_>>| {
        let keys = ["login", "name", "prefix"].into_iter().find_map(|key| below(entry, key)?.get_ref().as_str());
        keys.is_some_and(|key| format!("{key:?}") == name)
    };
    let mut found = entries.rfind(is_it)?;
    for key in parts.flat_map(|part| part.split('.')) {
        match below(found, key) {
            Some(value) => found = value,
            None => break,
        }
    }
    Some(found.span().start)
}

fn below<'t, 'i>(value: &'t Spanned<DeValue<'i>>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    value.get_ref().as_table()?.get(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETUP: &str =
        "[[user]]\nlogin = \"anna\"\n\n[[queue]]\nname = \"sales\"\nmembers = []\n\n[[queue]]\nname = \"sales\"\nmembers = []\n";

    #[test]
    fn an_entry_is_found_by_its_name_and_a_key_in_it() {
        let line = |named: &str| of_entry(SETUP, named).map(|at| SETUP[..at].matches('\n').count() + 1);
        assert_eq!(line("user \"anna\", login"), Some(2));
        assert_eq!(line("queue \"sales\", members, agent \"dario\""), Some(10));
        assert_eq!(line("user \"anna\", password"), Some(1));
        assert_eq!(line("user \"bruno\""), None);
        assert_eq!(line("pause_reason \"break\""), None);
    }
}
