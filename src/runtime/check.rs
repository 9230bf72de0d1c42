//! `plimsoll check`: whether the service could start and do its work, found out without changing anything.
//!
//! Credentials, versions and scopes are tried; each record that the policy names must exist. What is told is one line
//! for each question, with what to do about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::Config;
use super::serve::https;
use super::tokio::TokioRuntime;
use crate::domain::{Currency, InternalId};
use crate::platforms::https::NoRoots;
use crate::platforms::netsuite::survey::{self as netsuite, Kind};
use crate::platforms::shopify::client::TransportError;
use crate::platforms::shopify::survey as shopify;
use crate::platforms::{netsuite as netsuite_platform, shopify as shopify_platform};
use crate::policy::settlement::SettlementAccounts;
use crate::policy::{Policy, PolicyAccounts, ShopPolicy};

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub what: String,
    pub result: Answer,
}

/// How a question was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Good,
    /// The configuration, the policy or the account is to be changed.
    Wrong {
        cause: String,
        remedy: String,
    },
    /// Nobody answered, or our credentials were refused: nothing more is known.
    Unreachable {
        cause: String,
        remedy: String,
    },
}

/// What the app must be allowed to do, and what for. Writing a kind of record includes reading it.
///
/// Source: shopify.md §a; names as in Shopify's list of access scopes.
fn scopes_needed(policy: &Policy, shop: &ShopPolicy) -> Vec<(&'static str, &'static str)> {
    let mut needed = vec![
        ("read_orders", "orders"),
        ("write_merchant_managed_fulfillment_orders", "fulfillments"),
        ("read_gift_cards", "gift cards"),
    ];
    if !shop.locations.is_empty() {
        needed.extend([("write_inventory", "stock"), ("read_locations", "stock")]);
    }
    if policy.products.is_some() || policy.prices.is_some() {
        needed.push(("write_products", "products and prices"));
    }
    if policy.terms.is_some() {
        needed.push(("write_payment_terms", "terms of companies"));
    }
    if policy.settlement.is_some() {
        needed.push(("read_shopify_payments_payouts", "payouts"));
        needed.push(("read_shopify_payments_disputes", "disputes"));
    }
    needed
}

/// Asks everything. Must be called inside a tokio runtime.
///
/// # Errors
/// The machine has no root certificates.
pub async fn check(config: &Config, runtime: &TokioRuntime) -> Result<Vec<Finding>, NoRoots> {
    let https = Arc::new(https(config, 1)?);
    let version = config.api_version.to_string().parse().expect("the version that is pinned is one");
    let doors = config.shops.iter().map(|shop| (shop.key, shop.access.clone()));
    let shops =
        shopify_platform::http::HttpTransport::new(runtime.clone(), Arc::clone(&https), version, doors);
    let account =
        netsuite_platform::http::HttpTransport::new(runtime.clone(), https, config.netsuite.clone());
    let mut findings = Vec::new();
    for shop in &config.policy.shops {
        check_shop(&config.policy, shop, &shops, &mut findings).await;
    }
    check_account(&config.policy, &account, &mut findings).await;
    Ok(findings)
}

type Shops = shopify_platform::http::HttpTransport<TokioRuntime>;
type Account = netsuite_platform::http::HttpTransport<TokioRuntime>;

async fn check_shop(policy: &Policy, shop: &ShopPolicy, shops: &Shops, findings: &mut Vec<Finding>) {
    let mut tell = |what: &str, result| {
        findings.push(Finding { what: format!("shopify {}: {what}", shop.key), result });
    };
    let facts = match shops.shop_facts(shop.key).await {
        Ok(facts) => facts,
        Err(error) => return tell("credentials and version", of_shopify(&error)),
    };
    tell("credentials and version", Answer::Good);
    tell("domain", same("the shop", &facts.myshopify_domain, &shop.domain, "name its own policy"));
    tell(
        "currency",
        same("the shop", &facts.currency_code, shop.currency.code(), "mend `currency` in the policy"),
    );
    match shops.scopes(shop.key).await {
        Err(error) => tell("scopes", of_shopify(&error)),
        Ok(granted) => {
            for (scope, of) in scopes_needed(policy, shop) {
                let is_granted = granted.contains(scope)
                    || scope
                        .strip_prefix("read_")
                        .is_some_and(|rest| granted.contains(&format!("write_{rest}")));
                tell(
                    &format!("scope {scope}"),
                    match is_granted {
                        true => Answer::Good,
                        false => Answer::Wrong {
                            cause: format!("the app lacks it, and {of} need it"),
                            remedy: "add the scope to the app and install it again".to_owned(),
                        },
                    },
                );
            }
        }
    }
    for (number, _) in &shop.locations {
        let result = match shops.location(shop.key, *number).await {
            Ok(Some(true)) => Answer::Good,
            Ok(Some(false)) => wrong("it is inactive", "activate it, or take it out of the policy"),
            Ok(None) => wrong("there is none", "take its number from the address of its page"),
            Err(error) => of_shopify(&error),
        };
        tell(&format!("location {number}"), result);
    }
}

async fn check_account(policy: &Policy, account: &Account, findings: &mut Vec<Finding>) {
    let mut tell = |what: String, result| {
        findings.push(Finding { what: format!("netsuite: {what}"), result });
    };
    let currencies = match account.currencies().await {
        Ok(currencies) => currencies,
        Err(error) => return tell("credentials and SuiteQL".to_owned(), of_netsuite(&error)),
    };
    tell("credentials and SuiteQL".to_owned(), Answer::Good);
    for currency in currencies_of(policy) {
        let result = match currencies.iter().any(|known| known == currency.code()) {
            true => Answer::Good,
            false => wrong("the account does not know it", "add it in Lists > Accounting > Currencies"),
        };
        tell(format!("currency {}", currency.code()), result);
    }
    for (kind, names) in records_of(policy) {
        let ids: Vec<InternalId> = names.keys().copied().collect();
        match account.known(kind, &ids).await {
            Err(error) => tell(format!("{kind:?} records"), of_netsuite(&error)),
            Ok(known) => {
                for (id, name) in names {
                    let result = match known.get(&id) {
                        None => wrong(
                            "there is none, or the role does not see it",
                            "mend the policy, or the role",
                        ),
                        Some(record) if record.is_inactive => {
                            wrong("it is inactive", "name another, or activate it")
                        }
                        Some(record) => match (kind, &record.currency) {
                            (Kind::Subsidiary, Some(symbol)) => own_currency(policy, id, symbol),
                            _ => Answer::Good,
                        },
                    };
                    tell(format!("{name} = {id}"), result);
                }
            }
        }
    }
    let items = &policy.items;
    let wanted = [
        &items.shipping,
        &items.discount,
        &items.duties,
        &items.fees,
        &items.tip,
        &items.gift_card,
        &items.custom,
        &items.returns,
        &items.goodwill,
        &items.restocking,
        &items.exchange,
    ];
    let wanted: Vec<&str> = wanted.into_iter().map(|sku| &*sku.0).collect();
    match account.known_items(&wanted).await {
        Err(error) => tell("items".to_owned(), of_netsuite(&error)),
        Ok(known) => {
            for item in wanted {
                let result = match known.get(item) {
                    Some(false) => Answer::Good,
                    Some(true) => wrong("it is inactive", "activate it, or name another in `[items]`"),
                    None => {
                        wrong("no item has this external id", "make the item, or name another in `[items]`")
                    }
                };
                tell(format!("item {item}"), result);
            }
        }
    }
}

fn own_currency(policy: &Policy, id: InternalId, symbol: &str) -> Answer {
    match policy.subsidiaries.iter().find(|subsidiary| subsidiary.id == id) {
        Some(subsidiary) => {
            same("the subsidiary", symbol, subsidiary.currency.code(), "mend `currency` in the policy")
        }
        None => Answer::Good,
    }
}

fn same(whose: &str, theirs: &str, ours: &str, remedy: &str) -> Answer {
    match theirs == ours {
        true => Answer::Good,
        false => wrong(&format!("{whose} has `{theirs}`, the policy `{ours}`"), remedy),
    }
}

fn wrong(cause: &str, remedy: &str) -> Answer {
    Answer::Wrong { cause: cause.to_owned(), remedy: remedy.to_owned() }
}

fn currencies_of(policy: &Policy) -> Vec<Currency> {
    let of_shops = policy.shops.iter().map(|shop| shop.currency);
    let mut all: Vec<Currency> =
        policy.subsidiaries.iter().map(|subsidiary| subsidiary.currency).chain(of_shops).collect();
    all.sort();
    all.dedup();
    all
}

/// Each record of a kind with the key that names it; the first one, where several do.
type Named = BTreeMap<InternalId, String>;

fn records_of(policy: &Policy) -> BTreeMap<Kind, Named> {
    let mut all: BTreeMap<Kind, Named> = BTreeMap::new();
    let mut add = |kind, id, name: String| {
        all.entry(kind).or_default().entry(id).or_insert(name);
    };
    for subsidiary in &policy.subsidiaries {
        let at = |key: &str| format!("subsidiary.{}.{key}", subsidiary.key);
        add(Kind::Subsidiary, subsidiary.id, at("id"));
        add(Kind::Location, subsidiary.location, at("location"));
        add(Kind::TaxCode, subsidiary.tax_code, at("tax-code"));
        add(Kind::TaxCode, subsidiary.marketplace_tax_code, at("marketplace-tax-code"));
        for entry in &subsidiary.tax_schedule {
            add(Kind::TaxCode, entry.code, at("tax-schedule"));
        }
        add(Kind::Account, subsidiary.gift_card_liability, at("gift-card-liability"));
        add(Kind::Account, subsidiary.store_credit_liability, at("store-credit-liability"));
        for (key, id) in accounts_of(&subsidiary.accounts) {
            add(Kind::Account, id, at(&format!("accounts.{key}")));
        }
    }
    for shop in &policy.shops {
        for (gateway, id) in &shop.clearing {
            add(Kind::Account, *id, format!("shop.{}.clearing.{gateway}", shop.key));
        }
        for (number, location) in &shop.locations {
            add(Kind::Location, *location, format!("shop.{}.locations.{number}", shop.key));
        }
    }
    for shop in policy.settlement.iter().flat_map(|settlement| &settlement.shops) {
        for accounts in [&shop.accounts, &shop.owner_accounts] {
            for (key, id) in settlement_accounts_of(accounts) {
                add(Kind::Account, id, format!("settlement of {}: {key}", shop.shop));
            }
        }
    }
    all
}

fn accounts_of(accounts: &PolicyAccounts) -> [(&'static str, InternalId); 8] {
    [
        ("bank", accounts.bank),
        ("goodwill", accounts.goodwill),
        ("cogs", accounts.cogs),
        ("promotions", accounts.promotions),
        ("breakage", accounts.breakage),
        ("refunds-due", accounts.refunds_due),
        ("prepaid-tax", accounts.prepaid_tax),
        ("tax", accounts.tax),
    ]
}

fn settlement_accounts_of(accounts: &SettlementAccounts) -> [(&'static str, InternalId); 18] {
    [
        ("in-transit", accounts.in_transit),
        ("returned", accounts.returned),
        ("fees", accounts.fees),
        ("fee-tax", accounts.fee_tax),
        ("dispute-fees", accounts.dispute_fees),
        ("disputes", accounts.disputes),
        ("dispute-losses", accounts.dispute_losses),
        ("reserve", accounts.reserve),
        ("freight", accounts.freight),
        ("duties", accounts.duties),
        ("loan", accounts.loan),
        ("advertising", accounts.advertising),
        ("adjustments", accounts.adjustments),
        ("accruals", accounts.accruals),
        ("exchange-bridge", accounts.exchange_bridge),
        ("exchange", accounts.exchange),
        ("due-from", accounts.due_from),
        ("due-to", accounts.due_to),
    ]
}

fn of_shopify(error: &shopify::SurveyError) -> Answer {
    let cause = error.to_string();
    match error {
        shopify::SurveyError::Transport(TransportError::Misconfigured { .. }) => {
            Answer::Wrong { cause, remedy: "mend `endpoint` or `api-version`".to_owned() }
        }
        shopify::SurveyError::Transport(
            TransportError::Unauthorized { .. } | TransportError::Status { code: 401 | 403, .. },
        ) => Answer::Unreachable {
            cause,
            remedy: "install the app in this shop, and give the token of that installation".to_owned(),
        },
        shopify::SurveyError::Transport(TransportError::Status { code: 404, .. }) => Answer::Unreachable {
            cause,
            remedy: "see that the domain is the shop's permanent one".to_owned(),
        },
        shopify::SurveyError::Transport(_) => {
            Answer::Unreachable { cause, remedy: "see that the address can be reached from here".to_owned() }
        }
        shopify::SurveyError::Denied { .. } => {
            Answer::Wrong { cause, remedy: "give the app the scope that is named".to_owned() }
        }
        shopify::SurveyError::Unreadable { .. } => {
            Answer::Wrong { cause, remedy: "see that the endpoint is the Admin API".to_owned() }
        }
    }
}

fn of_netsuite(error: &netsuite::SurveyError) -> Answer {
    let cause = error.to_string();
    if error.is_unauthorized() {
        let remedy = "see the account's Login Audit Trail; the role needs REST Web Services and the token or certificate";
        return Answer::Unreachable { cause, remedy: remedy.to_owned() };
    }
    match error {
        netsuite::SurveyError::Transport(netsuite_platform::client::TransportError::Misconfigured {
            ..
        }) => Answer::Wrong {
            cause,
            remedy: "mend `endpoint`: Company Information shows the account's own".to_owned(),
        },
        netsuite::SurveyError::Transport(_) => {
            Answer::Unreachable { cause, remedy: "see that the address can be reached from here".to_owned() }
        }
        netsuite::SurveyError::Refused { .. } => Answer::Wrong {
            cause,
            remedy: "give the role SuiteAnalytics Workbook and the list it needs".to_owned(),
        },
        netsuite::SurveyError::Unreadable { .. } => {
            Answer::Wrong { cause, remedy: "see that the endpoint is SuiteTalk REST".to_owned() }
        }
    }
}
