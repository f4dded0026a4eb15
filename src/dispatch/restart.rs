//! What the last run left behind of agents and their phones.

use std::collections::BTreeMap;

use carillon_acd::LastKnown;
use carillon_model::{AgentId, AgentState, Fact};
use carillon_store::{self as store, Db};
use jiff::Timestamp;

/// The agents whose sessions still stand, with the phone each worked with and the last state the journal has of them.
///
/// # Errors
/// The database refuses.
pub async fn last_known(db: &Db) -> Result<Vec<LastKnown>, store::Error> {
    let mut known: BTreeMap<AgentId, LastKnown> = BTreeMap::new();
    for session in store::session::all(db, Timestamp::now()).await? {
        if let Some(phone) = session.phone {
            let agent = session.user.into();
            known.insert(agent, LastKnown { agent, phone, state: AgentState::Available, pause: None, until: None });
        }
    }
    for entry in store::fact::agent_states(db).await? {
        if let Fact::AgentStateChanged { agent, state, pause, until, .. } = entry.fact
            && let Some(known) = known.get_mut(&agent)
        {
            (known.state, known.pause, known.until) = (state, pause, until);
        }
    }
    Ok(known.into_values().collect())
}
