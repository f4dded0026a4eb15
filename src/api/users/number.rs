//! The number of an agent who is given none: the next free one.

use std::collections::BTreeSet;

use carillon_store::{Write, phone, user};

use crate::{api::Problem, config::NumberRange};

/// The first number of the site's range that is no agent's and no telephone's.
pub(super) async fn next_free(write: &mut Write, range: Option<NumberRange>) -> Result<String, Problem> {
    let range = range.ok_or_else(|| Problem::invalid("agent.number", "Give one: this site has no range of numbers."))?;
    let agents = user::agents(&mut *write).await?.into_iter().map(|(_, agent)| agent.number.as_str().to_owned());
    let mut used: BTreeSet<String> = agents.collect();
    used.extend(phone::all(&mut *write).await?.into_iter().map(|stored| stored.entity.name));
    let free = range.numbers().find(|number| !used.contains(number));
    free.ok_or_else(|| Problem::invalid("agent.number", "Every number of the range is taken."))
}
