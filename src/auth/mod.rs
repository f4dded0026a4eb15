//! Who is signed in and what each may do.

pub mod attempts;
mod escaped;
pub mod key;
pub mod oidc;
pub mod password;
pub mod policy;
pub mod second_factor;
pub mod session;
pub mod site_key;
pub mod totp;
pub mod turn;
