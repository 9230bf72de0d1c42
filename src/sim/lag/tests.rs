use proptest::prelude::*;

use super::*;

#[test]
fn nothing_has_no_lag() {
    assert_eq!(LagHistogram::default().quantile(99), Duration::ZERO);
}

proptest! {
    #[test]
    fn a_quantile_is_the_ranked_lag_to_within_three_percent(mut lags in prop::collection::vec(0u64..100_000_000_000, 1..200)) {
        let mut histogram = LagHistogram::default();
        lags.iter().for_each(|micros| histogram.add(Duration::from_micros(*micros)));
        lags.sort_unstable();
        for percent in [50, 99, 100] {
            let ranked = lags[((lags.len() as u64 * percent).div_ceil(100) - 1) as usize];
            let found = histogram.quantile(percent).nanos() / 1_000;
            prop_assert!(found >= ranked && found <= ranked + ranked / 31, "{found} for {ranked}");
        }
        prop_assert_eq!(histogram.max(), Duration::from_micros(lags[lags.len() - 1]));
    }
}
