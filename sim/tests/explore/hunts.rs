//! A script is swept, explored and shrunk: what the three find of one mistake is one thing.

use std::collections::BTreeSet;

use rayon::ThreadPoolBuilder;
use stormcart_sim::Micros;
use stormcart_sim::explore::FaultSet;
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Operation, Role};
use stormcart_sim::sweep::{Broken, Sweep, Swept};
use stormcart_sim::trace::Trace;

use super::vault::{How, Watch, script};

fn fault_set() -> FaultSet {
    FaultSet::usual(Micros::millis(2), Micros::millis(25))
}

fn sweep(how: How) -> Swept {
    Sweep { fault_set: &fault_set(), faults_max: 3 }
        .run(0..300, |seed| script(how, Watch::Always, false, seed))
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let on = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sweep(How::Careless))
    };
    let alone = on(1);
    assert!(!alone.broken.is_empty() && alone.broken.len() < 300, "{alone}");
    assert_eq!(alone, on(3));
}

#[test]
fn the_careful_vault_survives_and_the_restless_one_is_not_called_safe() {
    let careful = sweep(How::Careful);
    assert_eq!((careful.broken.len(), careful.inconclusive.len()), (0, 0), "{careful}");
    let restless = sweep(How::Restless);
    assert!(restless.inconclusive.len() > 250, "a crash may stop it, and little else: {restless}");
}

/// A fault that is drawn has a place in the run that those before it lead to.
#[test]
fn what_is_drawn_strikes_and_has_every_family() {
    let fault_set = fault_set();
    let sweep = Sweep { fault_set: &fault_set, faults_max: 3 };
    let (mut drawn, mut struck, mut numbers, mut families) = (0, 0, BTreeSet::new(), BTreeSet::new());
    for seed in 0..300 {
        let script = script(How::Careful, Watch::Always, false, seed);
        let faults = sweep.faults(&script);
        let fired = script.with_faults(&faults).play(Trace::off()).fired;
        numbers.insert(faults.len());
        families.extend(fired.iter().map(|fired| faults[usize::from(fired.fault)].family()));
        (drawn, struck) = (drawn + faults.len(), struck + fired.len());
    }
    assert!(struck * 10 >= drawn * 8, "{struck} of {drawn} struck");
    assert!(numbers.into_iter().eq(1..=3));
    let all = ["abort", "crash", "delay", "drop", "duplicate", "isolate", "pause", "tie"];
    assert!(families.iter().copied().eq(all), "{families:?}");
}

/// Nothing of it can go. That is not yet the least: a request that was sent three times may have to fail twice before.
#[test]
fn what_a_sweep_finds_shrinks_to_what_is_needed() {
    let broken = sweep(How::Careless).broken;
    let mut alone = 0;
    for Broken { seed, faults } in &broken {
        let script = script(How::Careless, Watch::Always, false, *seed);
        let small = script.shrink(faults).unwrap();
        assert!(script.breaks(&small).is_some(), "{seed}: {small:?}");
        for number in 0..small.len() {
            let mut less = small.clone();
            less.remove(number);
            assert!(script.breaks(&less).is_none(), "{seed}: {small:?}");
        }
        alone += usize::from(small.len() == 1);
    }
    assert!(alone * 10 >= broken.len() * 9, "{alone} of {}", broken.len());
}

#[test]
fn what_exploration_says_is_least_breaks_it() {
    let script = script(How::Careless, Watch::Always, false, 0);
    let explored = script.explore(&fault_set(), 2, 1_000_000);
    assert_eq!((explored.faults, explored.complete()), (1, true), "{explored}");
    let least = script.named(&explored.broken[0].path).unwrap();
    assert!(script.breaks(&least).is_some(), "{least:?}");
    assert_eq!(script.shrink(&[]), None, "nothing is broken by no fault");
}

/// Without what puts an answer off, its second arrival is its first.
#[test]
fn what_is_left_is_named_as_it_is_without_the_others() {
    let script = script(How::Careless, Watch::Always, false, 0);
    let identity = Identity { operation: Operation(0), kind: MessageKind::Answer, subject: 1, attempt: 1 };
    let at = |occurrence, point_fault| Fault::At {
        site: InjectionPoint { role: Role(0), identity, occurrence },
        point_fault,
    };
    let put_off_and_lost = [at(1, PointFault::Delay(Micros::millis(1))), at(2, PointFault::Drop)];
    assert_eq!(script.shrink(&put_off_and_lost), Some(vec![at(1, PointFault::Drop)]));
}

/// A fault that has no part in it is not kept.
#[test]
fn what_never_struck_goes_first() {
    let script = script(How::Careless, Watch::Always, false, 0);
    let least = script.explore(&fault_set(), 1, 1_000_000).broken[0].path.clone();
    let [Fault::At { mut site, point_fault }] = script.named(&least).unwrap()[..] else {
        panic!("{least:?}")
    };
    let needed = Fault::At { site, point_fault };
    site.occurrence = 9;
    let small = script.shrink(&[Fault::At { site, point_fault }, needed]).unwrap();
    assert!(small.len() == 1 && small[0] != Fault::At { site, point_fault }, "{small:?}");
}
