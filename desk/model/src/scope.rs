//! What a key of other software may do.

use serde::{Deserialize, Serialize};

/// One thing a key may do, as the user it acts as and never more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Call somebody for its agent.
    MakeCalls,
    /// Do with the agent's call what the agent could: hold, transfer, keys, hang up.
    ControlCalls,
    /// Read calls, recordings, queues and agents, and follow the live stream.
    Read,
    /// Pause the agent, end the pause and the wrap-up, decline offers.
    State,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 4] = [Self::MakeCalls, Self::ControlCalls, Self::Read, Self::State];

    /// Its name, as stored and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::MakeCalls => "make_calls",
            Self::ControlCalls => "control_calls",
            Self::Read => "read",
            Self::State => "state",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_one_name_everywhere() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).expect("a name"), scope.name());
        }
    }
}
