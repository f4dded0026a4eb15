//! One task and one bounded mailbox a call: runs `desk/call` and carries out its effects.
//!
//! Every event about a call goes to its mailbox and nowhere else. Nobody who posts waits: a full mailbox ends the call with
//! `overload`, by a slot of its own that is never full.

mod effects;
mod inbound;
mod legs;
mod mailbox;
mod protection;
mod refer;
mod registry;
mod routing;
mod task;

#[cfg(test)]
mod tests;

pub use self::{
    inbound::{Admission, Invitation, Made, Wish},
    mailbox::{Input, Mailbox},
    refer::TwoCalls,
    registry::Calls,
    routing::{route_media_event, route_sip_event},
    task::Surroundings,
};
pub(crate) use self::{
    legs::{agreed_media, local_media},
    task::sleep_until,
};
