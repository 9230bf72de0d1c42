//! Customers and what is agreed with them; items, their prices, members and stock.
//!
//! Source: netsuite.md §11.5, §12.1, §15. What §11.5 leaves open: the columns of `customeritempricing` and
//! `customergrouppricing`. Terms are shown by their name in place of a number: an account numbers them as it likes.

use super::{
    Column, Data, Handle, Table, amount, column, currency_id, customer_at, id, maybe_amount, numbered,
    reference, whole,
};
use crate::domain::InternalId;
use crate::mocks::netsuite::Customer;
use crate::mocks::netsuite::chart::{Chart, ItemKind};
use crate::mocks::netsuite::http::suiteql::value::Value;
use crate::mocks::netsuite::pricing::Agreed;
use crate::platforms::netsuite::wire::JsonDecimal;

pub(super) static TABLES: &[Table] = &[
    Table {
        name: "customer",
        columns: CUSTOMER,
        records: customers,
        keys: &[("id", customers_by_id), ("externalid", customers_by_key)],
    },
    Table {
        name: "customersubsidiaryrelationship",
        columns: RELATIONSHIP,
        records: customers,
        keys: &[("entity", customers_by_id)],
    },
    Table {
        name: "item",
        columns: ITEM,
        records: |data| numbered(data.twin.chart.items_count() as usize),
        keys: &[
            ("id", |data, wanted| item_at(data, wanted).map(|at| (at, 0)).into_iter().collect()),
            ("externalid", items_by_key),
        ],
    },
    Table { name: "pricing", columns: PRICE, records: |data| numbered(data.prices().len()), keys: &[] },
    Table {
        name: "customeritempricing",
        columns: AGREED_ITEM,
        records: |data| numbered(data.agreed_items().len()),
        keys: &[],
    },
    Table {
        name: "customergrouppricing",
        columns: AGREED_GROUP,
        records: |data| numbered(data.agreed_groups().len()),
        keys: &[],
    },
    Table {
        name: "kititemmember",
        columns: MEMBER,
        records: |data| numbered(data.kit_members().len()),
        keys: &[],
    },
    Table {
        name: "inventoryitemlocations",
        columns: STOCK,
        records: |data| numbered(data.stock().len()),
        keys: &[],
    },
    Table {
        name: "aggregateitemlocation",
        columns: STOCK,
        records: |data| numbered(data.stock().len()),
        keys: &[],
    },
    Table {
        name: "inventorybalance",
        columns: STOCK,
        records: |data| numbered(data.stock().len()),
        keys: &[],
    },
];

fn customers(data: &Data<'_>) -> Vec<Handle> {
    let all = (0u32..).zip(&data.twin.customers);
    all.filter(|(_, customer)| !customer.is_deleted).map(|(at, _)| (at, 0)).collect()
}

fn customers_by_id(data: &Data<'_>, wanted: &Value) -> Vec<Handle> {
    customer_at(data, wanted).map(|at| (at, 0)).into_iter().collect()
}

fn customers_by_key(data: &Data<'_>, wanted: &Value) -> Vec<Handle> {
    let text = wanted.printed(data.format).unwrap_or_default();
    let key = data.twin.names.find(&text);
    key.and_then(|key| data.twin.customers_by_key.get(&key)).map(|at| (*at, 0)).into_iter().collect()
}

fn customer<'a>(data: &Data<'a>, handle: Handle) -> &'a Customer {
    &data.twin.customers[handle.0 as usize]
}

fn terms(data: &Data<'_>, handle: Handle) -> Value {
    Value::maybe_text(customer(data, handle).terms.as_deref())
}

const CUSTOMER: &[Column] = &[
    column("id", |_, handle| id(Customer::id(handle.0))),
    column("entityid", |data, handle| {
        Value::text(format!("{} {}", Customer::id(handle.0), customer(data, handle).name))
    }),
    column("externalid", |data, handle| {
        customer(data, handle).key.map_or(Value::Null, |key| Value::text(&*data.twin.names.text(key)))
    }),
    column("altname", |data, handle| Value::text(&*customer(data, handle).name)),
    column("isperson", |data, handle| Value::truth(customer(data, handle).person().is_some())),
    column("firstname", |data, handle| {
        Value::maybe_text(customer(data, handle).person().map(|(first, _)| first))
    }),
    column("lastname", |data, handle| {
        Value::maybe_text(customer(data, handle).person().map(|(_, last)| last))
    }),
    column("companyname", |data, handle| {
        let customer = customer(data, handle);
        if customer.person().is_some() { Value::Null } else { Value::text(&*customer.name) }
    }),
    column("email", |data, handle| Value::maybe_text(customer(data, handle).email.as_deref())),
    column("isinactive", |data, handle| Value::truth(customer(data, handle).is_inactive)),
    column("duplicate", |_, _| Value::truth(false)),
    reference("terms", terms, terms),
    reference(
        "pricelevel",
        |data, handle| data.twin.pricing.standing(handle.0).0.map_or(Value::Null, id),
        |data, handle| Value::maybe_text(customer(data, handle).price_level.as_deref()),
    ),
    column("creditlimit", |data, handle| {
        let limit = data.twin.pricing.standing(handle.0).1;
        limit.map_or(Value::Null, |limit| amount(limit.minor(), limit.currency()))
    }),
    reference(
        "currency",
        |data, handle| {
            customer(data, handle).currency.map_or(Value::Null, |known| Value::number(currency_id(known)))
        },
        |data, handle| Value::maybe_text(customer(data, handle).currency.map(|known| known.code())),
    ),
    column("subsidiary", |data, handle| id(data.twin.chart.subsidiary(customer(data, handle).subsidiary).id)),
    column("lastmodifieddate", |data, handle| data.moment(data.twin.pricing.customer_saved_at(handle.0))),
];

const RELATIONSHIP: &[Column] = &[
    column("entity", |_, handle| id(Customer::id(handle.0))),
    column("subsidiary", |data, handle| id(data.twin.chart.subsidiary(customer(data, handle).subsidiary).id)),
    column("isprimarysub", |_, _| Value::truth(true)),
];

fn item_at(data: &Data<'_>, wanted: &Value) -> Option<u32> {
    Chart::item_at_id(InternalId::new(whole(wanted)?)).filter(|at| *at < data.twin.chart.items_count())
}

fn items_by_key(data: &Data<'_>, wanted: &Value) -> Vec<Handle> {
    let text = wanted.printed(data.format).unwrap_or_default();
    data.twin.chart.item_position(&text).map(|at| (at, 0)).into_iter().collect()
}

fn sku(data: &Data<'_>, handle: Handle) -> Value {
    Value::text(data.twin.chart.item_external_id(handle.0))
}

/// The code of an item's type. Source: netsuite.md §13.2.
pub(in crate::mocks::netsuite::http) fn item_type(data: &Data<'_>, item: u32) -> &'static str {
    let is_kit = data.twin.kit_members(data.twin.chart.item_external_id(item)).is_some();
    match data.twin.chart.item_kind(item) {
        _ if is_kit => "Kit",
        ItemKind::Goods => "InvtPart",
        ItemKind::Service => "Service",
        ItemKind::Discount => "Discount",
    }
}

fn said(data: &Data<'_>, handle: Handle) -> crate::mocks::netsuite::items::Description {
    data.twin.descriptions.get(&handle.0).cloned().unwrap_or_default()
}

const ITEM: &[Column] = &[
    column("id", |_, handle| id(Chart::item_id(handle.0))),
    column("itemid", sku),
    column("externalid", sku),
    column("fullname", sku),
    column("displayname", |data, handle| Value::maybe_text(said(data, handle).display_name)),
    column("itemtype", |data, handle| Value::text(item_type(data, handle.0))),
    column("upccode", |data, handle| Value::maybe_text(said(data, handle).upc_code)),
    column("weight", |data, handle| {
        let weight = said(data, handle).weight;
        Value::maybe_number(weight.map(|weight| JsonDecimal::new(weight.milligrams(), 3).to_decimal()))
    }),
    column("weightunit", |data, handle| {
        if said(data, handle).weight.is_some() {
            id(crate::mocks::netsuite::items::GRAMS)
        } else {
            Value::Null
        }
    }),
    column("isonline", |data, handle| Value::truth(said(data, handle).is_online)),
    column("isinactive", |data, handle| Value::truth(data.twin.chart.is_inactive(handle.0))),
    column("pricinggroup", |data, handle| data.twin.pricing.group(handle.0).map_or(Value::Null, id)),
    column("lastmodifieddate", |data, handle| data.moment(data.twin.pricing.saved_at(handle.0))),
];

const PRICE: &[Column] = &[
    column("item", |data, handle| id(Chart::item_id(data.prices()[handle.0 as usize].item))),
    column("currency", |data, handle| Value::number(currency_id(data.prices()[handle.0 as usize].currency))),
    column("pricelevel", |data, handle| id(data.prices()[handle.0 as usize].level)),
    column("quantity", |data, handle| Value::number(data.prices()[handle.0 as usize].from)),
    column("unitprice", |data, handle| {
        let price = data.prices()[handle.0 as usize];
        amount(price.minor, price.currency)
    }),
];

const AGREED_ITEM: &[Column] = &[
    column("customer", |data, handle| id(Customer::id(data.agreed_items()[handle.0 as usize].customer))),
    column("item", |data, handle| id(Chart::item_id(data.agreed_items()[handle.0 as usize].item))),
    column("currency", |data, handle| {
        Value::number(currency_id(data.agreed_items()[handle.0 as usize].currency))
    }),
    column("level", |data, handle| match data.agreed_items()[handle.0 as usize].agreed {
        Agreed::Level(level) => id(level),
        Agreed::Custom(_) => Value::Null,
    }),
    column("price", |data, handle| {
        let row = data.agreed_items()[handle.0 as usize];
        let custom = if let Agreed::Custom(minor) = row.agreed { Some(minor) } else { None };
        maybe_amount(custom, row.currency)
    }),
];

const AGREED_GROUP: &[Column] = &[
    column("customer", |data, handle| id(Customer::id(data.agreed_groups()[handle.0 as usize].customer))),
    column("pricinggroup", |data, handle| id(data.agreed_groups()[handle.0 as usize].group)),
    column("level", |data, handle| id(data.agreed_groups()[handle.0 as usize].level)),
];

const MEMBER: &[Column] = &[
    column("parentitem", |data, handle| id(Chart::item_id(data.kit_members()[handle.0 as usize].kit))),
    column("item", |data, handle| id(Chart::item_id(data.kit_members()[handle.0 as usize].member))),
    column("quantity", |data, handle| Value::number(data.kit_members()[handle.0 as usize].quantity)),
    column("linenumber", |data, handle| Value::number(data.kit_members()[handle.0 as usize].line)),
];

fn stocked(data: &Data<'_>, handle: Handle) -> Value {
    let at = data.twin.chart.item_position(data.stock()[handle.0 as usize].sku);
    at.map_or(Value::Null, |at| id(Chart::item_id(at)))
}

const STOCK: &[Column] = &[
    reference("item", stocked, |data, handle| Value::text(data.stock()[handle.0 as usize].sku)),
    column("location", |data, handle| id(data.stock()[handle.0 as usize].location)),
    column("quantityonhand", |data, handle| Value::number(data.stock()[handle.0 as usize].on_hand)),
    column("quantityavailable", |data, handle| Value::number(data.stock()[handle.0 as usize].available)),
    column("quantitycommitted", |data, handle| Value::number(data.stock()[handle.0 as usize].committed)),
    column("quantitybackordered", |data, handle| Value::number(data.stock()[handle.0 as usize].back_ordered)),
    column("lastquantityavailablechange", |data, handle| {
        data.moment(data.stock()[handle.0 as usize].available_changed)
    }),
];
