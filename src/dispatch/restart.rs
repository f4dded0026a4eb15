//! What the last run left behind of agents and their phones.

use std::{collections::BTreeMap, time::Duration};

use carillon_acd::LastKnown;
use carillon_model::{AgentId, AgentState, Ending, Fact, LegId, LegRole, Number, Reason, RouteClass, TrunkId};
use carillon_store::{self as store, Db};
use jiff::{SignedDuration, Timestamp};

use super::Snapshot;

/// How long ago each call of the last hour was made through a trunk that has an hourly cap, the oldest first: what counts against the cap does so
/// after a restart too. Calls to emergency services never do, nor what found no room.
///
/// # Errors
/// The database refuses.
pub async fn made_by_trunk(db: &Db, site: &Snapshot, now: Timestamp) -> Result<BTreeMap<TrunkId, Vec<Duration>>, store::Error> {
    let has_cap = |trunk: &TrunkId| site.trunks.get(trunk).is_some_and(|trunk| trunk.max_calls_per_hour.is_some());
    if !site.trunks.keys().any(has_cap) {
        return Ok(BTreeMap::new());
    }
    let counts = |trunk: &TrunkId, party: &Number| has_cap(trunk) && site.site.class_of(party) != Some(RouteClass::Emergency);
    let mut made: BTreeMap<LegId, (TrunkId, Timestamp)> = BTreeMap::new();
    for entry in store::fact::legs_since(db, now - SignedDuration::from_hours(1)).await? {
        match entry.fact {
            Fact::LegStarted { leg, role, party, trunk: Some(trunk), .. } if role != LegRole::Caller && counts(&trunk, &party) => {
                made.insert(leg, (trunk, entry.at));
            }
            Fact::LegEnded { leg, ending: Ending { reason: Reason::NoRoute, .. }, status: None, .. } => drop(made.remove(&leg)),
            _ => {}
        }
    }
    let mut by_trunk: BTreeMap<TrunkId, Vec<Duration>> = BTreeMap::new();
    for (trunk, at) in made.into_values() {
        by_trunk.entry(trunk).or_default().push(now.duration_since(at).unsigned_abs());
    }
    by_trunk.values_mut().for_each(|ages| ages.sort_by_key(|age| std::cmp::Reverse(*age)));
    Ok(by_trunk)
}

/// The agents whose sessions still stand, with the phone each worked with and the last state the journal has of them.
///
/// # Errors
/// The database refuses.
pub async fn last_known(db: &Db) -> Result<Vec<LastKnown>, store::Error> {
    let mut known: BTreeMap<AgentId, LastKnown> = BTreeMap::new();
    for session in store::session::all(db, Timestamp::now()).await? {
        if let Some(phone) = session.phone {
            let agent = session.user.into();
            known.insert(agent, LastKnown { agent, phone, state: AgentState::Available, pause: None, until: None, paused_in: Vec::new() });
        }
    }
    for entry in store::fact::agent_states(db).await? {
        let (Fact::AgentStateChanged { agent, .. } | Fact::AgentQueuePaused { agent, .. } | Fact::AgentQueueResumed { agent, .. }) =
            entry.fact
        else {
            continue;
        };
        let Some(known) = known.get_mut(&agent) else { continue };
        match entry.fact {
            Fact::AgentStateChanged { state, pause, until, .. } => (known.state, known.pause, known.until) = (state, pause, until),
            Fact::AgentQueuePaused { queue, pause, .. } => {
                known.paused_in.retain(|(paused, _)| *paused != queue);
                known.paused_in.push((queue, pause));
            }
            Fact::AgentQueueResumed { queue, .. } => known.paused_in.retain(|(paused, _)| *paused != queue),
            _ => {}
        }
    }
    Ok(known.into_values().collect())
}
