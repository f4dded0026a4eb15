//! Signing in and out: the password first, then the phone.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod desktop_link;
pub(super) mod forgotten;
pub(super) mod oidc;
pub(super) mod phone;
pub(super) mod read;
pub(super) mod take_over;
pub(super) mod ways;
