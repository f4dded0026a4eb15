//! Somebody has to be able to set things up.

use carillon_model::Role;
use carillon_store::{Write, user};

use crate::api::Problem;

/// Refuses a change after which there is no administrator who can sign in.
pub(super) async fn keep_an_administrator(write: &mut Write) -> Result<(), Problem> {
    match user::all(write).await?.iter().any(|user| user.entity.role == Role::Admin && !user.entity.disabled) {
        true => Ok(()),
        false => Err(Problem::conflict("last_admin", "Nobody would be left who can set things up.")),
    }
}
