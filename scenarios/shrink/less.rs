//! Less of the scenario: fewer customers, smaller baskets, and no luck with latencies.

use std::collections::BTreeSet;

use stormcart_sim::fault::{Fault, When};
use stormcart_sim::site::{Leg, Site};

use crate::excerpt::Excerpt;

use super::Trial;

impl Trial {
    /// The customers who come now.
    fn customers(&self) -> Vec<u32> {
        let plan = self.excerpt.from(&self.whole);
        plan.setup.customers(0).map(|(number, _)| number).collect()
    }

    /// One customer, then two, those first whom a fault names; then all but one, until one less is too few.
    pub(super) fn fewer_orders(&mut self) {
        let all = self.customers();
        let excerpt = self.excerpt.clone();
        if self.one_or_two(&all, &excerpt) {
            return;
        }
        if all.len() > 2 {
            // Who competes for an article needs nobody else to empty the shelf, if there is only one of it.
            let scarce = Excerpt { items_max: Some(1), stock_max: Some(1), ..excerpt };
            if self.one_or_two(&all, &scarce) {
                return;
            }
        }
        let mut number = 0;
        let mut left = all;
        while left.len() > 1 && number < left.len() {
            let mut fewer = left.clone();
            fewer.remove(number);
            match self.accepts(&self.faults.clone(), &with_orders(&self.excerpt, &fewer)) {
                true => left = fewer,
                false => number += 1,
            }
        }
    }

    /// One of these customers, or two of them, if that does.
    fn one_or_two(&mut self, all: &[u32], excerpt: &Excerpt) -> bool {
        let faults = self.faults.clone();
        let named: BTreeSet<u32> = faults.iter().filter_map(site).filter_map(order).collect();
        let (first, then): (Vec<u32>, Vec<u32>) = all.iter().partition(|order| named.contains(order));
        let order: Vec<u32> = first.into_iter().chain(then).collect();
        let pairs = (0..order.len()).flat_map(|a| (a + 1..order.len()).map(move |b| (a, b)));
        let few = order.iter().map(|one| vec![*one]).chain(pairs.map(|(a, b)| vec![order[a], order[b]]));
        few.filter(|some| some.len() < all.len()).any(|mut some| {
            some.sort_unstable();
            self.accepts(&faults, &with_orders(excerpt, &some))
        })
    }

    /// One piece of one article in each basket.
    pub(super) fn fewer_items(&mut self) {
        let plain = Excerpt { items_max: Some(1), ..self.excerpt.clone() };
        if plain != self.excerpt {
            self.accepts(&self.faults.clone(), &plain);
        }
    }

    /// Everything takes the least time it can take.
    pub(super) fn constant_latency(&mut self) {
        let constant = Excerpt { constant_latency: true, ..self.excerpt.clone() };
        if constant != self.excerpt {
            self.accepts(&self.faults.clone(), &constant);
        }
    }
}

fn with_orders(excerpt: &Excerpt, orders: &[u32]) -> Excerpt {
    Excerpt { orders: Some(orders.to_vec()), ..excerpt.clone() }
}

/// The place a fault names.
fn site(fault: &Fault) -> Option<&Site> {
    match fault {
        Fault::At { site, .. } | Fault::During { when: When::After(site), .. } => Some(site),
        Fault::During { when: When::At(_), .. } => None,
    }
}

fn order(site: &Site) -> Option<u32> {
    (site.identity.leg != Leg::Restart).then_some(site.identity.subject)
}
