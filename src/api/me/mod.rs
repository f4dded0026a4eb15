//! The signed-in person: state, pause, wrap-up.

pub(super) mod end_wrapup;
pub(super) mod filters;
pub(super) mod notifications;
pub(super) mod password;
pub(super) mod pause;
pub(super) mod phone_token;
pub(super) mod queue_pause;
pub(super) mod read;
pub(super) mod refused;
pub(super) mod resume;
pub(super) mod second_factor;
pub(super) mod sessions;
