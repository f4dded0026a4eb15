//! The simulated ends of calls: decides when each answers, speaks and hangs up. No I/O: it is told and gives orders.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use carillon_media_engine as media;
use carillon_sip_leg as sip;

/// How long a simulated phone rings before it is answered.
const RINGS: Duration = Duration::from_secs(3);

/// What the driver carries out.
pub(super) enum Order {
    /// Dial the server as this leg.
    Dial(sip::LegId, u32),
    /// Say that it rings.
    Ring(sip::LegId),
    /// Answer.
    Answer(sip::LegId),
    /// Let it speak.
    Speak(sip::LegId, u32),
    /// Hang up.
    HangUp(sip::LegId),
    /// Close its media.
    Close(sip::LegId),
}

struct Leg {
    nth: u32,
    is_caller: bool,
    was_answered: bool,
    /// When it answers (before) or hangs up (after).
    next: Option<Instant>,
}

/// All ends that are up, and what is left to do.
pub(super) struct Legs {
    by_id: BTreeMap<sip::LegId, Leg>,
    orders: VecDeque<Order>,
    left_to_call: u32,
    next_call: Instant,
    every: Duration,
    stay: (Duration, Duration),
    started: u32,
    pub(super) answered: u32,
    pub(super) refused: u32,
}

impl Legs {
    pub(super) fn new(now: Instant, calls: u32, every: Duration, stay: (Duration, Duration)) -> Self {
        Self {
            by_id: BTreeMap::new(),
            orders: VecDeque::new(),
            left_to_call: calls,
            next_call: now,
            every,
            stay,
            started: 0,
            answered: 0,
            refused: 0,
        }
    }

    /// Somebody is called: it rings, and is answered after a while.
    pub(super) fn invited(&mut self, now: Instant, leg: sip::LegId) {
        self.started += 1;
        self.by_id.insert(leg, Leg { nth: self.started, is_caller: false, was_answered: false, next: Some(now + RINGS) });
        self.orders.push_back(Order::Ring(leg));
    }

    /// A leg is up: whoever is there begins to speak. Callers know how long they will stay; the others wait to be hung up on.
    pub(super) fn answered(&mut self, now: Instant, leg: sip::LegId) {
        let Some(entry) = self.by_id.get_mut(&leg) else { return };
        entry.was_answered = true;
        if entry.is_caller {
            self.answered += 1;
            let (least, most) = self.stay;
            entry.next = Some(now + least + (most - least) * (entry.nth * 7 % 11) / 10);
        } else {
            entry.next = None;
        }
        self.orders.push_back(Order::Speak(leg, entry.nth));
    }

    /// It has said all it had to say, and says it again.
    pub(super) fn has_spoken(&mut self, leg: sip::LegId) {
        if let Some(entry) = self.by_id.get(&leg).filter(|entry| entry.was_answered) {
            self.orders.push_back(Order::Speak(leg, entry.nth));
        }
    }

    /// A leg is over.
    pub(super) fn ended(&mut self, leg: sip::LegId) {
        if let Some(entry) = self.by_id.remove(&leg) {
            self.refused += u32::from(entry.is_caller && !entry.was_answered);
            self.orders.push_back(Order::Close(leg));
        }
    }

    /// What time alone brings about. `new_leg` names a caller's leg.
    pub(super) fn handle_timeout(&mut self, now: Instant, mut new_leg: impl FnMut() -> sip::LegId) {
        if self.left_to_call > 0 && self.next_call <= now {
            self.left_to_call -= 1;
            self.next_call = now + self.every;
            self.started += 1;
            let (leg, nth) = (new_leg(), self.started);
            self.by_id.insert(leg, Leg { nth, is_caller: true, was_answered: false, next: None });
            self.orders.push_back(Order::Dial(leg, nth));
        }
        for (leg, entry) in &mut self.by_id {
            if entry.next.is_some_and(|next| next <= now) {
                entry.next = None;
                self.orders.push_back(if entry.was_answered { Order::HangUp(*leg) } else { Order::Answer(*leg) });
            }
        }
    }

    pub(super) fn poll_order(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let call = (self.left_to_call > 0).then_some(self.next_call);
        self.by_id.values().filter_map(|leg| leg.next).chain(call).min()
    }

    /// Whether every call was made and is over.
    pub(super) fn is_over(&self) -> bool {
        self.left_to_call == 0 && self.by_id.values().all(|leg| !leg.is_caller)
    }
}

/// The leg's name in the media engine.
pub(super) fn media_leg(leg: sip::LegId) -> media::LegId {
    media::LegId(leg.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn orders(legs: &mut Legs) -> Vec<String> {
        let name = |order| match order {
            Order::Dial(leg, _) => format!("dial {}", leg.0),
            Order::Ring(leg) => format!("ring {}", leg.0),
            Order::Answer(leg) => format!("answer {}", leg.0),
            Order::Speak(leg, _) => format!("speak {}", leg.0),
            Order::HangUp(leg) => format!("hang up {}", leg.0),
            Order::Close(leg) => format!("close {}", leg.0),
        };
        std::iter::from_fn(|| legs.poll_order()).map(name).collect()
    }

    #[test]
    fn a_caller_dials_speaks_and_hangs_up_and_a_phone_answers_after_ringing() {
        let start = Instant::now();
        let mut legs = Legs::new(start, 1, SECOND, (SECOND * 10, SECOND * 20));
        legs.handle_timeout(start, || sip::LegId(1));
        legs.invited(start, sip::LegId(2));
        assert_eq!(orders(&mut legs), ["dial 1", "ring 2"]);
        legs.answered(start, sip::LegId(1));
        legs.handle_timeout(start + RINGS, || sip::LegId(9));
        legs.answered(start + RINGS, sip::LegId(2));
        assert_eq!(orders(&mut legs), ["speak 1", "answer 2", "speak 2"]);
        let hang_up = legs.poll_timeout().expect("the caller leaves some time");
        assert!((10..=20).contains(&(hang_up - start).as_secs()));
        legs.handle_timeout(hang_up, || sip::LegId(9));
        legs.ended(sip::LegId(1));
        assert_eq!(orders(&mut legs), ["hang up 1", "close 1"]);
        assert!(legs.is_over());
        assert_eq!((legs.answered, legs.refused), (1, 0));
    }
}
