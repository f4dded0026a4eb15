//! `POST /queues`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use carillon_model::{Queue, QueueId};
use carillon_store::queue;
use jiff::Timestamp;

use super::settings::QueueSettings;
use crate::api::{
    Api, Body, Kept, Problem, SignedIn,
    kept::{kept, taken},
};

/// Adds a queue, in use at once.
#[utoipa::path(
    post,
    path = "/queues",
    operation_id = "create_queue",
    tag = "set-up",
    request_body = QueueSettings,
    responses(
        (status = 201, description = "Added.", body = Kept<QueueSettings>),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 409, description = "`taken`: another one has this name, number or address.", body = Problem),
        (status = 422, description = "A field is wrong.", body = Problem),
    )
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Body(settings): Body<QueueSettings>,
) -> Result<(StatusCode, Json<Kept<QueueSettings>>), Problem> {
    signed_in.administers()?;
    let id = QueueId::new(api.new_id());
    let queue = settings.queue(id)?;
    api.check_queue_sounds(&queue)?;
    let mut write = api.write(&signed_in).await?;
    queue::insert(&mut write, &queue, Timestamp::now()).await.map_err(taken("name"))?;
    write.commit().await?;
    api.setup_changed().await?;
    Ok((StatusCode::CREATED, Json(kept::<Queue>(&api, id.uuid()).await?)))
}
