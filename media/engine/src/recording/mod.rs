//! Recordings: media threads place what their legs hear on a tape; one writer thread turns tapes into files.
//!
//! A media thread never waits for the writer: what its bounded queue does not take becomes a counted gap.

mod tape;
mod writer;

pub(crate) use tape::{Channel, ClosingTape, Tape};
pub use writer::DiskRefusal;
pub(crate) use writer::{Writer, WriterHealth, WriterOrder, WriterQueue};

/// Frames of a block, the unit of handing over and of writing: a quarter of a second.
const BLOCK: usize = 2000;

/// A stretch of both channels.
#[derive(Debug)]
pub(crate) struct Block {
    left: Box<[i16; BLOCK]>,
    right: Box<[i16; BLOCK]>,
}

impl Block {
    fn silent() -> Self {
        Self { left: Box::new([0; BLOCK]), right: Box::new([0; BLOCK]) }
    }
}
