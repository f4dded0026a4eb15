//! `carillon openapi`

use super::say;
use crate::api;

pub(super) fn run() -> anyhow::Result<()> {
    say(&api::description().to_pretty_json()?);
    Ok(())
}
