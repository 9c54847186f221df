//! A scenario: a world, a workload and a storm, as a TOML file.
//!
//! Every field has a stated default; a new scenario is made by copying a file and changing it. The file says nothing
//! about architectures: all of them meet the same storm, byte for byte.
//!
//! **Invariant:** no number of a run lives in code; it stands here or in a file.

pub mod section;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use stormcart_sim::Micros;
use stormcart_sim::physics::Spread;

use crate::catalog::Catalog;
use crate::error::Error;
use crate::fault_generator::family::Families;

/// One scenario. Times are in milliseconds unless the name says otherwise.
#[derive(Clone, Debug, Deserialize)]
pub struct Scenario {
    /// How it is called; for a file outside the catalogue, its path.
    #[serde(skip)]
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
    /// How long things take.
    #[serde(default)]
    pub physics: Physics,
    /// What goes wrong.
    #[serde(default)]
    pub faults: Faults,
    /// What a sweep must have seen.
    #[serde(default)]
    pub promises: Promises,
    /// When to stop.
    #[serde(default)]
    pub limits: Limits,
}

/// How long things take, as `[least, greatest]` in microseconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Physics {
    /// One way between two nodes inside.
    pub link_us: [u64; 2],
    /// One way to or from an outside party.
    pub outside_link_us: [u64; 2],
    /// Time of a command on a worker.
    pub service_us: [u64; 2],
    /// Time of a request at an outside party.
    pub outside_service_us: [u64; 2],
    /// A forced write.
    pub sync_us: [u64; 2],
    /// Workers of an instance.
    pub workers: u8,
    /// Commands that may wait for a worker.
    pub inbox: u16,
    /// Instances of each business service, and of the log or the engine: one leads, the others follow.
    pub instances: u8,
    /// How long the log or the engine is away when its leader crashes, and how long the other instances of a service take
    /// to notice that one is gone: the same for all.
    pub failover_gap_ms: u64,
    /// Partitions of the log.
    pub partitions: u8,
    /// Of a hundred messages caught by a partition, how many are lost; the others arrive after it.
    pub caught_lost_percent: u16,
}

impl Physics {
    /// One way between two nodes inside.
    pub fn link(&self) -> Spread {
        spread(self.link_us)
    }

    /// One way to or from an outside party.
    pub fn outside_link(&self) -> Spread {
        spread(self.outside_link_us)
    }

    /// Time of a command on a worker.
    pub fn service(&self) -> Spread {
        spread(self.service_us)
    }

    /// Time of a request at an outside party.
    pub fn outside_service(&self) -> Spread {
        spread(self.outside_service_us)
    }

    /// A forced write.
    pub fn sync(&self) -> Spread {
        spread(self.sync_us)
    }
}

fn spread([least, greatest]: [u64; 2]) -> Spread {
    Spread { base: Micros(least), spread: Micros(greatest - least) }
}

/// The storm.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Weights of zero, one, two, ... faults in a plan.
    pub count_weights: Vec<f64>,
    /// Weights of the families of faults.
    pub families: Families,
    /// Each seed first switches families and single faults off and draws the others' rates anew.
    pub swarm: bool,
    /// Places where faults may strike, as `service operation leg`; empty means everywhere.
    pub places: Vec<String>,
    /// Which misbehavior is drawn; empty means all that a hardened architecture can cope with by itself.
    #[serde(alias = "manners")]
    pub misbehaviors: Vec<String>,
    /// How long outages last; one is drawn.
    pub durations_ms: Vec<u64>,
    /// How late delayed and duplicated messages come; one is drawn.
    pub delays_ms: Vec<u64>,
    /// Per cent of crashes after which a node stays down until the world is healed.
    pub down_for_good_percent: f64,
    /// How many times as slow slow nodes, links and disks are; one is drawn.
    pub slow_times: Vec<u16>,
    /// Of a thousand messages, how many a bad link loses; one is drawn.
    pub lost_per_mille: Vec<u16>,
    /// How far a clock leaps; one is drawn.
    pub leaps_ms: Vec<u64>,
    /// The rate of a clock that runs fast, in per mille of the right one; one is drawn.
    pub fast_per_mille: Vec<u16>,
    /// The rate of a clock that runs slow; one is drawn.
    pub slow_per_mille: Vec<u16>,
}

/// What a sweep must have seen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Promises {
    /// Coverage goals that must be met in every architecture in which they can be.
    #[serde(alias = "sometimes")]
    pub coverage_goals: Vec<String>,
    /// The number of runs from which that is judged.
    pub from_runs: u64,
    /// Per cent of the runs with faults in which one must strike inside a critical window.
    pub exposed_percent: f64,
}

/// When to stop.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How long after the last customer faults may still strike.
    pub safety_ms: u64,
    /// How long a viable core is given to finish its orders.
    pub core_ms: u64,
    /// How long everything is given to come to rest after that.
    pub rest_ms: u64,
    /// Most events of a run.
    pub events: u64,
}

impl Default for Physics {
    fn default() -> Self {
        Physics {
            link_us: [300, 900],
            outside_link_us: [5_000, 20_000],
            service_us: [400, 1_200],
            outside_service_us: [2_000, 8_000],
            sync_us: [500, 1_500],
            workers: 8,
            inbox: 1_000,
            instances: 1,
            failover_gap_ms: 10_000,
            partitions: 8,
            caught_lost_percent: 70,
        }
    }
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            count_weights: Vec::new(),
            families: Families::default(),
            swarm: false,
            places: Vec::new(),
            misbehaviors: Vec::new(),
            durations_ms: Vec::new(),
            delays_ms: Vec::new(),
            down_for_good_percent: 0.0,
            slow_times: vec![4, 30],
            lost_per_mille: vec![100, 500],
            leaps_ms: vec![2_000, 45_000, 150_000],
            fast_per_mille: vec![2_000, 20_000],
            slow_per_mille: vec![200, 800],
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { safety_ms: 60_000, core_ms: 180_000, rest_ms: 3_600_000, events: 5_000_000 }
    }
}

/// Times and amounts up to here can be multiplied and added without a thought.
pub const GREATEST: u64 = 1_000_000_000;

/// The sections that every model's scenarios have.
const SECTIONS: [&str; 5] = ["about", "physics", "faults", "promises", "limits"];

impl Scenario {
    /// The text of a scenario of the catalog, or of the file at a path.
    ///
    /// # Errors
    /// If there is neither.
    pub fn text(catalog: &Catalog, name: &str) -> Result<String, Error> {
        let own = catalog.own(name);
        if let Some((_, text)) = catalog.scenarios.iter().find(|(known, _)| *known == own) {
            return Ok((*text).to_owned());
        }
        if !own.ends_with(".toml") {
            return Err(Error::unknown("scenario", name, catalog.scenarios.iter().map(|(known, _)| *known)));
        }
        std::fs::read_to_string(own).map_err(|error| Error::Io {
            doing: "read",
            path: own.into(),
            what: error.to_string(),
        })
    }

    /// Reads the sections that every scenario has; `name` is for messages, and the model reads the others.
    ///
    /// # Errors
    /// If the text is not a scenario of the model.
    pub fn read(catalog: &Catalog, name: &str, text: &str) -> Result<Scenario, Error> {
        sections_exist(catalog, name, text)?;
        let mut scenario: Scenario = section::read(name, text)?;
        scenario.name = format!("{}{}", catalog.prefix, catalog.own(name));
        scenario.check(&section::Checks { name, text })?;
        goals_exist(catalog, &scenario, text)?;
        Ok(scenario)
    }

    /// Refuses numbers that make no sense.
    fn check(&self, checks: &section::Checks<'_>) -> Result<(), Error> {
        let (physics, faults, limits) = (&self.physics, &self.faults, &self.limits);
        checks.ordered(&[
            ("link_us", physics.link_us),
            ("outside_link_us", physics.outside_link_us),
            ("service_us", physics.service_us),
            ("outside_service_us", physics.outside_service_us),
            ("sync_us", physics.sync_us),
        ])?;
        checks.at_least_one(&[
            ("workers", u64::from(physics.workers)),
            ("instances", u64::from(physics.instances)),
            ("partitions", u64::from(physics.partitions)),
            ("events", limits.events),
        ])?;
        let longest = |times: &[u64]| times.iter().copied().max().unwrap_or(0);
        checks.not_too_great(&[
            ("link_us", physics.link_us[1]),
            ("outside_link_us", physics.outside_link_us[1]),
            ("service_us", physics.service_us[1]),
            ("outside_service_us", physics.outside_service_us[1]),
            ("sync_us", physics.sync_us[1]),
            ("failover_gap_ms", physics.failover_gap_ms),
            ("safety_ms", limits.safety_ms),
            ("core_ms", limits.core_ms),
            ("rest_ms", limits.rest_ms),
            ("durations_ms", longest(&faults.durations_ms)),
            ("delays_ms", longest(&faults.delays_ms)),
            ("leaps_ms", longest(&faults.leaps_ms)),
        ])?;
        let storm = faults.count_weights.iter().skip(1).any(|weight| *weight > 0.0);
        let negative = faults.count_weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0);
        match () {
            () if physics.instances > 4 => {
                Err(checks.refused("instances", "at most 4 instances of a service"))
            }
            () if storm && faults.durations_ms.is_empty() => {
                Err(checks.refused("faults", "a storm needs durations_ms"))
            }
            () if storm && faults.delays_ms.is_empty() => {
                Err(checks.refused("faults", "a storm needs delays_ms"))
            }
            () if negative => Err(checks.refused("count_weights", "weights are not negative")),
            () => Ok(()),
        }
    }
}

/// Refuses a section that neither every scenario nor the model has.
fn sections_exist(catalog: &Catalog, name: &str, text: &str) -> Result<(), Error> {
    let table: BTreeMap<toml::Spanned<String>, IgnoredAny> = section::read(name, text)?;
    let known = || SECTIONS.iter().chain(catalog.sections).copied();
    let unknown = table.keys().find(|key| !known().any(|known| known == key.get_ref().as_str()));
    unknown.map_or(Ok(()), |key| {
        let error = Error::unknown("section", key.get_ref(), known());
        Err(Error::in_file(name, text, key.span().start, error.to_string()))
    })
}

/// Refuses a scenario that promises what no probe looks out for.
fn goals_exist(catalog: &Catalog, scenario: &Scenario, text: &str) -> Result<(), Error> {
    let unknown = |name: &&String| !catalog.goals.contains(&name.as_str());
    let Some(name) = scenario.promises.coverage_goals.iter().find(unknown) else { return Ok(()) };
    let error = Error::unknown("coverage goal", name, catalog.goals.iter().copied());
    let offset = text.find(name.as_str()).unwrap_or(0);
    Err(Error::in_file(catalog.own(&scenario.name), text, offset, error.to_string()))
}
