use super::*;

#[test]
fn every_curve_sums_to_a_day_but_for_its_published_rounding() {
    for (name, weights) in CURVES {
        let sum: u32 = weights.iter().sum();
        assert!((990..=1010).contains(&sum), "{name} sums to {sum}");
    }
}
