//! Whom an agent wants, as the API is told: made into where the call engine is to go.

use axum::http::StatusCode;
use carillon_call::{Destination, Dialler, Onward};
use carillon_dialplan::Ask;
use carillon_model::{AgentId, DialRight, Needs, Number, PhoneId, Queue, Reason};

use crate::{
    api::{Api, Problem},
    masking,
};

/// A number as it was typed, clicked or pasted; or the one a reference stands for, where the agent does not see it.
pub(super) fn number(api: &Api, text: &str) -> Result<Number, Problem> {
    if masking::is_reference(text) {
        let unknown = || Problem::invalid("number", "This hidden number is not known any more. Load the list anew.");
        return api.live.references.text(text).map(Number::new).ok_or_else(unknown);
    }
    Number::dialled(text).map_err(|why| Problem::invalid("number", why.to_string()))
}

/// A queue by its short name.
pub(super) fn queue(api: &Api, name: &str) -> Result<Queue, Problem> {
    let directory = api.around.directory.read();
    directory.site.queue(name).cloned().ok_or_else(|| Problem::invalid("queue", "There is no such queue."))
}

/// A queue the agent works in, by its short name.
pub(super) fn own_queue(api: &Api, name: &str, agent: AgentId) -> Result<Queue, Problem> {
    let queue = queue(api, name)?;
    if api.around.directory.read().queues_seen_by(Some(agent)).contains(&queue.id) {
        return Ok(queue);
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "not_your_queue", "You do not work in this queue.").titled("queue"))
}

/// Where a number leads whoever dials it.
pub(super) fn destination(api: &Api, number: &Number, by: &Dialler<'_>) -> Result<Destination, Problem> {
    let site = &api.around.directory.read().site;
    site.destination(number, by).map_err(|reason| unreachable(api, number, reason))
}

/// Where a call goes that is given on to a number.
pub(super) fn onward(api: &Api, number: &Number, by: &Dialler<'_>) -> Result<Onward, Problem> {
    let site = &api.around.directory.read().site;
    let ask = Ask { trunk: None, called: number.as_str(), caller: "", local: api.around.local_time() };
    Onward::of(&api.admission.plan(), site, &ask, by).map_err(|reason| unreachable(api, number, reason))
}

/// The phone a colleague works with.
pub(super) async fn colleague(api: &Api, login: &str) -> Result<Destination, Problem> {
    let directory = api.around.directory.read();
    let unknown = || Problem::invalid("agent", "There is no such agent.");
    let user = directory
        .users
        .values()
        .find(|user| user.agent.is_some() && !user.disabled && user.login.eq_ignore_ascii_case(login))
        .ok_or_else(unknown)?;
    let phone: Option<PhoneId> = api.around.acd.agent(user.id.into()).await.phone;
    let nowhere = || Problem::conflict("colleague_logged_out", "That agent is not logged in.");
    phone.and_then(|phone| directory.site.to_phone(phone)).ok_or_else(nowhere)
}

fn unreachable(api: &Api, number: &Number, reason: Reason) -> Problem {
    if reason != Reason::Forbidden {
        return Problem::invalid("number", "This number leads nowhere here.");
    }
    let class = api.around.directory.read().site.class_of(number);
    let problem = match class.map(carillon_model::RouteClass::needs) {
        Some(Needs::Right(DialRight::National)) => {
            Problem::new(StatusCode::FORBIDDEN, "no_right_national", "You may not dial numbers outside.")
        }
        Some(Needs::Right(DialRight::International)) => {
            Problem::new(StatusCode::FORBIDDEN, "no_right_international", "You may not dial international numbers.")
        }
        Some(Needs::Right(DialRight::Premium)) => {
            Problem::new(StatusCode::FORBIDDEN, "no_right_premium", "You may not dial premium numbers.")
        }
        Some(Needs::Impossible) => Problem::new(StatusCode::FORBIDDEN, "blocked", "Nobody may dial this number."),
        Some(Needs::Nothing | Needs::Right(DialRight::Internal)) | None => {
            Problem::new(StatusCode::FORBIDDEN, "no_right_internal", "You may not dial internal numbers.")
        }
    };
    problem.titled("number")
}
