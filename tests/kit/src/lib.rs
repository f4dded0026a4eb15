//! What tests of the whole server stand on: the binary under test, real phones and callers, and ears.

mod api;
mod baresip;
pub mod phone;
mod ports;
pub mod postgres;
mod program;
mod server;
mod sipp;
mod site;
mod softphone;
pub mod sound;

pub use api::{Answer, Person};
pub use baresip::{Answering, Baresip, PhoneSetup};
pub use ports::Ports;
pub use program::{PATIENCE, Program, until};
pub use server::{Bound, Server, apply_setup};
pub use sipp::Sipp;
pub use site::Site;
pub use softphone::{PjsipSetup, Softphone};
