//! Filters that people saved for a list: one text a person and list, whose meaning is the page's.

use carillon_model::UserId;
use tracing::instrument;

use crate::{
    Error, Reader, Write,
    query::{Q, statements},
};

statements! { "saved_filter":
    OF_USER = "SELECT list, filters FROM saved_filter WHERE user_id = $1 ORDER BY list";
    SAVE = "INSERT INTO saved_filter (user_id, list, filters) VALUES ($1, $2, $3)
        ON CONFLICT (user_id, list) DO UPDATE SET filters = excluded.filters";
}

/// A person's filters, JSON, by list.
///
/// # Errors
/// As every read.
#[instrument(name = "db.saved_filter.of_user", level = "debug", skip_all)]
pub async fn of_user(from: impl Into<Reader<'_>>, user: UserId) -> Result<Vec<(String, String)>, Error> {
    Q::of(&OF_USER).bind(user).all(from, |row| Ok((row.text("list")?, row.text("filters")?))).await
}

/// Keeps a person's filters of a list in place of those before.
///
/// # Errors
/// [`Error::Linked`]: no such user.
#[instrument(name = "db.saved_filter.save", level = "debug", skip_all)]
pub async fn save(write: &mut Write, user: UserId, list: &str, filters: &str) -> Result<(), Error> {
    Q::of(&SAVE).bind(user).bind(list).bind(filters).run(write).await.map(|_| ())
}
