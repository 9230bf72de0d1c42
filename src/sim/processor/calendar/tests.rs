use super::*;

fn day(text: &str) -> BookDate {
    text.parse().unwrap()
}

fn calendar() -> Calendar {
    Calendar::new(&[day("2026-12-25"), day("2026-12-28")])
}

#[test]
fn sales_of_friday_to_sunday_are_paid_out_on_one_tuesday() {
    for sold in ["2026-11-06", "2026-11-07", "2026-11-08"] {
        assert_eq!(calendar().plus(day(sold), 2), day("2026-11-10"), "{sold}");
    }
    assert_eq!(calendar().plus(day("2026-11-09"), 2), day("2026-11-11"));
}

#[test]
fn business_days_skip_weekends_and_holidays() {
    assert_eq!(calendar().plus(day("2026-12-24"), 1), day("2026-12-29"));
    assert_eq!(calendar().plus(day("2026-12-25"), 0), day("2026-12-29"));
    assert_eq!(calendar().plus(day("2026-12-23"), 0), day("2026-12-23"));
}

#[test]
fn a_schedule_names_days_and_the_next_business_day_pays() {
    let pays = |schedule, text| calendar().is_payout_day(schedule, day(text));
    assert!(pays(Schedule::Daily, "2026-11-09"));
    assert!(!pays(Schedule::Daily, "2026-11-08"), "a Sunday");
    // The Friday is a holiday and so is the Monday.
    assert!(pays(Schedule::Weekly(4), "2026-12-29"));
    assert!(!pays(Schedule::Weekly(4), "2026-12-25"));
    assert!(!pays(Schedule::Weekly(4), "2026-12-30"));
    assert!(!pays(Schedule::Manual, "2026-11-09"));
}

#[test]
fn a_monthly_day_past_the_end_is_the_last_day_of_the_month() {
    let pays = |text| calendar().is_payout_day(Schedule::Monthly(31), day(text));
    assert!(pays("2026-11-30"));
    assert!(pays("2026-12-31"));
    assert!(!pays("2026-12-30"));
    // 28 February 2026 is a Saturday.
    assert!(!pays("2026-02-27"));
    assert!(pays("2026-03-02"));
    assert!(!pays("2026-03-03"));
}
