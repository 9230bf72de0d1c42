//! Lines of one event by its number: a table of integers over the right side, asked once for each left line.

use std::num::NonZeroU64;

use super::difference::{discord, total};
use super::{Cause, Kind, Line, Open, Settling};

/// No line.
const NONE: u32 = u32::MAX;
/// A line of an event that one of the sides names more than once.
const TANGLED: u32 = u32::MAX - 1;

/// An event: shop, kind and number.
type Event = (u16, Kind, NonZeroU64);

fn event(line: &Line) -> Option<Event> {
    Some((line.shop, line.kind, line.identity?))
}

/// Pairs what carries the same identity, and returns what has no counterpart of its identity.
pub fn pair(settling: &mut Settling<'_>) -> Open {
    let (left, right) = (settling.left, settling.right);
    let table = Table::of(right);
    let mut right_of = vec![NONE; left.len()];
    let mut left_of = vec![NONE; right.len()];
    let mut tangled: Vec<Event> = Vec::new();
    for (at, line) in left.iter().enumerate() {
        let Some(event) = event(line) else { continue };
        let mut found = table.find(right, event);
        let Some(first) = found.next() else { continue };
        if found.next().is_some() || left_of[first as usize] != NONE {
            tangled.push(event);
        } else {
            left_of[first as usize] = at as u32;
            right_of[at] = first;
        }
    }
    drop(table);
    untangle(settling, tangled, &mut right_of, &mut left_of);
    let mut open = Open::default();
    settling.found.pairs.reserve(right_of.iter().filter(|right| **right < TANGLED).count());
    for (at, right) in right_of.into_iter().enumerate() {
        match right {
            NONE => open.left.push(at as u32),
            TANGLED => {}
            right => settling.compare(at as u32, right),
        }
    }
    open.right
        .extend(left_of.into_iter().enumerate().filter(|(_, left)| *left == NONE).map(|(at, _)| at as u32));
    open
}

/// Events that a side names more than once, each as a whole: equal amounts pair, parts may add up, and what the other
/// side has used up is a duplicate.
fn untangle(settling: &mut Settling<'_>, mut tangled: Vec<Event>, right_of: &mut [u32], left_of: &mut [u32]) {
    if tangled.is_empty() {
        return;
    }
    tangled.sort_unstable();
    tangled.dedup();
    let lefts = take(settling.left, &tangled, right_of);
    let rights = take(settling.right, &tangled, left_of);
    let (mut lefts, mut rights) = (lefts.as_slice(), rights.as_slice());
    for number in 0..tangled.len() as u32 {
        let ours = |side: &[(u32, u32)]| side.partition_point(|(of, _)| *of == number);
        let (these_left, others) = lefts.split_at(ours(lefts));
        lefts = others;
        let (these_right, others) = rights.split_at(ours(rights));
        rights = others;
        let positions = |side: &[(u32, u32)]| side.iter().map(|(_, at)| *at).collect::<Vec<u32>>();
        one_event(settling, positions(these_left), positions(these_right));
    }
}

/// The lines of a side that belong to one of the events, as (number of the event, position).
fn take(side: &[Line], events: &[Event], partner: &mut [u32]) -> Vec<(u32, u32)> {
    let mut taken = Vec::new();
    for (at, line) in side.iter().enumerate() {
        let Some(event) = event(line) else { continue };
        if let Ok(number) = events.binary_search(&event) {
            partner[at] = TANGLED;
            taken.push((number as u32, at as u32));
        }
    }
    taken.sort_unstable();
    taken
}

fn one_event(settling: &mut Settling<'_>, lefts: Vec<u32>, rights: Vec<u32>) {
    let (left, right) = (settling.left, settling.right);
    let (mut lefts_open, mut rights_open, mut pairs) = (Vec::new(), rights.clone(), Vec::new());
    for at in &lefts {
        let same = |other: &u32| discord(&left[*at as usize], &right[*other as usize]).is_none();
        match rights_open.iter().position(same) {
            Some(place) => pairs.push((*at, rights_open.remove(place))),
            None => lefts_open.push(*at),
        }
    }
    let in_one_currency = one_currency(settling, &lefts, &rights);
    // Booked, turned around and booked anew: what would look like two duplicates comes to nothing.
    if lefts_open.is_empty() != rights_open.is_empty()
        && in_one_currency
        && total(left, &lefts) == total(right, &rights)
    {
        return settling.compare_sums(&lefts, &rights);
    }
    settling.found.pairs.append(&mut pairs);
    match (lefts_open.is_empty(), rights_open.is_empty()) {
        (true, _) => rights_open.iter().for_each(|at| settling.differ(Cause::Duplicate, &[], &[*at])),
        (_, true) => lefts_open.iter().for_each(|at| settling.differ(Cause::Duplicate, &[*at], &[])),
        _ if in_one_currency => settling.compare_sums(&lefts_open, &rights_open),
        _ => settling.differ(Cause::Exchange, &lefts_open, &rights_open),
    }
}

fn one_currency(settling: &Settling<'_>, lefts: &[u32], rights: &[u32]) -> bool {
    let currency = settling.left[lefts[0] as usize].currency;
    lefts.iter().all(|at| settling.left[*at as usize].currency == currency)
        && rights.iter().all(|at| settling.right[*at as usize].currency == currency)
}

/// Open addressing with linear probing over positions of one side, at most half full.
struct Table {
    /// Upper half of the hash beside the position, so that a miss seldom looks at a line.
    slots: Vec<(u32, u32)>,
    shift: u32,
}

impl Table {
    fn of(side: &[Line]) -> Table {
        let bits = (side.len() * 2).next_power_of_two().trailing_zeros().max(4);
        let mut table = Table { slots: vec![(0, NONE); 1 << bits], shift: 64 - bits };
        for (at, line) in side.iter().enumerate() {
            let Some(event) = event(line) else { continue };
            let hash = hash(event);
            let mut slot = (hash >> table.shift) as usize;
            while table.slots[slot].1 != NONE {
                slot = (slot + 1) & (table.slots.len() - 1);
            }
            table.slots[slot] = (hash as u32, at as u32);
        }
        table
    }

    /// Positions of all lines of an event, in no particular order.
    fn find<'a>(&'a self, side: &'a [Line], of: Event) -> impl Iterator<Item = u32> + 'a {
        let hash = hash(of);
        let mut slot = (hash >> self.shift) as usize;
        std::iter::from_fn(move || {
            loop {
                let (tag, at) = self.slots[slot];
                if at == NONE {
                    return None;
                }
                slot = (slot + 1) & (self.slots.len() - 1);
                if tag == hash as u32 && event(&side[at as usize]) == Some(of) {
                    return Some(at);
                }
            }
        })
    }
}

/// Platform numbers rise in steps, which a product with the golden ratio spreads evenly; its low half, which decides
/// no slot, tells lines of one slot apart.
fn hash((shop, kind, identity): Event) -> u64 {
    let salt = (u64::from(shop) << 3 | kind as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    (identity.get() ^ salt).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
