//! A reason for a pause as an administrator sets it up.

use carillon_model::{PauseId, PauseReason};
use carillon_store::setup::{PauseReasonSetup, Setup};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::{Problem, kept::check};

/// A reason an agent may give for a pause.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseSettings {
    /// Short name, unique; what `POST /me/pause` takes.
    #[schema(example = "lunch")]
    name: String,
    /// Name shown to people.
    #[schema(example = "Lunch")]
    label: String,
    /// The one taken when none is named. Making one so unmakes the other.
    #[serde(default)]
    default: bool,
    /// Whether the time counts as paid.
    #[serde(default)]
    paid: bool,
}

impl PauseSettings {
    /// As a stored reason has them.
    pub(super) fn of(pause: &PauseReason) -> Self {
        Self { name: pause.name.clone(), label: pause.label.clone(), default: pause.is_default, paid: pause.paid }
    }

    /// The reason with them, checked.
    pub(super) fn pause(self, id: PauseId) -> Result<PauseReason, Problem> {
        let Self { name, label, default, paid } = self;
        let pause = PauseReasonSetup { name: name.clone(), label: Some(label.clone()), is_default: default, paid };
        check(&Setup { pause_reason: vec![pause], ..Setup::default() })?;
        Ok(PauseReason { id, name, label, is_default: default, paid })
    }
}
