//! Orders of a real past day become a scenario.
