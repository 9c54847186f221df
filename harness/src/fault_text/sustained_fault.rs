//! What happens to the world for a time, in words.

use serde::{Deserialize, Serialize};
use stormcart_sim::Micros;
use stormcart_sim::fault::{Nodes, SustainedFault};

use crate::error::Error;

use super::{Names, ahead_us, leap};

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
        /// The nodes whose disks are slow.
        nodes: Vec<String>,
        /// How many times as long they take.
        times: u16,
    },
    /// No transaction succeeds.
    FullDisk {
        /// The nodes whose disks are full.
        nodes: Vec<String>,
    },
    /// A clock is wrong.
    Clock {
        /// The node whose clock it is.
        node: String,
        /// By so much; behind if negative.
        ahead_us: i64,
    },
    /// A clock runs at another rate.
    Drift {
        /// The node whose clock it is.
        node: String,
        /// At so many per mille of the right one.
        per_mille: u16,
    },
}

impl SustainedFaultText {
    /// The fault these words mean.
    pub(super) fn read(&self, names: Names<'_>) -> Result<SustainedFault, Error> {
        let pair = |a: &[String], b: &[String]| Ok::<_, Error>((names.read_nodes(a)?, names.read_nodes(b)?));
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
            SustainedFaultText::Pause { node: name } => SustainedFault::Pause(names.read_node(name)?),
            SustainedFaultText::Slow { nodes, times: by } => {
                SustainedFault::Slow(names.read_nodes(nodes)?, times(*by)?)
            }
            SustainedFaultText::Crash { nodes } => SustainedFault::Crash(mortal(names, nodes)?),
            SustainedFaultText::CrashLoop { nodes, each_us } => {
                SustainedFault::CrashLoop(mortal(names, nodes)?, Micros(at_least("each_us", *each_us, 1)?))
            }
            SustainedFaultText::SlowDisk { nodes, times: by } => {
                SustainedFault::SlowDisk(names.read_nodes(nodes)?, times(*by)?)
            }
            SustainedFaultText::FullDisk { nodes } => SustainedFault::FullDisk(mortal(names, nodes)?),
            SustainedFaultText::Clock { node: name, ahead_us } => {
                SustainedFault::Clock(names.read_node(name)?, leap(*ahead_us))
            }
            SustainedFaultText::Drift { node: name, per_mille } => {
                SustainedFault::Drift(names.read_node(name)?, at_least("per_mille", *per_mille, 1)?)
            }
        })
    }

    /// The words for a fault that lasts.
    pub(super) fn write(sustained: &SustainedFault, names: Names<'_>) -> SustainedFaultText {
        let all = |set: &Nodes| names.nodes(*set);
        match sustained {
            SustainedFault::Partition { a, b, one_way } => {
                SustainedFaultText::Partition { a: all(a), b: all(b), one_way: *one_way }
            }
            SustainedFault::Flap { a, b, each } => {
                SustainedFaultText::Flap { a: all(a), b: all(b), each_us: each.0 }
            }
            SustainedFault::SlowLink { a, b, times } => {
                SustainedFaultText::SlowLink { a: all(a), b: all(b), times: *times }
            }
            SustainedFault::LossyLink { a, b, per_mille } => {
                SustainedFaultText::LossyLink { a: all(a), b: all(b), per_mille: *per_mille }
            }
            SustainedFault::Pause(node) => SustainedFaultText::Pause { node: names.node(*node) },
            SustainedFault::Slow(nodes, times) => {
                SustainedFaultText::Slow { nodes: all(nodes), times: *times }
            }
            SustainedFault::Crash(nodes) => SustainedFaultText::Crash { nodes: all(nodes) },
            SustainedFault::CrashLoop(nodes, each) => {
                SustainedFaultText::CrashLoop { nodes: all(nodes), each_us: each.0 }
            }
            SustainedFault::SlowDisk(nodes, times) => {
                SustainedFaultText::SlowDisk { nodes: all(nodes), times: *times }
            }
            SustainedFault::FullDisk(nodes) => SustainedFaultText::FullDisk { nodes: all(nodes) },
            SustainedFault::Clock(node, leap) => {
                SustainedFaultText::Clock { node: names.node(*node), ahead_us: ahead_us(*leap) }
            }
            SustainedFault::Drift(node, per_mille) => {
                SustainedFaultText::Drift { node: names.node(*node), per_mille: *per_mille }
            }
        }
    }
}

/// Nodes that can crash.
fn mortal(names: Names<'_>, wanted: &[String]) -> Result<Nodes, Error> {
    let all = names.read_nodes(wanted)?;
    let Names { physics, .. } = names;
    let outside =
        all.iter().find(|node| usize::from(node.0) < physics.nodes() && physics.spec(*node).outside);
    match outside {
        None => Ok(all),
        Some(node) => Err(Error::Plain(format!(
            "{} is outside: it never crashes; cut it off instead, with `partition`",
            names.node(node)
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
