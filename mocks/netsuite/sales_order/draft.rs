//! Sublists of a sales order while they are changed: lines by their number, tax joined to lines by reference.
//!
//! Source: netsuite.md §6.2 (sublists), §13.3 (what stands), §16 (tax).

use super::{Header, Line, LineTag, SalesOrder, Sublists, Tax};
use crate::domain::Money;
use crate::mocks::netsuite::answers::{self, Refused};
use crate::mocks::netsuite::{NONE, NetsuiteTwin};
use crate::platforms::netsuite::wire::{LineBody, SalesOrderBody, Tag};

impl NetsuiteTwin {
    /// What was picked, fulfilled or billed stands: its line is not removed, its item not changed, its quantity not
    /// brought below. Source: netsuite.md §13.3.
    pub(super) fn check_quantities(&self, order: u32, after: &[Line]) -> Result<(), Refused> {
        for before in &self.orders[order as usize].lines {
            let taken = self.picked(order, before.number).max(before.fulfilled).max(before.billed);
            if taken == 0 {
                continue;
            }
            match after.iter().find(|line| line.number == before.number) {
                None => {
                    return Err(answers::refused("You cannot remove a line that was fulfilled or billed."));
                }
                Some(line) if line.item != before.item => {
                    return Err(answers::refused(
                        "You cannot change the item of a line that was fulfilled or billed.",
                    ));
                }
                Some(line) if line.quantity < taken => {
                    return Err(answers::refused(
                        "The quantity of a line cannot be less than what was already fulfilled or billed.",
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    pub(super) fn enter_lines(
        &mut self,
        draft: &mut Draft,
        body: &SalesOrderBody,
        header: &Header,
    ) -> Result<(), Refused> {
        let bodies = body.item.as_ref().map_or(&[][..], |items| &items.items);
        for (place, body) in bodies.iter().enumerate() {
            let update = body.line.and_then(|wanted| {
                draft.before.iter().find(|line| u32::from(line.number) == wanted).copied()
            });
            let line = self.entered_line(update, body, header, place)?;
            let number = match line {
                line if line.number > 0 => draft.put(line),
                line => {
                    let unique_key = self.next_unique_key;
                    self.next_unique_key =
                        unique_key.checked_add(1).expect("fewer than 2³² lines in the account");
                    draft.append(line, unique_key)?
                }
            };
            draft.entered.push(number);
        }
        let Draft { lines, taxes, .. } = draft;
        taxes.retain(|tax| lines.iter().any(|line| line.number == tax.line));
        Ok(())
    }

    /// The line as the body makes it; number 0 if it is new.
    fn entered_line(
        &mut self,
        update: Option<Line>,
        body: &LineBody,
        header: &Header,
        place: usize,
    ) -> Result<Line, Refused> {
        let item = match (&body.item, update) {
            (Some(item), _) => self.chart.find_item(item, place)?,
            (None, Some(line)) => line.item,
            (None, None) => return Err(answers::missing_value("Item")),
        };
        if let Some(location) = &body.location {
            self.chart.check_location(location, header.subsidiary)?;
        }
        let quantity = match body.quantity {
            Some(quantity) => Some(
                quantity
                    .to_count()
                    .ok_or_else(|| answers::invalid_value(&quantity.to_string(), "quantity", "quantity"))?,
            ),
            None => update.map(|line| line.quantity),
        };
        let amount = match body.amount {
            Some(amount) => {
                amount.to_money(header.currency).map(Money::minor).ok_or_else(answers::unbalanced)?
            }
            // NetSuite would price the line itself; no price lists are set up here.
            None => update.map(|line| line.amount).ok_or_else(|| answers::missing_value("Amount"))?,
        };
        let key = match &body.plimsoll_key {
            Some(Tag::Component(key)) => LineTag::Component(*key),
            Some(Tag::Number(number)) if u32::try_from(*number).is_ok() => LineTag::Number(*number as u32),
            Some(other) => LineTag::Text(self.keep_label(&other.to_string())),
            None => update.map_or(LineTag::Empty, |line| line.key),
        };
        let description = match &body.description {
            Some(text) => self.keep_label(text),
            None => update.map_or(NONE, |line| line.description),
        };
        let is_closed = body.is_closed.unwrap_or(update.is_some_and(|line| line.is_closed));
        let (number, unique_key) = update.map_or((0, 0), |line| (line.number, line.unique_key));
        Ok(Line {
            key,
            amount,
            unique_key,
            item,
            quantity: quantity.unwrap_or(1),
            fulfilled: update.map_or(0, |line| line.fulfilled),
            billed: update.map_or(0, |line| line.billed),
            description,
            number,
            is_closed,
        })
    }

    /// Tax rows are joined to lines by reference. Rows for a line take the place of those it had.
    ///
    /// Assumption: the sublist is keyed by the reference, as rows of lines that the body does not name stay.
    pub(super) fn enter_taxes(
        &mut self,
        draft: &mut Draft,
        body: &SalesOrderBody,
        header: &Header,
    ) -> Result<(), Refused> {
        let rows = body.tax_details.as_ref().map_or(&[][..], |rows| &rows.items);
        if !rows.is_empty() && body.tax_details_override != Some(true) {
            return Err(answers::refused("Tax details can only be set with taxDetailsOverride."));
        }
        let bodies = body.item.as_ref().map_or(&[][..], |items| &items.items);
        if body.tax_details.is_some() {
            // A line that is entered with a reference has its tax stated anew, if only as none.
            for (entered, body) in draft.entered.iter().zip(bodies) {
                if body.tax_details_reference.is_some() {
                    draft.taxes.retain(|tax| tax.line != *entered);
                }
            }
        }
        for (place, row) in rows.iter().enumerate() {
            let path = tax_path(place);
            let named = bodies
                .iter()
                .position(|line| line.tax_details_reference.as_ref() == Some(&row.tax_details_reference))
                .map(|at| draft.entered[at]);
            let line = named.ok_or_else(|| {
                answers::invalid_value(&row.tax_details_reference.to_string(), "taxdetailsreference", &path())
            })?;
            let kind = self.chart.find_tax_kind(&row.tax_code, row.tax_rate, header.subsidiary, &path())?;
            let amount =
                row.tax_amount.to_money(header.currency).map(Money::minor).ok_or_else(answers::unbalanced)?;
            draft.taxes.push(Tax { amount, kind, line });
        }
        Ok(())
    }
}

fn tax_path(place: usize) -> impl Fn() -> String {
    move || format!("taxDetails.items[{place}]")
}

/// An order's sublists while they are changed: nothing is kept if a later line is refused.
pub(super) struct Draft {
    /// The lines that a body can name by number.
    pub before: Vec<Line>,
    pub lines: Vec<Line>,
    pub taxes: Vec<Tax>,
    /// Line numbers of the body's lines, in its order.
    pub entered: Vec<u16>,
    pub last_line: u16,
}

impl Draft {
    pub fn of(order: Option<&SalesOrder>, body: &SalesOrderBody, sublists: Sublists) -> Draft {
        let before = order.map_or_else(Vec::new, |order| order.lines.to_vec());
        let replaces = sublists == Sublists::Replace && body.item.is_some();
        let lines = if replaces {
            Vec::with_capacity(body.item.as_ref().map_or(0, |items| items.items.len()))
        } else {
            before.clone()
        };
        let cleared = sublists == Sublists::Replace && body.tax_details.is_some();
        let taxes = match order {
            Some(order) if !cleared => order.taxes.to_vec(),
            _ => Vec::with_capacity(body.tax_details.as_ref().map_or(0, |rows| rows.items.len())),
        };
        let last_line = order.map_or(0, |order| order.last_line);
        Draft { before, lines, taxes, entered: Vec::new(), last_line }
    }

    fn put(&mut self, line: Line) -> u16 {
        match self.lines.iter_mut().find(|known| known.number == line.number) {
            Some(known) => *known = line,
            None => self.lines.push(line),
        }
        line.number
    }

    fn append(&mut self, line: Line, unique_key: u32) -> Result<u16, Refused> {
        self.last_line = self
            .last_line
            .checked_add(1)
            .ok_or_else(|| answers::refused("The transaction has too many lines."))?;
        self.lines.push(Line { number: self.last_line, unique_key, ..line });
        Ok(self.last_line)
    }
}
