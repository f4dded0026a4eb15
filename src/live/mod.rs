//! The live stream: what happens and how things stand, to every desktop that is connected, as far as its user may see it.
//! `docs/decisions/live-stream.md` says what is sent and why.
//!
//! [`Live`] is the one place all readers hang on. A task ([`Live::run`]) follows the journal into it; each WebSocket has a task of its own
//! ([`serve`]) that empties the reader's queue. Nobody waits for a reader: one who falls behind is cut and comes back for the rest.

mod board;
mod closing;
mod message;
mod news;
mod notices;
mod reader;
mod recent;
pub mod row;
mod run;
mod schema;
mod socket;
mod stream;

#[cfg(test)]
mod tests;

pub use self::schema::schema;
pub use self::{
    board::Caller,
    closing::Closing,
    notices::{Notice, NoticeList},
    reader::{LivesBy, Viewer},
    recent::Resume,
    socket::{FRAME, serve},
    stream::{Live, Place},
};
