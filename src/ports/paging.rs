//! Following the pages of a listing to their end, which a platform may fail to have.

use std::collections::BTreeSet;

use super::{Platform, PlatformError};

/// Pages of one listing. At Shopify's largest page this is five million records, more than any shop has of anything
/// that is listed without a filter.
pub const PAGES_MAX: usize = 20_000;

/// The cursors of one listing so far.
#[derive(Debug)]
pub struct Paging {
    platform: Platform,
    asked: BTreeSet<Box<str>>,
}

impl Paging {
    pub const fn of(platform: Platform) -> Paging {
        Paging { platform, asked: BTreeSet::new() }
    }

    /// Where the page after this one begins; `None` behind the last one.
    ///
    /// # Errors
    /// The cursor was given before, so that the listing would be read again without end; or there are more than
    /// [`PAGES_MAX`] pages.
    pub fn follow<C: AsRef<str>>(&mut self, next: Option<C>) -> Result<Option<C>, PlatformError> {
        let Some(cursor) = next else { return Ok(None) };
        let endless = |reason: String| PlatformError::Unreadable { platform: self.platform, reason };
        if self.asked.len() >= PAGES_MAX {
            return Err(endless(format!("a listing of more than {PAGES_MAX} pages")));
        }
        if !self.asked.insert(cursor.as_ref().into()) {
            return Err(endless("a listing whose pages lead in a circle".to_owned()));
        }
        Ok(Some(cursor))
    }
}
