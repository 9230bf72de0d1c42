//! Claim: money goes back exactly once: each refund of Shopify that succeeded is one customer refund of that amount, on
//! the account of its tender; its credit memo says by cause what Shopify's refund says; goods are back on hand once.
//!
//! Checked at rest for each refund by the keys that its documents must carry. A pass over the refunds of each order.
//! Proved by the defect `doubled-refund`: a customer refund is saved a second time under another key.

use super::super::Breach;
use super::super::books::giving_back::RefundBooks;
use super::super::books::order_books::OrderBooks;
use super::super::books::sheet::Sheet;
use super::super::seen::documents::{SeenCreditMemo, SeenDocuments};
use super::{Invariant, Invariants, Name};
use crate::domain::refund::Refund;
use crate::domain::{InternalId, Money, Order, Timestamp};
use crate::scenario::Subsidiary;

pub const INVARIANT: Invariant = Invariant {
    name: "refunded-once",
    claim: "every refund is in NetSuite once: its money by tender, its credit by cause, its goods if they came back",
    checked: "at rest, for every refund",
    cost: "a pass over the refunds of each order",
    defect: "doubled-refund",
};

pub fn order(
    invariants: &mut Invariants,
    seller: &Subsidiary,
    order: &Order,
    books: &OrderBooks,
    documents: &SeenDocuments,
    now: Timestamp,
) {
    if order.refunds.is_empty() && documents.refunds.is_empty() && documents.credit_memos.is_empty() {
        return;
    }
    let breach = |money: i128, said: String| Breach {
        at: now,
        money: Some(Money::new(i64::try_from(money).unwrap_or(i64::MAX), order.currency)),
        what: format!("order {} ({})", order.name, order.id),
        said,
    };
    let tally = invariants.tally(Name::RefundedOnce);
    for (refund, of) in order.refunds.iter().zip(&books.given_back.refunds) {
        let off = money_off(order, of, documents)
            .or_else(|| credit_off(seller, order, refund, books, of, documents))
            .or_else(|| stock_off(order, of, documents));
        tally.check(off.is_none(), || {
            let (money, said) = off.unwrap_or_default();
            breach(money, format!("refund {}: {said}", refund.id))
        });
    }
    let wanted: i128 = books.given_back.refunds.iter().flat_map(|of| &of.paid).map(|(.., minor)| minor).sum();
    let paid: i128 = documents.refunds.iter().map(|refund| refund.amount_minor).sum();
    tally.check(paid == wanted, || {
        breach(paid - wanted, "customer refunds come to another sum than Shopify's refunds".into())
    });
    let wanted = books.given_back.refunds.iter().flat_map(|of| &of.restocked).count();
    let found = documents.adjustments.len();
    tally.check(found == wanted, || {
        breach(0, format!("{wanted} refund lines came back to stock, {found} inventory adjustments say so"))
    });
}

type Off = (i128, String);

fn money_off(order: &Order, of: &RefundBooks, documents: &SeenDocuments) -> Option<Off> {
    of.paid.iter().filter(|(.., minor)| *minor != 0).find_map(|(at, account, minor)| {
        let key = format!("{}-refund-{}", order.shop, order.transactions[*at].id);
        let mut found =
            documents.refunds.iter().filter(|refund| refund.external_id.as_deref() == Some(&*key));
        match (found.next(), found.next()) {
            (Some(one), None) if one.account == *account && one.amount_minor == *minor => None,
            (Some(one), None) => Some((
                one.amount_minor - minor,
                format!("{key} gives back another amount, or by another tender than the buyer paid with"),
            )),
            _ => Some((-minor, format!("is in no customer refund {key}, or in two"))),
        }
    })
}

fn credit_off(
    seller: &Subsidiary,
    order: &Order,
    refund: &Refund,
    books: &OrderBooks,
    of: &RefundBooks,
    documents: &SeenDocuments,
) -> Option<Off> {
    let key = format!("{}-credit-{}", order.shop, refund.id);
    let keyed = |memo: &&SeenCreditMemo| memo.external_id.as_deref() == Some(&*key);
    let memo = documents.credit_memos.iter().find(keyed);
    // One that a person keyed is taken over when it says the same.
    let by_hand = || documents.credit_memos.iter().find(|memo| memo.external_id.is_none());
    let Some(memo) = memo.or_else(by_hand) else {
        return (of.credited != 0).then(|| (of.credited, format!("is credited by no memo {key}")));
    };
    let receivable = seller.accounts.receivable;
    let is_tax = |account: &InternalId| seller.accounts.tax.contains(account);
    let causes = |sheet: &Sheet| {
        let mut causes = Sheet::default();
        for (account, currency, minor) in sheet.iter().filter(|(account, ..)| *account != receivable) {
            let pooled = books.given_back.is_tax_split_free && is_tax(&account);
            causes.add(if pooled { seller.accounts.tax[0] } else { account }, currency, minor);
        }
        causes
    };
    let off = causes(&of.credit).difference(&causes(&memo.postings));
    off.map(|(account, _, wanted, found)| {
        (found - wanted, format!("credits {found} minor units on account {account}, its parts say {wanted}"))
    })
}

fn stock_off(order: &Order, of: &RefundBooks, documents: &SeenDocuments) -> Option<Off> {
    of.restocked.iter().find_map(|(line, cost)| {
        let key = format!("{}-restock-{line}", order.shop);
        let mut found = documents.adjustments.iter().filter(|it| it.external_id.as_deref() == Some(&*key));
        match (found.next(), found.next()) {
            (Some(one), None) if one.value_minor == *cost => None,
            (Some(one), None) => {
                Some((one.value_minor - cost, format!("{key} puts back {}, it cost {cost}", one.value_minor)))
            }
            _ => Some((*cost, format!("goods are back, and no adjustment {key} says so, or two do"))),
        }
    })
}
