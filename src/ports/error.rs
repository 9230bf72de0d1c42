//! Why a platform call gave us no answer that we can book, and what may be done next.

use std::fmt;

use crate::domain::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    Shopify,
    NetSuite,
    Bank,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Platform::Shopify => "shopify",
            Platform::NetSuite => "netsuite",
            Platform::Bank => "bank",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlatformError {
    /// Shopify's bucket or NetSuite's slots were full. Nothing was done.
    #[error("{platform} refused the call for its limits")]
    Throttled { platform: Platform },
    /// Maintenance, or no connection. Nothing was done.
    #[error("{platform} is unavailable: {reason}")]
    Unavailable { platform: Platform, reason: String },
    /// The answer was lost after the request left, or the platform failed while it worked: the write may have
    /// been applied.
    #[error("no answer from {platform} within {waited}")]
    OutcomeUnknown { platform: Platform, waited: Duration },
    /// Somebody saved the record between our read and our write (`RCRD_HAS_BEEN_CHANGED`).
    #[error("{platform} says that the record has been changed")]
    RecordChanged { platform: Platform },
    /// A workflow or a person holds the record.
    #[error("{platform} says that the record is locked: {reason}")]
    RecordLocked { platform: Platform, reason: String },
    /// The posting period of the document's date is locked or closed.
    #[error("{platform} refuses to post: {reason}")]
    PeriodClosed { platform: Platform, reason: String },
    /// A record that we refer to does not exist for this role, is inactive, or belongs elsewhere.
    #[error("{platform} does not accept {field}: {reason}")]
    BadReference { platform: Platform, field: String, reason: String },
    /// The platform understood and said no.
    #[error("{platform} refused the record: {reason}")]
    Refused { platform: Platform, reason: String },
    /// Signature, token or permission.
    #[error("{platform} refused our credentials: {reason}")]
    Unauthorized { platform: Platform, reason: String },
    /// The answer does not have the shape that the platform documents.
    #[error("{platform} answered something unreadable: {reason}")]
    Unreadable { platform: Platform, reason: String },
}

/// What a flow may do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing was done: try again, after the backoff.
    Retry,
    /// The write may have been applied: read both sides before the next write.
    LookUpThenRetry,
    /// Repeating cannot help; a person decides.
    HandToPerson,
    /// Repeating cannot help until configuration is mended.
    FixConfiguration,
}

impl PlatformError {
    pub fn recovery(&self) -> Recovery {
        match self {
            PlatformError::Throttled { .. } | PlatformError::Unavailable { .. } => Recovery::Retry,
            PlatformError::OutcomeUnknown { .. } | PlatformError::RecordChanged { .. } => {
                Recovery::LookUpThenRetry
            }
            // A workflow's lock is lifted by people or by the workflow itself: keep trying, and tell somebody.
            PlatformError::RecordLocked { .. } => Recovery::LookUpThenRetry,
            PlatformError::PeriodClosed { .. } | PlatformError::Refused { .. } => Recovery::HandToPerson,
            PlatformError::BadReference { .. } | PlatformError::Unauthorized { .. } => {
                Recovery::FixConfiguration
            }
            PlatformError::Unreadable { .. } => Recovery::LookUpThenRetry,
        }
    }
}
