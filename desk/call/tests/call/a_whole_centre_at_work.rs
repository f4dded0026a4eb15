use std::collections::BTreeMap;

use carillon_model::{AgentId, AgentState, EndedBy, Fact, LegId, OfferOutcome, QueueExit, Reason};

use crate::kit::Centre;

/// Forty callers, three phones, people who answer, decline and dither, messages that cross: nobody speaks with two callers, everything
/// ends once, and what the calls say agrees with what `acd` says.
#[test]
fn nobody_has_two_calls_and_everything_ends_once() {
    let (mut talks, mut late) = (0, 0);
    for seed in 1..=15 {
        let mut centre = Centre::new(seed, 40, 90);
        centre.run();
        assert_eq!(centre.open_calls(), 0, "seed {seed}: calls go on with nothing left to happen");
        assert!(centre.acd.waiting().is_empty(), "seed {seed}");
        assert!(centre.acd.agents().iter().all(|agent| agent.state == AgentState::Available), "seed {seed}: {:?}", centre.acd.agents());
        nobody_has_two_calls(&centre, seed);
        let answered = every_offer_has_one_outcome(&centre, seed);

        let records = centre.records();
        assert_eq!(records.len(), 40, "seed {seed}");
        for cdr in &records {
            let ending = cdr.ending.unwrap_or_else(|| panic!("seed {seed}: {cdr:#?} has no ending"));
            assert!(cdr.legs.iter().all(|leg| leg.ending.is_some()), "seed {seed}");
            let taken = cdr.queues.iter().any(|queue| queue.exit == Some(QueueExit::Answered));
            let gave_up = ending.by == EndedBy::Caller && ending.reason == Reason::Cancelled;
            let full = ending.reason == Reason::QueueFull;
            assert!(taken || gave_up || full, "seed {seed}: {cdr:#?} ended without talk and without giving up");
            for recording in &cdr.recordings {
                assert_eq!(recording.length_ms, Some(recording.span_ms), "seed {seed}");
                assert!(recording.span_ms >= cdr.talk_ms.saturating_sub(100) && !cdr.consents.is_empty(), "seed {seed}: {cdr:#?}");
            }
            talks += u32::from(cdr.talk_ms > 0);
            late += cdr.legs.iter().filter(|leg| leg.ending.is_some_and(|ending| ending.reason == Reason::AnsweredLate)).count();
        }
        let talked = records.iter().filter(|cdr| cdr.answered_at.is_some()).count();
        assert!(answered >= talked, "seed {seed}: {talked} talked and {answered} were granted");
    }
    assert!(talks > 100 && late > 5, "the centre hardly worked: {talks} talks, {late} answers too late");
}

fn nobody_has_two_calls(centre: &Centre, seed: u64) {
    let mut agent_by_leg = BTreeMap::<LegId, AgentId>::new();
    let mut leg_by_agent = BTreeMap::<AgentId, LegId>::new();
    for entry in &centre.journal {
        match &entry.fact {
            Fact::LegStarted { leg, agent: Some(agent), .. } => drop(agent_by_leg.insert(*leg, *agent)),
            Fact::CallBridged { b, .. } => {
                let agent = agent_by_leg[b];
                assert_eq!(leg_by_agent.insert(agent, *b), None, "seed {seed}: {agent:?} speaks with two callers");
            }
            Fact::LegEnded { leg, .. } => leg_by_agent.retain(|_, spoken| spoken != leg),
            _ => {}
        }
    }
}

/// How many were answered.
fn every_offer_has_one_outcome(centre: &Centre, seed: u64) -> usize {
    let outcomes = centre.outcomes();
    for (offer, outcomes) in &outcomes {
        assert_eq!(outcomes.len(), 1, "seed {seed}: {offer:?} ended as {outcomes:?}");
    }
    outcomes.values().filter(|outcomes| outcomes[0] == OfferOutcome::Answered).count()
}
