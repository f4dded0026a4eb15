//! A trunk as an administrator sets it up.

use carillon_model::{MediaSecurity, Trunk, TrunkId};
use carillon_store::setup::{Setup, TrunkSetup};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::{Problem, kept::check};

/// A carrier or exchange that calls come from and go to.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrunkSettings {
    /// Short name, unique; what a dialplan and an outbound route say.
    #[schema(example = "carrier")]
    name: String,
    /// IP address it signals from and is sent to.
    #[schema(example = "192.0.2.10")]
    host: String,
    /// Its port.
    #[schema(example = 5060)]
    port: u16,
    /// `udp` or `tcp`.
    #[schema(example = "udp")]
    transport: String,
    /// Calls at once, both directions together.
    #[schema(example = 100)]
    max_calls: u32,
    /// Calls made through it in any hour; absent: without limit.
    max_calls_per_hour: Option<u32>,
    /// How its audio is kept from others: `clear` only, `optional` (as it offers; we offer clear), `required` (we offer SDES) or `required_dtls`.
    #[serde(default)]
    #[schema(value_type = String)]
    media_security: MediaSecurity,
}

impl TrunkSettings {
    /// As a stored trunk has them.
    pub(super) fn of(trunk: &Trunk) -> Self {
        Self {
            name: trunk.name.clone(),
            host: trunk.host.clone(),
            port: trunk.port,
            transport: trunk.transport.clone(),
            max_calls: trunk.max_calls,
            max_calls_per_hour: trunk.max_calls_per_hour,
            media_security: trunk.media_security,
        }
    }

    /// The trunk with them, checked.
    pub(super) fn trunk(self, id: TrunkId) -> Result<Trunk, Problem> {
        let Self { name, host, port, transport, max_calls, max_calls_per_hour, media_security } = self;
        let (of_name, of_host, of_transport) = (name.clone(), host.clone(), transport.clone());
        let trunk =
            TrunkSetup { name: of_name, host: of_host, port, transport: of_transport, max_calls, max_calls_per_hour, media_security };
        check(&Setup { trunk: vec![trunk], ..Setup::default() })?;
        Ok(Trunk { id, name, host, port, transport, max_calls, max_calls_per_hour, media_security })
    }
}

/// Name or address is another's.
pub(super) fn taken(error: carillon_store::Error) -> Problem {
    let taken = matches!(error, carillon_store::Error::Taken { .. });
    let problem = Problem::from(error);
    if !taken {
        return problem;
    }
    let why = "Another trunk has this name or this address.";
    problem.field("name", why).field("host", why)
}
