//! Windows into figures: the worst counts, the spread tells how far to trust it.

/// The same quantity measured several times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) lowest: f64,
    pub(crate) middle: f64,
    pub(crate) highest: f64,
    pub(crate) count: usize,
}

impl Spread {
    /// `None` without a value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (lowest, highest, count) = (*values.first()?, *values.last()?, values.len());
        let middle = (values[(count - 1) / 2] + values[count / 2]) / 2.0;
        Some(Self { lowest, middle, highest, count })
    }
}

/// The worst of `ours`, each held against the mean of what was measured beside it right before and right after: what slows a machine down for
/// seconds slows both. `beside` has one more.
pub(crate) fn worst_against(ours: &[f64], beside: &[f64]) -> Option<f64> {
    let around = beside.windows(2).map(|pair| pair.iter().sum::<f64>() / 2.0);
    ours.iter().zip(around).map(|(ours, beside)| ours / beside).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_lowest_middle_and_highest() {
        let spread = |values: &[f64]| Spread::of(values.iter().copied()).map(|spread| (spread.lowest, spread.middle, spread.highest));
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some((1.0, 2.0, 3.0)));
        assert_eq!(spread(&[4.0, 1.0, 2.0, 3.0]), Some((1.0, 2.5, 4.0)));
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn each_window_is_held_against_its_neighbours() {
        // The machine is half as fast in the last two: by the middle of all it would be 3.
        assert_eq!(worst_against(&[2.0, 4.0], &[1.0, 1.0, 3.0]), Some(2.0));
        assert_eq!(worst_against(&[], &[1.0]), None);
    }
}
