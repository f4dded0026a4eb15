//! Trunks while the server runs: where they are, whether our registrations with them hold, whether they answer.

mod follow;
mod known;
mod places;
mod status;

pub use self::{
    known::{TrunkSetup, Trunks},
    status::{RegistrationState, TrunkState, TrunkStatus},
};
