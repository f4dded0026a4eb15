//! Long lists, a page at a time, ordered by any column they show. By key and not by page number: the database goes on from where the last
//! page ended, and rows that come in meanwhile shift nothing.

use serde::{Deserialize, Serialize};

use crate::{
    Error,
    query::{Q, Row, word},
};

/// The most rows a page may have.
pub const PAGE_MAX: u32 = 500;

/// Which way a list runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The smallest first.
    Asc,
    /// The largest first: of times, the newest.
    #[default]
    Desc,
}

/// Rows, and where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// In the order asked for.
    pub items: Vec<T>,
    /// To be given as `after`, with the same order, for the rows that follow; `None` at the end. Its text is the store's own business.
    pub next: Option<String>,
}

/// What a list can be ordered by, as SQL.
pub(crate) struct SortKey {
    /// The column, with its table's short name.
    pub(crate) column: &'static str,
    /// The join that brings the column, if it is another table's.
    pub(crate) join: &'static str,
    /// What its values are.
    pub(crate) kind: KeyKind,
    /// Whether it may be NULL. Rows without a value come last, whichever way the list runs.
    pub(crate) nullable: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum KeyKind {
    Text,
    Integer,
}

impl SortKey {
    pub(crate) const fn text(column: &'static str) -> Self {
        Self { column, join: "", kind: KeyKind::Text, nullable: false }
    }

    pub(crate) const fn integer(column: &'static str) -> Self {
        Self { column, join: "", kind: KeyKind::Integer, nullable: false }
    }

    pub(crate) const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }

    pub(crate) const fn joined(self, join: &'static str) -> Self {
        Self { join, ..self }
    }
}

/// One walk through a list: its order, where it goes on, how far.
pub(crate) struct Walk {
    /// The order's name, which cursors carry: one of another order is refused.
    name: String,
    key: SortKey,
    order: Order,
    /// The id's column, which tells apart rows of the same key.
    id: &'static str,
    after: Option<Position>,
    limit: u32,
}

/// Where a row stands in the order.
pub(crate) struct Position {
    key: Option<Key>,
    id: String,
}

enum Key {
    Text(String),
    Integer(i64),
}

impl Walk {
    /// Orders by column `by`, which is `key` in SQL; goes on after the row that the cursor `after` names.
    pub(crate) fn new(
        by: &impl Serialize,
        key: SortKey,
        order: Order,
        id: &'static str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Self, Error> {
        let name = format!("{}.{}", word(by), word(&order));
        let after = after.map(|cursor| Position::parse(cursor, &name, &key).ok_or(Error::Cursor)).transpose()?;
        Ok(Self { name, key, order, id, after, limit: limit.clamp(1, PAGE_MAX) })
    }

    /// Selects what the next page will begin by: stands after the columns, before `FROM`.
    pub(crate) fn select(&self, q: Q) -> Q {
        q.sql(", ").sql(self.key.column).sql(" AS sort_key")
    }

    /// Brings in the key's table: stands after `FROM`, before `WHERE`.
    pub(crate) fn join(&self, q: Q) -> Q {
        q.sql(self.key.join)
    }

    /// Skips what was shown, orders, limits: the end of the text.
    pub(crate) fn order(&self, q: Q) -> Q {
        let (beyond, direction) = match self.order {
            Order::Asc => (" > (", " ASC, "),
            Order::Desc => (" < (", " DESC, "),
        };
        let q = match &self.after {
            None => q,
            Some(position) => {
                let q = self.columns(q.sql(" AND ("), ", ").sql(")").sql(beyond);
                let q = match self.key.nullable {
                    true => q.push(self.present_flag(position.key.is_some())).sql(", "),
                    false => q,
                };
                let q = match (&position.key, self.key.kind) {
                    (Some(Key::Text(text)), _) => q.push(text.as_str()),
                    (Some(Key::Integer(integer)), _) => q.push(*integer),
                    (None, KeyKind::Text) => q.push(""),
                    (None, KeyKind::Integer) => q.push(0_i64),
                };
                q.sql(", ").push(position.id.as_str()).sql(")")
            }
        };
        let q = self.columns(q.sql(" ORDER BY "), direction);
        q.sql(direction.trim_end_matches(", ")).sql(" LIMIT ").push(self.limit + 1)
    }

    /// The columns of the order, the most important first. All run the same way, so that one comparison of rows says what comes after.
    fn columns(&self, q: Q, between: &'static str) -> Q {
        let column = self.key.column;
        let q = match (self.key.nullable, self.order) {
            (false, _) => return q.sql(column).sql(between).sql(self.id),
            (true, Order::Asc) => q.sql("CASE WHEN ").sql(column).sql(" IS NULL THEN 1 ELSE 0 END"),
            (true, Order::Desc) => q.sql("CASE WHEN ").sql(column).sql(" IS NULL THEN 0 ELSE 1 END"),
        };
        let absent = match self.key.kind {
            KeyKind::Text => ", '')",
            KeyKind::Integer => ", 0)",
        };
        q.sql(between).sql("COALESCE(").sql(column).sql(absent).sql(between).sql(self.id)
    }

    fn present_flag(&self, present: bool) -> bool {
        present == (self.order == Order::Desc)
    }

    /// Where a row stands.
    pub(crate) fn position(&self, row: &Row) -> Result<Position, Error> {
        let key = match self.key.kind {
            KeyKind::Text => row.opt_text("sort_key")?.map(Key::Text),
            KeyKind::Integer => row.opt_int("sort_key")?.map(Key::Integer),
        };
        Ok(Position { key, id: row.text("id")? })
    }

    /// Cuts rows, read with one more than asked for, to a page.
    pub(crate) fn page<T>(&self, mut rows: Vec<(T, Position)>) -> Page<T> {
        let full = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let next = rows.last().filter(|_| full).map(|(_, position)| position.cursor(&self.name));
        Page { items: rows.into_iter().map(|(row, _)| row).collect(), next }
    }
}

impl Position {
    /// `ORDER.ID.KEY`; the key in hexadecimal, since it may be anything a caller sent.
    fn cursor(&self, name: &str) -> String {
        let key = match &self.key {
            None => String::new(),
            Some(Key::Integer(integer)) => format!("i{integer}"),
            Some(Key::Text(text)) => text.bytes().fold("t".to_owned(), |hex, byte| format!("{hex}{byte:02x}")),
        };
        format!("{name}.{}.{key}", self.id)
    }

    fn parse(cursor: &str, name: &str, key: &SortKey) -> Option<Self> {
        let (id, value) = cursor.strip_prefix(name)?.strip_prefix('.')?.split_once('.')?;
        let key = match (value.split_at_checked(1), key.kind) {
            (None, _) if key.nullable => None,
            (Some(("i", digits)), KeyKind::Integer) => Some(Key::Integer(digits.parse().ok()?)),
            (Some(("t", hex)), KeyKind::Text) => Some(Key::Text(from_hex(hex)?)),
            _ => return None,
        };
        Some(Self { key, id: id.to_owned() })
    }
}

fn from_hex(hex: &str) -> Option<String> {
    let digits: Option<Vec<u8>> = hex.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty().then(|| String::from_utf8(pairs.iter().map(|[high, low]| high << 4 | low).collect()).ok())?
}

/// Every text a list of a table can have in one order, on its first page and on a later one; for the test that prepares them.
pub(crate) fn both_pages(key: impl Fn() -> SortKey, id: &'static str, text: impl Fn(Walk) -> String) -> Vec<String> {
    let mut texts = Vec::new();
    for order in [Order::Asc, Order::Desc] {
        let sample = || match key().kind {
            KeyKind::Text => Key::Text(String::new()),
            KeyKind::Integer => Key::Integer(0),
        };
        for after in [None, Some(Position { key: Some(sample()), id: String::new() })] {
            texts.push(text(Walk { name: String::new(), key: key(), order, id, after, limit: 1 }));
        }
    }
    texts
}
