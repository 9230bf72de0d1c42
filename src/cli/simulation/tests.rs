use super::*;

#[test]
fn the_built_in_day_needs_no_file() {
    let scenario = Simulation.bad_friday().unwrap();
    assert_eq!(&*scenario.name, "lost/answers");
    assert!(!scenario.weather.is_empty());
}
