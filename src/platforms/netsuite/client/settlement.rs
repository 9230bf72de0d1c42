//! [`SettlementBooks`] over a [`Transport`].

use super::{Client, Transport, unexpected, unreadable, unsayable};
use crate::domain::{ExternalId, InternalId};
use crate::platforms::netsuite::convert::settlement as convert;
use crate::platforms::netsuite::operation::suiteql::settlement::{
    CLEARING_KEYS_MAX, JOURNAL_KEYS_MAX, ROWS_MAX, SettlementQuery, SettlementRows,
};
use crate::platforms::netsuite::operation::suiteql::{Query, Rows, TransactionType};
use crate::platforms::netsuite::operation::{Answer, Request};
use crate::ports::settlement::{ClearingRecord, IntercompanyEntry, KnownJournal};
use crate::ports::{Admission, Call, PlatformError, SettlementBooks};

impl<T: Transport, A: Admission> SettlementBooks for Client<T, A> {
    async fn clearing_records(
        &self,
        call: Call,
        keys: &[ExternalId],
    ) -> Result<Vec<ClearingRecord>, PlatformError> {
        let mut records = Vec::with_capacity(keys.len());
        for keys in keys.chunks(CLEARING_KEYS_MAX) {
            let query = SettlementQuery::Clearing { keys: texts(keys) };
            let SettlementRows::Clearing(rows) = self.settlement_rows(call, query).await? else {
                return Err(mismatched());
            };
            for row in rows {
                records.push(convert::clearing_record(row).map_err(unreadable)?);
            }
        }
        Ok(records)
    }

    async fn journals(&self, call: Call, keys: &[ExternalId]) -> Result<Vec<KnownJournal>, PlatformError> {
        let mut journals = Vec::with_capacity(keys.len());
        for keys in keys.chunks(JOURNAL_KEYS_MAX) {
            let (keys, mut after, mut lines) = (texts(keys), None, Vec::new());
            loop {
                let query = SettlementQuery::Journals { keys: keys.clone(), after };
                let SettlementRows::Journals(rows) = self.settlement_rows(call, query).await? else {
                    return Err(mismatched());
                };
                let is_full = rows.len() >= ROWS_MAX;
                let last = rows.last().map(|row| (row.id, u32::try_from(row.line.get()).unwrap_or(u32::MAX)));
                lines.extend(rows);
                if !is_full {
                    break;
                }
                if last <= after {
                    return Err(unexpected("journal lines that were read before came again"));
                }
                after = last;
            }
            journals.extend(convert::known_journals(lines).map_err(unreadable)?);
        }
        Ok(journals)
    }

    async fn post_intercompany(
        &self,
        call: Call,
        entry: &IntercompanyEntry,
    ) -> Result<InternalId, PlatformError> {
        let request = convert::intercompany_request(entry).map_err(unsayable)?;
        self.create(call, TransactionType::Journal, request).await
    }
}

impl<T: Transport, A: Admission> Client<T, A> {
    async fn settlement_rows(
        &self,
        call: Call,
        query: SettlementQuery,
    ) -> Result<SettlementRows, PlatformError> {
        match self.send(call, Request::SuiteQl(Query::Settlement(query))).await? {
            Answer::Rows(Rows::Settlement(rows)) => Ok(rows),
            _ => Err(mismatched()),
        }
    }
}

fn texts(keys: &[ExternalId]) -> Vec<Box<str>> {
    keys.iter().map(|key| key.as_str().into()).collect()
}

fn mismatched() -> PlatformError {
    unexpected("a query was not answered with its rows")
}
