//! Whole tables, row by row, in an order of their own: what backups are made of and what they are put back by, on either engine.
//!
//! Rows are read from a [`Snapshot`], the database as it was at one moment, while everybody else goes on reading and writing.

mod tables;

use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};
use tracing::instrument;

pub use self::tables::TABLES;
use crate::{
    Db, Engine, Error, Reader, Write,
    query::{Q, Row, Value},
};

/// Parameters a statement has at most: beyond this SQLite gets slow.
const PARAMETERS: usize = 480;

/// One table. Its columns are texts or 64-bit integers, all of which may be NULL here.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns that tell its rows apart, in the order rows are read in.
    key: &'static [&'static str],
    texts: &'static [&'static str],
    integers: &'static [&'static str],
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// NULL.
    Null(()),
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
}

impl Table {
    /// The table of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// Its columns, in the order of a row's cells.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.texts.iter().chain(self.integers).copied()
    }

    /// Whether a column holds texts and not integers; `None`: there is no such column.
    pub fn is_text(&self, column: &str) -> Option<bool> {
        let is_in = |columns: &[&str]| columns.contains(&column);
        (is_in(self.texts) || is_in(self.integers)).then(|| is_in(self.texts))
    }

    fn in_text(&self, q: Q) -> Q {
        q.sql("\"").sql(self.name).sql("\"")
    }
}

/// The database as it was at one moment.
pub struct Snapshot {
    transaction: Transaction<'static, Any>,
}

impl Db {
    /// Holds on to the database as it is now. On SQLite the write-ahead log cannot be emptied until the snapshot is dropped.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        let begun = match self.engine() {
            Engine::Sqlite => self.reader().begin().await,
            Engine::Postgres => self.reader().begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        };
        let mut snapshot = begun.map(|transaction| Snapshot { transaction }).map_err(|error| Error::from_sqlx("transaction", error))?;
        // The first read fixes the moment.
        count(&mut snapshot, &TABLES[0]).await?;
        Ok(snapshot)
    }
}

impl<'a> From<&'a mut Snapshot> for Reader<'a> {
    fn from(snapshot: &'a mut Snapshot) -> Self {
        Self::from(&mut *snapshot.transaction)
    }
}

/// Rows of a table.
///
/// # Errors
/// As every read.
#[instrument(name = "db.backup.count", level = "debug", skip_all)]
pub async fn count(from: impl Into<Reader<'_>>, table: &'static Table) -> Result<u64, Error> {
    let counted = count_query(table).optional(from, |row| row.int("held")).await?;
    Ok(counted.unwrap_or(0))
}

/// The next rows of a table after the row `after`, at most `limit`.
///
/// # Errors
/// As every read.
#[instrument(name = "db.backup.rows", level = "debug", skip_all)]
pub async fn rows(from: impl Into<Reader<'_>>, table: &'static Table, after: Option<&[Cell]>, limit: u32) -> Result<Vec<Vec<Cell>>, Error> {
    rows_query(table, after, limit).all(from, |row| read(table, row)).await
}

/// Adds rows whose cells are these `columns` of the table; what other columns there are take their default.
///
/// # Errors
/// As every write; [`Error::Misfit`] for columns or cells that are not the table's.
#[instrument(name = "db.backup.insert", level = "debug", skip_all)]
pub async fn insert(write: &mut Write, table: &'static Table, columns: &[&'static str], rows: &[Vec<Cell>]) -> Result<(), Error> {
    for some in rows.chunks((PARAMETERS / columns.len().max(1)).max(1)) {
        insert_query(table, columns, some)?.run(write).await?;
    }
    Ok(())
}

/// Removes every row of every table.
///
/// # Errors
/// As every write.
#[instrument(name = "db.backup.clear", level = "debug", skip_all)]
pub async fn clear(write: &mut Write) -> Result<(), Error> {
    for table in TABLES.iter().rev() {
        clear_query(table).run(write).await?;
    }
    Ok(())
}

fn count_query(table: &'static Table) -> Q {
    table.in_text(Q::list(table.name, "SELECT COUNT(*) AS held FROM "))
}

fn clear_query(table: &'static Table) -> Q {
    table.in_text(Q::list(table.name, "DELETE FROM "))
}

fn rows_query(table: &'static Table, after: Option<&[Cell]>, limit: u32) -> Q {
    let q = table.in_text(names(Q::list(table.name, "SELECT "), table.columns()).sql(" FROM "));
    let key = || table.key.iter().copied();
    let q = match after {
        None => q,
        Some(row) => {
            let mut q = names(q.sql(" WHERE ("), key()).sql(") > (");
            for (n, column) in table.key.iter().enumerate() {
                let cell = table.columns().position(|named| named == *column).and_then(|at| row.get(at));
                let value = value(cell.unwrap_or(&Cell::Null(())), table.texts.contains(column));
                q = if n == 0 { q } else { q.sql(", ") }.push(value.unwrap_or(Value::Text(None)));
            }
            q.sql(")")
        }
    };
    names(q.sql(" ORDER BY "), key()).sql(" LIMIT ").push(limit)
}

fn insert_query(table: &'static Table, columns: &[&'static str], rows: &[Vec<Cell>]) -> Result<Q, Error> {
    let misfit = |why: String| Error::Misfit { table: table.name, why };
    let q = table.in_text(Q::list(table.name, "INSERT INTO ")).sql(" (");
    let mut q = names(q, columns.iter().copied()).sql(") VALUES ");
    for (n, row) in rows.iter().enumerate() {
        if row.len() != columns.len() {
            return Err(misfit(format!("a row of {} values for {} columns", row.len(), columns.len())));
        }
        q = q.sql(if n == 0 { "(" } else { ", (" });
        for (n, (cell, column)) in row.iter().zip(columns).enumerate() {
            let is_text = table.is_text(column).ok_or_else(|| misfit(format!("there is no column {column}")))?;
            let value = value(cell, is_text).ok_or_else(|| misfit(format!("{column} cannot be {cell:?}")))?;
            q = if n == 0 { q } else { q.sql(", ") }.push(value);
        }
        q = q.sql(")");
    }
    Ok(q)
}

fn names(q: Q, columns: impl Iterator<Item = &'static str>) -> Q {
    columns.enumerate().fold(q, |q, (n, column)| if n == 0 { q } else { q.sql(", ") }.sql("\"").sql(column).sql("\""))
}

/// A cell as a parameter of the column's type; `None`: it is of the other one.
fn value(cell: &Cell, is_text: bool) -> Option<Value> {
    match (cell, is_text) {
        (Cell::Null(()), true) => Some(Value::Text(None)),
        (Cell::Null(()), false) => Some(Value::Integer(None)),
        (Cell::Text(text), true) => Some(text.as_str().into()),
        (Cell::Integer(integer), false) => Some((*integer).into()),
        (Cell::Text(_), false) | (Cell::Integer(_), true) => None,
    }
}

fn read(table: &'static Table, row: &Row) -> Result<Vec<Cell>, Error> {
    let texts = table.texts.iter().map(|column| Ok(row.opt_text(column)?.map_or(Cell::Null(()), Cell::Text)));
    let integers = table.integers.iter().map(|column| Ok(row.opt_int(column)?.map_or(Cell::Null(()), Cell::Integer)));
    texts.chain(integers).collect()
}

/// Every text that is run here, for the test that prepares them.
pub(crate) fn texts() -> Vec<(String, String)> {
    let of = |table: &'static Table| {
        let columns: Vec<_> = table.columns().collect();
        let nothing = vec![Cell::Null(()); columns.len()];
        let inserted = |rows: usize| insert_query(table, &columns, &vec![nothing.clone(); rows]).map(|q| q.text()).unwrap_or_default();
        let queries = [count_query(table), clear_query(table), rows_query(table, None, 1), rows_query(table, Some(&nothing), 1)];
        let texts: Vec<_> = queries.into_iter().map(|q| q.text()).chain([inserted(1), inserted(2)]).collect();
        texts.into_iter().map(|text| (format!("{}.backup", table.name), text))
    };
    TABLES.iter().flat_map(of).collect()
}
