//! What a Shopify order must look like as a NetSuite sales order. Pure, and exact: the sales order's total is
//! the order's total, whatever the rounding inside.

mod bundle;
pub mod fit;

use rust_decimal::Decimal;

use super::Finding;
use super::units::{Units, share};
use crate::domain::allocation::{Rounding, allocate};
use crate::domain::customer::normalise_email;
use crate::domain::field_limit::{DESCRIPTION, OTHER_REF_NUM, PHONE};
use crate::domain::money::MoneyError;
use crate::domain::order::{AmountsDisagree, Discount, LineItem, ShippingLine, TaxLine};
use crate::domain::sales_order::{LineKey, LineTax, SalesOrderLine};
use crate::domain::{
    CauseCode, CustomerKey, CustomerRecord, ExternalId, Money, Order, SalesOrder, Sku, customer::GuestRecords,
};
use crate::engine::stock::kits::Kits;
use crate::engine::terms;
use crate::policy::{Policy, ShopPolicy, SubsidiaryPolicy};

/// The sales order that stands for `order`: one line for each component, amounts net of tax, tax as stated. What
/// was shipped and came back stays on it; what was taken back before it was billed does not.
///
/// # Errors
/// A finding for a person: amounts that do not add up, an order in a currency that its shop does not sell in, or a
/// bundle whose members nobody knows.
pub fn sales_order(
    order: &Order,
    shop: &ShopPolicy,
    policy: &Policy,
    kits: &Kits,
) -> Result<SalesOrder, Finding> {
    if order.currency != shop.currency {
        return Err(Finding::new(
            CauseCode::RouteMissing,
            Some(order.total),
            format!("order {} is in {}, policy has its shop in {}", order.id, order.currency, shop.currency),
        ));
    }
    let disagree = |error: AmountsDisagree| {
        Finding::new(CauseCode::AmountsDisagree, Some(order.total), format!("order {}: {error}", order.id))
    };
    order.check().map_err(disagree)?;
    if let Some(line) = order.lines.iter().find(|line| line.quantity > 0 && bundle::is_unresolved(line, kits))
    {
        return Err(Finding::new(
            CauseCode::BundleUnresolved,
            Some(order.total),
            format!("order {} sells {}, a kit without members that can be sold", order.id, line.title),
        ));
    }
    let seller = policy.seller(shop);
    let lines = lines(order, policy, seller, kits).map_err(|error| disagree(error.into()))?;
    Ok(SalesOrder {
        external_id: ExternalId::for_order(order.shop, order.id),
        customer: customer_key(order, shop),
        subsidiary: seller.id,
        location: seller.location,
        currency: order.currency,
        date: policy.book_date(shop, order.processed_at),
        other_ref: fit::text(OTHER_REF_NUM, &order.name),
        ship_to: order.ship_to.as_ref().map(fit::address),
        is_held: policy.terms.is_some() && terms::is_on_credit(order),
        lines,
    })
}

/// The sales order of an order that was called off before anybody booked it. Its money came in and went back, and the
/// documents that say so hang on a sales order; its lines are closed as soon as it stands.
///
/// # Errors
/// As [`sales_order`].
pub fn called_off(
    order: &Order,
    shop: &ShopPolicy,
    policy: &Policy,
    kits: &Kits,
) -> Result<SalesOrder, Finding> {
    let placed = order.as_placed().map_err(|error| {
        Finding::new(CauseCode::AmountsDisagree, Some(order.total), format!("order {}: {error}", order.id))
    })?;
    sales_order(&placed, shop, policy, kits)
}

/// The NetSuite customer of the order's buyer.
pub fn customer_record(order: &Order, shop: &ShopPolicy, policy: &Policy) -> CustomerRecord {
    let seller = policy.seller(shop);
    let is_person = !matches!(order.buyer.key, CustomerKey::CompanyLocation(_));
    let shared_guest = order.buyer.key == CustomerKey::Guest && guest_email(order, shop).is_none();
    let name = match &order.buyer.name {
        Some(name) if !shared_guest => fit::name(name, is_person),
        // A record needs a name; the key is one that people find again.
        _ => customer_key(order, shop).as_str().into(),
    };
    CustomerRecord {
        external_id: customer_key(order, shop),
        is_person,
        name,
        email: fit::email(order.buyer.email.as_deref().filter(|_| !shared_guest)),
        phone: fit::optional(PHONE, order.buyer.phone.as_deref().filter(|_| !shared_guest)),
        subsidiary: seller.id,
        currency: order.currency,
    }
}

fn customer_key(order: &Order, shop: &ShopPolicy) -> ExternalId {
    match &order.buyer.key {
        CustomerKey::Customer(id) => ExternalId::for_customer(order.shop, *id),
        CustomerKey::CompanyLocation(id) => ExternalId::for_company_location(order.shop, *id),
        CustomerKey::Guest => match guest_email(order, shop) {
            Some(email) => ExternalId::for_guest_email(order.shop, email),
            None => ExternalId::for_shop_guests(order.shop),
        },
    }
}

fn guest_email<'a>(order: &'a Order, shop: &ShopPolicy) -> Option<&'a str> {
    let email = order.buyer.email.as_deref().filter(|email| !normalise_email(email).is_empty());
    if shop.guests == GuestRecords::PerEmail { email } else { None }
}

fn lines(
    order: &Order,
    policy: &Policy,
    seller: &SubsidiaryPolicy,
    kits: &Kits,
) -> Result<Vec<SalesOrderLine>, MoneyError> {
    let mut lines = Vec::with_capacity(order.lines.len() * 2 + order.shipping.len());
    // Delivery of what was called off is owed by nobody, whether or not its refund was made yet.
    if order.cancelled_at.is_some() && order.fulfillments.iter().all(|known| known.is_cancelled) {
        return Ok(lines);
    }
    let units = Units::of(order);
    let mut component = Component { order, policy, seller, lines: &mut lines };
    for (line, wanted) in order.lines.iter().zip(&units.wanted).filter(|(_, wanted)| **wanted > 0) {
        let first = component.lines.len();
        component.goods(line, *wanted)?;
        bundle::decompose(component.lines, first, line, kits)?;
    }
    for shipping in &order.shipping {
        component.shipping(shipping, units.undelivered(order, shipping)?)?;
    }
    for (key, item, amount) in [
        (LineKey::Duties, &policy.items.duties, units.duties(order)?),
        (LineKey::Fees, &policy.items.fees, order.additional_fees),
        (LineKey::Tip, &policy.items.tip, units.tip(order)?),
    ] {
        if !amount.is_zero() {
            component.untaxed(key, item, amount);
        }
    }
    Ok(lines)
}

/// Writes the lines of one component after the other.
struct Component<'a> {
    order: &'a Order,
    policy: &'a Policy,
    seller: &'a SubsidiaryPolicy,
    lines: &'a mut Vec<SalesOrderLine>,
}

impl Component<'_> {
    /// Amounts of a line describe the units that were ordered, after an edit too (shopify.md §k).
    fn goods(&mut self, line: &LineItem, wanted: u32) -> Result<(), MoneyError> {
        let standing = |amount: Money| share(amount, wanted, line.quantity_ordered);
        let discounts = line
            .discounts
            .iter()
            .map(|discount| {
                Ok(Discount { label: discount.label.clone(), amount: standing(discount.amount)? })
            })
            .collect::<Result<Vec<_>, MoneyError>>()?;
        let taxes = line
            .taxes
            .iter()
            .map(|tax| Ok(TaxLine { amount: standing(tax.amount)?, ..tax.clone() }))
            .collect::<Result<Vec<_>, MoneyError>>()?;
        let item = match &line.sku {
            _ if line.is_gift_card => &self.policy.items.gift_card,
            Some(sku) => sku,
            None => &self.policy.items.custom,
        };
        self.taxed(
            LineKey::Goods(line.id),
            |at| LineKey::GoodsDiscount(line.id, at),
            item,
            wanted,
            line.unit_price.checked_mul(i64::from(wanted))?,
            &discounts,
            &taxes,
        )
    }

    /// A delivery charge less what was given back before it was billed.
    fn shipping(&mut self, shipping: &ShippingLine, undelivered: (Money, Money)) -> Result<(), MoneyError> {
        let (price, tax) = undelivered;
        let off = shipping
            .discounts
            .iter()
            .try_fold(Money::zero(self.order.currency), |sum, discount| sum.checked_add(discount.amount))?;
        let left = shipping.price.checked_sub(price)?;
        let given_back = !price.is_zero() || !tax.is_zero();
        if given_back && left.checked_sub(off)?.is_zero() {
            return Ok(());
        }
        if given_back {
            let mut taxes = shipping.taxes.clone();
            let weights: Vec<u64> = taxes.iter().map(|line| line.amount.minor().unsigned_abs()).collect();
            if !taxes.is_empty() {
                for (line, less) in taxes.iter_mut().zip(allocate(tax, &weights, Rounding::FirstToLast)?) {
                    line.amount = line.amount.checked_sub(less)?;
                }
            }
            return self.delivery(shipping, left, &taxes);
        }
        self.delivery(shipping, left, &shipping.taxes)
    }

    fn delivery(
        &mut self,
        shipping: &ShippingLine,
        price: Money,
        taxes: &[TaxLine],
    ) -> Result<(), MoneyError> {
        self.taxed(
            LineKey::Shipping(shipping.id),
            |at| LineKey::ShippingDiscount(shipping.id, at),
            &self.policy.items.shipping,
            1,
            price,
            &shipping.discounts,
            taxes,
        )
    }

    fn untaxed(&mut self, key: LineKey, item: &Sku, amount: Money) {
        self.lines.push(SalesOrderLine {
            key,
            item: item.clone(),
            quantity: 1,
            amount,
            taxes: vec![],
            memo: None,
        });
    }

    /// A component with tax, and a line for each of its discounts.
    ///
    /// With tax inside the prices, the net after discount is what remains when Shopify's tax is taken out, and
    /// the net discount is the residue (postings.md N2): never stripped of tax on its own.
    #[expect(clippy::too_many_arguments, reason = "the parts of one component")]
    fn taxed(
        &mut self,
        key: LineKey,
        discount_key: impl Fn(u16) -> LineKey,
        item: &Sku,
        quantity: u32,
        gross: Money,
        discounts: &[Discount],
        taxes: &[TaxLine],
    ) -> Result<(), MoneyError> {
        let zero = Money::zero(self.order.currency);
        let off = discounts.iter().try_fold(zero, |sum, discount| sum.checked_add(discount.amount))?;
        let tax = taxes.iter().try_fold(zero, |sum, line| sum.checked_add(line.amount))?;
        let (net, net_off) = if !self.order.taxes_included {
            (gross, off)
        } else if off.is_zero() {
            (gross.checked_sub(tax)?, zero)
        } else {
            // A rate of -1 has no net, and rates of a stranger may be anything.
            let out_of_range = || MoneyError::OutOfRange { currency: gross.currency() };
            let with_tax = taxes.iter().try_fold(Decimal::ONE, |sum, line| sum.checked_add(line.rate));
            let net = with_tax.and_then(|with_tax| gross.to_decimal().checked_div(with_tax));
            let net = Money::round_half_up(net.ok_or_else(out_of_range)?, gross.currency())?;
            let net_after = gross.checked_sub(off)?.checked_sub(tax)?;
            (net, net.checked_sub(net_after)?)
        };
        self.lines.push(SalesOrderLine {
            key,
            item: item.clone(),
            quantity,
            amount: net,
            taxes: taxes.iter().map(|line| self.tax(line)).collect(),
            memo: None,
        });
        if net_off.is_zero() && off.is_zero() {
            return Ok(());
        }
        let weights: Vec<u64> =
            discounts.iter().map(|discount| discount.amount.minor().unsigned_abs()).collect();
        let shares = allocate(net_off, &weights, Rounding::FirstToLast)?;
        for (at, (discount, share)) in discounts.iter().zip(shares).enumerate() {
            if share.is_zero() {
                continue;
            }
            self.lines.push(SalesOrderLine {
                key: discount_key(u16::try_from(at).unwrap_or(u16::MAX)),
                item: self.policy.items.discount.clone(),
                quantity: 1,
                amount: share.checked_neg()?,
                taxes: vec![],
                memo: Some(fit::text(DESCRIPTION, &discount.label)),
            });
        }
        Ok(())
    }

    fn tax(&self, line: &TaxLine) -> LineTax {
        let country = self.order.ship_to.as_ref().and_then(|address| address.country.as_deref());
        let code = self.seller.code_of(line, country);
        LineTax { code, rate: line.rate, amount: line.amount }
    }
}
