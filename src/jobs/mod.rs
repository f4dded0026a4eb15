//! What happens by the clock and not because somebody asked.

mod certificate;
mod sessions;

pub use certificate::follow_certificate;
pub use sessions::end_expired_sessions;
