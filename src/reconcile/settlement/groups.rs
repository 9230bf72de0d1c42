//! What identity left over, order by order: equal amounts, then exact sums, then what stays alone.

use std::cmp::Ordering;
use std::num::NonZeroU64;

use super::difference::total;
use super::{Cause, Kind, Line, Open, Settling};
use crate::domain::fixed_hash::FixedSet;
use crate::domain::{BookDate, Currency};

/// Lines of an order that are tried in every combination; beyond it, all of a kind or none.
const COMBINED_MAX: usize = 12;

/// Lines of one order and kind in one currency.
type Place = (u16, NonZeroU64, Kind, Currency);

fn place(line: &Line) -> Option<Place> {
    Some((line.shop, line.order?, line.kind, line.currency))
}

/// Matches what can be matched within an order; each line that cannot becomes a difference.
pub fn pair(settling: &mut Settling<'_>, open: Open) {
    let lefts = by_place(settling.left, open.left);
    let rights = by_place(settling.right, open.right);
    let mut alone = Open::default();
    let (mut lefts, mut rights) = (lefts.as_slice(), rights.as_slice());
    while let Some(first) = [lefts.first(), rights.first()].into_iter().flatten().map(|(at, _)| *at).min() {
        let ours = |side: &[(Option<Place>, u32)]| side.partition_point(|(of, _)| *of == first);
        let (these_left, others) = lefts.split_at(ours(lefts));
        lefts = others;
        let (these_right, others) = rights.split_at(ours(rights));
        rights = others;
        let positions = |side: &[(Option<Place>, u32)]| side.iter().map(|(_, at)| *at).collect::<Vec<u32>>();
        let mut here = Open { left: positions(these_left), right: positions(these_right) };
        if first.is_some() && !here.left.is_empty() && !here.right.is_empty() {
            equal_amounts(settling, &mut here);
            while exact_sum(settling, &mut here) {}
            last_two(settling, &mut here);
        }
        alone.left.append(&mut here.left);
        alone.right.append(&mut here.right);
    }
    one_sided(settling, &alone);
}

fn by_place(side: &[Line], open: Vec<u32>) -> Vec<(Option<Place>, u32)> {
    let mut placed: Vec<_> = open.into_iter().map(|at| (place(&side[at as usize]), at)).collect();
    placed.sort_unstable();
    placed
}

/// Two lines that both name an event name two events: what identity could not pair, amounts must not.
fn may_meet(settling: &Settling<'_>, lefts: &[u32], rights: &[u32]) -> bool {
    let named = |side: &[Line], lines: &[u32]| lines.iter().any(|at| side[*at as usize].identity.is_some());
    !(named(settling.left, lefts) && named(settling.right, rights))
}

/// Named lines meet nameless ones first, because they may meet no others.
fn equal_amounts(settling: &mut Settling<'_>, here: &mut Open) {
    for (left_is_named, right_is_named) in [(true, false), (false, true), (false, false)] {
        let mut lefts = by_amount(settling.left, &here.left, left_is_named);
        let mut rights = by_amount(settling.right, &here.right, right_is_named);
        let mut met = Open::default();
        while let (Some(left), Some(right)) = (lefts.last().copied(), rights.last().copied()) {
            match left.0.cmp(&right.0) {
                Ordering::Greater => drop(lefts.pop()),
                Ordering::Less => drop(rights.pop()),
                Ordering::Equal => {
                    lefts.pop();
                    rights.pop();
                    settling.compare(left.2, right.2);
                    met.left.push(left.2);
                    met.right.push(right.2);
                }
            }
        }
        without(&mut here.left, met.left);
        without(&mut here.right, met.right);
    }
}

/// Amount, account and position of the lines that name an event, or of those that do not.
fn by_amount(side: &[Line], lines: &[u32], is_named: bool) -> Vec<(i64, Option<NonZeroU64>, u32)> {
    let of_sort = lines.iter().filter(|at| side[**at as usize].identity.is_some() == is_named);
    let mut sorted: Vec<_> =
        of_sort.map(|at| (side[*at as usize].amount, side[*at as usize].account, *at)).collect();
    sorted.sort_unstable();
    sorted
}

fn without(lines: &mut Vec<u32>, mut taken: Vec<u32>) {
    taken.sort_unstable();
    lines.retain(|at| taken.binary_search(at).is_err());
}

/// Takes the smallest set of lines of both sides that agree in sum; false if there is none.
fn exact_sum(settling: &mut Settling<'_>, here: &mut Open) -> bool {
    let (lefts, rights) = (here.left.len(), here.right.len());
    if lefts == 0 || rights == 0 {
        return false;
    }
    if lefts + rights > COMBINED_MAX {
        let agree = total(settling.left, &here.left) == total(settling.right, &here.right)
            && may_meet(settling, &here.left, &here.right);
        if agree {
            let all = std::mem::take(here);
            settling.compare_sums(&all.left, &all.right);
        }
        return false;
    }
    let (left_sums, right_sums) = (sums(settling.left, &here.left), sums(settling.right, &here.right));
    let mut smallest: Option<(u32, u32, u32)> = None;
    for (left, left_sum) in left_sums.iter().enumerate().skip(1) {
        for (right, right_sum) in right_sums.iter().enumerate().skip(1) {
            let (left, right) = (left as u32, right as u32);
            let candidate = (left.count_ones() + right.count_ones(), left, right);
            if left_sum == right_sum
                && smallest.is_none_or(|smallest| candidate < smallest)
                && may_meet(settling, &chosen(&here.left, left), &chosen(&here.right, right))
            {
                smallest = Some(candidate);
            }
        }
    }
    let Some((_, left, right)) = smallest else { return false };
    settling.compare_sums(&chosen(&here.left, left), &chosen(&here.right, right));
    here.left = chosen(&here.left, !left);
    here.right = chosen(&here.right, !right);
    true
}

/// What each set of the lines comes to, the set as the bits of its position.
fn sums(side: &[Line], lines: &[u32]) -> Vec<i128> {
    let mut sums = vec![0];
    for at in lines {
        let amount = i128::from(side[*at as usize].amount);
        sums.extend_from_within(..);
        let half = sums.len() / 2;
        sums[half..].iter_mut().for_each(|sum| *sum += amount);
    }
    sums
}

fn chosen(lines: &[u32], set: u32) -> Vec<u32> {
    lines.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, line)| *line).collect()
}

/// One line of a kind is left on either side of an order: they speak of the same event, and differ.
fn last_two(settling: &mut Settling<'_>, here: &mut Open) {
    if let ([left], [right]) = (here.left.as_slice(), here.right.as_slice())
        && may_meet(settling, &[*left], &[*right])
    {
        settling.compare(*left, *right);
        *here = Open::default();
    }
}

/// A line without an identity that says what a matched line of its own side says: the same event keyed once more.
type Echo = (Place, i64, BookDate);

fn echo(line: &Line) -> Option<Echo> {
    Some((place(line)?, line.amount, line.date))
}

fn one_sided(settling: &mut Settling<'_>, alone: &Open) {
    let echoed_left = echoed(settling.left, &alone.left);
    for at in &alone.left {
        match is_echo(&settling.left[*at as usize], &echoed_left) {
            true => settling.differ(Cause::Duplicate, &[*at], &[]),
            false => settling.alone(&[*at], &[]),
        }
    }
    let echoed_right = echoed(settling.right, &alone.right);
    for at in &alone.right {
        match is_echo(&settling.right[*at as usize], &echoed_right) {
            true => settling.differ(Cause::Duplicate, &[], &[*at]),
            false => settling.alone(&[], &[*at]),
        }
    }
}

fn is_echo(line: &Line, echoed: &FixedSet<Echo>) -> bool {
    line.identity.is_none() && echo(line).is_some_and(|echo| echoed.contains(&echo))
}

/// Of the lines without an identity and without a counterpart, what a line with an identity says too.
fn echoed(side: &[Line], alone: &[u32]) -> FixedSet<Echo> {
    let nameless: FixedSet<Echo> = alone
        .iter()
        .map(|at| &side[*at as usize])
        .filter(|line| line.identity.is_none())
        .filter_map(echo)
        .collect();
    if nameless.is_empty() {
        return nameless;
    }
    let named = side.iter().filter(|line| line.identity.is_some()).filter_map(echo);
    named.filter(|echo| nameless.contains(echo)).collect()
}
