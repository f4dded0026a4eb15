//! What happens by the clock and not because somebody asked.

mod sessions;

pub use sessions::end_expired_sessions;
