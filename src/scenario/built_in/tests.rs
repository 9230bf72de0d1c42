use super::bad_friday;
use crate::domain::Timestamp;

#[test]
fn bad_friday_is_read_without_any_file() {
    let scenario = bad_friday();
    assert_eq!(&*scenario.name, "try/bad-friday");
    assert_eq!(scenario.drawn.expect("its orders are drawn").total, 200);
    assert_eq!(scenario.profile.merchant, scenario.policy.merchant);
}

#[test]
fn quiet_shops_start_when_they_are_asked_to() {
    let (scenario, policy) = super::quiet(Timestamp::from_seconds(1_800_000_000));
    assert_eq!(scenario.starts, Timestamp::from_seconds(1_800_000_000));
    assert!(scenario.drawn.is_some_and(|traffic| traffic.total > 0));
    assert!(policy.contains("plimsoll-policy"));
}
