//! `GET /sounds`

use std::sync::Arc;

use axum::{Json, extract::State};

use super::row::SoundRow;
use crate::{
    api::{Api, Problem, SignedIn, named_sounds::unread},
    sounds::{Kind, Shelf},
};

/// All prompts in the site's language and all music, by name: the dialplan's own and those that were uploaded.
#[utoipa::path(
    get,
    path = "/sounds",
    operation_id = "list_sounds",
    tag = "set-up",
    responses((status = 200, description = "All of them.", body = Vec<SoundRow>), (status = 403, description = "For administrators.", body = Problem))
)]
pub(in crate::api) async fn list(State(api): State<Arc<Api>>, signed_in: SignedIn) -> Result<Json<Vec<SoundRow>>, Problem> {
    signed_in.administers()?;
    let rows = tokio::task::spawn_blocking(move || {
        let shelf = Shelf::of(&api.config);
        let mut rows = Vec::new();
        for kind in [Kind::Prompts, Kind::Music] {
            for (name, found) in shelf.files(kind).map_err(unread)? {
                rows.push(SoundRow::of(&api, kind, name, &found)?);
            }
        }
        Ok(rows)
    });
    rows.await.map_err(|_| Problem::unavailable("The sounds cannot be read."))?.map(Json)
}
