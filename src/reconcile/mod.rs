//! Two-sided comparison of what the platforms say.
