//! What tests of the whole server stand on.

pub mod phone;
pub mod postgres;
