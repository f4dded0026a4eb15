//! Long lists, newest first, a page at a time. By key and not by page number: the database walks an index from where the last page
//! ended, and rows that come in meanwhile shift nothing.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use jiff::Timestamp;

/// The most rows a page may have.
pub const PAGE_MAX: u32 = 500;

/// Where a page ended. Its text goes to clients, who hand it back as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<I> {
    /// Start of the last row.
    pub started_at: Timestamp,
    /// Its id.
    pub id: I,
}

impl<I: Display> Display for Cursor<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.started_at.as_millisecond(), self.id)
    }
}

/// A text that is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct NoCursor;

impl<I: FromStr> FromStr for Cursor<I> {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (millis, id) = text.split_once('_').ok_or(NoCursor)?;
        let started_at = millis.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok()).ok_or(NoCursor)?;
        Ok(Self { started_at, id: id.parse().map_err(|_| NoCursor)? })
    }
}

/// Rows, and where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, I> {
    /// Newest first.
    pub items: Vec<T>,
    /// To be given as `after` for the rows that follow; `None` at the end.
    pub next: Option<Cursor<I>>,
}

impl<T, I> Page<T, I> {
    /// Cuts rows read with one more than `limit` to a page.
    pub(crate) fn of(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> Cursor<I>) -> Self {
        let full = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| full).map(cursor);
        Self { items, next }
    }
}
