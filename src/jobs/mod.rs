//! What happens by the clock and not because somebody asked.

mod alarms;
mod certificate;
mod retention;
mod sessions;

pub use alarms::watch as watch_alarms;
pub use certificate::follow_certificate;
pub use retention::remove_old_recordings;
pub use sessions::end_expired_sessions;
