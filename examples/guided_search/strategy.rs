//! Ways to choose the next plan, from what the plans before it covered.
//!
//! **Invariant:** a plan is a function of its seed and of the corpus; the corpus changes between generations only.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use stormcart::harness::adequacy::{Cell, Setting, Visit, Watched, fault_set};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::Variant;
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};
use stormcart_sim::draw::{Draws, Purpose, Stream};
use stormcart_sim::fault::{Fault, PointFault};

/// So many plans are remembered, the latest.
const KEPT: usize = 64;
/// A plan that is made of others has at most so many faults.
const FAULTS: usize = 4;
/// Of so many places and faults that come to mind the one whose cell was hit least is taken.
const TRIED: u32 = 12;
/// Every other plan is drawn fresh.
const FRESH: f64 = 0.5;

/// How the next plan is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Every plan is drawn fresh.
    Swarm,
    /// A kept plan with a fault added, moved or replaced so that it strikes in a cell that was hit rarely.
    Aimed,
    /// The faults of a kept plan, with some that the swarm draws, on a fresh day.
    Crossed,
    /// The control of `Crossed`: the same, but every plan is kept, whatever it covered.
    FingerprintMask,
}

/// What was covered, and the plans that did.
#[derive(Default)]
pub struct Corpus {
    hit: BTreeMap<Cell, u64>,
    passed: BTreeSet<Setting>,
    kept: VecDeque<(Plan, Vec<Visit>)>,
}

impl Corpus {
    /// Learns from a run; its plan is kept if something passed or was struck where nothing had been before.
    pub fn learn(&mut self, strategy: Strategy, plan: Plan, watched: Watched) {
        let mut new = strategy == Strategy::FingerprintMask;
        for cell in watched.hits(&plan) {
            let hit = self.hit.entry(cell).or_default();
            *hit += 1;
            new |= *hit == 1;
        }
        for visit in &watched.visits {
            new |= self.passed.insert(visit.setting);
        }
        if new {
            self.kept.push_back((plan, watched.visits));
            self.kept.drain(..self.kept.len().saturating_sub(KEPT));
        }
    }
}

impl Strategy {
    /// All of them, in order.
    pub const ALL: [Strategy; 4] =
        [Strategy::Swarm, Strategy::Aimed, Strategy::Crossed, Strategy::FingerprintMask];

    /// The next plan.
    pub fn plan(self, loaded: &LoadedScenario, variant: &Variant, seed: Seed, corpus: &Corpus) -> Plan {
        let fresh = loaded.plan(variant, seed);
        let mut stream = Draws::new(seed.0).stream(Purpose::Plan, 1, 0);
        if self == Strategy::Swarm || stream.chance(FRESH) {
            return fresh;
        }
        let chosen = stream.below(corpus.kept.len() as u64) as usize;
        match (self, corpus.kept.get(chosen)) {
            (Strategy::Aimed, Some((plan, visits))) => aimed(&mut stream, plan, visits, corpus),
            (Strategy::Crossed | Strategy::FingerprintMask, Some((plan, _))) => {
                crossed(&mut stream, plan, &fresh)
            }
            _ => fresh,
        }
    }
}

fn aimed(stream: &mut Stream, plan: &Plan, visits: &[Visit], corpus: &Corpus) -> Plan {
    let mut faults = plan.faults.to_vec();
    if faults.len() >= FAULTS || stream.chance(0.6) {
        forget_one(stream, &mut faults);
    }
    faults.extend(rare(stream, plan, visits, corpus));
    plan.with_faults(faults)
}

/// A fault in a cell that was hit rarely, where something passed in the run of this plan.
fn rare(stream: &mut Stream, plan: &Plan, visits: &[Visit], corpus: &Corpus) -> Option<Fault> {
    let fault_set = fault_set::<Checkout>(&plan.setup);
    let mut one = |_| {
        let visit = stream.pick(visits)?;
        let point_faults: Vec<PointFault> = fault_set.point_faults(&visit.next).collect();
        let point_fault = *stream.pick(&point_faults)?;
        let cell = Cell { setting: visit.setting, family: point_fault.family() };
        let hits = corpus.hit.get(&cell).copied().unwrap_or(0);
        Some((hits, Fault::At { site: visit.site, point_fault }))
    };
    let tried: Vec<(u64, Fault)> = (0..TRIED).filter_map(&mut one).collect();
    tried.into_iter().min_by_key(|(hits, _)| *hits).map(|(_, fault)| fault)
}

fn crossed(stream: &mut Stream, kept: &Plan, fresh: &Plan) -> Plan {
    let mut faults = kept.faults.to_vec();
    if stream.chance(0.3) {
        forget_one(stream, &mut faults);
    }
    let more = 1 + stream.below(fresh.faults.len() as u64) as usize;
    faults.extend(fresh.faults.iter().take(more));
    faults.truncate(FAULTS);
    fresh.with_faults(faults)
}

fn forget_one(stream: &mut Stream, faults: &mut Vec<Fault>) {
    let which = stream.below(faults.len() as u64) as usize;
    if which < faults.len() {
        faults.remove(which);
    }
}
