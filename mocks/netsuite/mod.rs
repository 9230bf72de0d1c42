//! The NetSuite twin: one account with its records, its rules and its books, as a plain state machine.
//!
//! Time comes in as a value; latency, luck and faults are the simulation's. State is compact, because a day may
//! hold a million orders: integers, interned texts, positions instead of references. Wire types are built when a
//! record is read.
//!
//! In reading order: [`chart`] (what the account is set up with), [`customer`], [`sales_order`], [`deposit`] and
//! [`journal`] (rules of each record), [`fulfillment`], `bill` and `by_hand` (invoices and credit memos),
//! `application`, `refund` and `adjustment` (what follows an order), [`inventory`] (stock and kits), `impact` and
//! [`ledger`] (the books), `settlement` (queries of clearing accounts and journals), [`document`] (what an observer
//! may read), [`staff`] (people, workflows, planted defects), [`slots`], [`answers`] (error bodies), [`bytes`] (the
//! same state spoken to in the words of our own client), [`http`] (the same, by any client).

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::domain::{BookDate, Currency, FixedMap, InternalId, Timestamp, Zone};
use crate::platforms::netsuite::operation::suiteql::{Query, Rows};
use crate::platforms::netsuite::operation::{Answer, Request, Response};
use crate::platforms::netsuite::wire::Reference;

mod adjustment;
pub mod answers;
mod application;
mod bill;
mod by_hand;
pub mod bytes;
pub mod chart;
pub mod customer;
pub mod deposit;
pub mod document;
pub mod fulfillment;
mod heading;
pub mod http;
mod impact;
pub mod inventory;
pub mod items;
pub mod journal;
pub mod ledger;
mod moved;
mod names;
pub mod pricing;
mod refund;
mod rows;
pub mod sales_order;
mod settlement;
pub mod slots;
pub mod staff;
pub mod standing;
mod text_limits;

pub use answers::{
    Refused, concurrency_response, conflict_response, locked_response, login_response, maintenance_response,
    unexpected_response,
};
pub use chart::{Account, AccountKind, ItemKind, PeriodPart, PeriodRefusal, Subsidiary};
pub use customer::ExistingCustomer;
pub use document::{Document, DocumentKind, DocumentLine, DocumentTax};
pub use fulfillment::ShipmentEntry;
pub use inventory::{KitMember, StockView};
pub use ledger::{Balance, Posting};
use refund::PaidOut;
pub use slots::Slot;
pub use staff::{RecordKind, StaffEdit};

use adjustment::Adjustment;
use application::{Application, Revaluation};
use bill::Bill;
use chart::Chart;
use customer::LocalParts;
use deposit::Deposit;
use fulfillment::ItemFulfillment;
use inventory::Inventory;
use items::Descriptions;
use journal::Journal;
use ledger::Ledger;
use names::{Name, Names};
use pricing::Pricing;
use refund::CustomerRefund;
use sales_order::{SalesOrder, Sublists};
use slots::Slots;
use standing::Payments;

/// Stands for "no position" where an `Option<u32>` would take twice the room.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSettings {
    /// In which a document without a date gets today's.
    pub zone: Zone,
    /// Requests at once, of all integrations together: 5 for the smallest tier (netsuite.md §10.1).
    pub slots: u32,
    /// The account preference that expands account lists: deposits may name accounts that are no banks
    /// (postings.md open assumption 1). Usually on.
    pub expanded_account_lists: bool,
}

#[derive(Debug)]
struct Customer {
    key: Option<Name>,
    name: Box<str>,
    email: Option<Box<str>>,
    terms: Option<Box<str>>,
    price_level: Option<Box<str>>,
    /// `None`: any currency.
    currency: Option<Currency>,
    subsidiary: u8,
    is_inactive: bool,
    /// Deleted customers keep their position.
    is_deleted: bool,
    has_transactions: bool,
    /// Bytes of a person's first name, which begins the name; 0 for a company.
    first_name: u16,
}

impl Customer {
    const FIRST: u64 = 101;

    /// First and last name; `None` for a company.
    fn person(&self) -> Option<(&str, &str)> {
        let first = usize::from(self.first_name);
        if first == 0 {
            return None;
        }
        Some((self.name.get(..first)?, self.name.get(first + 1..)?))
    }

    fn id(at: u32) -> InternalId {
        InternalId::new(Customer::FIRST + u64::from(at))
    }

    fn position(id: InternalId) -> Option<u32> {
        id.get().checked_sub(Customer::FIRST).and_then(|at| u32::try_from(at).ok())
    }
}

/// Transactions share one sequence of internal ids, whatever their type.
#[derive(Debug, Clone, Copy)]
enum Transaction {
    SalesOrder(u32),
    CustomerDeposit(u32),
    JournalEntry(u32),
    ItemFulfillment(u32),
    Invoice(u32),
    CreditMemo(u32),
    CustomerRefund(u32),
    DepositApplication(u32),
    InventoryAdjustment(u32),
    FxReval(u32),
}

impl Transaction {
    const FIRST: u64 = 5_001;

    fn id(at: u32) -> InternalId {
        InternalId::new(Transaction::FIRST + u64::from(at))
    }

    fn position(id: InternalId) -> Option<usize> {
        id.get().checked_sub(Transaction::FIRST).and_then(|at| usize::try_from(at).ok())
    }
}

#[derive(Debug)]
pub struct NetsuiteTwin {
    settings: AccountSettings,
    slots: Slots,
    chart: Chart,
    names: Names,
    /// Line descriptions and other texts of which an account knows few.
    labels: Vec<Box<str>>,
    label_at: BTreeMap<Box<str>, u32>,
    customers: Vec<Customer>,
    customers_by_key: FixedMap<Name, u32>,
    local_parts: LocalParts,
    pricing: Pricing,
    payments: Payments,
    transactions: Vec<Transaction>,
    /// In which second each transaction was last saved, by position.
    saved: Vec<u32>,
    orders: Vec<SalesOrder>,
    orders_by_key: FixedMap<Name, u32>,
    deposits: Vec<Deposit>,
    deposits_by_key: FixedMap<Name, u32>,
    journals: Vec<Journal>,
    journals_by_key: FixedMap<Name, u32>,
    /// Journals await approval before they post.
    approves_journals: bool,
    /// By position of a transaction, the next document of the same order, or [`NONE`].
    next_of_order: Vec<u32>,
    fulfillments: Vec<ItemFulfillment>,
    invoices: Vec<Bill>,
    credit_memos: Vec<Bill>,
    /// By position: what the custom field for a late document's own day says, and its memo.
    late: FixedMap<u32, (BookDate, Option<Box<str>>)>,
    refunds: Vec<CustomerRefund>,
    applications: Vec<Application>,
    adjustments: Vec<Adjustment>,
    revaluations: Vec<Revaluation>,
    /// What each credit memo pays of each invoice.
    credits: BTreeMap<(u32, u32), i64>,
    /// Positions among all transactions, of the kinds that have no index of their own.
    documents_by_key: FixedMap<(DocumentKind, Name), u32>,
    /// Orders that moved, by second.
    moved: Vec<(u32, u32)>,
    /// Orders by the moment in which their release becomes visible.
    releases: BTreeSet<(Timestamp, u32)>,
    next_unique_key: u32,
    inventory: Inventory,
    descriptions: Descriptions,
    ledger: Ledger,
    locked: BTreeSet<(RecordKind, u32)>,
    /// What planted defects added to the first posting of a transaction, by its position.
    miscounts: BTreeMap<u32, i64>,
}

impl NetsuiteTwin {
    pub fn new(settings: AccountSettings) -> NetsuiteTwin {
        NetsuiteTwin {
            slots: Slots::new(settings.slots),
            settings,
            chart: Chart::default(),
            names: Names::default(),
            labels: Vec::new(),
            label_at: BTreeMap::new(),
            customers: Vec::new(),
            customers_by_key: FixedMap::default(),
            local_parts: LocalParts::new(),
            pricing: Pricing::default(),
            payments: Payments::default(),
            transactions: Vec::new(),
            saved: Vec::new(),
            orders: Vec::new(),
            orders_by_key: FixedMap::default(),
            deposits: Vec::new(),
            deposits_by_key: FixedMap::default(),
            journals: Vec::new(),
            journals_by_key: FixedMap::default(),
            approves_journals: false,
            next_of_order: Vec::new(),
            fulfillments: Vec::new(),
            invoices: Vec::new(),
            credit_memos: Vec::new(),
            late: FixedMap::default(),
            refunds: Vec::new(),
            applications: Vec::new(),
            adjustments: Vec::new(),
            revaluations: Vec::new(),
            credits: BTreeMap::new(),
            documents_by_key: FixedMap::default(),
            moved: Vec::new(),
            releases: BTreeSet::new(),
            next_unique_key: 1,
            inventory: Inventory::default(),
            descriptions: Descriptions::new(),
            ledger: Ledger::default(),
            locked: BTreeSet::new(),
            miscounts: BTreeMap::new(),
        }
    }

    /// Its deposits account is added with [`NetsuiteTwin::add_account`] before the first document.
    pub fn add_subsidiary(&mut self, subsidiary: Subsidiary) {
        self.chart.add_subsidiary(subsidiary);
    }

    /// # Panics
    /// The account exists: a fault of the set-up.
    pub fn add_account(&mut self, account: Account) {
        self.chart.add_account(account);
    }

    /// One unit of `from` in `to`, from that day on.
    pub fn add_rate(&mut self, from: Currency, to: Currency, since: BookDate, rate: Decimal) {
        self.chart.add_rate(from, to, since, rate);
    }

    /// `account` is what its tax is credited to.
    pub fn add_tax_code(&mut self, id: InternalId, subsidiary: InternalId, account: InternalId) {
        self.chart.add_tax_code(id, subsidiary, account);
    }

    /// Items are goods until they are said to be something else.
    ///
    /// # Panics
    /// No such item: a fault of the set-up.
    pub fn set_item_kind(&mut self, external_id: &str, kind: ItemKind) {
        let item = self.chart.item_position(external_id).expect("kinds are set for items that exist");
        self.chart.set_item_kind(item, kind);
    }

    /// What a sale of the item credits in the books of a subsidiary, in place of the subsidiary's own income account.
    ///
    /// # Panics
    /// No such item or subsidiary: a fault of the set-up.
    pub fn set_income_account(&mut self, external_id: &str, subsidiary: InternalId, account: InternalId) {
        let item = self.chart.item_position(external_id).expect("accounts are set for items that exist");
        let subsidiary = self.chart.find_subsidiary(&Reference::Id(subsidiary));
        let subsidiary = subsidiary.expect("accounts are set for subsidiaries that exist");
        self.chart.set_income_account(item, subsidiary, account);
    }

    /// Adds an item by its external id (the SKU), or sets whether the existing one is inactive.
    pub fn add_item(&mut self, external_id: &str, is_inactive: bool) {
        self.chart.set_item(external_id, is_inactive);
    }

    /// Adds active items by their external ids.
    pub fn add_items<'a>(&mut self, external_ids: impl IntoIterator<Item = &'a str>) {
        for external_id in external_ids {
            self.chart.set_item(external_id, false);
        }
    }

    /// Locks the accounting period that holds this day. A closed one stays closed.
    pub fn lock_period(&mut self, month: BookDate) {
        self.chart.lock_period(month);
    }

    pub fn close_period(&mut self, month: BookDate) {
        self.chart.close_period(month);
    }

    /// Opens a locked or closed period; a closed one opens all later ones with it.
    pub fn open_period(&mut self, month: BookDate) {
        self.chart.open_period(month);
    }

    /// Locks a part of a subsidiary's books in the month that holds this day.
    ///
    /// # Panics
    /// No such subsidiary: a fault of the set-up.
    pub fn lock_period_of(&mut self, month: BookDate, subsidiary: InternalId, part: PeriodPart) {
        let at =
            self.chart.subsidiary_position(subsidiary).expect("periods are locked where there are books");
        self.chart.lock_part(month, at, part);
    }

    /// Opens a part of a subsidiary's books again.
    ///
    /// # Errors
    /// The whole period is closed or locked, or a part is asked for while all of it is locked.
    ///
    /// # Panics
    /// No such subsidiary: a fault of the set-up.
    pub fn unlock_period_of(
        &mut self,
        month: BookDate,
        subsidiary: InternalId,
        part: PeriodPart,
    ) -> Result<(), PeriodRefusal> {
        let at =
            self.chart.subsidiary_position(subsidiary).expect("periods are opened where there are books");
        self.chart.unlock_part(month, at, part)
    }

    /// Closes a month as its checklist does: once all of every subsidiary is locked, and earlier months are closed.
    ///
    /// # Errors
    /// A subsidiary is open, or an earlier month that was locked is not closed.
    pub fn finish_period(&mut self, month: BookDate) -> Result<(), PeriodRefusal> {
        self.chart.finish_period(month)
    }

    /// Takes a slot for a request that has arrived.
    ///
    /// # Errors
    /// All slots are held: the answer to give at once.
    pub fn begin(&mut self) -> Result<Slot, Box<Response>> {
        self.slots.begin().ok_or_else(|| Box::new(answers::concurrency_response()))
    }

    pub fn end(&mut self, slot: Slot) {
        self.slots.end(slot);
    }

    /// Changes the account's limit; requests under way are completed.
    pub fn set_slots(&mut self, slots: u32) {
        self.slots.set_limit(slots);
    }

    /// Slots that other integrations hold.
    pub fn set_others(&mut self, slots: u32) {
        self.slots.set_others(slots);
    }

    /// Requests at once, of all integrations together.
    pub fn slots_limit(&self) -> u32 {
        self.slots.limit()
    }

    /// Held by us and by others.
    pub fn slots_in_use(&self) -> u32 {
        self.slots.in_use()
    }

    /// Carries one request out, whole or not at all. `now` dates documents that name no date.
    pub fn execute(&mut self, request: &Request, now: Timestamp) -> Response {
        self.tell_time(now);
        let saved = match request {
            Request::GetSalesOrder { eid } => return self.get_sales_order(eid, now),
            Request::SuiteQl(query) => return self.query(query),
            Request::UpsertCustomer { eid, body } => self.upsert_customer(eid, body),
            Request::UpsertSalesOrder { eid, body } => {
                self.save_sales_order(eid, body, Sublists::Replace, now)
            }
            Request::AmendSalesOrder { eid, body } => {
                if self.find_order(eid).is_none() {
                    return answers::nonexistent();
                }
                self.save_sales_order(eid, body, Sublists::Merge, now)
            }
            Request::UpsertCustomerDeposit { eid, body } => self.save_deposit(eid, body, now),
            Request::CreateJournalEntry { body } => self.create_journal(body, now),
            Request::TransformInvoice { sales_order, body } => {
                self.transform_invoice(*sales_order, body, now)
            }
            Request::CreateInvoice { body } => self.create_invoice(body, now),
            Request::CreateCreditMemo { body } => self.create_credit_memo(body, now),
            Request::ApplyCreditMemo { eid, body } => {
                self.apply_credit_memo(&Reference::external(eid), body, now)
            }
            Request::TransformDepositApplication { deposit, body } => {
                self.transform_deposit_application(*deposit, body, now)
            }
            Request::CreateCustomerRefund { body } => self.create_customer_refund(body, now),
            Request::CreateInventoryAdjustment { body } => self.create_adjustment(body, now),
            Request::CreateIntercompanyJournal { body } => self.create_intercompany_journal(body, now),
        };
        if let (Ok(id), Some(late)) = (&saved, late(request)) {
            self.note_late(*id, late);
        }
        match saved {
            Ok(id) => Response { status: 204, answer: Ok(Answer::Saved { id }) },
            Err(refused) => *refused,
        }
    }

    /// Keeps what a late document says of the day that it would have had.
    fn note_late(&mut self, document: InternalId, late: (BookDate, Option<Box<str>>)) {
        let at = Transaction::position(document).and_then(|at| u32::try_from(at).ok());
        self.late.extend(at.map(|at| (at, late)));
    }

    fn query(&self, query: &Query) -> Response {
        let rows = match query {
            Query::CustomersLike { external_id, local_part } => {
                Rows::Customers(self.customers_like(external_id, local_part.as_deref()))
            }
            Query::DocumentsOf { sales_order, .. } => Rows::Documents(self.documents_rows(*sales_order)),
            Query::OrdersMoved { since, after } => Rows::Moved(self.orders_moved(*since, *after)),
            Query::Named { kind, external_id } => Rows::Found(self.named(*kind, external_id)),
            Query::Prices(query) => Rows::Prices(self.prices(query)),
            Query::Stock(query) => Rows::Stock(self.stock_rows(query)),
            Query::Kits => Rows::Kits(self.kit_rows()),
            Query::Item(query) => Rows::Items(self.item_rows(query)),
            Query::SavedItems(query) => Rows::SavedItems(self.saved_items(query)),
            Query::Settlement(query) => Rows::Settlement(self.settlement_rows(query)),
        };
        Response { status: 200, answer: Ok(Answer::Rows(rows)) }
    }

    fn next_transaction(&mut self, transaction: Transaction) -> u32 {
        let at = u32::try_from(self.transactions.len()).expect("fewer than 2³² transactions");
        self.transactions.push(transaction);
        self.next_of_order.push(NONE);
        self.saved.push(moved::seconds(self.inventory.now()));
        at
    }

    fn order_at(&self, id: InternalId) -> Option<u32> {
        match self.transactions.get(Transaction::position(id)?) {
            Some(Transaction::SalesOrder(at)) => Some(*at),
            _ => None,
        }
    }

    fn keep_label(&mut self, text: &str) -> u32 {
        if let Some(at) = self.label_at.get(text) {
            return *at;
        }
        let at = u32::try_from(self.labels.len()).expect("fewer than 2³² labels");
        self.labels.push(text.into());
        self.label_at.insert(text.into(), at);
        at
    }

    fn label(&self, at: u32) -> Option<&str> {
        self.labels.get(at as usize).map(|text| &**text)
    }

    fn check_lock(&self, kind: RecordKind, at: u32) -> Result<(), Refused> {
        if self.locked.contains(&(kind, at)) { Err(answers::locked_by_workflow()) } else { Ok(()) }
    }
}

/// What a request puts into the custom field for the day that its document would have had in an open period, and into
/// its memo.
fn late(request: &Request) -> Option<(BookDate, Option<Box<str>>)> {
    let (date, memo) = match request {
        Request::UpsertCustomerDeposit { body, .. } => (body.original_date, &body.memo),
        Request::CreateJournalEntry { body } => (body.original_date, &body.memo),
        Request::TransformInvoice { body, .. }
        | Request::CreateInvoice { body }
        | Request::CreateCreditMemo { body } => (body.original_date, &body.memo),
        Request::CreateCustomerRefund { body } => (body.original_date, &body.memo),
        Request::CreateInventoryAdjustment { body } => (body.original_date, &body.memo),
        Request::CreateIntercompanyJournal { body } => (body.original_date, &body.memo),
        _ => return None,
    };
    Some((date?, memo.clone()))
}
