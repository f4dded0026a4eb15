//! Which call a route takes.

use jiff::civil::DateTime;

use crate::{hours::Window, plan::Named, problem::Place};

/// What is asked of a plan when a call comes in.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The trunk it came by, by name; `None`: it came from one of our phones.
    pub trunk: Option<&'a str>,
    /// What was dialled.
    pub called: &'a str,
    /// Who calls.
    pub caller: &'a str,
    /// The time on the wall of the site, in its own zone.
    pub local: DateTime,
}

#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) place: Place,
    pub(crate) from: From,
    pub(crate) called: Vec<Pattern>,
    /// Empty: anybody.
    pub(crate) caller: Vec<Pattern>,
    /// Empty: always.
    pub(crate) hours: Vec<Window>,
    pub(crate) step: Named,
}

#[derive(Debug, Clone)]
pub(crate) enum From {
    Anywhere,
    Phone,
    AnyTrunk,
    Trunk(Named),
}

impl Route {
    pub(crate) fn fits(&self, ask: &Ask<'_>) -> bool {
        self.from.fits(ask.trunk)
            && self.called.iter().any(|pattern| pattern.fits(ask.called))
            && (self.caller.is_empty() || self.caller.iter().any(|pattern| pattern.fits(ask.caller)))
            && (self.hours.is_empty() || self.hours.iter().any(|window| window.holds(ask.local)))
    }

    /// Whether every call that `later` takes is taken here already. Errs on the side of no.
    pub(crate) fn covers(&self, later: &Self) -> bool {
        self.caller.is_empty()
            && self.hours.is_empty()
            && self.from.covers(&later.from)
            && later.called.iter().all(|theirs| self.called.iter().any(|ours| ours.covers(theirs)))
    }
}

impl From {
    fn fits(&self, trunk: Option<&str>) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Phone => trunk.is_none(),
            Self::AnyTrunk => trunk.is_some(),
            Self::Trunk(named) => trunk == Some(named.name.as_str()),
        }
    }

    fn covers(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Anywhere, _) | (Self::Phone, Self::Phone) | (Self::AnyTrunk, Self::AnyTrunk | Self::Trunk(_)) => true,
            (Self::Trunk(ours), Self::Trunk(theirs)) => ours.name == theirs.name,
            _ => false,
        }
    }

    pub(crate) fn may_be_trunk(&self) -> bool {
        !matches!(self, Self::Phone)
    }
}

/// A number, or with a star at its end all that begin so. A star elsewhere is the key (`*45`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    Exact(String),
    Prefix(String),
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "+*#-_.".contains(c);
        if text.is_empty() || !text.chars().all(allowed) {
            return Err(format!("`{text}` is no number: use digits, letters, + * # - _ . and a star at the end for \"all that begin so\""));
        }
        Ok(text.strip_suffix('*').map_or_else(|| Self::Exact(text.to_owned()), |prefix| Self::Prefix(prefix.to_owned())))
    }

    fn fits(&self, number: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == number,
            Self::Prefix(prefix) => number.starts_with(prefix),
        }
    }

    fn covers(&self, theirs: &Self) -> bool {
        match (self, theirs) {
            (Self::Exact(ours), Self::Exact(theirs)) => ours == theirs,
            (Self::Prefix(ours), Self::Exact(theirs) | Self::Prefix(theirs)) => theirs.starts_with(ours),
            (Self::Exact(_), Self::Prefix(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_at_the_end_is_a_prefix_and_elsewhere_a_key() {
        let rome = Pattern::parse("+3906*").expect("a prefix");
        assert!(rome.fits("+390612345") && rome.fits("+3906") && !rome.fits("+390212345"));
        let login = Pattern::parse("*45").expect("a feature code");
        assert!(login.fits("*45") && !login.fits("*451"));
        assert!(Pattern::parse("*").expect("everything").fits(""));
        assert!(Pattern::parse("50 01").expect_err("a space").contains("no number"));
    }
}
