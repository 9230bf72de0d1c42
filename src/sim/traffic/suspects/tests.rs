use super::*;

#[test]
fn one_slip_of_the_finger_is_a_typing_error_and_two_are_not() {
    for (left, right, expected) in [
        ("joe@abc.com", "joe@abc.co", true),
        ("joe@abc.com", "joe@abc.con", true),
        ("joe@abc.com", "joe@acb.com", true),
        ("joe@abc.com", "joe@abcc.com", true),
        ("joe@abc.com", "joe@abc.com", false),
        ("joe@abc.com", "jo@abc.com", false),
        ("joe@abc.com", "joe@abd.con", false),
        ("joe@abc.com", "joe@example.com", false),
    ] {
        assert_eq!(alike(left, right), expected, "{left} {right}");
        assert_eq!(alike(right, left), expected, "{right} {left}");
    }
}
