//! The customer flow: one NetSuite customer for each buyer's key. Likely duplicates are shown to a person with
//! both records and the terms at stake; nothing is ever merged by similarity (failures.md B10).

use super::exception::Finding;
use crate::domain::customer::{KnownCustomer, normalise_email};
use crate::domain::ids::ShopKey;
use crate::domain::{CauseCode, CustomerRecord, Money};

/// Edits that a typing error makes in the domain of an e-mail: one letter too many, too few, other, or two
/// swapped; two of them still count, as in `.con` for `.co`.
const TYPING_ERRORS_MAX: usize = 2;

/// Which of the candidates are likely the same buyer as `record`.
///
/// Two records of different shops under one e-mail are two by design: the key is (shop, customer). A guest
/// record is shared by design and never compared.
pub fn likely_duplicate(
    shop: ShopKey,
    record: &CustomerRecord,
    candidates: &[KnownCustomer],
    at_risk: Option<Money>,
) -> Option<Finding> {
    let email = normalise_email(record.email.as_deref()?);
    let similar: Vec<&KnownCustomer> = candidates
        .iter()
        .filter(|known| known.external_id.as_ref() != Some(&record.external_id) && !known.is_inactive)
        .filter(|known| comparable(shop, known))
        .filter(|known| known.email.as_deref().is_some_and(|other| within_typing_errors(&email, other)))
        .collect();
    let first = similar.first()?;
    let mut detail = format!("{} is likely customer {}", record.external_id, first.internal_id);
    if let Some(external_id) = &first.external_id {
        detail.push_str(&format!(" ({external_id})"));
    }
    match (&first.terms, &first.price_level) {
        (None, None) => detail.push_str(", which has no terms or price level of its own"),
        (terms, level) => detail.push_str(&format!(
            ", which has terms {} and price level {}",
            terms.as_deref().unwrap_or("none"),
            level.as_deref().unwrap_or("none")
        )),
    }
    if similar.len() > 1 {
        detail.push_str(&format!("; {} more are as similar", similar.len() - 1));
    }
    Some(Finding::new(CauseCode::CustomerLikelyDuplicate, at_risk, detail))
}

fn comparable(shop: ShopKey, known: &KnownCustomer) -> bool {
    let Some(external_id) = &known.external_id else { return true };
    let Some((owner, rest)) = ["-customer-", "-company-", "-guest"]
        .into_iter()
        .find_map(|kind| external_id.as_str().find(kind).map(|at| external_id.as_str().split_at(at)))
    else {
        return true;
    };
    owner == shop.as_str() && !rest.starts_with("-guest")
}

fn within_typing_errors(email: &str, other: &str) -> bool {
    let other = normalise_email(other);
    let (Some((name, domain)), Some((other_name, other_domain))) =
        (email.split_once('@'), other.split_once('@'))
    else {
        return false;
    };
    name == other_name && strsim::damerau_levenshtein(domain, other_domain) <= TYPING_ERRORS_MAX
}

#[cfg(test)]
mod tests;
