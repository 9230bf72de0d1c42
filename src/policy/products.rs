//! Who owns which field of a product, and how often the two sides are compared.

use super::document::{Keyed, Placed, Refused, Sources};
use super::{file, grammar, load};
use crate::domain::Duration;
use crate::domain::product::{Field, Owners, Side};

/// The field ownership matrix, and the timers of the flow that keeps it.
#[derive(Debug, Clone)]
pub struct ProductPolicy {
    /// A field that is not named is left alone.
    pub owners: Owners,
    /// Between two questions which items NetSuite has changed.
    pub poll_every: Duration,
    /// How far a poll looks back behind its watermark: at least as long as the pause between polls.
    pub poll_overlap: Duration,
    /// Between two comparisons of every variant: what is changed in Shopify alone is found by them.
    pub compare_every: Duration,
}

impl ProductPolicy {
    /// Assumption: no source states how fresh items are kept; Oracle's connector takes 60 minutes for products
    /// (traits.md §1), so changes are asked for every five and all is compared within that hour.
    pub(super) fn read(
        sources: &Sources,
        written: &Placed<file::Products>,
    ) -> Result<ProductPolicy, Refused> {
        let keys = written.get();
        let owners = match &keys.owns {
            Some(owns) => owners(sources, owns)?,
            None => {
                return Err(sources
                    .error(written.span(), "missing-key", "`[products]` does not say who owns which field")
                    .remedy("add `owns = { price = \"netsuite\", title = \"shopify\" }`"));
            }
        };
        let length = |text: &Option<file::Text>, default: Duration| match text {
            Some(text) => sources.read(text, grammar::positive_duration),
            None => Ok(default),
        };
        let poll_every = length(&keys.poll_every, Duration::from_mins(5))?;
        let policy = ProductPolicy {
            owners,
            poll_every,
            poll_overlap: length(&keys.poll_overlap, poll_every.times(2))?,
            compare_every: length(&keys.compare_every, Duration::from_hours(1))?,
        };
        match &keys.poll_overlap {
            Some(text) if policy.poll_overlap < poll_every => Err(sources
                .error(text.span(), "out-of-range", "`poll-overlap` is shorter than `poll-every`")
                .remedy("look back at least as far as the last poll")),
            _ => Ok(policy),
        }
    }
}

/// Fields with their owners, as policies and shop profiles write them.
///
/// # Errors
/// A field or an owner that is not known, or no field at all.
pub fn owners(sources: &Sources, written: &Placed<Keyed<file::Text>>) -> Result<Owners, Refused> {
    let mut owners = Owners::new();
    for (field, owner) in &written.get().0 {
        let at = sources.refer(field, "field of a product", Field::ALL.iter().map(|field| field.name()))?;
        let side = Side::ALL[load::choice(sources, owner, &Side::ALL.map(Side::name))?];
        owners.insert(Field::ALL[at], side);
    }
    if owners.is_empty() {
        return Err(sources
            .error(written.span(), "missing-value", "nobody owns any field")
            .remedy("name an owner, such as `price = \"netsuite\"`, or leave the table out"));
    }
    Ok(owners)
}
