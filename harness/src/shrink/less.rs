//! Less of the scenario: fewer customers, smaller baskets, and no luck with latencies.

use std::collections::BTreeSet;

use stormcart_sim::fault::{Fault, When};
use stormcart_sim::site::{InjectionPoint, MessageKind};

use crate::model::{Knob, Model};
use crate::reduction::Reduction;

use super::Trial;
use super::clock::by_the_clock;

/// Shelves are made shorter from here on: what stands on a longer one is not sold out by a few customers.
const SHELF_MAX: u32 = 16;

impl<M: Model> Trial<M> {
    /// The subjects that come now.
    fn subjects(&self) -> Vec<u32> {
        self.whole.reduced(&self.reduction).subjects().into_iter().map(|(number, _)| number).collect()
    }

    /// One customer, then two, those first whom a fault names; then all but one, until one less is too few.
    pub(super) fn fewer_subjects(&mut self) {
        let all = self.subjects();
        let (faults, reduction) = (self.faults.clone(), self.reduction.clone());
        if self.one_or_two(&all, &reduction, &faults) || all.len() > 2 && self.over_the_last(&all, &faults) {
            return;
        }
        let mut number = 0;
        let mut left = all;
        while left.len() > 1 && number < left.len() {
            let mut fewer = left.clone();
            fewer.remove(number);
            match self.accepts(&self.faults.clone(), &with_subjects(&self.reduction, &fewer)) {
                true => left = fewer,
                false => number += 1,
            }
        }
        if left.len() > 2 && !self.shorter_shelves(&left, &self.faults.clone()) {
            self.told_by_the_clock(&left);
        }
    }

    /// One of these customers, or two, with what the faults did to nodes and without whom they are named after.
    fn told_by_the_clock(&mut self, all: &[u32]) {
        let reduction = self.reduction.clone();
        self.clocked().iter().any(|faults| {
            self.one_or_two(all, &reduction, faults)
                || self.over_the_last(all, faults)
                || self.shorter_shelves(all, faults)
        });
    }

    /// One or two of these, as simple as they come, over the least that there can be to share: a subject that competes
    /// needs nobody else to take the rest away.
    fn over_the_last(&mut self, all: &[u32], faults: &[Fault]) -> bool {
        let least =
            M::knobs().iter().fold(self.reduction.clone(), |least, knob| least.with_most(knob.name, 1));
        self.one_or_two(all, &least, faults)
    }

    /// The faults with one of them told by the clock, in each way that it can be.
    fn clocked(&mut self) -> Vec<Vec<Fault>> {
        let faults = self.faults.clone();
        let Some(run) = self.breaks(&faults, &self.reduction.clone()) else { return Vec::new() };
        let told = run.fired.iter().flat_map(|fired| {
            let number = usize::from(fired.fault);
            let ways = by_the_clock(&faults[number], fired.moment.at, &self.whole.physics);
            ways.into_iter().map(move |way| (number, way))
        });
        told.map(|(number, way)| {
            let mut told = faults.clone();
            told[number] = way;
            told
        })
        .collect()
    }

    /// One of these subjects, or two, as they are, with less to share: what the others took before is not there to begin
    /// with.
    fn shorter_shelves(&mut self, all: &[u32], faults: &[Fault]) -> bool {
        let plan = self.whole.reduced(&self.reduction);
        let reduction = self.reduction.clone();
        let scarce = |knob: &&Knob<M::Setup>| knob.scarcity;
        M::knobs().iter().filter(scarce).any(|knob| {
            let most = (knob.most)(&plan.setup).min(SHELF_MAX);
            (1..most).any(|most| self.one_or_two(all, &reduction.with_most(knob.name, most), faults))
        })
    }

    /// One of these customers, or two of them, if that does.
    fn one_or_two(&mut self, all: &[u32], reduction: &Reduction, faults: &[Fault]) -> bool {
        let named: BTreeSet<u32> = faults.iter().filter_map(order).collect();
        let (first, then): (Vec<u32>, Vec<u32>) = all.iter().partition(|order| named.contains(order));
        let order: Vec<u32> = first.into_iter().chain(then).collect();
        let pairs = (0..order.len()).flat_map(|a| (a + 1..order.len()).map(move |b| (a, b)));
        let few = order.iter().map(|one| vec![*one]).chain(pairs.map(|(a, b)| vec![order[a], order[b]]));
        few.filter(|some| some.len() < all.len()).any(|mut some| {
            some.sort_unstable();
            let reduction = with_subjects(reduction, &some);
            aimed(faults, &some).iter().any(|faults| self.accepts(faults, &reduction))
        })
    }

    /// The simplest subjects: as little as can be of whatever makes them complicated.
    pub(super) fn fewer_items(&mut self) {
        let simple = M::knobs().iter().filter(|knob| !knob.scarcity);
        let plain = simple.fold(self.reduction.clone(), |plain, knob| plain.with_most(knob.name, 1));
        if plain != self.reduction {
            self.accepts(&self.faults.clone(), &plain);
        }
    }

    /// Everything takes the least time it can take.
    pub(super) fn constant_latency(&mut self) {
        let constant = Reduction { constant_latency: true, ..self.reduction.clone() };
        if constant != self.reduction {
            self.accepts(&self.faults.clone(), &constant);
        }
    }
}

fn with_subjects(reduction: &Reduction, subjects: &[u32]) -> Reduction {
    Reduction { subjects: Some(subjects.to_vec()), ..reduction.clone() }
}

/// These faults as they are, and those that name a customer who does not come at one who does, each in turn.
fn aimed(faults: &[Fault], some: &[u32]) -> Vec<Vec<Fault>> {
    let astray = |fault: &Fault| order(fault).is_some_and(|order| !some.contains(&order));
    let mut all = vec![faults.to_vec()];
    if faults.iter().any(astray) {
        let at = |order: u32| move |fault: &Fault| if astray(fault) { about(*fault, order) } else { *fault };
        all.extend(some.iter().map(|order| faults.iter().map(at(*order)).collect()));
    }
    all
}

/// The place a fault names.
fn site(fault: &mut Fault) -> Option<&mut InjectionPoint> {
    match fault {
        Fault::At { site, .. } | Fault::During { when: When::After(site), .. } => Some(site),
        Fault::During { when: When::At(_), .. } => None,
    }
}

/// The order that the place of a fault names.
fn order(fault: &Fault) -> Option<u32> {
    let mut fault = *fault;
    let identity = site(&mut fault)?.identity;
    (identity.kind != MessageKind::Restart).then_some(identity.subject)
}

/// The same fault at the same place of another order.
fn about(mut fault: Fault, order: u32) -> Fault {
    if let Some(site) = site(&mut fault) {
        site.identity.subject = order;
    }
    fault
}
