//! Judging: each property is asked about each fact, and once more when all has come to rest.
//!
//! **Invariant:** a property is found broken once for each order (`note`).

use stormcart_sim::property::Violation;
use stormcart_sim::service::{Moment, Truth};
use stormcart_sim::site::Role;

use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::property::{self, Finding, Seen};
use crate::checkout::vocabulary::Party;

use super::{Ledger, PROPERTIES_MAX};

const _: () = assert!(property::PROPERTIES.len() <= PROPERTIES_MAX, "make PROPERTIES_MAX larger");

impl Ledger {
    /// How often each property had something to check, in the order of the registry.
    pub fn exercised(&self) -> &[u32] {
        &self.exercised[..property::PROPERTIES.len()]
    }

    /// Checks what must hold when all has come to rest.
    pub fn rest(&mut self, moment: Moment) {
        self.settle(moment, |property| property.rest);
    }

    /// Checks, while only a viable core is healthy, that every order has an end.
    pub fn core(&mut self, moment: Moment) {
        self.settle(moment, |property| property.core);
    }

    fn settle(&mut self, moment: Moment, check: impl Fn(&property::Property) -> Option<property::AtRest>) {
        for (index, property) in property::PROPERTIES.iter().enumerate() {
            let Some(check) = check(property) else { continue };
            for order in 0..self.orders.len() {
                let finding = check(self, &self.orders[order]);
                self.note(index, moment, Some(order as Order), finding);
            }
        }
    }

    fn note(&mut self, index: usize, moment: Moment, subject: Option<Order>, finding: Finding) {
        match finding {
            Finding::Silent => {}
            Finding::Held => self.exercised[index] += 1,
            Finding::Broken(explanation) => {
                self.exercised[index] += 1;
                let property = property::PROPERTIES[index].id;
                let known = |known: &Violation| known.property == property && known.subject == subject;
                if !self.violations.iter().any(known) {
                    self.violations.push(Violation { property, moment, subject, explanation });
                }
            }
        }
    }
}

impl Truth for Ledger {
    type Fact = Fact;

    fn observe(&mut self, moment: Moment, fact: Fact) {
        let order = fact.order();
        if order as usize >= self.orders.len() {
            return;
        }
        let before = self.orders[order as usize];
        self.apply(moment.at, &fact);
        let now = &self.orders[order as usize];
        debug_assert!(
            property::others_are_silent(&Seen { ledger: self, before: &before, now, fact: &fact }),
            "a property looks at what it does not heed: {fact:?}"
        );
        for (index, check) in property::AT_FACTS[fact.kind() as usize].checks() {
            let now = &self.orders[order as usize];
            match check(&Seen { ledger: self, before: &before, now, fact: &fact }) {
                Finding::Silent => {}
                finding => self.note(*index, moment, Some(order), finding),
            }
        }
    }

    fn replayed(&mut self, moment: Moment, role: Role, equal: bool) {
        let index = property::position("S18");
        let finding = match equal {
            true => Finding::Held,
            false => Finding::Broken(format!("the log of {} does not add up to its state", Party::of(role))),
        };
        self.note(index, moment, None, finding);
    }

    fn exposed(&self, subject: Option<u32>) -> bool {
        match subject.and_then(|order| self.orders.get(order as usize)) {
            Some(order) => order.in_flight(),
            None => self.in_flight > 0,
        }
    }

    fn violations(&self) -> &[Violation] {
        &self.violations
    }
}
