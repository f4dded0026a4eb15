//! Ten thousand histories of two sides over a bad network, in virtual time: every transaction ends, no leg and no dialog is left, a
//! request has one final answer, and the same seed gives the same packets.

#[allow(dead_code, reason = "the dice of the fuzz targets are there too")]
#[path = "survival/history.rs"]
mod history;

use std::collections::BTreeSet;
use std::time::Instant;

use history::{Cast, Dice, Told, play};
use rand::{Rng, SeedableRng, rngs::StdRng};

const HISTORIES: u64 = 10_000;
/// Seeds that once failed, with their cast.
const FAILED_ONCE: &[(Cast, u64)] = &[(Cast::Wilds, 9), (Cast::AgentAndWild, 414), (Cast::Agents, 1672), (Cast::AgentAndWild, 1675)];

struct Seeded(StdRng);

impl Dice for Seeded {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0.next_u32() % sides
    }

    fn is_spent(&self) -> bool {
        false
    }
}

fn history(cast: Cast, seed: u64) -> Told {
    let told = std::panic::catch_unwind(|| play(now(), cast, &mut Seeded(StdRng::seed_from_u64(seed))));
    told.unwrap_or_else(|_| panic!("{cast:?} with seed {seed}"))
}

fn some(first: u64, step: u64) {
    let mut news = BTreeSet::new();
    for seed in (first..HISTORIES).step_by(step as usize) {
        let cast = match seed % 4 {
            0 => Cast::Agents,
            1 => Cast::Wilds,
            _ => Cast::AgentAndWild,
        };
        let told = history(cast, seed);
        if seed % 100 < step {
            assert_eq!(history(cast, seed), told, "{cast:?} with seed {seed} was not the same twice");
        }
        news.extend(told.news);
    }
    let all = ["answered", "digit", "early media", "ended", "invited", "media change refused", "media changed", "referred", "ringing"];
    assert!(all.iter().all(|kind| news.contains(kind)), "these histories do not reach far: {news:?}");
}

// Halves, so that both cores of a small machine work.
#[test]
fn the_even_histories_end_well() {
    some(0, 2);
}

#[test]
fn the_odd_histories_end_well() {
    some(1, 2);
}

#[test]
fn histories_that_failed_once_end_well() {
    FAILED_ONCE.iter().for_each(|(cast, seed)| drop(history(*cast, *seed)));
}

#[expect(clippy::disallowed_methods, reason = "virtual time needs a first instant; nothing depends on which")]
fn now() -> Instant {
    Instant::now()
}
