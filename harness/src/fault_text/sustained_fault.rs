//! What happens to the world for a time, in words.

use serde::{Deserialize, Serialize};
use stormcart_sim::Micros;
use stormcart_sim::fault::{Nodes, SustainedFault};
use stormcart_sim::physics::Physics;

use crate::error::Error;

use super::name::{list, node, node_name, nodes};
use super::{ahead_us, leap};

/// What happens to the world for a time, in words; times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SustainedFaultText {
    /// Two groups of nodes do not reach each other.
    Partition {
        /// One group.
        a: Vec<String>,
        /// The other.
        b: Vec<String>,
        /// Only messages from `a` to `b` are stopped.
        #[serde(default)]
        one_way: bool,
    },
    /// Links between two groups go down and up.
    Flap {
        /// One group.
        a: Vec<String>,
        /// The other.
        b: Vec<String>,
        /// How long each.
        each_us: u64,
    },
    /// Messages between two groups are slow.
    SlowLink {
        /// One group.
        a: Vec<String>,
        /// The other.
        b: Vec<String>,
        /// How many times as long they take.
        times: u16,
    },
    /// Messages between two groups get lost.
    LossyLink {
        /// One group.
        a: Vec<String>,
        /// The other.
        b: Vec<String>,
        /// Of a thousand, how many.
        per_mille: u16,
    },
    /// A node stops, then continues.
    Pause {
        /// Which.
        node: String,
    },
    /// Nodes are slow.
    Slow {
        /// Which.
        nodes: Vec<String>,
        /// How many times as long a command takes.
        times: u16,
    },
    /// Nodes crash and come back.
    Crash {
        /// Which.
        nodes: Vec<String>,
    },
    /// Nodes crash, come back, and crash again.
    CrashLoop {
        /// Which.
        nodes: Vec<String>,
        /// How long they are down, and then up.
        each_us: u64,
    },
    /// Forced writes are slow.
    SlowDisk {
        /// Whose.
        nodes: Vec<String>,
        /// How many times as long they take.
        times: u16,
    },
    /// No transaction succeeds.
    FullDisk {
        /// Whose.
        nodes: Vec<String>,
    },
    /// A clock is wrong.
    Clock {
        /// Whose.
        node: String,
        /// By so much; behind if negative.
        ahead_us: i64,
    },
    /// A clock runs at another rate.
    Drift {
        /// Whose.
        node: String,
        /// At so many per mille of the right one.
        per_mille: u16,
    },
}

impl SustainedFaultText {
    /// The strike these words mean.
    pub(super) fn read(&self, physics: &Physics) -> Result<SustainedFault, Error> {
        let pair = |a: &[String], b: &[String]| Ok::<_, Error>((nodes(physics, a)?, nodes(physics, b)?));
        let times = |times: u16| at_least("times", times, 2);
        Ok(match self {
            SustainedFaultText::Partition { a, b, one_way } => {
                let (a, b) = pair(a, b)?;
                SustainedFault::Partition { a, b, one_way: *one_way }
            }
            SustainedFaultText::Flap { a, b, each_us } => {
                let (a, b) = pair(a, b)?;
                SustainedFault::Flap { a, b, each: Micros(at_least("each_us", *each_us, 1)?) }
            }
            SustainedFaultText::SlowLink { a, b, times: by } => {
                let (a, b) = pair(a, b)?;
                SustainedFault::SlowLink { a, b, times: times(*by)? }
            }
            SustainedFaultText::LossyLink { a, b, per_mille } => {
                let (a, b) = pair(a, b)?;
                SustainedFault::LossyLink { a, b, per_mille: share(*per_mille)? }
            }
            SustainedFaultText::Pause { node: name } => SustainedFault::Pause(node(physics, name)?),
            SustainedFaultText::Slow { nodes: names, times: by } => {
                SustainedFault::Slow(nodes(physics, names)?, times(*by)?)
            }
            SustainedFaultText::Crash { nodes: names } => SustainedFault::Crash(mortal(physics, names)?),
            SustainedFaultText::CrashLoop { nodes: names, each_us } => {
                SustainedFault::CrashLoop(mortal(physics, names)?, Micros(at_least("each_us", *each_us, 1)?))
            }
            SustainedFaultText::SlowDisk { nodes: names, times: by } => {
                SustainedFault::SlowDisk(nodes(physics, names)?, times(*by)?)
            }
            SustainedFaultText::FullDisk { nodes: names } => {
                SustainedFault::FullDisk(mortal(physics, names)?)
            }
            SustainedFaultText::Clock { node: name, ahead_us } => {
                SustainedFault::Clock(node(physics, name)?, leap(*ahead_us))
            }
            SustainedFaultText::Drift { node: name, per_mille } => {
                SustainedFault::Drift(node(physics, name)?, at_least("per_mille", *per_mille, 1)?)
            }
        })
    }

    /// The words for a strike.
    pub(super) fn write(sustained: &SustainedFault, physics: &Physics) -> SustainedFaultText {
        let names = |set: &Nodes| list(physics, *set);
        match sustained {
            SustainedFault::Partition { a, b, one_way } => {
                SustainedFaultText::Partition { a: names(a), b: names(b), one_way: *one_way }
            }
            SustainedFault::Flap { a, b, each } => {
                SustainedFaultText::Flap { a: names(a), b: names(b), each_us: each.0 }
            }
            SustainedFault::SlowLink { a, b, times } => {
                SustainedFaultText::SlowLink { a: names(a), b: names(b), times: *times }
            }
            SustainedFault::LossyLink { a, b, per_mille } => {
                SustainedFaultText::LossyLink { a: names(a), b: names(b), per_mille: *per_mille }
            }
            SustainedFault::Pause(node) => SustainedFaultText::Pause { node: node_name(physics, *node) },
            SustainedFault::Slow(nodes, times) => {
                SustainedFaultText::Slow { nodes: names(nodes), times: *times }
            }
            SustainedFault::Crash(nodes) => SustainedFaultText::Crash { nodes: names(nodes) },
            SustainedFault::CrashLoop(nodes, each) => {
                SustainedFaultText::CrashLoop { nodes: names(nodes), each_us: each.0 }
            }
            SustainedFault::SlowDisk(nodes, times) => {
                SustainedFaultText::SlowDisk { nodes: names(nodes), times: *times }
            }
            SustainedFault::FullDisk(nodes) => SustainedFaultText::FullDisk { nodes: names(nodes) },
            SustainedFault::Clock(node, leap) => {
                SustainedFaultText::Clock { node: node_name(physics, *node), ahead_us: ahead_us(*leap) }
            }
            SustainedFault::Drift(node, per_mille) => {
                SustainedFaultText::Drift { node: node_name(physics, *node), per_mille: *per_mille }
            }
        }
    }
}

/// Nodes that can crash.
fn mortal(physics: &Physics, names: &[String]) -> Result<Nodes, Error> {
    let all = nodes(physics, names)?;
    let outside =
        all.iter().find(|node| usize::from(node.0) < physics.nodes() && physics.spec(*node).outside);
    match outside {
        None => Ok(all),
        Some(node) => Err(Error::Plain(format!(
            "{} is outside: it never crashes; cut it off instead, with `partition`",
            node_name(physics, node)
        ))),
    }
}

fn at_least<N: PartialOrd + std::fmt::Display>(what: &str, given: N, least: N) -> Result<N, Error> {
    match given < least {
        true => Err(Error::Plain(format!("`{what}` is at least {least}, not {given}"))),
        false => Ok(given),
    }
}

fn share(per_mille: u16) -> Result<u16, Error> {
    match per_mille {
        1..=1_000 => Ok(per_mille),
        _ => Err(Error::Plain(format!("`per_mille` is from 1 to 1000, not {per_mille}"))),
    }
}
