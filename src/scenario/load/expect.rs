//! Expectations of what is found at rest: open exceptions and documents, by number.

use super::super::file::Expect;
use super::super::{Counted, ExpectedCount, Scripted, ScriptedEvent};
use crate::domain::CauseCode;
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::{grammar, load};

/// The numbers that the entry states; none if it is about something else.
pub(super) fn counts(
    sources: &Sources,
    scripted: &[ScriptedEvent],
    entry: &Placed<Expect>,
) -> Result<Vec<ExpectedCount>, Refused> {
    let keys = entry.get();
    let mut found = Vec::new();
    let order = match &keys.order {
        Some(order) => {
            let placed = scripted.iter().filter_map(|event| match &event.what {
                Scripted::Order(order) => Some(&*order.name),
                _ => None,
            });
            sources.refer(order, "scripted order", placed)?;
            Some(order.get().as_str().into())
        }
        None => None,
    };
    let (file, line, _) = sources.line(&entry.span());
    let mut add = |what, count| {
        found.push(ExpectedCount {
            what,
            order: order.clone(),
            count,
            at_risk: None,
            file: file.clone(),
            line,
        });
    };
    if let Some(code) = &keys.exception {
        let names = CauseCode::ALL.map(CauseCode::name);
        let code = CauseCode::ALL[load::choice(sources, code, &names)?];
        add(Counted::Exceptions(code), keys.count.unwrap_or(1));
    } else if let Some(stray) =
        [keys.count.is_some().then(|| entry.span()), keys.at_risk.as_ref().map(Placed::span)]
            .into_iter()
            .flatten()
            .next()
    {
        return Err(sources
            .error(stray, "unknown-key", "`count` and `at-risk` are said of an exception")
            .remedy("add `exception`, or leave them out"));
    }
    for (what, count) in [
        (Counted::Fulfillments, keys.fulfillments),
        (Counted::Invoices, keys.invoices),
        (Counted::CreditMemos, keys.credit_memos),
        (Counted::CustomerRefunds, keys.customer_refunds),
    ] {
        if let Some(count) = count {
            add(what, count);
        }
    }
    if let Some(text) = &keys.at_risk {
        found[0].at_risk = Some(sources.read(text, grammar::money)?);
    }
    Ok(found)
}
