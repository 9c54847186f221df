//! What an exploration covered, in words and as a document.
//!
//! **Invariant:** whatever the claim depends on is printed with it: scenario, workload, latency assignment, fault set,
//! durations, horizon. It claims nothing beyond them.

use std::fmt;

use serde::Serialize;
use stormcart_sim::Micros;
use stormcart_sim::explore::{Explored, FaultSet};
use stormcart_sim::fault::PointFault;
use stormcart_sim::physics::Spread;
use stormcart_sim::site::{MessageKind, Role};

use crate::case::Case;
use crate::catalog::ParticipantKind;
use crate::model::{About, Model, about};
use crate::run::{Verdict, run};
use crate::story::sentences;

use super::fault_set_size::Durations;
use super::{Counterexample, Exploration};

const WIDTH: usize = 112;
const HEADING: usize = 13;

/// What `explore` prints of one variant.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// The case without its drawn faults.
    pub case: String,
    /// `held`, `violated` or `inconclusive`.
    pub verdict: &'static str,
    /// The number of faults up to which everything was covered.
    pub k: u8,
    /// How many customers came.
    pub orders: u32,
    /// Runs that were taken to their end.
    pub executions: u64,
    /// Events executed.
    pub events: u64,
    /// Different states in which a fault could be placed, or where runs may have met.
    pub states: u64,
    /// Runs that ended where another one had been.
    pub pruned: u64,
    /// How many runs it would take without a memo, by the formula in the certificate.
    pub naive_space: u64,
    /// How many runs were expected.
    pub estimate: u64,
    /// What other orders of messages led to.
    pub orders_of_messages: Reordered,
    /// Whether everything was covered that was asked for, or up to where something broke.
    pub complete: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was broken.
    pub violations: Vec<Broken>,
    /// The certificate in words.
    pub certificate: String,
}

/// What was covered by taking messages in other orders, without faults.
#[derive(Clone, Debug, Serialize)]
pub struct Reordered {
    /// The most inversions up to which everything was covered.
    pub inversions: u8,
    /// Runs that were taken to their end.
    pub executions: u64,
    /// Different states.
    pub states: u64,
    /// Runs that ended where another one had been.
    pub pruned: u64,
}

impl Reordered {
    fn of(explored: &Explored<&'static str>) -> Reordered {
        let Explored { faults: inversions, executions, states, pruned, .. } = *explored;
        Reordered { inversions, executions, states, pruned }
    }
}

/// A broken property and the smallest placement that broke it.
#[derive(Clone, Debug, Serialize)]
pub struct Broken {
    /// The architecture that broke it.
    pub architecture: String,
    /// Its id.
    pub property: &'static str,
    /// Which subject it concerns, under the name of one: `order`.
    #[serde(flatten)]
    pub about: About,
    /// What is wrong.
    pub explanation: String,
    /// The faults in words.
    pub faults: Vec<String>,
}

impl<M: Model> Exploration<M> {
    /// Whether it found nothing, something, or not enough.
    pub fn verdict(&self) -> &'static str {
        match (self.counterexamples.is_empty(), self.complete()) {
            (false, _) => "violated",
            (true, true) => "held",
            (true, false) => "inconclusive",
        }
    }

    /// The document of it.
    pub fn document(&self) -> Document {
        let explored = &self.explored;
        Document {
            case: self.asked.case.to_string(),
            verdict: self.verdict(),
            k: explored.faults,
            orders: self.asked.question.orders,
            executions: explored.executions,
            events: explored.events,
            states: explored.states,
            pruned: explored.pruned,
            naive_space: explored.naive_space(),
            estimate: self.asked.estimate.runs,
            orders_of_messages: Reordered::of(&self.reordered),
            complete: self.complete(),
            reason: self.searches().iter().find_map(|search| search.stopped).map(|stop| stop.to_string()),
            violations: self
                .counterexamples
                .iter()
                .flat_map(|found| found.broken(&self.asked.case))
                .collect(),
            certificate: self.to_string(),
        }
    }
}

impl<M: Model> Counterexample<M> {
    /// The properties it broke first, as an ordinary run of its plan tells them.
    pub fn broken(&self, case: &Case) -> Vec<Broken> {
        let Verdict::Violated(violations) = run(&self.plan).verdict else { return Vec::new() };
        let faults: Vec<String> =
            self.plan.faults.iter().map(|fault| self.plan.names().fault(fault)).collect();
        let first = |id: &&str| violations.iter().find(|violation| violation.property == *id);
        let broken = |violation: &stormcart_sim::property::Violation| Broken {
            architecture: case.architecture.clone(),
            property: violation.property,
            about: about(M::vocabulary(), violation.subject),
            explanation: violation.explanation.clone(),
            faults: faults.clone(),
        };
        self.broke.iter().filter_map(first).map(broken).collect()
    }
}

impl<M: Model> Counterexample<M> {
    fn told(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = self.plan.faults.iter().map(|fault| self.plan.names().fault(fault));
        let faults: Vec<String> = faults.collect();
        let by = if faults.is_empty() { "without a fault".into() } else { faults.join("; then ") };
        paragraph(f, &self.broke.join(" "), &by)
    }
}

impl<M: Model> fmt::Display for Exploration<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = if self.asked.question.faults == 1 { "fault" } else { "faults" };
        writeln!(f, "explored      {}, at most {} {many}", self.asked.case, self.asked.question.faults)?;
        self.world(f)?;
        self.choice(f)?;
        self.coverage(f)?;
        match self.verdict() {
            "held" => writeln!(f, "verdict       held: no placement breaks a property")?,
            "violated" => {
                let mut broke: Vec<&str> =
                    self.counterexamples.iter().flat_map(|found| found.broke.clone()).collect();
                broke.sort_unstable();
                broke.dedup();
                let broke = sentences::named(M::catalog(), &broke);
                writeln!(
                    f,
                    "verdict       violated: {broke} (a run ends there: what it breaks later is not told)"
                )?;
                self.counterexamples.iter().try_for_each(|found| found.told(f))?;
            }
            _ => writeln!(f, "verdict       inconclusive: nothing broke in what was covered")?,
        }
        paragraph(
            f,
            "claim",
            "what is written here holds for this scenario, workload, latency assignment, fault set, these \
             durations and this horizon; nothing is claimed beyond them",
        )
    }
}

impl<M: Model> Exploration<M> {
    fn world(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = &self.asked.plan;
        paragraph(f, "workload", &M::workload_in_full(&plan.setup).join("; "))?;
        let physics = &plan.physics;
        let service = |kind: ParticipantKind| {
            let roles = physics.roles.iter().zip(&M::catalog().participants);
            roles.into_iter().find(|(_, known)| known.kind == kind).map(|(role, _)| role.service)
        };
        let worker = service(ParticipantKind::Service).unwrap_or_default();
        let outside = service(ParticipantKind::Outside).unwrap_or_default();
        let latencies = [
            (physics.link, "between two nodes inside"),
            (physics.outside_link, "to or from outside"),
            (physics.sync, "for a forced write"),
            (worker, "on a worker"),
            (outside, "at an outside party"),
        ];
        let latencies = latencies.map(|(spread, where_)| format!("{} {where_}", taking(spread)));
        paragraph(f, "latencies", &latencies.join(", "))?;
        let caught = match physics.lost_per_mille {
            1_000 => "is lost".into(),
            lost => format!("is lost in {lost} of 1000 cases, and else late"),
        };
        let drawn = format!(
            "by seed {}: {}s, latencies within their bounds, the order of an instant, whether a write that a crash \
             interrupts is durable; a message that a partition catches {caught}",
            plan.seed,
            M::vocabulary().subject,
        );
        paragraph(f, "drawn", &drawn)
    }

    fn choice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FaultSet { delivery, handler, recovery, misbehaviors, tie } = &self.asked.fault_set;
        paragraph(f, "at delivery", &words::<M>(delivery.iter()))?;
        paragraph(f, "in handlers", &words::<M>(handler.iter()))?;
        paragraph(f, "in recovery", &words::<M>(recovery.iter()))?;
        let roles = &self.asked.plan.physics.roles;
        for role in (0..roles.len()).filter(|role| roles[*role].instances > 0).map(|role| Role(role as u8)) {
            for kind in [MessageKind::Ask, MessageKind::Answer, MessageKind::Ack, MessageKind::Timer] {
                let here = |(known, at, _): &&(Role, MessageKind, PointFault)| (*known, *at) == (role, kind);
                let misbehaviors = || misbehaviors.iter().filter(here).map(|(.., point_fault)| point_fault);
                if misbehaviors().next().is_some() {
                    paragraph(
                        f,
                        M::vocabulary().role(role),
                        &format!("at {}: {}", met(kind), words::<M>(misbehaviors())),
                    )?;
                }
            }
        }
        paragraph(f, "at ties", &words::<M>(tie.iter()))?;
        let timing = M::timing(&self.asked.plan.setup);
        let Durations { short, late, long } = self.asked.durations;
        let outlasts = |point_fault: &PointFault| *point_fault == PointFault::Delay(long);
        let longest = match delivery.iter().any(outlasts) {
            true => format!("{long} is longer than the deadline ({})", timing.deadline),
            false => "nothing lasts longer".into(),
        };
        let durations = format!(
            "{short} is over before a call times out ({}), {late} is later, {longest}; a log or an engine on a single \
             node that crashes is back after its failover gap ({})",
            timing.call_timeout, self.asked.plan.physics.takeover,
        );
        paragraph(f, "durations", &durations)
    }

    fn coverage(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let explored = &self.explored;
        let latest = explored.latest.as_millis();
        let horizon =
            format!("until all is at rest, with nothing healed before: the last run was at {latest} ms");
        paragraph(f, "horizon", &horizon)?;
        let covered = match explored.stopped {
            None => format!("every placement of up to {} of these faults", explored.faults),
            Some(stopped) => format!("not every placement: {stopped}"),
        };
        paragraph(f, "covered", &covered)?;
        let counts = format!(
            "{} runs of {} events, {} states, {} runs cut off where another one had been",
            explored.executions, explored.events, explored.states, explored.pruned,
        );
        paragraph(f, "executed", &counts)?;
        let naive = format!(
            "{} runs, as the sum over k of the ways to choose k of the {} placements on the run without faults; expected \
             were {}",
            explored.naive_space(),
            explored.placements,
            self.asked.estimate.runs,
        );
        paragraph(f, "instead of", &naive)?;
        let reordered = &self.reordered;
        let up_to = match reordered.stopped {
            None => format!("with up to {} inversions of two messages for one service", reordered.faults),
            Some(stopped) => format!("not every one that was asked for: {stopped}"),
        };
        let orders = format!(
            "without faults, every order of messages {up_to}: {} runs, {} states, {} cut off",
            reordered.executions, reordered.states, reordered.pruned,
        );
        paragraph(f, "orders", &orders)
    }
}

fn taking(spread: Spread) -> String {
    match (spread.base, spread.spread) {
        (Micros::ZERO, Micros::ZERO) => "nothing".into(),
        (base, Micros::ZERO) => base.to_string(),
        (base, more) => format!("{base} to {}", base + more),
    }
}

/// Verbs in words, those that differ in nothing but their duration together.
fn words<'a, M: Model>(point_faults: impl Iterator<Item = &'a PointFault>) -> String {
    let mut said: Vec<(String, Vec<Micros>)> = Vec::new();
    for point_fault in point_faults {
        let (what, time) = word::<M>(point_fault);
        match said.iter_mut().find(|(known, _)| *known == what) {
            Some((_, times)) => times.extend(time),
            None => said.push((what, time.into_iter().collect())),
        }
    }
    let phrase = |(what, times): (String, Vec<Micros>)| {
        let times: Vec<String> = times.iter().map(ToString::to_string).collect();
        if times.is_empty() { what } else { format!("{what} {}", times.join(" or ")) }
    };
    said.into_iter().map(phrase).collect::<Vec<_>>().join(", ")
}

fn word<M: Model>(point_fault: &PointFault) -> (String, Option<Micros>) {
    let (what, time) = match point_fault {
        PointFault::Drop => ("drop", None),
        PointFault::Duplicate(time) => ("duplicate after", Some(*time)),
        PointFault::Delay(time) => ("delay by", Some(*time)),
        PointFault::Reorder(time) => ("let the next on the link overtake it, within", Some(*time)),
        PointFault::ReorderInbox => ("the next message for the same service first", None),
        PointFault::Leap(leap, time) => return (format!("clock of the receiver {leap} for"), Some(*time)),
        PointFault::Corrupt => ("damage", None),
        PointFault::SplitBrain => ("another instance takes over beside it", None),
        PointFault::LoseTie => ("the others first", None),
        PointFault::Crash(point, time) => return (format!("crash {} for", point.words()), Some(*time)),
        PointFault::FailWrite => ("abort the transaction", None),
        PointFault::IsolateSender(time) => ("isolate the sender for", Some(*time)),
        PointFault::IsolateReceiver(time) => ("isolate the receiver for", Some(*time)),
        PointFault::Pause(time) => ("pause the receiver for", Some(*time)),
        PointFault::Misbehave(misbehavior) => (M::vocabulary().misbehavior(*misbehavior), None),
    };
    (what.into(), time)
}

/// How a party that misbehaves meets an operation, in words.
fn met(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Ask => "a request",
        MessageKind::Answer => "an answer or announcement",
        MessageKind::Ack => "an acknowledgement",
        MessageKind::Timer | MessageKind::Restart => "a moment of their own",
    }
}

/// A heading and a text beside it, wrapped.
fn paragraph(f: &mut fmt::Formatter<'_>, heading: &str, text: &str) -> fmt::Result {
    let mut line = format!("{heading:<HEADING$}");
    for word in text.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            writeln!(f, "{line}")?;
            line = " ".repeat(HEADING);
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(f, "{line}")
}
