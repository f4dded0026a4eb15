//! What must hold of every call's effects, whatever happens to it.

use std::collections::BTreeMap;

use carillon_call::Effect;
use carillon_model::{Fact, LegId};

/// Give it every effect, every end of a leg before the call hears of it, and the moment of the commit. It panics at the first breach.
#[derive(Default)]
pub(crate) struct Watch {
    committed: bool,
    effects: usize,
    legs: BTreeMap<LegId, Seen>,
    ended: bool,
    recordings_open: i32,
    over: bool,
}

#[derive(Default)]
struct Seen {
    told_to_end: bool,
    gone: bool,
    end_written: bool,
}

impl Watch {
    pub(crate) fn committed(&mut self) {
        self.committed = true;
    }

    pub(crate) fn leg_gone(&mut self, leg: LegId) {
        self.legs.entry(leg).or_default().gone = true;
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn effect(&mut self, effect: &Effect) {
        assert!(!self.over, "{effect:?} after the call was over");
        self.effects += 1;
        assert_eq!(self.effects == 1, matches!(effect, Effect::Fact(Fact::CallStarted { .. })), "the start is the first effect, once");
        match effect {
            Effect::Ring { leg } | Effect::Progress { leg } | Effect::Answer { leg } => {
                assert!(self.committed, "{effect:?} before the start was on disk");
                self.live(*leg, effect);
            }
            Effect::Dial { leg, .. } => {
                assert!(self.committed, "{effect:?} before the start was on disk");
                self.live(*leg, effect);
            }
            Effect::Play { leg, .. } | Effect::PlayMusic { leg, .. } | Effect::PlayTone { leg, .. } | Effect::StopPlay { leg } => {
                self.live(*leg, effect);
            }
            Effect::Refuse { leg, .. } | Effect::HangUp { leg, .. } => self.live(*leg, effect).told_to_end = true,
            Effect::Unbridge { leg } => drop(self.live(*leg, effect)),
            Effect::Bridge { a, b } | Effect::BridgeEarly { a, b } => {
                self.live(*a, effect);
                self.live(*b, effect);
            }
            Effect::StartRecording { left, .. } => {
                self.live(*left, effect);
                self.recordings_open += 1;
            }
            Effect::SetRecordingLeft { left: side, .. } | Effect::SetRecordingRight { right: side, .. } => {
                if let Some(side) = side {
                    self.live(*side, effect);
                }
            }
            Effect::Mix { hears } => {
                for (leg, others) in hears {
                    self.live(*leg, effect);
                    assert!(!others.contains(leg), "{leg:?} hears itself");
                    for other in others {
                        self.live(*other, effect);
                    }
                }
            }
            Effect::Press { leg, .. } => drop(self.live(*leg, effect)),
            Effect::Feature { .. } | Effect::RecordMix { .. } | Effect::StopRecording { .. } | Effect::Acd(_) => {}
            Effect::Fact(fact) => self.fact(fact),
            Effect::Over => {
                assert!(self.ended, "over without an end");
                self.over = true;
            }
        }
    }

    fn fact(&mut self, fact: &Fact) {
        match fact {
            Fact::LegStarted { leg, .. } => {
                assert!(!self.ended, "a leg began after the call's end");
                self.legs.entry(*leg).or_default();
            }
            Fact::LegEnded { leg, .. } => {
                let seen = self.legs.get_mut(leg).expect("a leg that ended began");
                assert!(!std::mem::replace(&mut seen.end_written, true), "{leg:?} ended twice");
            }
            Fact::CallEnded { .. } => {
                assert!(!std::mem::replace(&mut self.ended, true), "the call ended twice");
                assert!(self.legs.values().all(|leg| leg.end_written), "the call ended before its legs");
            }
            Fact::RecordingClosed { .. } => {}
            _ => assert!(!self.ended, "{fact:?} after the call's end"),
        }
    }

    fn live(&mut self, leg: LegId, effect: &Effect) -> &mut Seen {
        let seen = self.legs.get_mut(&leg).unwrap_or_else(|| panic!("{effect:?} names a leg never begun"));
        assert!(!seen.gone && !seen.told_to_end, "{effect:?} names a leg that has ended");
        seen
    }
}
