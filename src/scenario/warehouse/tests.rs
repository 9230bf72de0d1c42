use super::*;

#[test]
fn waves_come_at_stated_times_of_every_day_by_the_clock_of_their_zone() {
    let waves = Waves {
        every: Duration::from_mins(30),
        from: civil::time(6, 0, 0, 0),
        to: civil::time(20, 0, 0, 0),
        zone: Zone::named("Europe/London").unwrap(),
    };
    let at = |hour, minute| waves.zone.instant(civil::date(2026, 11, 27).at(hour, minute, 0, 0)).unwrap();
    let next_day = waves.zone.instant(civil::date(2026, 11, 28).at(6, 0, 0, 0)).unwrap();
    for (now, wave) in [
        (at(0, 0), at(6, 0)),
        (at(5, 59), at(6, 0)),
        (at(6, 0), at(6, 30)),
        (at(12, 1), at(12, 30)),
        (at(19, 45), at(20, 0)),
        (at(20, 0), next_day),
        (at(23, 59), next_day),
    ] {
        assert_eq!(waves.after(now), wave);
    }
}
