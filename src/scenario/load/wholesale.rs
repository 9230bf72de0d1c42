//! From keys to business buyers, and to what happens to them.

use super::super::file::wholesale::{
    AgreedItem, Buy, BuyerSees, Company as CompanyKeys, PriceChange, Wholesale as Keys,
};
use super::super::wholesale::{
    Agreement, AgreementChange, Company, LevelPrice, Purchase, Wholesale, WholesaleEvent,
};
use super::super::{Profile, Storefront};
use crate::domain::price::BASE_LEVEL;
use crate::domain::{Currency, Duration, InternalId, Money, Sku};
use crate::policy::document::{Keyed, Placed, Refused, Sources};
use crate::policy::{grammar, load};

type Text = Placed<String>;

/// Names that keys may refer to.
pub(super) struct Names<'f> {
    levels: &'f Keyed<Placed<u64>>,
    groups: &'f Keyed<Placed<u64>>,
}

impl<'f> Names<'f> {
    pub(super) fn of(keys: &'f Keys) -> Names<'f> {
        Names { levels: &keys.levels, groups: &keys.groups }
    }

    fn level(&self, sources: &Sources, name: &Text) -> Result<InternalId, Refused> {
        if name.get() == "base" {
            return Ok(BASE_LEVEL);
        }
        named(sources, self.levels, name, "price level")
    }

    fn group(&self, sources: &Sources, name: &Text) -> Result<InternalId, Refused> {
        named(sources, self.groups, name, "pricing group")
    }
}

fn named(
    sources: &Sources,
    known: &Keyed<Placed<u64>>,
    name: &Text,
    what: &str,
) -> Result<InternalId, Refused> {
    let at = sources.refer(name, what, known.0.iter().map(|(key, _)| key.get().as_str()))?;
    Ok(InternalId::new(*known.0[at].1.get()))
}

pub(super) fn wholesale(sources: &Sources, keys: &Keys, shops: &[Storefront]) -> Result<Wholesale, Refused> {
    let names = Names::of(keys);
    let prices = keys.price.iter().map(|price| {
        Ok(LevelPrice {
            sku: sku(&price.sku),
            level: names.level(sources, &price.level)?,
            from: price.from.max(1),
            price: sources.read(&price.price, grammar::amount)?,
        })
    });
    let groups = keys.item.iter().map(|item| Ok((sku(&item.sku), names.group(sources, &item.group)?)));
    let companies =
        keys.company.0.iter().map(|(key, written)| company(sources, &names, key, written.get(), shops));
    Ok(Wholesale {
        within: match &keys.within {
            Some(text) => sources.read(text, grammar::positive_duration)?,
            None => Duration::from_mins(15),
        },
        prices: prices.collect::<Result<_, Refused>>()?,
        groups: groups.collect::<Result<_, Refused>>()?,
        companies: companies.collect::<Result<_, Refused>>()?,
    })
}

fn company(
    sources: &Sources,
    names: &Names,
    key: &Text,
    keys: &CompanyKeys,
    shops: &[Storefront],
) -> Result<Company, Refused> {
    let shop = sources.refer(&keys.shop, "shop", shops.iter().map(|shop| shop.key.as_str()))?;
    let currency = shops[shop].currency;
    let item = |written: &Placed<AgreedItem>| {
        let AgreedItem { sku: item, price, level } = written.get();
        let agreement = match (price, level) {
            (Some(price), None) => Agreement::Price(amount(sources, price, currency)?),
            (None, Some(level)) => Agreement::Level(names.level(sources, level)?),
            _ => {
                return Err(sources
                    .error(written.span(), "not-one-price", "an item is agreed at a price or at a level")
                    .remedy("write exactly one of `price` and `level`"));
            }
        };
        Ok((sku(item), agreement))
    };
    Ok(Company {
        key: key.get().as_str().into(),
        name: keys.name.clone(),
        email: keys.email.clone(),
        shop,
        level: keys.level.as_ref().map(|level| names.level(sources, level)).transpose()?,
        terms: keys.terms.clone(),
        credit_limit: keys.credit_limit.as_ref().map(|limit| amount(sources, limit, currency)).transpose()?,
        items: keys.items.iter().map(item).collect::<Result<_, Refused>>()?,
        groups: keys
            .groups
            .iter()
            .map(|group| Ok((names.group(sources, &group.group)?, names.level(sources, &group.level)?)))
            .collect::<Result<_, Refused>>()?,
    })
}

/// Reads events about business buyers.
pub(super) struct Events<'s> {
    pub sources: &'s Sources,
    pub profile: &'s Profile,
    pub names: Names<'s>,
}

impl Events<'_> {
    pub fn change(&self, written: &Placed<PriceChange>) -> Result<WholesaleEvent, Refused> {
        let keys = written.get();
        let sources = self.sources;
        let company = keys.company.as_ref().map(|company| self.company(company)).transpose()?;
        let level = keys.level.as_ref().map(|level| self.names.level(sources, level)).transpose()?;
        let change = match (company, &keys.sku, level, &keys.price, &keys.credit_limit) {
            (None, Some(item), Some(level), Some(price), None) => AgreementChange::Price(LevelPrice {
                sku: sku(item),
                level,
                from: keys.from.max(1),
                price: sources.read(price, grammar::amount)?,
            }),
            (Some(company), None, Some(level), None, None) => AgreementChange::Level { company, level },
            (Some(company), Some(item), Some(level), None, None) => {
                AgreementChange::Item { company, sku: sku(item), agreement: Agreement::Level(level) }
            }
            (Some(company), Some(item), None, Some(price), None) => AgreementChange::Item {
                company,
                sku: sku(item),
                agreement: Agreement::Price(amount(sources, price, self.currency(company))?),
            },
            (Some(company), None, None, None, Some(limit)) => AgreementChange::CreditLimit {
                company,
                limit: amount(sources, limit, self.currency(company))?,
            },
            _ => {
                return Err(sources
                    .error(written.span(), "not-one-change", "this is not one change of a price or limit")
                    .remedy(
                        "name a level, an item and a price; or a company with a level, with an item and its \
                         price, or with a credit limit",
                    ));
            }
        };
        Ok(WholesaleEvent::Change(change))
    }

    pub fn buy(&self, keys: &Buy) -> Result<Purchase, Refused> {
        let sources = self.sources;
        let company = self.company(&keys.company)?;
        if keys.lines.get().is_empty() {
            return Err(sources
                .error(keys.lines.span(), "missing-value", "the order has no lines")
                .remedy("add one, such as `{ sku = \"MUG\", quantity = 400 }`"));
        }
        let line = |line: &super::super::file::wholesale::BuyLine| {
            Ok((sku(&line.sku), load::at_least_one(sources, &line.quantity, "quantity")?))
        };
        Ok(Purchase {
            name: keys.name.get().as_str().into(),
            company,
            lines: keys.lines.get().iter().map(line).collect::<Result<_, Refused>>()?,
            total: keys
                .total
                .as_ref()
                .map(|total| amount(sources, total, self.currency(company)))
                .transpose()?,
            gateway: keys.gateway.as_ref().map(|gateway| gateway.get().as_str().into()),
        })
    }

    pub fn sees(&self, keys: &BuyerSees) -> Result<WholesaleEvent, Refused> {
        let company = self.company(&keys.company)?;
        Ok(WholesaleEvent::Sees {
            company,
            sku: sku(&keys.sku),
            quantity: keys.quantity.max(1),
            price: amount(self.sources, &keys.price, self.currency(company))?,
        })
    }

    fn company(&self, key: &Text) -> Result<usize, Refused> {
        let known = self.profile.wholesale.companies.iter().map(|company| &*company.key);
        self.sources.refer(key, "company", known)
    }

    fn currency(&self, company: usize) -> Currency {
        self.profile.shops[self.profile.wholesale.companies[company].shop].currency
    }
}

fn sku(written: &Text) -> Sku {
    Sku(written.get().as_str().into())
}

fn amount(sources: &Sources, text: &Text, currency: Currency) -> Result<Money, Refused> {
    let amount = sources.read(text, grammar::amount)?;
    if amount.currency() == currency {
        return Ok(amount);
    }
    Err(sources
        .error(text.span(), "wrong-currency", format!("this shop sells in {currency}"))
        .remedy(format!("write it in {currency}")))
}
