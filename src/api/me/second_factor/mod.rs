//! The own second factor: begun, confirmed by the telephone's first code, turned off again.

pub(in crate::api) mod begin;
pub(in crate::api) mod confirm;
pub(in crate::api) mod recovery_codes;
pub(in crate::api) mod turn_off;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits of the telephone; where something is on already, a recovery code will do.
    #[schema(write_only, example = "287082")]
    code: String,
}

/// Codes for whoever loses the telephone.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each is good for one sign-in. Shown this once.
    codes: Vec<String>,
}
