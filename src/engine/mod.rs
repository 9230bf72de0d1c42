//! The flows and what drives them.
