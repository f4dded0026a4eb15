//! Statements, their parameters, and rows read back: the one place where sqlx is spoken.
//!
//! `Any` knows neither booleans, UUIDs nor times on both engines, so a parameter is a text or a 64-bit integer, NULL included
//! (one SQL text, one type a parameter: PostgreSQL keeps statements by their text).

use std::{fmt::Display, str::FromStr};

use carillon_model::{
    AgentId, ApiKeyId, CallId, DialRights, DispositionId, Number, PauseId, PhoneId, QueueId, RecordingId, RecordingLinkId, RouteId,
    SessionId, TrunkId, UserId,
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Any, AnyConnection, AnyPool, AssertSqlSafe, Row as _,
    any::{AnyArguments, AnyRow},
    query::Query,
};

use crate::{Db, Error, Write};

/// One SQL text, written down once; `statements!` registers it for the test that prepares them all.
pub(crate) struct Statement {
    pub(crate) table: &'static str,
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// Declares a repository's statements as constants, and `STATEMENTS` with all of them.
macro_rules! statements {
    ($table:literal: $($name:ident = $sql:expr;)+) => {
        $(const $name: $crate::query::Statement = $crate::query::Statement { table: $table, name: stringify!($name), sql: $sql };)+
        pub(crate) const STATEMENTS: &[$crate::query::Statement] = &[$($name),+];
    };
}
pub(crate) use statements;

/// Where a query reads: the reader pool (`&Db`), or a transaction under way (`&mut Write`), which sees its own changes.
pub struct Reader<'a>(Place<'a>);

/// The kinds of places.
enum Place<'a> {
    Pool(&'a AnyPool),
    /// A pool that nothing can be read from now.
    Refusing,
    Transaction(&'a mut AnyConnection),
}

impl<'a> From<&'a Db> for Reader<'a> {
    fn from(db: &'a Db) -> Self {
        Self(if db.refuses_reads() { Place::Refusing } else { Place::Pool(db.reader()) })
    }
}

impl<'a> From<&'a mut AnyConnection> for Reader<'a> {
    fn from(connection: &'a mut AnyConnection) -> Self {
        Self(Place::Transaction(connection))
    }
}

impl<'a> From<&'a mut Write> for Reader<'a> {
    fn from(write: &'a mut Write) -> Self {
        write.connection().into()
    }
}

/// A statement with its parameters; [`Q::sql`] and [`Q::push`] let a list grow conditions.
pub(crate) struct Q {
    table: &'static str,
    head: &'static str,
    tail: String,
    values: Vec<Value>,
}

impl Q {
    pub(crate) fn of(statement: &'static Statement) -> Self {
        Self { table: statement.table, head: statement.sql, tail: String::new(), values: Vec::new() }
    }

    /// The beginning of a list's text, which grows by what is asked for; its repository tells the test every form it can take.
    pub(crate) fn list(table: &'static str, head: &'static str) -> Self {
        Self { table, head, tail: String::new(), values: Vec::new() }
    }

    /// The next parameter of a text that already names it.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// More text.
    pub(crate) fn sql(mut self, text: &'static str) -> Self {
        self.tail.push_str(text);
        self
    }

    /// The next parameter, written as `$n` at the end of the text.
    pub(crate) fn push(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self.tail.push('$');
        self.tail.push_str(&self.values.len().to_string());
        self
    }

    /// Rows of an INSERT: `($1, $2), ($3, $4)`.
    pub(crate) fn rows<const COLUMNS: usize>(self, rows: Vec<[Value; COLUMNS]>) -> Self {
        rows.into_iter().enumerate().fold(self, |q, (row, values)| {
            let q = q.sql(if row == 0 { "(" } else { ", (" });
            let q = values.into_iter().enumerate().fold(q, |q, (column, value)| q.sql(if column == 0 { "" } else { ", " }).push(value));
            q.sql(")")
        })
    }

    /// ` AND <condition> $n`, if there is a value: `condition` is a column and a comparison.
    pub(crate) fn and(self, condition: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.sql(" AND ").sql(condition).sql(" ").push(value),
            None => self,
        }
    }

    /// The whole text, for the test that prepares it.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.head, self.tail)
    }

    /// All rows.
    pub(crate) async fn all<T>(self, from: impl Into<Reader<'_>>, read: impl Fn(&Row) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        let table = self.table;
        let rows = match from.into().0 {
            Place::Refusing => Err(sqlx::Error::PoolTimedOut),
            Place::Pool(pool) => self.query().fetch_all(pool).await,
            Place::Transaction(connection) => self.query().fetch_all(connection).await,
        };
        rows.map_err(|error| Error::from_sqlx(table, error))?.into_iter().map(|row| read(&Row { table, row })).collect()
    }

    /// The one row, if it is there.
    pub(crate) async fn optional<T>(
        self,
        from: impl Into<Reader<'_>>,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let table = self.table;
        let row = match from.into().0 {
            Place::Refusing => Err(sqlx::Error::PoolTimedOut),
            Place::Pool(pool) => self.query().fetch_optional(pool).await,
            Place::Transaction(connection) => self.query().fetch_optional(connection).await,
        };
        row.map_err(|error| Error::from_sqlx(table, error))?.map(|row| read(&Row { table, row })).transpose()
    }

    /// Changes rows; says how many.
    pub(crate) async fn run(self, write: &mut Write) -> Result<u64, Error> {
        let table = self.table;
        let done = self.query().execute(write.connection()).await;
        done.map(|done| done.rows_affected()).map_err(|error| Error::from_sqlx(table, error))
    }

    fn query(self) -> Query<'static, Any, AnyArguments> {
        let mut query = match self.tail.is_empty() {
            true => sqlx::query(self.head),
            false => sqlx::query(AssertSqlSafe(format!("{}{}", self.head, self.tail))),
        };
        for value in self.values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Integer(integer) => query.bind(integer),
            };
        }
        query
    }
}

/// A parameter.
pub(crate) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        // PostgreSQL's text holds no NUL; a number or name from the wire may.
        Self::Text(Some(text.replace('\0', "\u{FFFD}")))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&Number> for Value {
    fn from(number: &Number) -> Self {
        number.as_str().into()
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(Some(integer))
    }
}

impl From<u64> for Value {
    fn from(integer: u64) -> Self {
        Self::Integer(Some(i64::try_from(integer).unwrap_or(i64::MAX)))
    }
}

impl From<u32> for Value {
    fn from(integer: u32) -> Self {
        Self::Integer(Some(integer.into()))
    }
}

impl From<u16> for Value {
    fn from(integer: u16) -> Self {
        Self::Integer(Some(integer.into()))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(Some(flag.into()))
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Integer(Some(at.as_millisecond()))
    }
}

macro_rules! id_values {
    ($($id:ident),+) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::Text(Some(id.to_string()))
            }
        }
        impl From<Option<$id>> for Value {
            fn from(id: Option<$id>) -> Self {
                Self::Text(id.map(|id| id.to_string()))
            }
        }
    )+};
}
id_values!(
    AgentId,
    ApiKeyId,
    RecordingLinkId,
    CallId,
    DispositionId,
    PauseId,
    PhoneId,
    QueueId,
    RecordingId,
    RouteId,
    SessionId,
    TrunkId,
    UserId
);

macro_rules! nullable {
    ($($value:ty => $kind:ident),+ $(,)?) => {$(
        impl From<Option<$value>> for Value {
            fn from(value: Option<$value>) -> Self {
                value.map_or(Self::$kind(None), Into::into)
            }
        }
    )+};
}
nullable!(&str => Text, String => Text, &Number => Text, i64 => Integer, u64 => Integer, u32 => Integer, Timestamp => Integer);

/// The word an enum is written as: the same in SQL, JSON and TOML, because it is serde's.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        // Only enums of unit variants come here, and a test writes every one of them.
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

/// What a person may dial, as it is kept: a JSON list.
pub(crate) fn rights(rights: &DialRights) -> String {
    serde_json::to_string(rights).unwrap_or_default()
}

/// One row. Every reading error names table, column and row.
pub(crate) struct Row {
    table: &'static str,
    row: AnyRow,
}

impl Row {
    pub(crate) fn text(&self, column: &'static str) -> Result<String, Error> {
        self.opt_text(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    pub(crate) fn opt_text(&self, column: &'static str) -> Result<Option<String>, Error> {
        self.row.try_get(column).map_err(|error| self.impossible(column, error))
    }

    pub(crate) fn int<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, Error> {
        self.opt_int(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    pub(crate) fn opt_int<T: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<T>, Error> {
        let value: Option<i64> = self.row.try_get(column).map_err(|error| self.impossible(column, error))?;
        value.map(|value| T::try_from(value).map_err(|_| self.impossible(column, format_args!("{value} is out of range")))).transpose()
    }

    pub(crate) fn flag(&self, column: &'static str) -> Result<bool, Error> {
        match self.int::<i64>(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.impossible(column, format_args!("{other} is neither 0 nor 1"))),
        }
    }

    pub(crate) fn at(&self, column: &'static str) -> Result<Timestamp, Error> {
        self.opt_at(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    pub(crate) fn opt_at(&self, column: &'static str) -> Result<Option<Timestamp>, Error> {
        let millis: Option<i64> = self.opt_int(column)?;
        millis.map(|millis| Timestamp::from_millisecond(millis).map_err(|error| self.impossible(column, error))).transpose()
    }

    pub(crate) fn id<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, Error> {
        self.opt_id(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    pub(crate) fn opt_id<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<Option<T>, Error> {
        self.opt_text(column)?.map(|text| text.parse().map_err(|error| self.impossible(column, error))).transpose()
    }

    pub(crate) fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, Error> {
        self.opt_word(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    pub(crate) fn opt_word<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, Error> {
        let word = self.opt_text(column)?.map(serde_json::Value::String);
        word.map(|word| serde_json::from_value(word).map_err(|error| self.impossible(column, error))).transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, Error> {
        serde_json::from_str(&self.text(column)?).map_err(|error| self.impossible(column, error))
    }

    pub(crate) fn impossible(&self, column: &'static str, why: impl Display) -> Error {
        let text = |row: &AnyRow| row.try_get::<String, _>(0).or_else(|_| row.try_get::<i64, _>(0).map(|key| key.to_string()));
        Error::Impossible { table: self.table, column, row: text(&self.row).unwrap_or_default(), why: why.to_string() }
    }
}
