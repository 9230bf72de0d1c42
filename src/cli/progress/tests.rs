use super::*;
use crate::domain::Duration as Simulated;

fn phase() -> Phase {
    Phase {
        scenario: "peak/black-friday".into(),
        seeds_done: 40,
        seeds: 202,
        findings: 2,
        work_done: 0,
        work: 84_000,
        work_of_run: 84_000,
    }
}

fn seen(now_secs: u64, queue: &[u64]) -> Seen<'_> {
    let progress = Progress {
        elapsed: Simulated::from_mins(14 * 60 + 22),
        lasts: Simulated::from_hours(36),
        orders: 31_204,
        orders_total: 84_000,
        done: 31_077,
        waiting: 127,
        netsuite_slots_used: 10,
        netsuite_slots: 15,
        shopify_used_percent: 62,
    };
    Seen { progress, now: Duration::from_secs(now_secs), of_run: Duration::from_secs(now_secs), queue }
}

#[test]
fn the_block_has_at_most_six_lines() {
    let lines = block(&phase(), &seen(200, &[0, 12, 4_310, 127]));
    assert!(lines.len() <= 6);
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_plain_line_says_the_same_without_drawing() {
    assert_eq!(
        plain(&phase(), &seen(200, &[])),
        "peak/black-friday: 14:22 of 36:00 simulated, seed 41 of 202, 31,204 orders in, 31,077 done, \
         127 waiting, 2 findings, left about 5–9 min"
    );
}

#[test]
fn nothing_is_estimated_from_a_moment() {
    assert_eq!(left(&phase(), &seen(1, &[])), None);
    assert!(left(&phase(), &seen(200, &[])).is_some());
}

#[test]
fn an_estimate_is_a_range_in_one_unit() {
    let seconds = Duration::from_secs;
    for (low, high, text) in [
        (seconds(9), seconds(15), "about 9–15 s"),
        (seconds(360), seconds(540), "about 6–9 min"),
        (seconds(7_300), seconds(12_000), "about 2–4 h"),
    ] {
        assert_eq!(about(low, high), text);
    }
}

#[test]
fn a_pipe_gets_no_line_before_ten_seconds_and_findings_at_once() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console::captured(&mut out, &mut err, false, false);
    let mut live = Live::new(&mut console, Interrupt::default(), phase());
    live.begin("peak/black-friday", 84_000);
    live.tick(Progress::default());
    live.above("✗ found\n");
    live.tick(Progress::default());
    live.finish();
    assert_eq!(String::from_utf8(err).unwrap(), "✗ found\n");
}

#[test]
fn an_empty_queue_draws_low_and_the_deepest_high() {
    assert_eq!(sparks(&[0, 0]), "▁▁");
    assert_eq!(sparks(&[0, 50, 100]), "▁▄█");
    assert_eq!(sparks(&[u64::MAX]), "█");
}
