//! The database: SQLite for one server out of the box, PostgreSQL for a site that has one. Both run the same SQL.
//!
//! Open it with [`Db::open`]. Each table has a module of plain functions. What reads takes `&db`, or `&mut write` inside a transaction;
//! what writes takes a transaction from [`Db::write`], so that one commit may cover several tables. [`setup`] reads what an operator
//! writes down in `setup.toml` and applies it.
//!
//! This is the only SQL in the tree. Every text is a registered [`statements`] entry that a test prepares on both engines, and every
//! query runs in a span `db.<entity>.<verb>`.

mod claim;
mod db;
mod digest_secret;
mod error;
mod migration;
mod page;
mod query;
mod search;
mod stored;
mod writer;

pub mod abandoned_call;
pub mod api_key;
pub mod audit;
pub mod backup;
pub mod binding;
pub mod call;
pub mod desktop_link;
pub mod disposition;
pub mod epoch;
pub mod fact;
pub mod membership;
pub mod outbound_route;
pub mod password;
pub mod password_link;
pub mod pause_reason;
pub mod phone;
pub mod queue;
pub mod recording;
pub mod recording_file;
pub mod recording_link;
pub mod saved_filter;
pub mod second_factor;
pub mod session;
pub mod setup;
pub mod sip_message;
pub mod trunk;
pub mod user;

pub use claim::Claim;
pub use db::{Db, Engine, Write};
pub use digest_secret::DigestSecret;
pub use error::{Class, Error};
pub use migration::{OLDEST_RESTORED, SCHEMA};
pub use page::{Order, PAGE_MAX, Page};
pub use query::Reader;
pub use search::{SEARCH_MAX, Search};
pub use stored::Stored;

/// Every SQL text this crate runs, with its name (`user.BY_LOGIN`).
#[doc(hidden)]
pub fn statements() -> Vec<(String, String)> {
    let fixed = [
        abandoned_call::STATEMENTS,
        api_key::STATEMENTS,
        audit::STATEMENTS,
        binding::STATEMENTS,
        call::STATEMENTS,
        desktop_link::STATEMENTS,
        disposition::STATEMENTS,
        epoch::STATEMENTS,
        fact::STATEMENTS,
        membership::STATEMENTS,
        migration::STATEMENTS,
        outbound_route::STATEMENTS,
        password::STATEMENTS,
        password_link::STATEMENTS,
        pause_reason::STATEMENTS,
        phone::STATEMENTS,
        queue::STATEMENTS,
        recording::STATEMENTS,
        recording_file::STATEMENTS,
        recording_link::STATEMENTS,
        saved_filter::STATEMENTS,
        second_factor::STATEMENTS,
        session::STATEMENTS,
        sip_message::STATEMENTS,
        trunk::STATEMENTS,
        user::STATEMENTS,
    ];
    let fixed = fixed.into_iter().flatten().map(|statement| (format!("{}.{}", statement.table, statement.name), statement.sql.to_owned()));
    let lists = call::list_texts().into_iter().map(|text| ("call.list".to_owned(), text));
    let lists = lists.chain(recording::list_texts().into_iter().map(|text| ("recording.list".to_owned(), text)));
    let lists = lists.chain(audit::list_texts().into_iter().map(|text| ("audit.list".to_owned(), text)));
    let lists = lists.chain(abandoned_call::list_texts().into_iter().map(|text| ("abandoned_call.list".to_owned(), text)));
    let many = fact::insert_texts().into_iter().map(|text| ("fact.insert".to_owned(), text));
    let many = many.chain(sip_message::insert_texts().into_iter().map(|text| ("sip_message.insert".to_owned(), text)));
    let many = many.chain(binding::replace_texts().into_iter().map(|text| ("binding.replace".to_owned(), text)));
    fixed.chain(lists).chain(many).chain(backup::texts()).collect()
}
