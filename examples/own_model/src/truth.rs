//! The ground truth: what the banks really booked and what the coordinator made of it. No party sees it.
//!
//! **Invariant:** when something happened leaves no trace in the hash, so an exploration knows two worlds for one that
//! differ in nothing else.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stormcart::harness::catalog::Property;
use stormcart::sim::property::{Modality, Violation};
use stormcart::sim::service::Moment;
use stormcart::sim::site::Role;
use stormcart::sim::{Instant, Truth};

use crate::saga::{Answer, Record, State, Step};
use crate::setup::Setup;

pub const CONSERVED: &str = "T1";
pub const EVERYTHING_ENDS: &str = "T2";

/// What must hold.
pub const PROPERTIES: &[Property] = &[
    Property {
        id: CONSERVED,
        slug: "conserved",
        name: "money is conserved",
        modality: Modality::Rest,
        definition: "of a completed transfer debit and credit stand, of any other one neither does",
        with_core: false,
    },
    Property {
        id: EVERYTHING_ENDS,
        slug: "everything-ends",
        name: "everything ends",
        modality: Modality::ByDeadline,
        definition: "every transfer is completed, refused or refunded once a viable core is healthy",
        with_core: true,
    },
];

/// What has become of every transfer, by number.
#[derive(Clone, Debug)]
pub struct Books {
    pub setup: Arc<Setup>,
    pub transfers: Vec<Booked>,
    /// When each had its end.
    pub ended: Vec<Option<Instant>>,
    violations: Vec<Violation>,
}

/// What has become of one transfer.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub struct Booked {
    pub state: State,
    pub debits: i64,
    pub credits: i64,
    pub refunds: i64,
}

impl Hash for Books {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.transfers, &self.violations).hash(hasher);
    }
}

impl Booked {
    /// How often the amount is not where the end of the transfer says; nothing while it has none.
    pub fn misplaced(&self) -> u64 {
        let owed = i64::from(self.state == State::Completed);
        let misplaced = (self.debits - self.refunds).abs_diff(owed) + self.credits.abs_diff(owed);
        if self.state.step().is_some() { 0 } else { misplaced }
    }
}

impl Books {
    pub fn new(setup: &Arc<Setup>) -> Books {
        let count = setup.transfers.len();
        let (transfers, ended) = (vec![Booked::default(); count], vec![None; count]);
        Books { setup: Arc::clone(setup), transfers, ended, violations: Vec::new() }
    }

    /// Judges both properties, or only the one that must hold already when a viable core is healthy.
    pub fn judge(&mut self, moment: Moment, at_rest: bool) {
        for (number, _) in Arc::clone(&self.setup).coming() {
            let booked = self.transfers[number as usize];
            let Booked { state, debits, credits, refunds } = booked;
            if state.step().is_some() {
                self.violated(EVERYTHING_ENDS, moment, Some(number), format!("it is still {}", state.word()));
            }
            if at_rest && booked.misplaced() > 0 {
                let booked = format!("debits {debits}, credits {credits}, refunds {refunds}");
                self.violated(CONSERVED, moment, Some(number), format!("it is {}: {booked}", state.word()));
            }
        }
    }

    fn violated(
        &mut self,
        property: &'static str,
        moment: Moment,
        subject: Option<u32>,
        explanation: String,
    ) {
        let known = |known: &Violation| (known.property, known.subject) == (property, subject);
        if !self.violations.iter().any(known) {
            self.violations.push(Violation { property, moment, subject, explanation });
        }
    }
}

impl Truth for Books {
    type Fact = Record;

    fn observe(&mut self, moment: Moment, fact: Record) {
        match fact {
            Record::Moved { transfer, state } => {
                self.transfers[transfer as usize].state = state;
                self.ended[transfer as usize] = state.step().is_none().then_some(moment.at);
            }
            Record::Booked { answer: Answer::Refused, .. } => {}
            Record::Booked { transfer, step, answer: Answer::Done } => {
                let Booked { debits, credits, refunds, .. } = &mut self.transfers[transfer as usize];
                *match step {
                    Step::Debit => debits,
                    Step::Credit => credits,
                    Step::Refund => refunds,
                } += 1;
            }
        }
    }

    fn replayed(&mut self, moment: Moment, role: Role, equal: bool) {
        if !equal {
            self.violated(CONSERVED, moment, None, format!("the store of {role:?} is not what its log says"));
        }
    }

    /// A fault is dangerous while money is on its way: of the transfer it strikes, or of any.
    fn exposed(&self, subject: Option<u32>) -> bool {
        let on_its_way = |booked: &Booked| booked.debits > booked.refunds && booked.state.step().is_some();
        match subject {
            Some(number) => self.transfers.get(number as usize).is_some_and(on_its_way),
            None => self.transfers.iter().any(on_its_way),
        }
    }

    fn violations(&self) -> &[Violation] {
        &self.violations
    }
}
