//! Method: a table of what may have happened to one field, by owner; and fields drawn for both sides, with a plan
//! carried out and asked again.

use proptest::prelude::*;

use super::*;
use crate::domain::ids::{ProductId, VariantId};
use crate::domain::product::Weight;
use crate::domain::{Currency, Money, Sku, Timestamp};

fn shop() -> ShopKey {
    "uk".parse().unwrap()
}

fn gbp() -> Currency {
    "GBP".parse().unwrap()
}

fn item(fields: Fields, saved_at: i64) -> CatalogueItem {
    CatalogueItem { sku: Sku("MUG".into()), fields, saved_at: Timestamp::from_seconds(saved_at) }
}

fn variant(fields: Fields, saved_at: i64) -> SoldVariant {
    SoldVariant {
        id: VariantId::new(43),
        product: ProductId::new(8),
        sku: Some(Sku("MUG".into())),
        fields,
        saved_at: Timestamp::from_seconds(saved_at),
    }
}

fn price(minor: i64) -> Value {
    Value::Price(Money::new(minor, gbp()))
}

fn of_price(minor: i64) -> Fields {
    Fields::from([(Field::Price, price(minor))])
}

fn known(netsuite: i64, shopify: i64, before: i64) -> Known {
    let digest = |minor| digest(&price(minor));
    Known { netsuite: digest(netsuite), shopify: digest(shopify), before: digest(before) }
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Sets,
    Reports,
}

/// What is done about the price, by the numbers: what each side says, when it was saved, and what was known.
fn said(
    owner: Side,
    netsuite: (i64, i64),
    shopify: (i64, i64),
    known: Option<Known>,
    is_unsettled: bool,
) -> (Said, Known) {
    let (item, variant) = (item(of_price(netsuite.0), netsuite.1), variant(of_price(shopify.0), shopify.1));
    let known = known.map(|known| (Field::Price, known)).into_iter().collect();
    let seen = Observed { shop: shop(), item: &item, variant: &variant, known: &known, is_unsettled };
    let plan = plan(&seen, &Owners::from([(Field::Price, owner)]));
    let said = match &plan.actions[..] {
        [] => Said::Nothing,
        [Action::SetVariant(fields)] => {
            assert_eq!(*fields, of_price(netsuite.0), "what is set is what NetSuite says");
            Said::Sets
        }
        [Action::Report(finding)] => {
            assert_eq!(finding.code, CauseCode::FieldOwnedElsewhere);
            Said::Reports
        }
        other => panic!("{other:?}"),
    };
    (said, plan.known[&Field::Price])
}

#[test]
fn the_owner_s_change_counts_and_the_other_s_is_told() {
    use Side::{NetSuite, Shopify};
    let agreed = Some(known(10, 10, 10));
    // Owner; what each side says and when it was saved; what was known; what is done, and what is known then.
    let rows = [
        (
            "nothing is known: the owner's word counts",
            NetSuite,
            (10, 1),
            (12, 2),
            None,
            Said::Sets,
            known(10, 10, 10),
        ),
        (
            "nothing is known of Shopify's own",
            Shopify,
            (10, 1),
            (12, 2),
            None,
            Said::Nothing,
            known(10, 12, 10),
        ),
        ("both agree", NetSuite, (10, 1), (10, 1), None, Said::Nothing, known(10, 10, 10)),
        ("the owner changed", NetSuite, (11, 5), (10, 1), agreed, Said::Sets, known(11, 11, 10)),
        ("the other changed", NetSuite, (10, 1), (12, 5), agreed, Said::Reports, known(10, 12, 10)),
        (
            "it still differs",
            NetSuite,
            (10, 1),
            (12, 5),
            Some(known(10, 12, 10)),
            Said::Reports,
            known(10, 12, 10),
        ),
        (
            "the owner changed since",
            NetSuite,
            (11, 9),
            (12, 5),
            Some(known(10, 12, 10)),
            Said::Sets,
            known(11, 11, 10),
        ),
        ("both changed, the owner later", NetSuite, (11, 9), (12, 5), agreed, Said::Sets, known(11, 11, 10)),
        (
            "both changed, the other later",
            NetSuite,
            (11, 5),
            (12, 9),
            agreed,
            Said::Reports,
            known(11, 12, 10),
        ),
        (
            "both changed in the same second",
            NetSuite,
            (11, 5),
            (12, 5),
            agreed,
            Said::Reports,
            known(11, 12, 10),
        ),
        (
            "the other took it back",
            NetSuite,
            (10, 1),
            (10, 9),
            Some(known(10, 12, 10)),
            Said::Nothing,
            known(10, 10, 10),
        ),
        ("Shopify changed its own", Shopify, (10, 1), (12, 5), agreed, Said::Nothing, known(10, 12, 10)),
        (
            "NetSuite changed what is Shopify's",
            Shopify,
            (11, 5),
            (10, 1),
            agreed,
            Said::Reports,
            known(10, 10, 10),
        ),
        ("and Shopify changed it, too", Shopify, (11, 5), (12, 9), agreed, Said::Reports, known(10, 12, 10)),
        ("Shopify followed", Shopify, (11, 5), (11, 9), agreed, Said::Nothing, known(11, 11, 10)),
        (
            "NetSuite took it back",
            Shopify,
            (10, 9),
            (12, 5),
            Some(known(10, 12, 10)),
            Said::Nothing,
            known(10, 12, 10),
        ),
    ];
    for (story, owner, netsuite, shopify, before, expected, after) in rows {
        let found = said(owner, netsuite, shopify, before, false);
        assert_eq!(found, (expected, after), "{story}");
    }
}

#[test]
fn an_earlier_write_of_ours_that_lands_late_is_nobody_s_change() {
    // NetSuite said 10, then 11; both were written, and the 10 landed last.
    let known = Some(known(11, 11, 10));
    assert_eq!(said(Side::NetSuite, (11, 5), (10, 9), known, true).0, Said::Sets);
    assert_eq!(said(Side::NetSuite, (11, 5), (10, 9), known, false).0, Said::Reports);
    assert_eq!(said(Side::NetSuite, (11, 5), (12, 9), known, true).0, Said::Reports);
}

#[test]
fn a_clash_names_field_owner_and_both_values() {
    let text = |text: &str| Value::Text(text.into());
    let said = Fields::from([(Field::Title, text("Mug, blue")), (Field::Price, price(1_000))]);
    let shown = Fields::from([(Field::Title, text("Harbour mug")), (Field::Price, price(1_250))]);
    let (item, variant) = (item(said, 1), variant(shown, 2));
    let seen_title =
        Known { netsuite: digest(&text("Mug")), shopify: digest(&text("Harbour mug")), before: 0 };
    let known = BTreeMap::from([(Field::Title, seen_title), (Field::Price, known(1_000, 1_000, 1_000))]);
    let seen = Observed { shop: shop(), item: &item, variant: &variant, known: &known, is_unsettled: false };
    let owners = Owners::from([(Field::Title, Side::Shopify), (Field::Price, Side::NetSuite)]);
    let actions = plan(&seen, &owners).actions;
    let [Action::Report(finding)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(
        finding.detail,
        "MUG in uk: title is owned by shopify: NetSuite says `Mug, blue`, Shopify says `Harbour mug`; price is \
         owned by netsuite: NetSuite says 10.00 GBP, Shopify says 12.50 GBP"
    );
}

#[test]
fn nothing_is_published_before_its_price_is_set() {
    let said = Fields::from([(Field::Status, Value::Published(true)), (Field::Price, price(1_000))]);
    let shown = Fields::from([(Field::Status, Value::Published(false)), (Field::Price, price(0))]);
    let (item, variant, known) = (item(said, 1), variant(shown, 2), BTreeMap::new());
    let seen = Observed { shop: shop(), item: &item, variant: &variant, known: &known, is_unsettled: false };
    let owners = Owners::from([(Field::Status, Side::NetSuite), (Field::Price, Side::NetSuite)]);
    assert_eq!(
        plan(&seen, &owners).actions,
        [
            Action::SetVariant(of_price(1_000)),
            Action::SetProduct(Fields::from([(Field::Status, Value::Published(true))])),
        ]
    );
}

#[test]
fn nothing_is_published_without_a_price() {
    let said = Fields::from([(Field::Status, Value::Published(true))]);
    let shown = Fields::from([(Field::Status, Value::Published(false)), (Field::Price, price(0))]);
    let (item, variant, known) = (item(said, 1), variant(shown, 2), BTreeMap::new());
    let seen = Observed { shop: shop(), item: &item, variant: &variant, known: &known, is_unsettled: false };
    let owned = |price: Side| Owners::from([(Field::Status, Side::NetSuite), (Field::Price, price)]);
    let actions = plan(&seen, &owned(Side::NetSuite)).actions;
    let [Action::Report(finding)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(finding.code, CauseCode::PriceRejected);
    let actions = plan(&seen, &owned(Side::Shopify)).actions;
    assert!(matches!(&actions[..], [Action::SetProduct(_)]), "Shopify's own price is Shopify's matter");
}

/// Few values, so that sides agree, differ and go back to what they said before.
fn fields() -> impl Strategy<Value = Fields> {
    let value = |field: Field| {
        prop::option::of(0i64..4).prop_map(move |drawn| {
            drawn.map(|drawn| match field {
                Field::Title | Field::Barcode => Value::Text(format!("{drawn}").into()),
                Field::Price => price(drawn),
                Field::Weight => Value::Weight(Weight::from_milligrams(drawn)),
                Field::Status => Value::Published(drawn > 1),
            })
        })
    };
    Field::ALL.map(value).prop_map(|drawn| {
        Field::ALL.into_iter().zip(drawn).filter_map(|(field, value)| Some((field, value?))).collect()
    })
}

fn owners() -> impl Strategy<Value = Owners> {
    let owner = prop::option::of(prop::sample::select(Side::ALL.to_vec()));
    prop::array::uniform5(owner).prop_map(|drawn| {
        Field::ALL.into_iter().zip(drawn).filter_map(|(field, side)| Some((field, side?))).collect()
    })
}

fn carried_out(plan: &Plan, variant: &SoldVariant) -> SoldVariant {
    let mut after = variant.clone();
    for action in &plan.actions {
        if let Action::SetVariant(fields) | Action::SetProduct(fields) = action {
            after.fields.extend(fields.clone());
        }
    }
    after
}

fn reports(plan: &Plan) -> Vec<&Finding> {
    plan.actions
        .iter()
        .filter_map(|action| if let Action::Report(it) = action { Some(it) } else { None })
        .collect()
}

proptest! {
    #[test]
    fn a_variant_is_settled_by_its_own_actions(
        owners in owners(),
        days in prop::collection::vec((fields(), 0i64..9, fields(), 0i64..9), 1..4),
    ) {
        let mut known = BTreeMap::new();
        for (said, said_at, shown, shown_at) in days {
            let (item, variant) = (item(said, said_at), variant(shown, shown_at));
            let seen = Observed {
                shop: shop(), item: &item, variant: &variant, known: &known, is_unsettled: false,
            };
            let first = plan(&seen, &owners);
            for action in &first.actions {
                if let Action::SetVariant(fields) | Action::SetProduct(fields) = action {
                    prop_assert!(fields.keys().all(|field| owners[field] == Side::NetSuite));
                }
            }
            let after = carried_out(&first, &variant);
            let again = plan(
                &Observed {
                    shop: shop(), item: &item, variant: &after, known: &first.known, is_unsettled: false,
                },
                &owners,
            );
            prop_assert_eq!(reports(&again), reports(&first));
            prop_assert_eq!(again.actions.len(), reports(&first).len(), "nothing is set twice");
            prop_assert_eq!(&again.known, &first.known);
            known = first.known;
        }
    }

    #[test]
    fn what_is_known_survives_the_store(parts in prop::array::uniform3(0u32..1 << 21)) {
        let [netsuite, shopify, before] = parts;
        let known = Known { netsuite, shopify, before };
        prop_assert_eq!(Known::unpack(known.pack()), known);
    }
}
