//! `DELETE /phones/{id}`

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use carillon_model::PhoneId;
use carillon_store::phone;

use crate::api::{Api, Problem, SignedIn, kept::Named};

/// Removes a phone. Its registrations end.
#[utoipa::path(
    delete,
    path = "/phones/{id}",
    operation_id = "delete_phone",
    tag = "set-up",
    params(("id" = String, Path, description = "Id of the phone.")),
    responses(
        (status = 204, description = "Removed."),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such phone.", body = Problem),
        (status = 409, description = "`in_use`: something still names it.", body = Problem),
    )
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    signed_in.administers()?;
    let id = PhoneId::new(id?.0);
    let missing = || Problem::not_found("phone");
    let before = phone::get(&api.db, id).await?.ok_or_else(missing)?;
    api.may_lose_name(Named::Phone, &before.entity.name)?;
    let mut write = api.write(&signed_in).await?;
    if !phone::delete(&mut write, id).await? {
        return Err(missing());
    }
    write.commit().await?;
    api.setup_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}
