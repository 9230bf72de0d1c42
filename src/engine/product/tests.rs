//! Method: a table of what may have happened to one field, by owner.

use super::*;
