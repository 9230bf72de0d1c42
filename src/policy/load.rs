//! Reading and validating a policy file.
