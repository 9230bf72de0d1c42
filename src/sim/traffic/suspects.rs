//! Whose e-mails look alike: what the world calls a typing error, written without the engine's measure.

use super::{People, Traffic};
use crate::domain::ShopKey;
use crate::ports::Runtime;

impl<R: Runtime> Traffic<R> {
    /// Which accounts of a shop are under e-mails that one typing error tells apart: number and number, 0 for a
    /// contact that NetSuite alone knows.
    pub fn mistyped(&self) -> Vec<(ShopKey, u64, u64)> {
        let people = self.people();
        let scene = self.stage.scene();
        let mut pairs = Vec::new();
        for ((shop, name), emails) in &people.suspects {
            let known = self.world.profile().known_customers.iter().filter_map(|contact| {
                let (of, _) = contact.email.rsplit_once('@')?;
                (of.eq_ignore_ascii_case(name)).then(|| contact.email.to_lowercase())
            });
            let accounts: Vec<(&str, u64)> = emails
                .iter()
                .filter_map(|email| {
                    let customer = scene.shopify.customer_by_email(*shop, email)?;
                    Some((&**email, customer.get()))
                })
                .collect();
            for contact in known {
                pairs.extend(
                    accounts
                        .iter()
                        .filter(|(email, _)| alike(email, &contact))
                        .map(|(_, number)| (*shop, *number, 0)),
                );
            }
            for (at, (email, number)) in accounts.iter().enumerate() {
                let later = accounts[at + 1..].iter().filter(|(other, _)| alike(email, other));
                pairs.extend(later.map(|(_, other)| (*shop, *number, *other)));
            }
        }
        pairs
    }
}

impl People {
    pub(super) fn suspect(&mut self, shop: ShopKey, email: &str) {
        let email = email.to_lowercase();
        if let Some((name, _)) = email.rsplit_once('@') {
            self.suspects.entry((shop, name.into())).or_default().insert(email.clone().into());
        }
    }
}

/// One letter too many, too few or other in the part after the `@`, or two neighbours exchanged: what the world
/// calls a typing error. Written without the engine's measure.
fn alike(left: &str, right: &str) -> bool {
    let (Some((left_name, left_domain)), Some((right_name, right_domain))) =
        (left.rsplit_once('@'), right.rsplit_once('@'))
    else {
        return false;
    };
    left_name == right_name
        && left_domain != right_domain
        && one_slip(left_domain.as_bytes(), right_domain.as_bytes())
}

fn one_slip(left: &[u8], right: &[u8]) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    let prefix = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let rest = |from: usize| (&short[from.min(short.len())..], &long[from.min(long.len())..]);
    match long.len() - short.len() {
        0 => {
            let (a, b) = rest(prefix);
            let other = a.get(1..) == b.get(1..);
            let exchanged = a.len() > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..];
            other || exchanged
        }
        1 => short[prefix..] == long[prefix + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests;
