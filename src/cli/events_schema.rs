//! `carillon events-schema`

use super::say;
use crate::live;

pub(super) fn run() -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(&live::schema()?)?);
    Ok(())
}
