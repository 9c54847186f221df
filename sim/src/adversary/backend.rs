//! What a backend does by means of its own when the adversary has decided something.

use std::hash::{Hash, Hasher};

use crate::fault::{Leap, SustainedFault};
use crate::journal::Journal;
use crate::service::{Context, Effect, Message, Service, To, Truth};
use crate::site::{MisbehaviorId, Node, Role};
use crate::task::Task;
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening, Loss};

use super::armed::Fired;
use super::failure::Job;
use super::state::Adversary;

/// What will be done to the world from outside, at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scheduled {
    /// What this fault started is over.
    End { fault: u16 },
    /// A crashed node comes back.
    Restart { node: Node, cause: Cause },
    /// An instance finds out that another one of its role is gone.
    Takeover { node: Node, lost: Node, cause: Cause },
    /// A sustained fault of the plan starts.
    Start(u16),
    /// Links flap again, nodes crash again.
    Repeat(Repetition),
}

/// The fault that does something, by position in the plan, and the entry of the trace that says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub fault: u16,
    pub cause: Cause,
}

/// What comes and goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repetition {
    pub fault: u16,
    pub sustained: SustainedFault,
    /// For how long it goes on after this.
    pub left: Micros,
}

/// When a message is delivered that did not arrive when it was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redelivery {
    /// At this moment.
    At(Instant),
    /// At this moment, after everything else that happens then.
    LastAt(Instant),
    /// Right after the next message that is delivered on its link, or at this moment.
    Held(Instant),
    /// When its receiver goes on, which is paused until then.
    AfterPause(Instant),
}

/// A world in which the adversary can act.
pub(crate) trait Backend<S: Service> {
    fn adversary(&self) -> &Adversary;
    fn adversary_mut(&mut self) -> &mut Adversary;
    fn journal(&mut self) -> &mut Journal<S>;
    fn truth(&self) -> &S::Truth;
    fn now(&self) -> Instant;

    /// The memory of an instance.
    fn memory(&self, node: Node) -> &S;
    /// Puts memory back as it was.
    fn put_back(&mut self, node: Node, memory: S);
    /// Runs a handler on memory and store; returns what it wants done, last first.
    fn handle(
        &mut self,
        node: Node,
        misbehavior: Option<MisbehaviorId>,
        handler: impl FnOnce(&mut S, &mut Context<'_, S>),
    ) -> Vec<Effect<S>>;
    /// Does what a handler wants done.
    fn run(&mut self, task: Task<S>);
    /// Arms a timer that fired in vain once more.
    fn rearm(&mut self, node: Node, timer: S::Timer, at: Instant, priority: u64, cause: Cause);
    /// Whether an instance is an external service, which no backend can see into.
    fn is_external(&self, node: Node) -> bool;
    /// Tells such a process to take over.
    fn tell_takeover(&mut self, node: Node, cause: Cause);

    fn schedule(&mut self, at: Instant, what: Scheduled);
    /// Takes off the schedule what is meant.
    fn cancel(&mut self, meant: impl Fn(&Scheduled) -> bool);
    fn redeliver(&mut self, to: Node, job: Job<S>, when: Redelivery);
    /// When the next message for a role arrives, of those that are on their way, where a backend knows.
    fn next_arrival(&self, role: Role) -> Option<Instant>;
    fn send(&mut self, from: Node, to: To, message: S::Message, cause: Cause);

    /// Memory, queue, timers and unfinished handlers of a node are gone; its disk keeps what was synced.
    fn kill(&mut self, node: Node);
    /// Starts a node that is down.
    fn restart(&mut self, node: Node, cause: Cause);

    /// Links were cut or carry again.
    fn links_changed(&mut self);
    /// Links that were just cut carry again at this moment, for which nothing else is scheduled.
    fn links_carry_at(&mut self, at: Instant);
    /// A node was paused.
    fn stop(&mut self, node: Node);
    /// A node goes on, unless another pause is left.
    fn resume(&mut self, node: Node);
    /// A node was healed that would have stood still until then.
    fn bring_forward(&mut self, node: Node, until: Instant);
    /// A node was healed that would have had no room on its disk until then.
    fn make_room(&mut self, node: Node, until: Instant);
    /// The clock of a node leaps: what is judged by it comes at another time.
    fn leap(&mut self, node: Node, leap: Leap);
}

/// Notes that a fault struck, before its consequences.
#[cold]
pub(crate) fn struck<S: Service>(
    world: &mut impl Backend<S>,
    fault: u16,
    subject: Option<u32>,
    cause: Cause,
) -> Cause {
    let exposed = world.truth().exposed(subject);
    let moment = world.journal().moment();
    world.adversary_mut().faults.fired.push(Fired { fault, moment, exposed });
    let journal = world.journal();
    journal.digest.word(u64::from(fault) << 1 | 1);
    journal.record(cause, || Happening::Fault { fault })
}

/// Notes when a fault ends, unless only healing ends it.
pub(crate) fn end_at<S: Service>(world: &mut impl Backend<S>, until: Instant, fault: u16) {
    if until != Instant::NEVER {
        world.schedule(until, Scheduled::End { fault });
    }
}

/// A message does not arrive.
pub(crate) fn lose<S: Service>(world: &mut impl Backend<S>, job: &Job<S>, to: Node, why: Loss, cause: Cause) {
    let journal = world.journal();
    journal.mark(u64::from(to.0), 56);
    journal.record(cause, || Happening::Lost { from: job.from, to, message: job.message.clone(), why });
}

/// A message was certainly not executed, and its sender hears so.
pub(crate) fn refuse<S: Service>(world: &mut impl Backend<S>, job: &Job<S>, to: Node, why: Loss) {
    world.journal().counts.refused += 1;
    lose(world, job, to, why, job.cause);
    if let Some(refusal) = job.message.refused() {
        world.send(to, To::Node(job.from), refusal, job.cause);
    }
}

impl Scheduled {
    /// Whether this is up to a node, and judged by its clock.
    pub fn detected_by(&self, node: Node) -> bool {
        matches!(self, Scheduled::Takeover { node: who, .. } if *who == node)
    }
}

/// Which fault ends says nothing about the future, nor does which one repeats itself; which one starts does.
impl Hash for Scheduled {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            Scheduled::Restart { node, .. } => (3u8, node).hash(hasher),
            Scheduled::Start(fault) => (4u8, fault).hash(hasher),
            Scheduled::End { .. } => hasher.write_u8(5),
            Scheduled::Takeover { node, lost, .. } => (6u8, node, lost).hash(hasher),
            Scheduled::Repeat(Repetition { sustained, left, .. }) => (8u8, sustained, left).hash(hasher),
        }
    }
}
