//! `GET /pauses`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Api, Problem, SignedIn};

/// A reason for a pause.
#[derive(Serialize, ToSchema)]
pub struct Pause {
    /// Id.
    #[schema(value_type = String, format = Uuid)]
    id: carillon_model::PauseId,
    /// What `POST /me/pause` takes.
    name: String,
    /// What a person reads.
    label: String,
    /// Taken when none is named.
    default: bool,
    /// Whether the time counts as paid.
    paid: bool,
}

/// Reasons for a pause, the default first.
#[utoipa::path(
    get,
    path = "/pauses",
    operation_id = "list_pauses",
    tag = "agents",
    responses((status = 200, description = "All of them.", body = Vec<Pause>), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, _: SignedIn) -> Json<Vec<Pause>> {
    let directory = api.around.directory.read();
    let mut pauses: Vec<Pause> = directory
        .pauses
        .values()
        .map(|pause| Pause {
            id: pause.id,
            name: pause.name.clone(),
            label: pause.label.clone(),
            default: pause.is_default,
            paid: pause.paid,
        })
        .collect();
    pauses.sort_by(|a, b| (!a.default, &a.label).cmp(&(!b.default, &b.label)));
    Json(pauses)
}
