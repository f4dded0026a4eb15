//! Recordings as files: what a crash left open is repaired at the next start; what is closed is looked at, sealed and taken to an object store.

mod keeper;
mod keys;
mod listening;
mod look;
mod quiet;
mod refusal;
mod repair;
mod sealed;
mod upload;

pub use keeper::Keeper;
pub use keys::Keys;
pub use listening::{Listener, Listenings};
pub(crate) use refusal::storage_trouble;
pub use repair::repair_open;
pub(crate) use sealed::{CHUNK, SealError, Sealed};
pub use upload::Uploads;

/// Name of the file that tells a recording's metadata, beside that of its sound.
pub(crate) fn beside(file: &str) -> String {
    file.strip_suffix(".wav").unwrap_or(file).to_owned() + ".json"
}
