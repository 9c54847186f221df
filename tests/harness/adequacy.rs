//! The chaos-adequacy ledger: watching changes nothing, every point fault is in it, and what it says can be hit is hit.

use std::sync::atomic::AtomicBool;

use stormcart::Model;
use stormcart::harness::adequacy::{Adequacy, Cell, Coverage, Share, Watched, missed};
use stormcart::harness::run::run;
use stormcart::harness::seeds::Seed;
use stormcart::harness::sweep::Sweep;
use stormcart_models::checkout::model::{Checkout, Plan};
use stormcart_models::checkout::vocabulary::{Op, Party};
use stormcart_sim::Micros;
use stormcart_sim::fault::{CrashPoint, Fault, PointFault};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind};

use super::{ARCHITECTURES, best, load, pool, seeds};

const SAGA: &str = "orchestrated-saga";

#[test]
fn watching_changes_nothing() {
    let loaded = load("storm");
    for architecture in ARCHITECTURES {
        for seed in 0..20 {
            let plan = loaded.plan(&best(architecture), Seed(seed));
            let (watched, plain) = (Watched::of(&plan), run(&plan));
            assert!(watched.visits.len() > 50, "{architecture}, seed {seed}: nothing passed");
            assert_eq!((watched.run.digest, &watched.run.verdict), (plain.digest, &plain.verdict));
        }
    }
}

/// What a paused node puts off is named when it comes again, because that is when a fault meets it.
#[test]
fn a_fault_meets_what_passes_in_that_very_event() {
    let loaded = load("storm");
    let pauses = |plan: &Plan| plan.faults.iter().any(|fault| fault.family() == "pause");
    let plans = (0..200).map(|seed| loaded.plan(&best(SAGA), Seed(seed))).filter(pauses);
    for plan in plans.take(5) {
        let visits = Watched::of(&plan).visits;
        for visit in visits.iter().filter(|visit| visit.next.from.is_some()) {
            let late = Fault::At { site: visit.site, point_fault: PointFault::Delay(Micros::millis(5)) };
            let faults = [late].into_iter().chain(plan.faults.iter().copied()).collect();
            let fired = run(&plan.with_faults(faults)).fired;
            let met = fired.iter().find(|fired| fired.fault == 0).map(|fired| fired.moment.event);
            assert_eq!(met, Some(visit.event), "seed {}, {visit:?}", plan.seed);
        }
    }
}

#[test]
fn threads_and_shards_leave_no_trace() {
    let (loaded, stop) = (load("storm"), AtomicBool::new(false));
    let of = |range, jobs| Coverage::of(&loaded, &best(SAGA), seeds(range), &pool(jobs, &stop));
    let alone = of("0..60", 1);
    assert_eq!(alone.runs, 60);
    assert_eq!(alone, of("0..60", 4));
    assert_eq!(alone, of("25..60", 2).merge(of("0..25", 3)));
}

/// Nothing that strikes at a site is left out or counted twice. (Families that strike at moments as well have more.)
#[test]
fn every_point_fault_that_struck_is_in_one_cell() {
    let (loaded, stop) = (load("storm"), AtomicBool::new(false));
    let pool = pool(2, &stop);
    for architecture in ARCHITECTURES {
        let variant = best(architecture);
        let hit = Coverage::of(&loaded, &variant, seeds("0..100"), &pool).hit;
        let exposure = Sweep::new(&loaded, variant, seeds("0..100")).run(&pool).exposure;
        let families = [
            "abort",
            "corrupt",
            "delay",
            "drop",
            "duplicate",
            "misbehavior",
            "reorder",
            "split_brain",
            "tie",
        ];
        for family in families {
            let cells = hit.iter().filter(|(cell, _)| cell.family == family);
            let times: u64 = cells.map(|(_, times)| times).sum();
            let fired = exposure.get(family).map_or(0, |exposure| exposure.fired);
            assert_eq!(times, fired, "{family} in {architecture}");
        }
    }
}

/// A fault on the way of the first order of a day on which nothing else goes wrong.
#[track_caller]
fn check(party: Party, op: Op, kind: MessageKind, attempt: u8, point_fault: PointFault, expected: &[&str]) {
    let plan = load("calm").plan(&best(SAGA), Seed(0));
    let identity = Identity { operation: op.operation(), kind, subject: 0, attempt };
    let site = InjectionPoint { role: party.role(), identity, occurrence: 1 };
    let plan = plan.with_faults(vec![Fault::At { site, point_fault }]);
    let told = |cell: Cell| {
        let progress = cell.setting.progress.map(|progress| progress.to_string()).unwrap_or_default();
        format!("{} at {}, {progress}", cell.family, cell.setting.site(Checkout::vocabulary()))
    };
    let hits: Vec<String> = Watched::of(&plan).hits(&plan).into_iter().map(told).collect();
    assert_eq!(hits, expected);
}

#[test]
fn a_cell_says_what_the_fault_found() {
    let late = PointFault::Delay(Micros::millis(5));
    check(
        Party::Inventory,
        Op::Reserve,
        MessageKind::Ask,
        1,
        late,
        &["delay at inventory reserve ask, placed"],
    );
    check(Party::Psp, Op::Sale, MessageKind::Ask, 1, PointFault::Drop, &["drop at psp sale ask, charging"]);
    check(
        Party::Payments,
        Op::Sale,
        MessageKind::Answer,
        1,
        late,
        &["delay at payments sale answer, captured unbooked"],
    );
    check(
        Party::Engine,
        Op::Charge,
        MessageKind::Answer,
        1,
        PointFault::FailWrite,
        &["abort at engine charge answer, charged"],
    );
    check(Party::Inventory, Op::Reserve, MessageKind::Ask, 9, late, &[]);
    let crash = PointFault::Crash(CrashPoint::AfterCommit, Micros::millis(200));
    check(Party::Psp, Op::Sale, MessageKind::Ask, 1, crash, &[]);
}

#[test]
fn what_was_missed_can_be_hit() {
    let (loaded, stop) = (load("storm"), AtomicBool::new(false));
    let pool = pool(2, &stop);
    let coverage = Coverage::of(&loaded, &best(SAGA), seeds("0..12"), &pool);
    let missed = missed(&loaded, &best(SAGA), &coverage, &pool);
    assert!(missed.len() > 200, "{} cells", missed.len());
    for (cell, witness) in &missed {
        assert!(!coverage.hit.contains_key(cell));
        let plan = witness.added_to(&loaded.plan(&best(SAGA), witness.seed));
        assert!(
            run(&plan).fired.iter().any(|fired| fired.fault == 0),
            "{cell:?}: {witness:?} does not strike"
        );
    }
}

#[test]
fn the_sums_are_those_of_the_cells() {
    let (loaded, stop) = (load("storm"), AtomicBool::new(false));
    let pool = pool(2, &stop);
    let coverage = Coverage::of(&loaded, &best(SAGA), seeds("0..30"), &pool);
    let ledger = Adequacy::of(&loaded, &best(SAGA), &coverage, &pool);
    let struck: u64 = coverage.hit.values().sum();
    for shares in [&ledger.families, &ledger.kinds] {
        let sum = |of: fn(&Share) -> u64| -> u64 { shares.values().map(of).sum() };
        assert_eq!(sum(|share| share.reachable), ledger.reachable);
        assert_eq!((sum(|share| share.hit), sum(|share| share.times)), (ledger.hit, struck));
    }
    assert!(ledger.cells.is_sorted_by_key(|cell| cell.times));
    assert!(ledger.missed.is_sorted_by_key(|missed| std::cmp::Reverse(missed.passed)));
    assert!(ledger.missed.iter().all(|missed| missed.passed > 0));
}
