//! What happens to the world for a time, in words.

use serde::{Deserialize, Serialize};
use stormcart_sim::Micros;
use stormcart_sim::fault::{Nodes, Strike};
use stormcart_sim::physics::Physics;

use crate::error::Error;

use super::name::{list, node, node_name, nodes};
use super::{ahead_us, leap};

/// What happens to the world for a time, in words; times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StrikeText {
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

impl StrikeText {
    /// The strike these words mean.
    pub(super) fn read(&self, physics: &Physics) -> Result<Strike, Error> {
        let pair = |a: &[String], b: &[String]| Ok::<_, Error>((nodes(physics, a)?, nodes(physics, b)?));
        let times = |times: u16| at_least("times", times, 2);
        Ok(match self {
            StrikeText::Partition { a, b, one_way } => {
                let (a, b) = pair(a, b)?;
                Strike::Partition { a, b, one_way: *one_way }
            }
            StrikeText::Flap { a, b, each_us } => {
                let (a, b) = pair(a, b)?;
                Strike::Flap { a, b, each: Micros(at_least("each_us", *each_us, 1)?) }
            }
            StrikeText::SlowLink { a, b, times: by } => {
                let (a, b) = pair(a, b)?;
                Strike::SlowLink { a, b, times: times(*by)? }
            }
            StrikeText::LossyLink { a, b, per_mille } => {
                let (a, b) = pair(a, b)?;
                Strike::LossyLink { a, b, per_mille: share(*per_mille)? }
            }
            StrikeText::Pause { node: name } => Strike::Pause(node(physics, name)?),
            StrikeText::Slow { nodes: names, times: by } => Strike::Slow(nodes(physics, names)?, times(*by)?),
            StrikeText::Crash { nodes: names } => Strike::Crash(mortal(physics, names)?),
            StrikeText::CrashLoop { nodes: names, each_us } => {
                Strike::CrashLoop(mortal(physics, names)?, Micros(at_least("each_us", *each_us, 1)?))
            }
            StrikeText::SlowDisk { nodes: names, times: by } => {
                Strike::SlowDisk(nodes(physics, names)?, times(*by)?)
            }
            StrikeText::FullDisk { nodes: names } => Strike::FullDisk(mortal(physics, names)?),
            StrikeText::Clock { node: name, ahead_us } => {
                Strike::Clock(node(physics, name)?, leap(*ahead_us))
            }
            StrikeText::Drift { node: name, per_mille } => {
                Strike::Drift(node(physics, name)?, at_least("per_mille", *per_mille, 1)?)
            }
        })
    }

    /// The words for a strike.
    pub(super) fn write(strike: &Strike, physics: &Physics) -> StrikeText {
        let names = |set: &Nodes| list(physics, *set);
        match strike {
            Strike::Partition { a, b, one_way } => {
                StrikeText::Partition { a: names(a), b: names(b), one_way: *one_way }
            }
            Strike::Flap { a, b, each } => StrikeText::Flap { a: names(a), b: names(b), each_us: each.0 },
            Strike::SlowLink { a, b, times } => {
                StrikeText::SlowLink { a: names(a), b: names(b), times: *times }
            }
            Strike::LossyLink { a, b, per_mille } => {
                StrikeText::LossyLink { a: names(a), b: names(b), per_mille: *per_mille }
            }
            Strike::Pause(node) => StrikeText::Pause { node: node_name(physics, *node) },
            Strike::Slow(nodes, times) => StrikeText::Slow { nodes: names(nodes), times: *times },
            Strike::Crash(nodes) => StrikeText::Crash { nodes: names(nodes) },
            Strike::CrashLoop(nodes, each) => StrikeText::CrashLoop { nodes: names(nodes), each_us: each.0 },
            Strike::SlowDisk(nodes, times) => StrikeText::SlowDisk { nodes: names(nodes), times: *times },
            Strike::FullDisk(nodes) => StrikeText::FullDisk { nodes: names(nodes) },
            Strike::Clock(node, leap) => {
                StrikeText::Clock { node: node_name(physics, *node), ahead_us: ahead_us(*leap) }
            }
            Strike::Drift(node, per_mille) => {
                StrikeText::Drift { node: node_name(physics, *node), per_mille: *per_mille }
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
