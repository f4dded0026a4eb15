//! `PUT /calls/{id}/disposition`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_call::Cdr;
use carillon_model::{AgentId, AgentState, CallId, Disposed, DispositionId, Fact, Note, QueueId};
use carillon_store::{
    abandoned_call, audit,
    call::{self, CallRecord},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::read::visible;
use crate::{
    api::{Api, Body, Problem, SignedIn, abandoned_calls::row::seen},
    clock,
    dispatch::Snapshot,
};

/// Characters of a note.
const NOTE_MAX: usize = 2000;

/// How a call is classed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDisposition {
    /// Id of a disposition of the lowest level, which is offered for the call's queue: for its agents that for which they had it, otherwise the last it was in.
    #[schema(value_type = String, format = Uuid)]
    disposition: DispositionId,
    /// What there is to say about the call, up to 2000 characters.
    note: Option<String>,
}

/// Classes a call that is over, for everybody or for the agent who writes it up, and ends that wrap-up.
///
/// Final for the agents of the call; of several who had it each has a say in the own wrap-up, and the last one's stands. Who has reserved an abandoned call may class it and change that; supervisors may correct any, and the
/// audit log keeps both.
#[utoipa::path(
    put,
    path = "/calls/{id}/disposition",
    operation_id = "dispose_call",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    request_body = NewDisposition,
    responses(
        (status = 204, description = "So it is."),
        (status = 404, description = "No such call, or not yours.", body = Problem),
        (status = 409, description = "`call_is_up`: it is not over yet, nor are you writing it up. `disposed`: it is classed already. `not_reserved`: reserve the abandoned call first.", body = Problem),
        (status = 422, description = "No such disposition for this call, or the note is too long.", body = Problem),
    )
)]
pub(in crate::api) async fn dispose(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
    Body(wanted): Body<NewDisposition>,
) -> Result<StatusCode, Problem> {
    let id = CallId::new(id?.0);
    let may_change = may_change(&api, &signed_in, id).await?;
    // Of two at once the second sees what the first has written.
    let _turn = api.disposing.lock().await;
    let record = call::get(&api.db, id).await?.ok_or_else(|| Problem::not_found("call"))?;
    let writes_it_up = writes_up(&api, &signed_in, id).await;
    if record.ended_at.is_none() && !writes_it_up {
        return Err(Problem::conflict("call_is_up", "The call is not over yet."));
    }
    if record.disposition.is_some() && !may_change && !writes_it_up {
        return Err(Problem::conflict("disposed", "It is classed already. A supervisor may correct it."));
    }
    let own = writes_it_up || !may_change;
    let queue = queue_of(&record, own.then_some(signed_in.user.id.into()));
    let (path, names) = chosen(&api.around.directory.read(), wanted.disposition, queue)?;
    let disposed = Disposed { path, names, note: note(wanted.note)?, by: signed_in.user.id };
    let refused = |_| Problem::unavailable("The journal takes nothing at the moment.");
    api.around
        .journal
        .append_committed(clock::now(), Fact::CallDisposed { call: id, disposed: disposed.clone() })
        .await
        .map_err(refused)?;
    if let Some(before) = record.disposition.filter(|_| signed_in.sees_only().is_none()) {
        let mut write = api.write(&signed_in).await?;
        let (before, after) = (audited(&before.names, before.note.as_ref()), audited(&disposed.names, disposed.note.as_ref()));
        audit::corrected(&mut write, id, before, after).await?;
        write.commit().await?;
    }
    tell(&api, &signed_in, id).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether what is there may be changed; 404 for those who have nothing to do with the call.
async fn may_change(api: &Api, signed_in: &SignedIn, id: CallId) -> Result<bool, Problem> {
    let Some(agent) = signed_in.sees_only() else { return Ok(true) };
    match seen(api, signed_in, id).await {
        Ok(abandoned) if abandoned.reserved_by == Some(agent) => Ok(true),
        // One's own call, which the caller gave up later in another queue.
        Ok(_) if visible(api, signed_in, id).await.is_ok() => Ok(false),
        Ok(_) => Err(Problem::conflict("not_reserved", "Reserve this call first.")),
        Err(_) => visible(api, signed_in, id).await.map(|()| false),
    }
}

/// The queue whose dispositions a call may be given by who is signed in: of an agent's own call that for which the agent had it, otherwise the last
/// it was in.
pub(super) async fn dispositions_of(api: &Api, signed_in: &SignedIn, record: &CallRecord) -> Result<Option<QueueId>, Problem> {
    let holds = may_change(api, signed_in, record.id).await?;
    let own = writes_up(api, signed_in, record.id).await || !holds;
    Ok(queue_of(record, own.then_some(signed_in.user.id.into())))
}

fn queue_of(record: &CallRecord, own: Option<AgentId>) -> Option<QueueId> {
    let unreadable = |error: &serde_json::Error| tracing::error!(call = %record.id, %error, "a call record cannot be read");
    let cdr: Option<Cdr> = serde_json::from_str(&record.body).inspect_err(unreadable).ok();
    let had = own.zip(cdr).and_then(|(agent, cdr)| cdr.had_by().get(&agent).copied());
    had.map_or(record.queue, |had| had.queue)
}

/// The way to a disposition of the lowest level, if calls of that queue may be given it.
fn chosen(directory: &Snapshot, id: DispositionId, queue: Option<QueueId>) -> Result<(Vec<DispositionId>, Vec<String>), Problem> {
    let path = directory.disposition_path(id);
    let offered = path.first().is_some_and(|first| first.queues.is_empty() || queue.is_some_and(|queue| first.queues.contains(&queue)));
    if !offered {
        return Err(Problem::invalid("disposition", "There is no such disposition for this call."));
    }
    if directory.dispositions.iter().any(|other| other.parent == Some(id)) {
        return Err(Problem::invalid("disposition", "Choose one of those below it."));
    }
    Ok(path.iter().map(|one| (one.id, one.name.clone())).unzip())
}

/// How a call is classed, as the audit log says it.
fn audited(names: &[String], note: Option<&Note>) -> String {
    serde_json::json!({ "disposition": names, "note": note.map(Note::as_str) }).to_string()
}

fn note(text: Option<String>) -> Result<Option<Note>, Problem> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.chars().count() > NOTE_MAX => Err(Problem::invalid("note", "At most 2000 characters.")),
        text => Ok(text.map(Note::new)),
    }
}

/// Whether the agent is in the wrap-up after this call, which may be up for others: it was given on. To class it ends that.
async fn writes_up(api: &Api, signed_in: &SignedIn, id: CallId) -> bool {
    let Ok((agent, _)) = signed_in.agent() else { return false };
    let view = api.around.acd.agent(agent).await;
    view.state == AgentState::WrapUp && view.call == Some(id)
}

/// The agent's work after the call is done, and lists of abandoned calls show it otherwise.
async fn tell(api: &Api, signed_in: &SignedIn, id: CallId) {
    if let Ok((agent, _)) = signed_in.agent()
        && writes_up(api, signed_in, id).await
    {
        // It may be over by itself in this moment.
        let _ = api.around.acd.end_wrap_up(agent).await;
    }
    if let Ok(Some(abandoned)) = abandoned_call::get(&api.db, id).await {
        api.live.abandoned_changed(id, abandoned.queue);
    }
}
