//! A scenario: a world, a workload and a storm, as a TOML file.
//!
//! Every field has a stated default; a new scenario is made by copying a file and changing it. The file says nothing
//! about architectures: all of them meet the same storm, byte for byte.
//!
//! **Invariant:** no number of a run lives in code; it stands here or in a file.

use serde::Deserialize;

use crate::error::Error;
use crate::fault_generator::Families;

/// One scenario. Times are in milliseconds unless the name says otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// How it is called; for a file outside the catalogue, its path.
    #[serde(skip)]
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
    /// Who buys what.
    #[serde(default)]
    pub workload: Workload,
    /// How long things take.
    #[serde(default)]
    pub physics: Physics,
    /// Time limits of the business and of its platform.
    #[serde(default, alias = "terms")]
    pub timeouts: Timeouts,
    /// What the payment provider promises.
    #[serde(default)]
    pub provider: Provider,
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

/// Purchase intents: synthetic, or real orders from a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workload {
    /// Number of intents (with `orders_csv`, the most that are taken from the window).
    pub orders: u32,
    /// Mean time between two customers; they come as a Poisson process.
    pub mean_gap_ms: f64,
    /// Number of articles.
    pub skus: u16,
    /// Initial stock of each article.
    pub stock: u32,
    /// How unevenly articles are wanted: the exponent of Zipf's law, 0 for evenly.
    pub zipf: f64,
    /// Most lines in a basket.
    pub lines_max: u16,
    /// Most of one article in a basket.
    pub quantity_max: u16,
    /// Least and greatest price of one piece, in cents.
    pub price_cents: [u64; 2],
    /// Per cent of customers whose card does not pay.
    pub declines_percent: f64,
    /// Per cent of customers where no carrier goes.
    pub undeliverable_percent: f64,
    /// Per cent of customers who change their mind in flight.
    pub cancels_percent: f64,
    /// How soon they do, at the latest.
    pub cancels_within_ms: u64,
    /// Per cent of orders that cost nothing.
    pub free_percent: f64,
    /// Real orders instead of synthetic ones.
    pub orders_csv: Option<OrdersCsv>,
}

/// Real orders: date, customer, quantity and amount are real; articles, arrival within the day and the split of an
/// amount over lines are drawn.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrdersCsv {
    /// Path of the file, relative to the scenario; `catalogue:cdnow` is the sample that comes with the project.
    pub file: String,
    /// How many days are taken; the seed draws which.
    pub days: u32,
    /// How many times faster than real the orders come.
    pub time_compression: f64,
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

/// Time limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// How long the first attempt of a call waits.
    pub call_timeout_ms: u64,
    /// The longest a later attempt waits; waits double up to here.
    pub backoff_cap_ms: u64,
    /// How much later a retry may come, in per cent of its wait.
    pub jitter_percent: u64,
    /// After so many attempts a person must act.
    pub park_after: u8,
    /// After so many deliveries a record of the log that cannot be read is put aside.
    pub poison_after: u8,
    /// When an undecided order is overdue.
    pub deadline_ms: u64,
    /// How long stock is held.
    pub hold_ttl_ms: u64,
    /// How long a customer waits before resubmitting.
    pub patience_ms: u64,
    /// How often a customer resubmits.
    pub resubmissions: u8,
    /// How late a late success is.
    pub late_success_ms: u64,
}

/// What the payment provider promises.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// Which answers a repeated key gets again.
    pub idempotency: Idempotency,
    /// What can be looked up.
    pub look_up: LookUp,
    /// Whether captures are announced by webhook.
    pub webhooks: bool,
}

/// Which answers a repeated key gets again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Idempotency {
    /// Every answer, errors after the effect included.
    ReplaysEverything,
    /// Only successes: after an error the same key charges again.
    #[serde(rename = "remembers-only-2xx")]
    RemembersOnly2xx,
}

/// What can be looked up by merchant reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookUp {
    /// The truth.
    Authoritative,
    /// Nothing.
    Absent,
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
    /// Which bad manners show; empty means all that a careful architecture can cope with by itself.
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
    /// Sightings that must occur in every architecture in which they can.
    pub sometimes: Vec<String>,
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

impl Default for Workload {
    fn default() -> Self {
        Workload {
            orders: 10,
            mean_gap_ms: 40.0,
            skus: 8,
            stock: 100,
            zipf: 1.0,
            lines_max: 3,
            quantity_max: 2,
            price_cents: [500, 9_900],
            declines_percent: 0.0,
            undeliverable_percent: 0.0,
            cancels_percent: 0.0,
            cancels_within_ms: 60,
            free_percent: 0.0,
            orders_csv: None,
        }
    }
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

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            call_timeout_ms: 1_000,
            backoff_cap_ms: 8_000,
            jitter_percent: 10,
            park_after: 60,
            poison_after: 5,
            deadline_ms: 30_000,
            hold_ttl_ms: 120_000,
            patience_ms: 3_000,
            resubmissions: 5,
            late_success_ms: 40_000,
        }
    }
}

impl Default for Provider {
    fn default() -> Self {
        Provider {
            idempotency: Idempotency::ReplaysEverything,
            look_up: LookUp::Authoritative,
            webhooks: false,
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

/// Times and prices up to here can be multiplied and added without a thought.
const GREATEST: u64 = 1_000_000_000;

/// The catalogue: name and file.
const CATALOGUE: &[(&str, &str)] = &[
    ("calm", include_str!("../../scenarios/checkout/calm.toml")),
    ("declines-and-stockouts", include_str!("../../scenarios/checkout/declines-and-stockouts.toml")),
    ("lost-replies", include_str!("../../scenarios/checkout/lost-replies.toml")),
    ("partition", include_str!("../../scenarios/checkout/partition.toml")),
    ("rolling-crash", include_str!("../../scenarios/checkout/rolling-crash.toml")),
    ("impatient-customers", include_str!("../../scenarios/checkout/impatient-customers.toml")),
    ("flaky-links", include_str!("../../scenarios/checkout/flaky-links.toml")),
    ("bad-disks", include_str!("../../scenarios/checkout/bad-disks.toml")),
    ("bad-clocks", include_str!("../../scenarios/checkout/bad-clocks.toml")),
    ("log-trouble", include_str!("../../scenarios/checkout/log-trouble.toml")),
    ("nobody-repairs", include_str!("../../scenarios/checkout/nobody-repairs.toml")),
    ("storm", include_str!("../../scenarios/checkout/storm.toml")),
    ("cdnow", include_str!("../../scenarios/checkout/cdnow.toml")),
    ("exploration", include_str!("../../scenarios/checkout/exploration.toml")),
    ("cancelled-in-flight", include_str!("../../scenarios/checkout/cancelled-in-flight.toml")),
    ("racing-webhook", include_str!("../../scenarios/checkout/racing-webhook.toml")),
];

impl Scenario {
    /// Names of the catalogue, in order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        CATALOGUE.iter().map(|(name, _)| *name)
    }

    /// A scenario of the catalogue, or the file at a path.
    ///
    /// # Errors
    /// If there is neither, or the file is not a scenario; the error says where.
    pub fn load(name: &str) -> Result<Scenario, Error> {
        if let Some((_, text)) = CATALOGUE.iter().find(|(known, _)| *known == name) {
            return Scenario::parse(name, text);
        }
        if !name.ends_with(".toml") {
            return Err(Error::unknown("scenario", name, Scenario::names()));
        }
        let text = std::fs::read_to_string(name).map_err(|error| Error::Io {
            doing: "read",
            path: name.into(),
            what: error.to_string(),
        })?;
        Scenario::parse(name, &text)
    }

    /// Reads a scenario from its text; `name` is for messages.
    ///
    /// # Errors
    /// If the text is not a scenario.
    pub fn parse(name: &str, text: &str) -> Result<Scenario, Error> {
        let mut scenario: Scenario =
            toml::from_str(text).map_err(|error| Error::in_toml(name, text, &error))?;
        scenario.name = name.into();
        scenario.check(text)?;
        Ok(scenario)
    }

    /// A time or a price that would overflow somewhere.
    fn too_great(&self) -> Option<&'static str> {
        let Scenario { physics, workload, faults, timeouts, limits, .. } = self;
        let longest = |times: &[u64]| times.iter().copied().max().unwrap_or(0);
        let all = [
            ("link_us", physics.link_us[1]),
            ("outside_link_us", physics.outside_link_us[1]),
            ("service_us", physics.service_us[1]),
            ("outside_service_us", physics.outside_service_us[1]),
            ("sync_us", physics.sync_us[1]),
            ("price_cents", workload.price_cents[1]),
            ("cancels_within_ms", workload.cancels_within_ms),
            ("failover_gap_ms", physics.failover_gap_ms),
            ("call_timeout_ms", timeouts.call_timeout_ms),
            ("backoff_cap_ms", timeouts.backoff_cap_ms),
            ("jitter_percent", timeouts.jitter_percent),
            ("deadline_ms", timeouts.deadline_ms),
            ("hold_ttl_ms", timeouts.hold_ttl_ms),
            ("patience_ms", timeouts.patience_ms),
            ("late_success_ms", timeouts.late_success_ms),
            ("safety_ms", limits.safety_ms),
            ("core_ms", limits.core_ms),
            ("rest_ms", limits.rest_ms),
            ("durations_ms", longest(&faults.durations_ms)),
            ("delays_ms", longest(&faults.delays_ms)),
            ("leaps_ms", longest(&faults.leaps_ms)),
        ];
        all.iter().find(|(_, value)| *value > GREATEST).map(|(field, _)| *field)
    }

    /// Refuses numbers that make no sense.
    fn check(&self, text: &str) -> Result<(), Error> {
        let (physics, workload, faults) = (&self.physics, &self.workload, &self.faults);
        let ranges = [
            ("link_us", physics.link_us),
            ("outside_link_us", physics.outside_link_us),
            ("service_us", physics.service_us),
            ("outside_service_us", physics.outside_service_us),
            ("sync_us", physics.sync_us),
            ("price_cents", workload.price_cents),
        ];
        let reversed = ranges.iter().find(|(_, [least, greatest])| least > greatest);
        let zero = [
            ("orders", u64::from(workload.orders)),
            ("skus", u64::from(workload.skus)),
            ("lines_max", u64::from(workload.lines_max)),
            ("quantity_max", u64::from(workload.quantity_max)),
            ("workers", u64::from(physics.workers)),
            ("instances", u64::from(physics.instances)),
            ("partitions", u64::from(physics.partitions)),
            ("call_timeout_ms", self.timeouts.call_timeout_ms),
            ("events", self.limits.events),
        ];
        let zero = zero.iter().find(|(_, value)| *value == 0);
        let storm = faults.count_weights.iter().skip(1).any(|weight| *weight > 0.0);
        let too_great = self.too_great();
        let complaint = match (reversed, zero) {
            (Some((field, _)), _) => Some((*field, "the least comes first: [least, greatest]")),
            (_, Some((field, _))) => Some((*field, "must be at least 1")),
            _ if too_great.is_some() => too_great.map(|field| (field, "at most a thousand million")),
            _ if physics.instances > 4 => Some(("instances", "at most 4 instances of a service")),
            _ if storm && faults.durations_ms.is_empty() => Some(("faults", "a storm needs durations_ms")),
            _ if storm && faults.delays_ms.is_empty() => Some(("faults", "a storm needs delays_ms")),
            _ if faults.count_weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) => {
                Some(("count_weights", "weights are not negative"))
            }
            _ => None,
        };
        if let Some((field, what)) = complaint {
            let offset = text.find(field).unwrap_or(0);
            return Err(Error::in_file(&self.name, text, offset, format!("{field}: {what}")));
        }
        crate::sweep::promise::check(self, text)?;
        crate::fault_generator::FaultGenerator::check(self, text)
    }
}
