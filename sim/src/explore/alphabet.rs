//! What may go wrong where: the verbs of an exploration, as data.
//!
//! **Invariant:** which verbs are tried at a place depends on what happens there and on nothing else, so a certificate can
//! print all of it.

use crate::fault::{CrashPoint, Verb};
use crate::kernel::Next;
use crate::site::{Leg, Role};
use crate::time::Micros;

/// The verbs to try at each kind of place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alphabet {
    /// At every delivery.
    pub delivery: Vec<Verb>,
    /// Where a message or a timer is handled by somebody who can crash.
    pub handler: Vec<Verb>,
    /// Where a node comes back.
    pub recovery: Vec<Verb>,
    /// Where somebody with bad manners meets this part of an operation.
    pub manners: Vec<(Role, Leg, Verb)>,
    /// Where something else happens at the same instant.
    pub tie: Vec<Verb>,
}

impl Alphabet {
    /// What may befall any service: messages are lost, doubled and late, nodes crash at every point and stand still,
    /// everybody is cut off, transactions abort. Crashes and copies last short, what keeps others waiting lasts long; so
    /// short is less than the time after which they ask again, and long is more.
    pub fn usual(short: Micros, long: Micros) -> Alphabet {
        let crashes = || CrashPoint::ALL.into_iter().map(|(point, _)| Verb::Crash(point, short));
        let recovers = |verb: &Verb| matches!(verb, Verb::Crash(CrashPoint::DuringRecovery, _));
        Alphabet {
            delivery: vec![
                Verb::Drop,
                Verb::Duplicate(short),
                Verb::Delay(long),
                Verb::IsolateSender(long),
                Verb::IsolateReceiver(long),
            ],
            handler: crashes()
                .filter(|verb| !recovers(verb))
                .chain([Verb::FailWrite, Verb::Pause(long)])
                .collect(),
            recovery: crashes().chain([Verb::FailWrite]).collect(),
            manners: Vec::new(),
            tie: vec![Verb::Yield],
        }
    }

    /// The verbs to try where this is about to happen.
    pub fn verbs(&self, next: &Next) -> impl Iterator<Item = Verb> {
        let Next { role, identity, outside, put_off, tied, .. } = *next;
        let restart = identity.leg == Leg::Restart;
        let delivered = !restart && identity.leg != Leg::Timer;
        let list = |wanted: bool, verbs: &'_ [Verb]| if wanted && !put_off { verbs.len() } else { 0 };
        let delivery = &self.delivery[..list(delivered, &self.delivery)];
        let handler = &self.handler[..list(!restart && !outside, &self.handler)];
        let recovery = &self.recovery[..list(restart, &self.recovery)];
        let tie = &self.tie[..list(tied, &self.tie)];
        let meets = move |(of, leg, _): &&(Role, Leg, Verb)| !put_off && (*of, *leg) == (role, identity.leg);
        let manners = self.manners.iter().filter(meets).map(|(.., verb)| verb);
        delivery.iter().chain(handler).chain(recovery).chain(manners).chain(tie).copied()
    }

    /// Whether anything is tried there.
    pub fn touches(&self, next: &Next) -> bool {
        self.verbs(next).next().is_some()
    }
}
