//! Sign-in by a provider (OpenID Connect Core 1.0, authorization code with PKCE, RFC 7636). Whoever the provider knows must be set up here as well.
//!
//! [`Provider::begin`] gives the address a browser goes to, [`Provider::finish`] takes what it comes back with. What was begun is in memory, once and for
//! ten minutes; the browser that began is known again by a cookie.

mod address;
mod fetch;
mod id_token;
mod keys;
mod pending;
mod provider;

pub(crate) use self::address::may_be_asked;
pub use self::{
    pending::LIVES,
    provider::{Begun, Failed, Provider},
};
