//! Numbers that are hidden from an agent. What leaves the server for such an agent holds a reference in place of each number, which can be dialled
//! as the number can: the page, the live stream and other software never hold what must not be seen.
//!
//! - `references` numbers and what stands for them; `json` every text of an answer or an event

mod json;
mod references;

pub(crate) use json::{hide, hide_text};
pub(crate) use references::{References, is_reference};

use crate::dispatch::Snapshot;
use carillon_model::{Part, Role, UserId};

/// Whether numbers are hidden from a user, as the set-up stands now.
pub(crate) fn is_hidden_from(directory: &Snapshot, user: UserId) -> bool {
    directory
        .users
        .get(&user)
        .is_some_and(|user| user.role == Role::Agent && user.agent.as_ref().is_some_and(|agent| !agent.parts.shows(Part::Numbers)))
}

/// Whether a number is the site's own: a telephone's, a colleague's, one that is shown to others.
pub(crate) fn is_own(directory: &Snapshot, number: &str) -> bool {
    let is_colleagues = |user: &carillon_model::User| {
        user.login == number
            || user.agent.as_ref().is_some_and(|agent| {
                agent.number.as_str() == number || agent.caller_id.as_ref().is_some_and(|shown| shown.as_str() == number)
            })
    };
    let is_queues =
        |queue: &carillon_model::Queue| queue.name == number || queue.caller_id.as_ref().is_some_and(|shown| shown.as_str() == number);
    directory.phone_named(number).is_some() || directory.users.values().any(is_colleagues) || directory.queues.values().any(is_queues)
}
