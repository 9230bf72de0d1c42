//! Payouts: each row against the document of its order transaction, and the payout against its own journal.

use super::{Reading, ReconcileError};
use crate::domain::payout::{BalanceTransaction, Payout, PayoutStatus};
use crate::domain::{BookDate, ExternalId, Flow};
use crate::engine::Ports;
use crate::engine::settlement::{ISSUED, Subject, matching};
use crate::policy::settlement::ShopSettlement;
use crate::ports::{Payments, Runtime, SettlementBooks};
use crate::reconcile::discrepancy::{Discrepancy, Kind};

/// Documents that one question names at the most. Source: the port's own bound.
const RECORDS_ASKED: usize = 500;

impl<P: Ports> Reading<'_, P> {
    pub(super) async fn payouts(&mut self, shop: &ShopSettlement) -> Result<(), ReconcileError> {
        let call = self.call(shop.shop, Flow::Settlement, 0);
        let payouts = self.all(|after| self.shopify.payouts(call, shop.shop, self.since, after)).await?;
        for payout in payouts.iter().filter(|payout| payout.status != PayoutStatus::Scheduled) {
            self.payout(shop, payout).await?;
        }
        Ok(())
    }

    async fn payout(&mut self, shop: &ShopSettlement, payout: &Payout) -> Result<(), ReconcileError> {
        let record = Subject::Payout(payout.id).record();
        let call = self.call(shop.shop, Flow::Settlement, record);
        let rows: Vec<BalanceTransaction> =
            self.all(|after| self.shopify.balance_transactions(call, shop.shop, payout.id, after)).await?;
        let keys: Vec<ExternalId> = rows.iter().flat_map(|row| matching::keys(shop.shop, row)).collect();
        let (of_journals, of_records): (Vec<_>, Vec<_>) = keys.into_iter().partition(matching::is_journal);
        let mut records = Vec::new();
        for asked in of_records.chunks(RECORDS_ASKED) {
            records.extend(self.patiently(|| self.netsuite.clearing_records(call, asked)).await?);
        }
        let journals = self.journals(call, &of_journals).await?;
        records.extend(
            journals
                .into_iter()
                .filter_map(|journal| matching::as_record(journal, |known| known == shop.clearing)),
        );
        let own = ExternalId::for_payout(shop.shop, payout.id, ISSUED, 1);
        let booked = self.journals(call, std::slice::from_ref(&own)).await?;
        self.told.payouts += 1;

        let settlement = self.policy.settlement.as_ref().expect("its shops are asked about");
        let due = payout.issued_at.plus(settlement.settling_window);
        let now = self.runtime.now();
        let matched = matching::of(shop, &rows, &records, self.today(shop), now > due)?;
        for finding in matched.findings {
            let detail = format!("{}: {}", finding.code.name(), finding.detail);
            let mut found = Discrepancy::new(Kind::PayoutRows, shop.shop, Flow::Settlement, record, detail);
            found.amount = finding.at_risk;
            self.told.discrepancies.push(found);
        }
        for row in matched.waiting {
            let detail = format!("row {} waits for its document", row.id);
            self.told.discrepancies.push(
                Discrepancy::new(Kind::PayoutRows, shop.shop, Flow::Settlement, record, detail)
                    .of(row.amount)
                    .clearing(due),
            );
        }
        if booked.is_empty() && !rows.is_empty() {
            self.told.discrepancies.push(
                Discrepancy::new(
                    Kind::PayoutUnbooked,
                    shop.shop,
                    Flow::Settlement,
                    record,
                    format!("no journal {own}"),
                )
                .of(payout.net)
                .clearing(due),
            );
        }
        Ok(())
    }

    fn today(&self, shop: &ShopSettlement) -> BookDate {
        self.policy.subsidiaries[shop.owner].books_zone.book_date(self.runtime.now())
    }
}
