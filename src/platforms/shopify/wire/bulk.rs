//! Bulk operations: a query that runs by itself and leaves a file of lines behind.
//!
//! Source: shopify.md §d.5.

use serde::{Deserialize, Serialize};

use super::prices::CodedUserError;
use super::{Gid, Ref, kind};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkRunData {
    pub bulk_operation_run_query: Option<BulkRunPayload>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkRunPayload {
    pub bulk_operation: Option<Ref<kind::BulkOperation>>,
    pub user_errors: Vec<CodedUserError>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkOperationData {
    pub bulk_operation: Option<BulkOperation>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkOperation {
    pub id: Gid<kind::BulkOperation>,
    pub status: BulkStatus,
    pub error_code: Option<Box<str>>,
    /// A number as a text.
    pub object_count: Box<str>,
    /// Where the file lies, for seven days; null before it is there, and if it has no lines.
    pub url: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BulkStatus {
    Created,
    Running,
    Completed,
    Canceling,
    Canceled,
    Failed,
    Expired,
}
