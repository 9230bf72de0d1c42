//! What matching two files came to, as one document: sums, causes, every difference.

use std::collections::BTreeMap;

use serde::Serialize;

use super::VERSION;
use crate::domain::{BookDate, Currency};
use crate::reconcile::settlement::{Difference, Line};
use crate::report::figures::plain_amount;
use crate::report::matching::{Matching, Tally, Totals};

#[derive(Debug, Serialize)]
pub struct MatchDocument {
    plimsoll: u32,
    document: &'static str,
    version: &'static str,
    as_of: String,
    left: SideEntry,
    right: SideEntry,
    matched: Matched,
    unexplained: u64,
    totals: BTreeMap<&'static str, TotalsEntry>,
    differences: Vec<DifferenceEntry>,
}

#[derive(Debug, Serialize)]
struct SideEntry {
    file: String,
    lines: u64,
    left_out: u64,
}

#[derive(Debug, Serialize)]
struct Matched {
    pairs: u64,
    groups: u64,
}

#[derive(Debug, Serialize)]
struct TotalsEntry {
    left: String,
    right: String,
    difference: String,
    unexplained: String,
    causes: BTreeMap<&'static str, TallyEntry>,
}

#[derive(Debug, Serialize)]
struct TallyEntry {
    differences: u64,
    amount: String,
    unexplained: u64,
    unexplained_amount: String,
}

#[derive(Debug, Serialize)]
struct DifferenceEntry {
    cause: &'static str,
    is_explained: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    clears: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<LineEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    right: Vec<LineEntry>,
}

#[derive(Debug, Serialize)]
struct LineEntry {
    id: u64,
    kind: &'static str,
    amount: String,
    currency: &'static str,
    date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<u64>,
}

impl MatchDocument {
    pub fn new(matching: &Matching<'_>) -> MatchDocument {
        let side = |at: usize, side: &crate::reconcile::settlement::files::Side| SideEntry {
            file: matching.names[at].to_owned(),
            lines: side.lines.len() as u64,
            left_out: side.left_out,
        };
        let totals = matching.totals();
        let settlement = matching.settlement;
        MatchDocument {
            plimsoll: VERSION,
            document: "match",
            version: env!("CARGO_PKG_VERSION"),
            as_of: matching.as_of.to_string(),
            left: side(0, matching.left),
            right: side(1, matching.right),
            matched: Matched { pairs: settlement.pairs.len() as u64, groups: settlement.groups.len() as u64 },
            unexplained: matching.unexplained(),
            totals: totals.iter().map(|(of, totals)| (of.code(), TotalsEntry::new(*of, totals))).collect(),
            differences: settlement
                .differences
                .iter()
                .map(|difference| DifferenceEntry::new(matching, difference))
                .collect(),
        }
    }
}

impl TotalsEntry {
    fn new(currency: Currency, totals: &Totals) -> TotalsEntry {
        let tally = |tally: &Tally| TallyEntry {
            differences: tally.differences,
            amount: plain_amount(tally.minor, currency),
            unexplained: tally.unexplained,
            unexplained_amount: plain_amount(tally.unexplained_minor, currency),
        };
        TotalsEntry {
            left: plain_amount(totals.left, currency),
            right: plain_amount(totals.right, currency),
            difference: plain_amount(totals.left - totals.right, currency),
            unexplained: plain_amount(totals.unexplained(), currency),
            causes: totals.causes.iter().map(|(cause, of)| (cause.name(), tally(of))).collect(),
        }
    }
}

impl DifferenceEntry {
    fn new(matching: &Matching<'_>, difference: &Difference) -> DifferenceEntry {
        let line = |(line, id): (&Line, u64)| LineEntry {
            id,
            kind: line.kind.name(),
            amount: plain_amount(i128::from(line.amount), line.currency),
            currency: line.currency.code(),
            date: line.date.to_string(),
            order: line.order.map(Into::into),
            transaction: line.identity.map(Into::into),
            account: line.account.map(Into::into),
        };
        DifferenceEntry {
            cause: difference.cause.name(),
            is_explained: difference.is_explained(matching.as_of),
            clears: difference.clears.map(|date: BookDate| date.to_string()),
            left: matching.lefts(difference).map(line).collect(),
            right: matching.rights(difference).map(line).collect(),
        }
    }
}
