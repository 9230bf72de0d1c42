use super::{ExceptionState, state_after};
use ExceptionState::{Converged, Held, Open, Reopened, Retrying};

#[test]
fn the_state_after_a_raise_depends_on_the_state_before() {
    for (known, raised, after) in [
        (Open, Open, Open),
        (Open, Retrying, Retrying),
        (Open, Held, Held),
        (Retrying, Open, Open),
        (Converged, Open, Reopened),
        (Converged, Retrying, Reopened),
        (Reopened, Open, Reopened),
        (Reopened, Retrying, Retrying),
        (Held, Open, Held),
        (Held, Retrying, Held),
    ] {
        assert_eq!(state_after(known, raised), after, "{known:?} raised as {raised:?}");
    }
}
