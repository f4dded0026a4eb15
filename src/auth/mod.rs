//! Who is signed in and what each may do.

pub mod attempts;
pub mod key;
pub mod password;
pub mod policy;
pub mod session;
pub mod turn;
