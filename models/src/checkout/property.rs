//! What must hold: one file for each property, each with the mutant it catches and a change it must tolerate.
//!
//! **Invariant:** a property reads the ground truth and nothing else: [`Seen`] and [`AtRest`] hand it nothing else.

mod c4_same_intent_same_order;
mod c5_never_lied_to;
mod l1_everything_ends;
mod l2_no_zombie_hold;
mod l3_what_is_owed_is_paid;
mod l7_nothing_fails_silently;
mod s01_no_double_charge;
mod s02_given_up_means_undone;
mod s03_shipped_means_paid;
mod s04_no_oversell;
mod s05_stock_conserved;
mod s06_money_conserved;
mod s07_no_double_refund;
mod s08_a_hold_ends_once;
mod s09_status_moves_forward;
mod s10_services_agree;
mod s11_all_or_compensated;
mod s12_no_zombie_step;
mod s13_one_effect_per_operation;
mod s14_events_match_state;
mod s16_price_as_quoted;
mod s18_replay_equals_state;
mod s19_truthful_notices;
mod s24_accepted_is_never_forgotten;

use stormcart_sim::property::Modality;

use crate::checkout::domain::money;
use crate::checkout::fact::{Fact, Kind};
use crate::checkout::ledger::{Ledger, OrderTruth, ShelfTruth};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There was nothing to check.
    Silent,
    /// It was checked and held.
    Held,
    /// It does not hold, and why.
    Broken(String),
}

/// A fact, and what it changed.
pub struct Seen<'a> {
    /// Everything that is true now.
    pub ledger: &'a Ledger,
    /// What was true of the order before.
    pub before: &'a OrderTruth,
    /// What is true of it now.
    pub now: &'a OrderTruth,
    /// What happened.
    pub fact: &'a Fact,
}

/// A check of one fact and of what it changed.
pub type AtFact = fn(&Seen<'_>) -> Finding;

/// A check of one order when a phase is over.
pub type AtRest = fn(&Ledger, &OrderTruth) -> Finding;

/// One property.
#[derive(Debug)]
pub struct Property {
    /// How it is called in tables: `S1`, `L2`, ...
    pub id: &'static str,
    /// What it is called in sentences.
    pub name: &'static str,
    /// Its name where there are no spaces, in files and on the command line: `given-up-means-undone`.
    pub slug: &'static str,
    /// When it must hold.
    pub modality: Modality,
    /// What exactly must hold.
    pub definition: &'static str,
    /// A bug that it catches, as a policy choice or as a mutant in the tests.
    pub mutant: &'static str,
    /// A change that it must tolerate.
    pub benign: &'static str,
    /// Checked after every fact of these kinds; in those of others it finds nothing to check.
    pub always: Option<(&'static [Kind], AtFact)>,
    /// Checked when all has come to rest.
    pub rest: Option<AtRest>,
    /// Checked while only a viable core is healthy.
    pub core: Option<AtRest>,
}

/// A property that is checked nowhere: the blank for the others.
const UNCHECKED: Property = Property {
    id: "",
    name: "",
    slug: "",
    modality: Modality::Always,
    definition: "",
    mutant: "",
    benign: "",
    always: None,
    rest: None,
    core: None,
};

/// Every property there is.
pub const PROPERTIES: [Property; 24] = [
    s01_no_double_charge::PROPERTY,
    s02_given_up_means_undone::PROPERTY,
    s03_shipped_means_paid::PROPERTY,
    s04_no_oversell::PROPERTY,
    s05_stock_conserved::PROPERTY,
    s06_money_conserved::PROPERTY,
    s07_no_double_refund::PROPERTY,
    s08_a_hold_ends_once::PROPERTY,
    s09_status_moves_forward::PROPERTY,
    s10_services_agree::PROPERTY,
    s11_all_or_compensated::PROPERTY,
    s12_no_zombie_step::PROPERTY,
    s13_one_effect_per_operation::PROPERTY,
    s14_events_match_state::PROPERTY,
    s16_price_as_quoted::PROPERTY,
    s18_replay_equals_state::PROPERTY,
    s19_truthful_notices::PROPERTY,
    s24_accepted_is_never_forgotten::PROPERTY,
    l1_everything_ends::PROPERTY,
    l2_no_zombie_hold::PROPERTY,
    l3_what_is_owed_is_paid::PROPERTY,
    l7_nothing_fails_silently::PROPERTY,
    c4_same_intent_same_order::PROPERTY,
    c5_never_lied_to::PROPERTY,
];

/// What is checked after a fact of each kind: positions in the registry, and checks.
pub(crate) static AT_FACTS: [AtKind; Kind::COUNT] = {
    let mut kinds = [AtKind { checks: [(0, |_| Finding::Silent); AtKind::MOST], count: 0 }; Kind::COUNT];
    let mut index = 0;
    while index < PROPERTIES.len() {
        if let Some((heeds, check)) = PROPERTIES[index].always {
            let mut heeded = 0;
            while heeded < heeds.len() {
                let kind = &mut kinds[heeds[heeded] as usize];
                kind.checks[kind.count] = (index, check);
                kind.count += 1;
                heeded += 1;
            }
        }
        index += 1;
    }
    kinds
};

/// The checks of one kind of fact.
#[derive(Clone, Copy)]
pub(crate) struct AtKind {
    checks: [(usize, AtFact); AtKind::MOST],
    count: usize,
}

impl AtKind {
    /// As many as the kind has that most look at; one too few does not compile.
    const MOST: usize = 4;

    pub fn checks(&self) -> &[(usize, AtFact)] {
        &self.checks[..self.count]
    }
}

/// Whether the properties that do not look at this kind of fact find nothing to check in it, as they must.
pub(crate) fn others_are_silent(seen: &Seen<'_>) -> bool {
    let others = PROPERTIES.iter().filter_map(|property| property.always);
    let mut others = others.filter(|(heeds, _)| !heeds.contains(&seen.fact.kind()));
    others.all(|(_, check)| check(seen) == Finding::Silent)
}

/// Where a property stands in the registry.
pub(crate) fn position(id: &str) -> usize {
    PROPERTIES
        .iter()
        .position(|property| property.id == id)
        .unwrap_or_else(|| unreachable!("no property {id}"))
}

/// Held, or broken with this explanation.
fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Finding {
    if holds { Finding::Held } else { Finding::Broken(otherwise()) }
}

/// The articles that a fact moved, as they stand now; `None` if it moved no stock.
fn moved<'a>(seen: &Seen<'a>) -> Option<impl Iterator<Item = (u16, &'a ShelfTruth)>> {
    let (Fact::Held(_, basket) | Fact::HoldEnded(_, _, basket)) = seen.fact else { return None };
    let ledger = seen.ledger;
    Some(basket.lines().iter().filter_map(|line| Some((line.sku, ledger.shelves().get(line.sku as usize)?))))
}
