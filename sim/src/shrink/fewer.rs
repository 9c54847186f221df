//! Fewer faults: those that never struck, then as few as will do.

use crate::adversary::Fired;
use crate::fault::Fault;
use crate::site::InjectionPoint;

/// Runs some faults; if they break what is to be broken, the ones that struck.
pub type Breaks<'a> = dyn FnMut(&[Fault]) -> Option<Vec<Fired>> + 'a;

/// Faults that never struck go, if the others break it without them.
pub fn without_unfired(faults: &[Fault], fired: &[Fired], breaks: &mut Breaks<'_>) -> Vec<Fault> {
    let struck = |number: usize| fired.iter().any(|fired| usize::from(fired.fault) == number);
    let numbered = faults.iter().enumerate();
    let left: Vec<Fault> = numbered.filter(|(number, _)| struck(*number)).map(|(_, fault)| *fault).collect();
    if left.len() < faults.len() && breaks(&left).is_some() { left } else { faults.to_vec() }
}

/// These faults, which break it, without those that did not strike if they break it as well.
pub(super) fn accepted(faults: &[Fault], breaks: &mut Breaks<'_>) -> Option<Vec<Fault>> {
    let fired = breaks(faults)?;
    Some(without_unfired(faults, &fired, breaks))
}

/// None, then one fault, then two, then all but one, until one less is too few: most failures need no more than two,
/// and what is left of the others is small.
pub fn fewer(faults: &[Fault], breaks: &mut Breaks<'_>) -> Vec<Fault> {
    let all = faults.len();
    let pairs = (0..all).flat_map(|a| (a + 1..all).map(move |b| vec![a, b]));
    let few = std::iter::once(Vec::new()).chain((0..all).map(|one| vec![one])).chain(pairs);
    for some in few.filter(|some| some.len() < all) {
        if let Some(left) = only(faults, &some, breaks) {
            return left;
        }
    }
    let mut left = faults.to_vec();
    let mut number = 0;
    while number < left.len() {
        let others: Vec<usize> = (0..left.len()).filter(|other| *other != number).collect();
        match only(&left, &others, breaks) {
            Some(less) => (left, number) = (less, 0),
            None => number += 1,
        }
    }
    left
}

/// Only these, by number, if they break it: named as they are, or as they are without the others.
fn only(faults: &[Fault], some: &[usize], breaks: &mut Breaks<'_>) -> Option<Vec<Fault>> {
    let as_they_are: Vec<Fault> = some.iter().map(|number| faults[*number]).collect();
    let gone: Vec<Fault> =
        (0..faults.len()).filter(|one| !some.contains(one)).map(|one| faults[one]).collect();
    let renamed: Vec<Fault> = as_they_are.iter().map(|fault| without(*fault, &gone)).collect();
    let left = accepted(&as_they_are, breaks);
    left.or_else(|| if renamed == as_they_are { None } else { accepted(&renamed, breaks) })
}

/// What is put off or doubled arrives once more, and is named by how often it has. Without the fault that did it the
/// same arrival is an earlier one.
fn without(fault: Fault, gone: &[Fault]) -> Fault {
    let Fault::At { site, point_fault } = fault else { return fault };
    let before = |one: &&Fault| {
        matches!(one, Fault::At { site: other, .. }
            if InjectionPoint { occurrence: site.occurrence, ..*other } == site && other.occurrence < site.occurrence)
    };
    let before = gone.iter().filter(before).count() as u8;
    let occurrence = site.occurrence.saturating_sub(before).max(1);
    Fault::At { site: InjectionPoint { occurrence, ..site }, point_fault }
}
