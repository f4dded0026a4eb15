//! Digest authentication (RFC 3261 22, RFC 7616, RFC 8760): challenge, verify, answer. MD5 and SHA-256, `qop=auth` only.

mod challenger;
mod credentials;
mod ha1;
mod hash;

pub use challenger::{AuthFailure, AuthUser, Challenger, Policy};
pub use credentials::{answer, answer_by_hash, realm};
pub use ha1::Ha1;
