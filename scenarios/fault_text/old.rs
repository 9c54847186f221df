//! Faults as people write them: in plan files, in business words.
//!
//! Enums are externally tagged, so that an error has a line.
//!
//! **Invariant:** reading what was written gives the same fault; `coordinator` is resolved when a plan is made.

use serde::{Deserialize, Serialize};
use stormcart_models::words::{Manners, Op, Party, VOCABULARY};
use stormcart_sim::fault::{CrashPoint, Fault, Nodes, Strike, Verb, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::{Identity, Leg, Node, Operation, Site};
use stormcart_sim::{Instant, Micros};

use crate::error::Error;

/// A fault, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultText {
    /// At a named point of the run.
    At {
        /// Where it arrives.
        service: String,
        /// What is done.
        operation: String,
        /// Which part of it.
        leg: String,
        /// For which order.
        order: u32,
        /// The caller's try.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        attempt: u8,
        /// The how-manieth arrival of exactly this.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        occurrence: u8,
        /// What happens.
        r#do: VerbText,
    },
    /// Two groups of nodes do not reach each other for a time.
    Partition {
        /// One group.
        a: Vec<String>,
        /// The other.
        b: Vec<String>,
        /// Only messages from `a` to `b` are stopped.
        #[serde(default)]
        one_way: bool,
        /// From when, in microseconds.
        from_us: u64,
        /// For how long, in microseconds; until healed if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_us: Option<u64>,
    },
    /// A node stops for a time, then continues.
    Pause {
        /// Which.
        node: String,
        /// From when, in microseconds.
        from_us: u64,
        /// For how long, in microseconds.
        for_us: u64,
    },
    /// Nodes crash and come back.
    Crash {
        /// Which.
        nodes: Vec<String>,
        /// When, in microseconds.
        from_us: u64,
        /// For how long, in microseconds; until healed if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_us: Option<u64>,
    },
}

/// What happens to a delivery, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum VerbText {
    /// The message is lost.
    Drop,
    /// It arrives, and again after so many microseconds.
    Duplicate(u64),
    /// It arrives so many microseconds later.
    Delay(u64),
    /// What else happens at this instant goes first.
    Yield,
    /// The receiver crashes.
    Crash {
        /// Where in its handler.
        point: String,
        /// For how long, in microseconds; until healed if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        down_us: Option<u64>,
    },
    /// The receiver's database aborts the transaction.
    FailWrite,
    /// The sender is cut off for so many microseconds.
    IsolateSender(u64),
    /// The receiver is cut off for so many microseconds.
    IsolateReceiver(u64),
    /// The receiver stops for so many microseconds.
    Pause(u64),
    /// The outside party misbehaves like this.
    Manner(String),
}

fn one() -> u8 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(n: &u8) -> bool {
    *n == 1
}

/// Finds something by its name in a list of names.
fn find<T: Copy>(kind: &'static str, name: &str, all: &[(T, &'static str)]) -> Result<T, Error> {
    let known = all.iter().find(|(_, known)| *known == name).map(|(value, _)| *value);
    known.ok_or_else(|| Error::unknown(kind, name, all.iter().map(|(_, known)| *known)))
}

fn named<T: Copy>(kind: &'static str, name: &str, all: &[T], names: &[&'static str]) -> Result<T, Error> {
    let pairs: Vec<(T, &'static str)> = all.iter().copied().zip(names.iter().copied()).collect();
    find(kind, name, &pairs)
}

/// Names of nodes: the party, and from the second instance on its number: `payments`, `payments-2`.
pub fn node_name(physics: &Physics, node: Node) -> String {
    let party = Party::of(physics.role(node));
    match physics.instance(node) {
        0 => party.name().into(),
        instance => format!("{party}-{}", instance + 1),
    }
}

/// A fault in words: `payments sale order 3 attempt 1, answer: lose the answer`.
pub fn fault_name(fault: &Fault, physics: &Physics) -> String {
    let list = |nodes: Nodes| {
        let there = nodes.iter().take_while(|node| usize::from(node.0) < physics.nodes());
        there.map(|node| node_name(physics, node)).collect::<Vec<_>>().join(" ")
    };
    let lasts = |time: Micros| match bounded(time) {
        Some(_) => format!("for {time}"),
        None => "until it is healed".into(),
    };
    match fault {
        Fault::At { site, verb: Verb::Crash(point, Micros(u64::MAX)) } => {
            let role = VOCABULARY.role(site.role);
            format!("{}: crash {role} {}, for good", VOCABULARY.site(site), point.words())
        }
        Fault::At { site, verb } => format!("{}: {}", VOCABULARY.site(site), verb.words(&VOCABULARY, site)),
        Fault::During { from, lasting, strike } => {
            let what = match strike {
                Strike::Partition { a, b, one_way: false } => {
                    format!("cut {} off from {}", list(*a), list(*b))
                }
                Strike::Partition { a, b, one_way: true } => {
                    format!("stop what {} send to {}", list(*a), list(*b))
                }
                Strike::Pause(node) => format!("pause {}", node_name(physics, *node)),
                Strike::Crash(nodes) => format!("crash {}", list(*nodes)),
            };
            format!("at {} ms: {what} {}", from.as_millis(), lasts(*lasting))
        }
    }
}

fn node(physics: &Physics, name: &str) -> Result<Node, Error> {
    let nodes = || (0..physics.nodes() as u8).map(Node);
    let names: Vec<String> = nodes().map(|node| node_name(physics, node)).collect();
    let known = nodes().zip(&names).find(|(_, known)| *known == name).map(|(node, _)| node);
    known.ok_or_else(|| Error::unknown("node", name, names.iter().map(String::as_str)))
}

fn nodes(physics: &Physics, names: &[String]) -> Result<Nodes, Error> {
    names.iter().try_fold(Nodes::default(), |set, name| Ok(set.and(Nodes::one(node(physics, name)?))))
}

fn forever(us: Option<u64>) -> Micros {
    Micros(us.unwrap_or(u64::MAX))
}

fn bounded(time: Micros) -> Option<u64> {
    (time.0 != u64::MAX).then_some(time.0)
}

impl FaultText {
    /// The fault these words mean, among these nodes.
    ///
    /// # Errors
    /// If a name is unknown, or the fault cannot happen.
    pub fn read(&self, physics: &Physics) -> Result<Fault, Error> {
        Ok(match self {
            FaultText::At { service, operation, leg, order, attempt, occurrence, r#do } => {
                let party = named("service", service, Party::ALL, Party::NAMES)?;
                let leg = find("leg", leg, &Leg::ALL)?;
                let operation = match leg {
                    Leg::Restart => Operation::RECOVERY,
                    _ => named("operation", operation, Op::ALL, Op::NAMES)?.operation(),
                };
                let identity = Identity { operation, leg, subject: *order, attempt: *attempt };
                let site = Site { role: party.role(), identity, occurrence: *occurrence };
                if physics.roles[party as usize].instances == 0 {
                    let here =
                        Party::ALL.iter().filter(|party| physics.roles[**party as usize].instances > 0);
                    return Err(Error::unknown("node", service, here.map(|party| party.name())));
                }
                let verb = r#do.read()?;
                if party.outside() && matches!(verb, Verb::Crash(..) | Verb::FailWrite) {
                    return Err(Error::Plain(format!(
                        "{party} is outside: it never crashes; use `manner` instead"
                    )));
                }
                Fault::At { site, verb }
            }
            FaultText::Partition { a, b, one_way, from_us, for_us } => Fault::During {
                when: When::At(Instant(*from_us)),
                lasting: forever(*for_us),
                strike: Strike::Partition { a: nodes(physics, a)?, b: nodes(physics, b)?, one_way: *one_way },
            },
            FaultText::Pause { node: name, from_us, for_us } => Fault::During {
                when: When::At(Instant(*from_us)),
                lasting: Micros(*for_us),
                strike: Strike::Pause(node(physics, name)?),
            },
            FaultText::Crash { nodes: names, from_us, for_us } => Fault::During {
                when: When::At(Instant(*from_us)),
                lasting: forever(*for_us),
                strike: Strike::Crash(nodes(physics, names)?),
            },
        })
    }

    /// The words for a fault among these nodes.
    pub fn write(fault: &Fault, physics: &Physics) -> FaultText {
        let list = |set: Nodes| {
            let there = set.iter().take_while(|node| (node.0 as usize) < physics.nodes());
            there.map(|node| node_name(physics, node)).collect()
        };
        match fault {
            Fault::At { site, verb } => FaultText::At {
                service: VOCABULARY.role(site.role).into(),
                operation: VOCABULARY.operation(site.identity.operation).into(),
                leg: site.identity.leg.word().into(),
                order: site.identity.subject,
                attempt: site.identity.attempt,
                occurrence: site.occurrence,
                r#do: VerbText::write(*verb),
            },
            Fault::During { from, lasting, strike } => match strike {
                Strike::Partition { a, b, one_way } => FaultText::Partition {
                    a: list(*a),
                    b: list(*b),
                    one_way: *one_way,
                    from_us: from.0,
                    for_us: bounded(*lasting),
                },
                Strike::Pause(node) => {
                    FaultText::Pause { node: node_name(physics, *node), from_us: from.0, for_us: lasting.0 }
                }
                Strike::Crash(nodes) => {
                    FaultText::Crash { nodes: list(*nodes), from_us: from.0, for_us: bounded(*lasting) }
                }
            },
        }
    }
}

impl VerbText {
    fn read(&self) -> Result<Verb, Error> {
        Ok(match self {
            VerbText::Drop => Verb::Drop,
            VerbText::Duplicate(us) => Verb::Duplicate(Micros(*us)),
            VerbText::Delay(us) => Verb::Delay(Micros(*us)),
            VerbText::Yield => Verb::Yield,
            VerbText::Crash { point, down_us } => {
                Verb::Crash(find("crash point", point, &CrashPoint::ALL)?, forever(*down_us))
            }
            VerbText::FailWrite => Verb::FailWrite,
            VerbText::IsolateSender(us) => Verb::IsolateSender(Micros(*us)),
            VerbText::IsolateReceiver(us) => Verb::IsolateReceiver(Micros(*us)),
            VerbText::Pause(us) => Verb::Pause(Micros(*us)),
            VerbText::Manner(manner) => {
                Verb::Manner(named("manner", manner, Manners::ALL, Manners::NAMES)?.manner())
            }
        })
    }

    fn write(verb: Verb) -> VerbText {
        match verb {
            Verb::Drop => VerbText::Drop,
            Verb::Duplicate(time) => VerbText::Duplicate(time.0),
            Verb::Delay(time) => VerbText::Delay(time.0),
            Verb::Yield => VerbText::Yield,
            Verb::Crash(point, down) => {
                VerbText::Crash { point: point.words().into(), down_us: bounded(down) }
            }
            Verb::FailWrite => VerbText::FailWrite,
            Verb::IsolateSender(time) => VerbText::IsolateSender(time.0),
            Verb::IsolateReceiver(time) => VerbText::IsolateReceiver(time.0),
            Verb::Pause(time) => VerbText::Pause(time.0),
            Verb::Manner(manner) => VerbText::Manner(VOCABULARY.manner(manner).into()),
        }
    }
}
