use super::bad_friday;

#[test]
fn bad_friday_is_read_without_any_file() {
    let scenario = bad_friday();
    assert_eq!(&*scenario.name, "try/bad-friday");
    assert_eq!(scenario.drawn.expect("its orders are drawn").total, 200);
    assert_eq!(scenario.profile.merchant, scenario.policy.merchant);
}
