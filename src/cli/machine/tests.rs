use super::*;

#[test]
fn cpu_time_is_read_past_a_name_with_blanks_and_parentheses() {
    let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 17 0 0 20 0 1 0 100 1 2";
    assert_eq!(cpu_time_in(stat), Some(Duration::from_millis(2_670)));
    assert_eq!(cpu_time_in("42 (a"), None);
}

#[test]
fn memory_and_load_are_read_from_their_files() {
    assert_eq!(peak_rss_in("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), Some(2 << 20));
    assert_eq!(peak_rss_in("Name:\tx\n"), None);
    assert_eq!(load_average_in("0.50 1.25 2.00 1/234 5678\n"), Some([0.5, 1.25, 2.0]));
    assert_eq!(load_average_in("0.50"), None);
}
