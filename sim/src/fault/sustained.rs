//! What happens to the world for a time.

use crate::site::Node;
use crate::time::Micros;

use super::nodes::Nodes;
use super::point::Leap;

/// What happens to the world for a time. Everything has its inverse: when the time is over, or the world is healed,
/// links carry, nodes run and clocks are right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SustainedFault {
    /// No message passes between the two groups; one way only, if so said. Groups that leave nodes out make it partial.
    Partition {
        /// The first group.
        a: Nodes,
        /// The second group.
        b: Nodes,
        /// Only messages from `a` to `b` are stopped.
        one_way: bool,
    },
    /// Links between the two groups go down and come up again, each for this long, beginning with down.
    Flap {
        /// The first group.
        a: Nodes,
        /// The second group.
        b: Nodes,
        /// How long they are down, and then up.
        each: Micros,
    },
    /// Messages sent between the two groups take so many times as long.
    SlowLink {
        /// The first group.
        a: Nodes,
        /// The second group.
        b: Nodes,
        /// The factor.
        times: u16,
    },
    /// Of a thousand messages between the two groups so many are lost, drawn by what they are.
    LossyLink {
        /// The first group.
        a: Nodes,
        /// The second group.
        b: Nodes,
        /// Messages lost of a thousand.
        per_mille: u16,
    },
    /// The node stops, then continues as if nothing had happened.
    Pause(Node),
    /// These nodes need so many times as long for every command.
    Slow(Nodes, u16),
    /// These nodes crash, and come back at the end.
    Crash(Nodes),
    /// These nodes crash, come back after this long, run for as long, and crash again, until the end. A group that is
    /// one node comes back after its failover gap, as always.
    CrashLoop(Nodes, Micros),
    /// Forced writes of these nodes take so many times as long.
    SlowDisk(Nodes, u16),
    /// Every transaction of these nodes whose handler begins meanwhile is aborted. Timers fire again, and a node that
    /// had to write when it came back comes back again, when there is room; the others of the role believe a node
    /// that cannot write to be lost. Outside parties have disks of their own.
    FullDisk(Nodes),
    /// The clock of this node leaps at the start, and back at the end: a skew that lasts, or a jump that is set
    /// right. What is armed by the time of day moves with it; so does the time at which others are believed to be
    /// lost, and a leap ahead by all of that makes the node take over from others that are alive.
    Clock(Node, Leap),
    /// The clock of this node runs at so many per mille of its rate: what it begins to time meanwhile comes early above
    /// 1000, late below.
    Drift(Node, u16),
}

impl SustainedFault {
    /// The family under which it is counted.
    pub fn family(&self) -> &'static str {
        match self {
            SustainedFault::Partition { .. } => "partition",
            SustainedFault::Flap { .. }
            | SustainedFault::SlowLink { .. }
            | SustainedFault::LossyLink { .. } => "link",
            SustainedFault::Pause(_) => "pause",
            SustainedFault::Slow(..) => "slow",
            SustainedFault::Crash(_) | SustainedFault::CrashLoop(..) => "crash",
            SustainedFault::SlowDisk(..) | SustainedFault::FullDisk(_) => "disk",
            SustainedFault::Clock(..) | SustainedFault::Drift(..) => "clock",
        }
    }

    /// Whether some of what passes between a node and these others is lost while it lasts, now and then.
    pub fn disrupts(&self, node: Node, others: Nodes) -> bool {
        if let SustainedFault::Flap { a, b, .. } | SustainedFault::LossyLink { a, b, .. } = *self {
            return a.has(node) && b.meets(others) || b.has(node) && a.meets(others);
        }
        matches!(self, SustainedFault::CrashLoop(nodes, _) if nodes.has(node))
    }
}

const MS: Micros = Micros::millis(5);
const A: Nodes = Nodes::one(Node(0));
const B: Nodes = Nodes::one(Node(1));

samples! { SustainedFault, 12:
    SustainedFault::Partition { .. } => SustainedFault::Partition { a: A, b: B, one_way: false },
    SustainedFault::Flap { .. } => SustainedFault::Flap { a: A, b: B, each: MS },
    SustainedFault::SlowLink { .. } => SustainedFault::SlowLink { a: A, b: B, times: 3 },
    SustainedFault::LossyLink { .. } => SustainedFault::LossyLink { a: A, b: B, per_mille: 300 },
    SustainedFault::Pause(_) => SustainedFault::Pause(Node(1)),
    SustainedFault::Slow(..) => SustainedFault::Slow(B, 3),
    SustainedFault::Crash(_) => SustainedFault::Crash(B),
    SustainedFault::CrashLoop(..) => SustainedFault::CrashLoop(B, MS),
    SustainedFault::SlowDisk(..) => SustainedFault::SlowDisk(B, 3),
    SustainedFault::FullDisk(_) => SustainedFault::FullDisk(B),
    SustainedFault::Clock(..) => SustainedFault::Clock(Node(1), Leap::Ahead(MS)),
    SustainedFault::Drift(..) => SustainedFault::Drift(Node(1), 500),
}
