//! Faults told by the clock: what a node suffers has a moment, what a message suffers has none.

use stormcart::harness::seeds::Seed;
use stormcart::harness::shrink::by_the_clock;
use stormcart_models::checkout::model::Checkout;
use stormcart_sim::fault::{CrashPoint, Fault, PointFault, When};
use stormcart_sim::{Instant, Micros};

use super::{ARCHITECTURES, best, load};

/// There is one answer for each instance of the receiver, or one for each node that may have been the sender.
#[test]
fn what_nodes_suffer_has_a_moment_and_what_messages_suffer_has_none() {
    let physics = load("storm").plan(&best(ARCHITECTURES[0]), Seed(1)).physics;
    let site = Checkout::site("payments charge ask", ARCHITECTURES[0], 0, 1).unwrap();
    let (time, struck) = (Micros::secs(6), Instant(70_000));
    let point_faults = [
        (PointFault::Pause(time), 2),
        (PointFault::Crash(CrashPoint::AfterCommit, time), 2),
        (PointFault::IsolateReceiver(time), 2),
        (PointFault::IsolateSender(time), physics.nodes()),
        (PointFault::Drop, 0),
        (PointFault::Delay(time), 0),
        (PointFault::FailWrite, 0),
    ];
    for (point_fault, answers) in point_faults {
        let told = by_the_clock(&Fault::At { site, point_fault }, struck, &physics);
        assert_eq!(told.len(), answers, "{point_fault:?}");
        for fault in told {
            let Fault::During { when, lasting, .. } = fault else { panic!("{fault:?}") };
            assert_eq!((when, lasting), (When::At(struck), time));
        }
    }
}
