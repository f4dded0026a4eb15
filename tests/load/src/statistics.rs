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
}
