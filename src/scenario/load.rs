//! Reading a scenario file.
