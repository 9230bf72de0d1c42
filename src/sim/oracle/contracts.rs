//! What was agreed with each company at each moment: the pricing rules a second time, by going through every row
//! that could apply, whenever a price is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::ids::PriceListId;
use crate::domain::price::BASE_LEVEL;
use crate::domain::{Duration, InternalId, Money, ShopKey, Sku, Timestamp};
use crate::scenario::Profile;
use crate::scenario::wholesale::{Agreement, AgreementChange};

/// The merchant's agreements with all that changed in them, and what people were told of prices.
#[derive(Clone)]
pub struct Contracts {
    profile: Arc<Profile>,
    history: Vec<(Timestamp, AgreementChange)>,
    /// Price lists of which people have been told that nobody can tell whether they still hold.
    told: BTreeSet<PriceListId>,
    opened: Option<Timestamp>,
}

impl Contracts {
    pub fn new(profile: Arc<Profile>) -> Contracts {
        Contracts { profile, history: Vec::new(), told: BTreeSet::new(), opened: None }
    }

    /// When the day begins: buyers are served what was agreed from a promised time later on.
    pub fn opened(&mut self, at: Timestamp) {
        self.opened = Some(at);
    }

    pub fn changed(&mut self, change: &AgreementChange, at: Timestamp) {
        self.history.push((at, change.clone()));
    }

    pub fn told(&mut self, list: PriceListId, open: bool) {
        if open {
            self.told.insert(list);
        } else {
            self.told.remove(&list);
        }
    }

    pub fn is_told(&self, lists: &[PriceListId]) -> bool {
        lists.iter().any(|list| self.told.contains(list))
    }

    pub fn has_buyers(&self) -> bool {
        !self.profile.wholesale.companies.is_empty()
    }

    pub fn within(&self) -> Duration {
        self.profile.wholesale.within
    }

    pub fn name(&self, company: usize) -> &str {
        &self.profile.wholesale.companies[company].name
    }

    /// Days in which the company is to pay; `None` for at once.
    pub fn days(&self, company: usize) -> Option<u32> {
        let terms = self.profile.wholesale.companies[company].terms.as_deref()?;
        terms.split_ascii_whitespace().nth(1)?.parse().ok()
    }

    /// What the company may owe now.
    pub fn limit(&self, company: usize) -> Option<Money> {
        let changed = self.history.iter().rev().find_map(|(_, change)| match change {
            AgreementChange::CreditLimit { company: of, limit } if *of == company => Some(*limit),
            _ => None,
        });
        changed.or(self.profile.wholesale.companies[company].credit_limit)
    }

    pub fn shop(&self, company: usize) -> ShopKey {
        self.profile.shops[self.profile.wholesale.companies[company].shop].key
    }

    /// What there is to ask about a company at rest: each item that has a price in its currency, at each quantity
    /// at which some price begins, and at one less.
    pub fn questions(&self, company: usize) -> BTreeSet<(Sku, u32)> {
        let wholesale = &self.profile.wholesale;
        let currency = self.profile.shops[wholesale.companies[company].shop].currency;
        let changed = self.history.iter().filter_map(|(_, change)| match change {
            AgreementChange::Price(price) => Some(price),
            _ => None,
        });
        let rows = wholesale.prices.iter().chain(changed).filter(|row| row.price.currency() == currency);
        rows.flat_map(|row| {
            [(row.sku.clone(), row.from), (row.sku.clone(), row.from.saturating_sub(1).max(1))]
        })
        .collect()
    }

    /// The price of one of so many units that was agreed at that moment, in minor units.
    pub fn agreed(&self, company: usize, sku: &Sku, quantity: u32, at: Timestamp) -> Option<i64> {
        let until = self.history.partition_point(|(changed, _)| *changed <= at);
        self.agreed_after(company, sku, quantity, until)
    }

    /// Every price that may be served at that moment: what is agreed now, and what was agreed until a change that is
    /// younger than promised.
    pub fn allowed(&self, company: usize, sku: &Sku, quantity: u32, at: Timestamp) -> Vec<i64> {
        let now = self.history.partition_point(|(changed, _)| *changed <= at);
        let promised = at.minus(self.within());
        let first = self.history.partition_point(|(changed, _)| *changed <= promised);
        (first..=now).filter_map(|until| self.agreed_after(company, sku, quantity, until)).collect()
    }

    /// The day has only just begun.
    pub fn is_opening(&self, at: Timestamp) -> bool {
        self.opened.is_some_and(|opened| at < opened.plus(self.within()))
    }

    fn agreed_after(&self, company: usize, sku: &Sku, quantity: u32, until: usize) -> Option<i64> {
        let terms = &self.profile.wholesale.companies[company];
        let history = &self.history[..until];
        let mut agreement =
            terms.items.iter().rev().find(|(item, _)| item == sku).map(|(_, agreement)| *agreement);
        let mut level = terms.level;
        for (_, change) in history {
            match change {
                AgreementChange::Item { company: of, sku: item, agreement: to }
                    if *of == company && item == sku =>
                {
                    agreement = Some(*to);
                }
                AgreementChange::Level { company: of, level: to } if *of == company => level = Some(*to),
                _ => {}
            }
        }
        let group = self.profile.wholesale.groups.iter().find(|(item, _)| item == sku);
        let of_group = group
            .and_then(|(_, group)| terms.groups.iter().find(|(of, _)| of == group))
            .map(|(_, level)| *level);
        let own = match agreement {
            Some(Agreement::Price(price)) => return Some(price.minor()),
            Some(Agreement::Level(level)) => Some(level),
            None => None,
        };
        [own, of_group, level, Some(BASE_LEVEL)]
            .into_iter()
            .flatten()
            .find_map(|level| self.of_level(company, sku, level, quantity, history))
    }

    fn of_level(
        &self,
        company: usize,
        sku: &Sku,
        level: InternalId,
        quantity: u32,
        history: &[(Timestamp, AgreementChange)],
    ) -> Option<i64> {
        let wholesale = &self.profile.wholesale;
        let currency = self.profile.shops[wholesale.companies[company].shop].currency;
        let changed = history.iter().filter_map(|(_, change)| match change {
            AgreementChange::Price(price) => Some(price),
            _ => None,
        });
        let rows = wholesale.prices.iter().chain(changed);
        let of_level = rows
            .filter(|row| row.sku == *sku && row.level == level && row.price.currency() == currency)
            .filter(|row| row.from <= quantity);
        // Of rows at the same quantity the last one counts.
        of_level.max_by_key(|row| row.from).map(|row| row.price.minor())
    }
}
