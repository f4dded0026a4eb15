//! Prompts and music: a dialplan's own, `prompts/LANGUAGE/*.wav` and `music/*.wav` in its folder, and those an administrator uploads, which lie
//! in a folder of their own laid out alike and are taken first.

mod shelf;
mod upload;

pub use shelf::{Found, Kind, Shelf, uploaded};
pub use upload::for_telephones;
