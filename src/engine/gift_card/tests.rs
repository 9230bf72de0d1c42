use super::*;
use crate::domain::ids::{GiftCardId, OrderId};
use crate::engine::fixtures::{at, eur, policy};

fn card(minor: i64, sold_by: Option<u64>) -> GiftCard {
    GiftCard {
        id: GiftCardId::new(7),
        created_at: at(0),
        initial: eur(minor),
        balance: eur(minor),
        sold_by: sold_by.map(OrderId::new),
        is_enabled: true,
        expires_on: None,
    }
}

#[test]
fn a_card_given_away_is_an_expense_and_a_debt_of_its_face_value() {
    let policy = policy();
    let shop = &policy.shops[0];
    let journal = plan(&card(2_500, None), shop, &policy).unwrap();
    let seller = policy.seller(shop);
    let lines = vec![(seller.accounts.promotions, eur(2_500)), (seller.gift_card_liability, eur(-2_500))];
    assert_eq!(
        (journal.lines, journal.external_id.as_str()),
        (lines, &*format!("{}-card-7-given", shop.key))
    );
}

#[test]
fn a_card_that_was_sold_is_billed_with_its_order() {
    let policy = policy();
    assert_eq!(plan(&card(2_500, Some(1)), &policy.shops[0], &policy), None);
    assert_eq!(plan(&card(0, None), &policy.shops[0], &policy), None);
}
