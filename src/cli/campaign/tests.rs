use super::*;

#[test]
fn pinned_seeds_come_first_and_a_sweep_adds_others() {
    let stated = |pinned: &[u64], sweep| Seeds { pinned: pinned.to_vec(), sweep };
    for (stated, asked, wanted) in [
        (stated(&[7, 1207], 0), None, vec![7, 1207]),
        (stated(&[2, 7], 0), Some(3), vec![2, 7, 1, 3, 4]),
        (stated(&[2, 2], 1), None, vec![2, 1]),
        (stated(&[7], 50), Some(0), vec![7]),
        (stated(&[], 0), None, vec![1]),
    ] {
        assert_eq!(seeds(&stated, asked), wanted, "{stated:?} {asked:?}");
    }
}

#[test]
fn a_line_that_is_not_there_is_no_line() {
    assert_eq!(line_of("Cargo.toml", 1).as_deref(), Some("[package]"));
    assert_eq!(line_of("Cargo.toml", 0), None);
    assert_eq!(line_of("no-such-file", 1), None);
}
