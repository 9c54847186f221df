//! The fault generator: families, places, and how a plan draws from them.
//!
//! Each seed first decides what kind of storm it is: it switches whole families and single faults off, and draws how
//! often the others come very differently. Then it draws the faults, one after the other; often the next one strikes the
//! same subject, or begins when what the last one struck has been handled.
//!
//! **Invariant:** what is drawn depends on the seed and on the scenario, never on the architecture.

mod draw;
pub mod family;

use stormcart_sim::Micros;
use stormcart_sim::draw::{Draws, Purpose, Stream};
use stormcart_sim::fault::Fault;
use stormcart_sim::site::{MisbehaviorId, Vocabulary};

use crate::catalog::{Catalog, Place};
use crate::error::Error;
use crate::scenario::{Faults, Scenario};

pub use draw::{Topology, Workload};
pub use family::{Families, Family, Kind};

/// What a storm may do, ready to be drawn from.
#[derive(Clone, Debug)]
pub struct FaultGenerator {
    places: Vec<(f64, Place)>,
    /// The families that are drawn here, with their weights in the scenario.
    #[cfg_attr(not(feature = "testing"), doc(hidden))]
    pub shares: Vec<Share>,
    faults: Faults,
    instances: u8,
    catalog: &'static Catalog,
    /// For how long a subject is under way, more or less, when nothing goes wrong.
    busy: Micros,
}

/// How often a family is drawn, and each of its faults within it.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "testing"), doc(hidden))]
pub struct Share {
    /// The family.
    pub family: Family,
    /// How often it is drawn, relative to the others; 0 for never.
    pub weight: f64,
    /// Its faults, each with its weight within the family.
    pub kinds: Vec<(Kind, f64)>,
}

/// How much more or less often than usual something comes in one storm.
const RATES: &[f64] = &[0.1, 0.3, 1.0, 3.0, 10.0];

/// Enough draws of one kind of fault to have seen all that it can be.
const SAMPLES: usize = 32;

impl FaultGenerator {
    /// The generator of a scenario, in which participants can misbehave in these ways.
    ///
    /// # Errors
    /// If a place or a misbehavior does not exist.
    pub fn of(
        catalog: &'static Catalog,
        vocabulary: &Vocabulary,
        scenario: &Scenario,
        misbehaves: impl Fn(MisbehaviorId) -> bool,
    ) -> Result<FaultGenerator, Error> {
        let faults = scenario.faults.clone();
        let named = faults.places.iter().map(|name| Place::named(name, vocabulary));
        let places: Vec<(f64, Place)> = match &named.collect::<Result<Vec<Place>, Error>>()?[..] {
            [] => catalog.places.clone(),
            named => named.iter().map(|place| (1.0, *place)).collect(),
        };
        let wanted = faults.misbehaviors.iter().map(|name| misbehavior(name, vocabulary));
        let wanted: Vec<MisbehaviorId> = wanted.collect::<Result<_, _>>()?;
        let beyond = |misbehavior: MisbehaviorId| {
            let sites = catalog.misbehaviors.iter().filter(move |site| site.misbehavior == misbehavior);
            sites.into_iter().any(|site| site.beyond_defence)
        };
        let served = |kind: Kind| match kind {
            Kind::Misbehave(misbehavior) if wanted.is_empty() => {
                !beyond(misbehavior) && misbehaves(misbehavior)
            }
            Kind::Misbehave(misbehavior) => wanted.contains(&misbehavior),
            _ => true,
        };
        let somewhere = |kind: Kind| {
            let anywhere = || places.iter().any(|(_, place)| kind.strikes_at(*place, catalog));
            kind.scope() == family::Scope::Time || anywhere()
        };
        let share = |(family, weight): (Family, f64)| {
            let kinds = family.kinds(catalog).into_iter();
            let kinds = kinds.filter(|(kind, _)| served(*kind) && somewhere(*kind)).collect();
            Share { family, weight, kinds }
        };
        let drawn = faults.families.weights().into_iter().filter(|(_, weight)| *weight > 0.0);
        let shares = drawn.map(share).filter(|share| !share.kinds.is_empty()).collect();
        let busy = Micros(8 * scenario.physics.outside_link_us[1].max(1_000));
        Ok(FaultGenerator { places, shares, faults, instances: scenario.physics.instances, catalog, busy })
    }

    /// Refuses a scenario that names places or misbehaviors that do not exist.
    ///
    /// # Errors
    /// With the place in the file.
    pub fn check(vocabulary: &Vocabulary, scenario: &Scenario, text: &str) -> Result<(), Error> {
        let refused = |name: &String, error: Error| {
            let offset = text.find(name.as_str()).unwrap_or(0);
            Error::in_file(&scenario.name, text, offset, error.to_string())
        };
        for name in &scenario.faults.places {
            Place::named(name, vocabulary).map_err(|error| refused(name, error))?;
        }
        for name in &scenario.faults.misbehaviors {
            misbehavior(name, vocabulary).map_err(|error| refused(name, error))?;
        }
        Ok(())
    }

    /// What may be drawn that somebody refuses, and why: of every kind of fault a few are drawn.
    pub fn refused(
        &self,
        workload: Workload<'_>,
        topology: Topology<'_>,
        refuse: impl Fn(&Fault) -> Option<&'static str>,
    ) -> Option<(Family, Kind, &'static str)> {
        let mut stream = Draws::new(0).stream(Purpose::Plan, 0, 0);
        let mut storm = draw::Storm::new(self, &mut stream, &self.shares, workload, topology);
        let never = self.faults.count_weights.iter().skip(1).all(|weight| *weight == 0.0);
        let shares = self.shares.iter().filter(|_| !never);
        let mut kinds = shares.flat_map(|share| share.kinds.iter().map(|(kind, _)| (share.family, *kind)));
        kinds.find_map(|(family, kind)| {
            let why = (0..SAMPLES).filter_map(|_| storm.of(kind)).find_map(|fault| refuse(&fault))?;
            Some((family, kind, why))
        })
    }

    /// Draws the faults of one plan: first what kind of storm it is, then each fault.
    pub fn draw(&self, stream: &mut Stream, workload: Workload<'_>, topology: Topology<'_>) -> Vec<Fault> {
        let Some(count) = stream.weighted(&self.faults.count_weights) else { return Vec::new() };
        let shares = self.swarm(stream);
        draw::Storm::new(self, stream, &shares, workload, topology).take(count)
    }

    /// The shares of one storm: many families and faults switched off, the others drawn more or less often than usual.
    /// A uniform mix of everything hides bugs that need the absence of something (swarm testing, Groce et al. 2012).
    #[cfg_attr(not(feature = "testing"), doc(hidden))]
    pub fn swarm(&self, stream: &mut Stream) -> Vec<Share> {
        if !self.faults.swarm {
            return self.shares.clone();
        }
        let mut rate = |off: f64| {
            let off = stream.chance(off);
            let rate = stream.pick(RATES).copied().unwrap_or(1.0);
            if off { 0.0 } else { rate }
        };
        let mut turn = |share: &Share| {
            let weight = share.weight * rate(0.4);
            let kinds: Vec<(Kind, f64)> =
                share.kinds.iter().map(|(kind, weight)| (*kind, weight * rate(0.3))).collect();
            let all_off = kinds.iter().all(|(_, weight)| *weight == 0.0);
            Share { family: share.family, weight, kinds: if all_off { share.kinds.clone() } else { kinds } }
        };
        let drawn: Vec<Share> = self.shares.iter().map(&mut turn).collect();
        if drawn.iter().all(|share| share.weight == 0.0) { self.shares.clone() } else { drawn }
    }
}

/// The misbehavior of this name.
fn misbehavior(name: &str, vocabulary: &Vocabulary) -> Result<MisbehaviorId, Error> {
    let known = vocabulary.misbehaviors.iter().position(|known| *known == name);
    let number =
        known.ok_or_else(|| Error::unknown("misbehavior", name, vocabulary.misbehaviors.iter().copied()))?;
    Ok(MisbehaviorId(number as u8))
}
