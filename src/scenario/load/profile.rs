//! From keys to the merchant's intent: entities, storefronts, chart of accounts, rates, goods.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::super::file::ScenarioFile;
use super::super::file::merchant::{
    Accounts, Catalogue as CatalogueKeys, Rate as RateKeys, Shop as ShopKeys, Tax,
};
use super::super::file::processor::SettlementAccounts as SettlementKeys;
use super::super::{
    AccountKind, Catalogue, ChartAccount, EntityAccounts, KnownContact, Profile, Rate, ServiceItemNames,
    SettlementAccounts, Storefront, Subsidiary, TaxRate,
};
use super::stock;
use super::wholesale::wholesale;
use crate::domain::{Duration, InternalId, Sku};
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::{grammar, load};

/// The most goods that a catalogue draws: each is an item in both twins.
const GOODS_MAX: u32 = 200_000;

pub(super) fn profile(sources: &Sources, file: &ScenarioFile) -> Result<Profile, Refused> {
    let subsidiaries = subsidiaries(sources, file)?;
    let shops = shops(sources, file, &subsidiaries)?;
    let accounts = chart(sources, file, &subsidiaries, &shops)?;
    let rates = file.rate.iter().map(|rate| self::rate(sources, rate)).collect::<Result<Vec<_>, _>>()?;
    let known_customers = file
        .known_customer
        .iter()
        .map(|known| {
            let keys = subsidiaries.iter().map(|subsidiary| subsidiary.key.as_str());
            Ok(KnownContact {
                name: known.name.clone(),
                email: known.email.clone(),
                subsidiary: sources.refer(&known.subsidiary, "subsidiary", keys)?,
                terms: known.terms.clone(),
                price_level: known.price_level.clone(),
            })
        })
        .collect::<Result<_, Refused>>()?;
    let wholesale = wholesale(sources, &file.wholesale, &shops)?;
    let catalogue = catalogue(sources, &file.catalogue)?;
    let items = &file.items;
    let sku = |name: &str| Sku(name.into());
    let profile = Profile {
        merchant: sources.read(&file.merchant.key, grammar::merchant_key)?,
        account_zone: sources.read(&file.merchant.account_zone, grammar::zone)?,
        subsidiaries,
        shops,
        accounts,
        rates,
        service_items: ServiceItemNames {
            shipping: sku(&items.shipping),
            discount: sku(&items.discount),
            duties: sku(&items.duties),
            fees: sku(&items.fees),
            tip: sku(&items.tip),
            gift_card: sku(&items.gift_card),
            custom: sku(&items.custom),
            returns: sku(&items.returns),
            goodwill: sku(&items.goodwill),
            restocking: sku(&items.restocking),
            exchange: sku(&items.exchange),
        },
        stock: stock::stock(sources, file, &catalogue)?,
        catalogue,
        known_customers,
        wholesale,
        processor: None,
    };
    require_rates(sources, file, &profile)?;
    Ok(profile)
}

fn subsidiaries(sources: &Sources, file: &ScenarioFile) -> Result<Vec<Subsidiary>, Refused> {
    let mut known: Vec<Subsidiary> = Vec::new();
    for (key, written) in &file.subsidiary.0 {
        let keys = written.get();
        if keys.accounts.tax.len() != keys.tax_codes.len() {
            let cause = format!(
                "{} tax codes and {} accounts for them",
                keys.tax_codes.len(),
                keys.accounts.tax.len()
            );
            return Err(sources
                .error(written.span(), "not-one-each", cause)
                .remedy("name one account in `accounts.tax` for each of `tax-codes`, in the same order"));
        }
        let id = InternalId::new(*keys.id.get());
        if let Some(earlier) = known.iter().find(|earlier| earlier.id == id) {
            let cause = format!("subsidiary `{}` has the same id as `{}`", key.get(), earlier.key);
            return Err(sources
                .error(keys.id.span(), "duplicate-id", cause)
                .remedy("each subsidiary has an internal id of its own"));
        }
        known.push(Subsidiary {
            key: sources.read(key, grammar::shop_key)?,
            id,
            name: keys.name.get().as_str().into(),
            country: load::country(sources, &keys.country)?,
            currency: sources.read(&keys.currency, grammar::currency)?,
            books_zone: sources.read(&keys.books_zone, grammar::zone)?,
            bank_zone: sources.read(&keys.bank_zone, grammar::zone)?,
            location: InternalId::new(*keys.location.get()),
            deposits: InternalId::new(*keys.accounts.deposits.get()),
            gift_card_liability: InternalId::new(*keys.accounts.gift_cards.get()),
            store_credit_liability: InternalId::new(*keys.accounts.store_credit.get()),
            accounts: entity_accounts(&keys.accounts),
            settlement: keys.settlement.as_ref().map(settlement_accounts),
            tax_codes: keys.tax_codes.iter().copied().map(InternalId::new).collect(),
        });
    }
    Ok(known)
}

fn entity_accounts(keys: &Accounts) -> EntityAccounts {
    let id = |written: &Placed<u64>| InternalId::new(*written.get());
    EntityAccounts {
        bank: id(&keys.bank),
        income: id(&keys.income),
        receivable: id(&keys.receivable),
        inventory: id(&keys.inventory),
        discounts: id(&keys.discounts),
        returns: id(&keys.returns),
        shipping: id(&keys.shipping),
        goodwill: id(&keys.goodwill),
        restocking: id(&keys.restocking),
        breakage: id(&keys.breakage),
        duties: id(&keys.duties),
        tips: id(&keys.tips),
        rounding: id(&keys.rounding),
        cogs: id(&keys.cogs),
        promotions: id(&keys.promotions),
        exchange: id(&keys.exchange),
        refunds_due: id(&keys.refunds_due),
        prepaid_tax: id(&keys.prepaid_tax),
        tax: keys.tax.iter().map(id).collect(),
    }
}

fn settlement_accounts(keys: &SettlementKeys) -> SettlementAccounts {
    let id = |written: &Placed<u64>| InternalId::new(*written.get());
    SettlementAccounts {
        in_transit: id(&keys.in_transit),
        returned: id(&keys.returned),
        fees: id(&keys.fees),
        fee_tax: id(&keys.fee_tax),
        dispute_fees: id(&keys.dispute_fees),
        disputes: id(&keys.disputes),
        dispute_losses: id(&keys.dispute_losses),
        reserve: id(&keys.reserve),
        freight: id(&keys.freight),
        loan: id(&keys.loan),
        advertising: id(&keys.advertising),
        accruals: id(&keys.accruals),
        exchange_bridge: id(&keys.exchange_bridge),
        due_from: id(&keys.due_from),
        due_to: id(&keys.due_to),
    }
}

fn shops(sources: &Sources, file: &ScenarioFile, sellers: &[Subsidiary]) -> Result<Vec<Storefront>, Refused> {
    let mut known: Vec<Storefront> = Vec::new();
    for (key, written) in &file.shop.0 {
        let shop = shop(sources, key, written.get(), sellers)?;
        if known.iter().any(|earlier| earlier.domain == shop.domain) {
            return Err(sources
                .error(
                    written.get().domain.span(),
                    "duplicate-id",
                    format!("`{}` is another shop's domain", shop.domain),
                )
                .remedy("each shop has a domain of its own"));
        }
        known.push(shop);
    }
    match known.is_empty() {
        true => Err(sources
            .error(file.merchant.key.span(), "missing-key", "the merchant has no shop")
            .remedy("add a table such as `[shop.uk]`, or build on a file that has one with `use`")),
        false => Ok(known),
    }
}

fn shop(
    sources: &Sources,
    key: &Placed<String>,
    keys: &ShopKeys,
    sellers: &[Subsidiary],
) -> Result<Storefront, Refused> {
    let currency = sources.read(&keys.currency, grammar::currency)?;
    let mut presentment = Vec::new();
    let mut total = Decimal::ZERO;
    for (code, share) in &keys.presentment.0 {
        let seen = sources.read(code, grammar::currency)?;
        let percent = Decimal::from(sources.read(share, grammar::share)?) / Decimal::from(10_000);
        total += percent;
        if seen == currency || total > Decimal::ONE_HUNDRED {
            let (code, cause) = match seen == currency {
                true => {
                    ("wrong-currency", "the shop's own currency is not a presentment currency".to_owned())
                }
                false => ("over-100-percent", format!("the shares come to {total} %")),
            };
            return Err(sources
                .error(share.span(), code, cause)
                .remedy("state the other currencies only; the rest of the orders is in the shop's own"));
        }
        presentment.push((seen, percent));
    }
    let seller =
        sources.refer(&keys.seller, "subsidiary", sellers.iter().map(|seller| seller.key.as_str()))?;
    let nexus = keys
        .nexus
        .0
        .iter()
        .map(|(code, taxes)| {
            Ok((load::country(sources, code)?, self::taxes(sources, taxes, &sellers[seller])?))
        })
        .collect::<Result<_, Refused>>()?;
    Ok(Storefront {
        key: sources.read(key, grammar::shop_key)?,
        domain: load::domain(sources, &keys.domain)?,
        currency,
        zone: sources.read(&keys.zone, grammar::zone)?,
        seller,
        guests: load::guests(sources, &keys.guests)?,
        weight: keys.weight,
        taxes_included: keys.taxes_included,
        taxes: taxes(sources, &keys.taxes, &sellers[seller])?,
        nexus,
        clearing: keys
            .clearing
            .0
            .iter()
            .map(|(gateway, account)| (gateway.get().as_str().into(), InternalId::new(*account.get())))
            .collect(),
        presentment,
        locations: load::locations(sources, &keys.locations)?,
        buffer: i64::from(keys.buffer),
        oversells: keys.oversells,
        is_published: !keys.unpublished,
        stock_lag: match &keys.stock_lag {
            Some(text) => sources.read(text, grammar::positive_duration)?,
            None => Duration::from_mins(5),
        },
        payout_owner: match &keys.payout_owner {
            Some(key) => {
                sources.refer(key, "subsidiary", sellers.iter().map(|seller| seller.key.as_str()))?
            }
            None => seller,
        },
        payout_currency: match &keys.payout_currency {
            Some(code) => sources.read(code, grammar::currency)?,
            None => currency,
        },
    })
}

fn taxes(sources: &Sources, written: &[Tax], seller: &Subsidiary) -> Result<Vec<TaxRate>, Refused> {
    let code_of = |tax: &Tax| {
        let Some(written) = &tax.code else { return Ok(None) };
        let code = InternalId::new(*written.get());
        if seller.tax_codes.contains(&code) {
            return Ok(Some(code));
        }
        let cause = format!("subsidiary `{}` has no tax code {code}", seller.key);
        Err(sources
            .error(written.span(), "unknown-reference", cause)
            .remedy("name one of its `tax-codes`, or add it there"))
    };
    written
        .iter()
        .map(|tax| {
            let rate = sources.read(&tax.rate, grammar::rate_of_tax)?;
            Ok(TaxRate { title: tax.title.clone(), rate, code: code_of(tax)? })
        })
        .collect()
}

/// The accounts that entities and shops name, each for one purpose.
fn chart(
    sources: &Sources,
    file: &ScenarioFile,
    subsidiaries: &[Subsidiary],
    shops: &[Storefront],
) -> Result<Vec<ChartAccount>, Refused> {
    let mut chart: BTreeMap<InternalId, ChartAccount> = BTreeMap::new();
    let mut add = |written: &Placed<u64>, name: String, kind, subsidiary, currency| {
        let id = InternalId::new(*written.get());
        let account = ChartAccount { id, name: name.clone().into(), kind, subsidiary, currency };
        match chart.insert(id, account) {
            None => Ok(()),
            Some(earlier) => Err(sources
                .error(written.span(), "duplicate-id", format!("account {id} is {} already", earlier.name))
                .remedy(format!("give {name} an account of its own: balances are told apart by account"))),
        }
    };
    for (at, (_, written)) in file.subsidiary.0.iter().enumerate() {
        let (key, currency) = (subsidiaries[at].key, subsidiaries[at].currency);
        let accounts = &written.get().accounts;
        for (id, word, kind) in [
            (&accounts.bank, "bank", AccountKind::Bank),
            (&accounts.deposits, "customer deposits", AccountKind::CustomerDeposits),
            (&accounts.gift_cards, "gift cards", AccountKind::GiftCardLiability),
            (&accounts.store_credit, "store credit", AccountKind::StoreCreditLiability),
            (&accounts.income, "income", AccountKind::Income),
            (&accounts.expense, "expense", AccountKind::Expense),
            (&accounts.receivable, "receivables", AccountKind::Receivable),
            (&accounts.inventory, "inventory", AccountKind::Inventory),
            (&accounts.discounts, "discounts", AccountKind::Discounts),
            (&accounts.returns, "sales returns", AccountKind::Returns),
            (&accounts.shipping, "shipping income", AccountKind::Shipping),
            (&accounts.goodwill, "goodwill allowances", AccountKind::Goodwill),
            (&accounts.restocking, "restocking income", AccountKind::Restocking),
            (&accounts.breakage, "breakage income", AccountKind::Breakage),
            (&accounts.duties, "duties collected", AccountKind::Duties),
            (&accounts.tips, "tips owed", AccountKind::Tips),
            (&accounts.rounding, "cash rounding", AccountKind::Rounding),
            (&accounts.cogs, "cost of goods sold", AccountKind::CostOfGoods),
            (&accounts.promotions, "cards given away", AccountKind::Promotions),
            (&accounts.exchange, "realised exchange difference", AccountKind::Exchange),
            (&accounts.refunds_due, "refunds to issue again", AccountKind::RefundsDue),
            (&accounts.prepaid_tax, "tax on prepayments", AccountKind::PrepaidTax),
        ] {
            add(id, format!("{word} {key}"), kind, at, currency)?;
        }
        for (id, word, kind) in accounts_of_settlement(written.get().settlement.as_ref()) {
            add(id, format!("{word} {key}"), kind, at, currency)?;
        }
        for (code, id) in subsidiaries[at].tax_codes.iter().zip(&accounts.tax) {
            add(id, format!("tax {code} {key}"), AccountKind::Tax, at, currency)?;
        }
    }
    for (shop, (_, written)) in shops.iter().zip(&file.shop.0) {
        for (gateway, id) in &written.get().clearing.0 {
            let name = format!("clearing {} {} {}", shop.key, gateway.get(), shop.currency);
            add(id, name, AccountKind::Clearing, shop.seller, shop.currency)?;
        }
    }
    Ok(chart.into_values().collect())
}

fn accounts_of_settlement(
    keys: Option<&SettlementKeys>,
) -> impl Iterator<Item = (&Placed<u64>, &'static str, AccountKind)> {
    keys.into_iter().flat_map(|keys| {
        [
            (&keys.in_transit, "payouts in transit", AccountKind::PayoutsInTransit),
            (&keys.returned, "payouts returned", AccountKind::PayoutsReturned),
            (&keys.fees, "processor fees", AccountKind::ProcessorFees),
            (&keys.fee_tax, "input tax on fees", AccountKind::FeeTax),
            (&keys.dispute_fees, "dispute fees", AccountKind::DisputeFees),
            (&keys.disputes, "disputes receivable", AccountKind::Disputes),
            (&keys.dispute_losses, "dispute losses", AccountKind::DisputeLosses),
            (&keys.reserve, "reserve receivable", AccountKind::Reserve),
            (&keys.freight, "freight out", AccountKind::Freight),
            (&keys.loan, "loan", AccountKind::Loan),
            (&keys.advertising, "advertising", AccountKind::Advertising),
            (&keys.accruals, "accruals", AccountKind::Accruals),
            (&keys.exchange_bridge, "exchange bridge", AccountKind::ExchangeBridge),
            (&keys.due_from, "due from sisters", AccountKind::DueFrom),
            (&keys.due_to, "due to sisters", AccountKind::DueTo),
        ]
    })
}

fn rate(sources: &Sources, written: &Placed<RateKeys>) -> Result<Rate, Refused> {
    let keys = written.get();
    let rate = Rate {
        from: sources.read(&keys.from, grammar::currency)?,
        to: sources.read(&keys.to, grammar::currency)?,
        since: sources.read(&keys.since, grammar::date)?,
        rate: sources.read(&keys.rate, grammar::exchange_rate)?,
    };
    if rate.from == rate.to {
        return Err(sources
            .error(keys.to.span(), "wrong-currency", "a currency has no rate in itself")
            .remedy("name two currencies"));
    }
    Ok(rate)
}

/// Each currency that a shop shows, and each in which it sells for an entity of another currency, needs a rate
/// in force when the run begins.
fn require_rates(sources: &Sources, file: &ScenarioFile, profile: &Profile) -> Result<(), Refused> {
    let (starts, _) = sources.read(&file.run.starts, grammar::start)?;
    let day = profile.account_zone.book_date(starts);
    for (shop, (_, written)) in profile.shops.iter().zip(&file.shop.0) {
        let keys = written.get();
        let seller = &profile.subsidiaries[shop.seller];
        let seen = shop.presentment.iter().zip(&keys.presentment.0).map(|((to, _), (key, _))| (*to, key));
        let paid = keys.payout_currency.as_ref().map(|place| (shop.payout_currency, place));
        let owner =
            keys.payout_owner.as_ref().map(|place| (profile.subsidiaries[shop.payout_owner].currency, place));
        for (to, place) in seen.chain([(seller.currency, &keys.currency)]).chain(paid).chain(owner) {
            if profile.rate(shop.currency, to, day).is_none() {
                let cause = format!("no rate between {} and {to} is in force on {day}", shop.currency);
                return Err(sources.error(place.span(), "missing-rate", cause).remedy(format!(
                    "add `[[rate]]` with from = \"{}\", to = \"{to}\", since and rate",
                    shop.currency
                )));
            }
        }
    }
    Ok(())
}

fn catalogue(sources: &Sources, keys: &CatalogueKeys) -> Result<Catalogue, Refused> {
    let refuse =
        |place, cause: String, remedy: &str| Err(sources.error(place, "out-of-range", cause).remedy(remedy));
    let (lowest, highest) = (*keys.lowest_price.get(), *keys.highest_price.get());
    if lowest < 0 {
        return refuse(
            keys.lowest_price.span(),
            "a price is negative".to_owned(),
            "write minor units, zero or more",
        );
    }
    if highest < lowest || highest > 1_000_000_000 {
        return refuse(
            keys.highest_price.span(),
            format!("`{highest}` is not a highest price"),
            "write minor units, from the lowest price up to 1_000_000_000",
        );
    }
    if *keys.count.get() > GOODS_MAX || *keys.count.get() == 0 {
        return refuse(
            keys.count.span(),
            "the number of goods is out of range".to_owned(),
            "write 1 to 200_000",
        );
    }
    Ok(Catalogue {
        prefix: keys.prefix.get().as_str().into(),
        count: *keys.count.get(),
        price_minor: (lowest, highest),
        named: keys.named.iter().cloned().map(Sku).collect(),
    })
}
