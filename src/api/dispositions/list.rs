//! `GET /dispositions`

use std::sync::Arc;

use axum::{Json, extract::State};
use carillon_model::{Disposition, DispositionId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Problem, SignedIn},
    dispatch::Snapshot,
};

/// A class a call may be given.
#[derive(Serialize, ToSchema)]
pub struct DispositionRow {
    /// Id.
    #[schema(value_type = String, format = Uuid)]
    id: DispositionId,
    /// What people read.
    name: String,
    /// Id of the one it stands below. One with others below it is only the way to those.
    #[schema(value_type = Option<String>, format = Uuid)]
    parent: Option<DispositionId>,
    /// Whether it is the site's own and not one of the usual ones.
    custom: bool,
    /// Its place among those of the same level.
    position: u32,
    /// Short names of the queues whose calls may be given it; none: any call. Those below the first level follow it.
    queues: Vec<String>,
}

impl DispositionRow {
    fn of(disposition: &Disposition, directory: &Snapshot) -> Self {
        Self {
            id: disposition.id,
            name: disposition.name.clone(),
            parent: disposition.parent,
            custom: disposition.custom,
            position: disposition.position,
            queues: disposition.queues.iter().filter_map(|queue| Some(directory.queues.get(queue)?.name.clone())).collect(),
        }
    }
}

/// All dispositions, in the order people are shown them.
#[utoipa::path(
    get,
    path = "/dispositions",
    operation_id = "list_dispositions",
    tag = "calls",
    responses((status = 200, description = "All of them.", body = Vec<DispositionRow>), (status = 401, description = "Nobody is signed in.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, _: SignedIn) -> Json<Vec<DispositionRow>> {
    let directory = api.around.directory.read();
    Json(directory.dispositions.iter().map(|disposition| DispositionRow::of(disposition, &directory)).collect())
}
