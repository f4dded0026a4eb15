//! Keys pressed for an agent: sent to whom the agent speaks with, and written nowhere.

use std::fmt;

use carillon_model::LegId;

use crate::{Call, ControlRefused, Effect};

/// The most keys of one order.
const MOST: usize = 64;

/// Keys of a telephone: `0`-`9`, `*`, `#`, `A`-`D`; a card's number or a password, as like as not. Prints how many they are and no more.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys(Vec<char>);

impl Keys {
    /// These keys. `None` where there are none, too many (64), or one that no telephone has.
    pub fn new(text: &str) -> Option<Self> {
        let keys: Vec<char> = text.chars().map(|key| key.to_ascii_uppercase()).collect();
        let all = keys.iter().all(|key| matches!(key, '0'..='9' | '*' | '#' | 'A'..='D'));
        ((1..=MOST).contains(&keys.len()) && all).then_some(Self(keys))
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = char> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

impl Call {
    /// Presses keys towards everybody whom `by` speaks with.
    pub(crate) fn press(&mut self, by: LegId, keys: &Keys) -> Result<(), ControlRefused> {
        let with = match self.three_way_of() {
            Some((who_asked, asked)) => {
                [self.other_side(who_asked), Some(who_asked), Some(asked)].into_iter().flatten().filter(|leg| *leg != by).collect()
            }
            None => self.legs.get(&by).and_then(|leg| leg.hears).into_iter().collect::<Vec<_>>(),
        };
        if with.is_empty() {
            return Err(ControlRefused::OnHold);
        }
        with.into_iter().for_each(|leg| self.effect(Effect::Press { leg, keys: keys.clone() }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_a_telephone_are_taken_and_they_print_nowhere() {
        assert_eq!(Keys::new("12*#aD").map(|keys| keys.iter().collect::<String>()).as_deref(), Some("12*#AD"));
        assert_eq!(format!("{:?}", Keys::new("4111").expect("keys")), "Keys(4)");
        for bad in ["", "12 3", "E", "1,2", "\r\n", "+39"] {
            assert_eq!(Keys::new(bad), None, "{bad:?}");
        }
        assert!(Keys::new(&"1".repeat(64)).is_some() && Keys::new(&"1".repeat(65)).is_none());
    }
}
