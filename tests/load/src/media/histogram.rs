//! How long packets took: counts in buckets that are a sixty-fourth of their octave wide.

const PER_OCTAVE: usize = 64;
const BUCKETS: usize = PER_OCTAVE * 40;

/// Durations in ns, counted.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0 }
    }
}

impl Histogram {
    pub(crate) fn add(&mut self, ns: u64) {
        self.counts[bucket(ns).min(BUCKETS - 1)] += 1;
        self.total += 1;
    }

    /// The duration, ms, that `share` (0 to 1) of all do not exceed; `None` without any.
    pub(crate) fn quantile_ms(&self, share: f64) -> Option<f64> {
        let wanted = (share * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        Some(middle(at) / 1e6)
    }
}

fn bucket(ns: u64) -> usize {
    if ns < PER_OCTAVE as u64 {
        return ns as usize;
    }
    let octave = ns.ilog2() as usize - 6;
    (octave + 1) * PER_OCTAVE + ((ns >> octave) as usize - PER_OCTAVE)
}

fn middle(bucket: usize) -> f64 {
    if bucket < PER_OCTAVE {
        return bucket as f64;
    }
    let octave = bucket / PER_OCTAVE - 1;
    ((bucket % PER_OCTAVE + PER_OCTAVE) as f64 + 0.5) * (1u64 << octave) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_a_hundredth() {
        let mut histogram = Histogram::default();
        (1..=100_000u64).for_each(|us| histogram.add(us * 1000));
        for (share, expected) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            let got = histogram.quantile_ms(share).expect("not empty");
            assert!((got / expected - 1.0).abs() < 0.01, "{share}: {got} for {expected}");
        }
        assert_eq!(Histogram::default().quantile_ms(0.5), None);
    }

    #[test]
    fn buckets_follow_each_other_without_a_hole() {
        let mut before = 0;
        for ns in 0..1_000_000 {
            let now = bucket(ns);
            assert!(now == before || now == before + 1, "{ns}");
            before = now;
        }
    }
}
