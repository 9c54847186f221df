//! Storms as they are drawn: families, swarm, chains, and who is struck.

use std::collections::BTreeMap;

use stormcart::Model;
use stormcart::harness::fault_generator::{Family, FaultGenerator, Kind, Topology, Workload};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::model::{Checkout, LoadedScenario};
use stormcart_models::checkout::vocabulary::Misbehavior;
use stormcart_sim::draw::{Draws, Purpose};
use stormcart_sim::fault::{CrashPoint, Fault, PointFault, SustainedFault, When};
use stormcart_sim::site::Operation;

use super::{ARCHITECTURES, best, load};

/// A scenario by name, or from its text.
fn opened(scenario: &str) -> LoadedScenario {
    match scenario.contains('=') {
        true => LoadedScenario::parse("a text", scenario).unwrap(),
        false => load(scenario),
    }
}

/// The generator that a scenario draws from.
fn generator(loaded: &LoadedScenario) -> FaultGenerator {
    let setup = loaded.plan(&best(ARCHITECTURES[0]), Seed(0)).setup;
    let misbehaves = |misbehavior| Checkout::misbehaves(&setup, misbehavior);
    FaultGenerator::of(Checkout::catalog(), Checkout::vocabulary(), &loaded.scenario, misbehaves).unwrap()
}

/// The faults of many plans, for an architecture.
fn storms(scenario: &str, architecture: usize, seeds: u64) -> Vec<Vec<Fault>> {
    let (loaded, variant) = (opened(scenario), best(ARCHITECTURES[architecture]));
    (0..seeds).map(|seed| loaded.plan(&variant, Seed(seed)).faults.to_vec()).collect()
}

fn only(family: Family) -> String {
    format!(
        "about = \"one family\"\n[physics]\ninstances = 2\n[provider]\nwebhooks = true\n[faults]\ncount_weights = [0, 1]\nfamilies = {{ {} = 1 }}\ndurations_ms = [100]\ndelays_ms = [100]\n",
        family.name(),
    )
}

#[test]
fn what_is_drawn_from_a_family_is_counted_under_its_name() {
    for family in Family::ALL {
        let faults: Vec<Fault> = storms(&only(*family), 0, 300).concat();
        assert!(faults.len() > 200, "{family:?}: {}", faults.len());
        assert!(faults.iter().all(|fault| fault.family() == family.name()), "{family:?}");
    }
}

/// Every kind of fault is drawn, and each is another one.
#[test]
fn every_fault_is_drawn() {
    for family in Family::ALL {
        let what = |fault: &Fault| match fault {
            Fault::At { point_fault: PointFault::Crash(point, _), .. } => point.words().to_owned(),
            Fault::At { point_fault: PointFault::Misbehave(misbehavior), .. } => format!("{misbehavior:?}"),
            Fault::At { point_fault, .. } => format!("{:?}", std::mem::discriminant(point_fault)),
            Fault::During { sustained, .. } => sort_of(sustained),
        };
        let mut drawn: Vec<String> = storms(&only(*family), 0, 2_000).concat().iter().map(what).collect();
        drawn.sort();
        drawn.dedup();
        // A crash in a recovery needs a crash before it, so a storm of one fault has none.
        let alone = |(kind, _): &(Kind, f64)| *kind != Kind::CrashInRecovery;
        let defended = |(kind, _): &(Kind, f64)| match kind {
            Kind::Misbehave(misbehavior) => !Misbehavior::of(*misbehavior).unwrap().beyond_hardening(),
            _ => true,
        };
        assert_eq!(
            drawn.len(),
            family.kinds(Checkout::catalog()).iter().filter(|kind| alone(kind) && defended(kind)).count(),
            "{drawn:?}"
        );
    }
}

/// What kind of sustained fault it is, with the choices that make it another fault.
fn sort_of(sustained: &SustainedFault) -> String {
    match sustained {
        SustainedFault::Partition { one_way: true, .. } => "one way".into(),
        SustainedFault::Partition { a, b, .. } if b.0 == a.others().0 => "one node".into(),
        SustainedFault::Partition { a, b, .. } if a.iter().count() + b.iter().count() > 4 => "in two".into(),
        SustainedFault::Slow(nodes, _) => format!("slow {}", nodes.iter().count()),
        SustainedFault::Clock(_, leap) => format!("{:?}", std::mem::discriminant(leap)),
        SustainedFault::Drift(_, rate) => format!("drift {}", *rate > 1_000),
        other => format!("{:?}", std::mem::discriminant(other)),
    }
}

#[test]
fn the_same_storm_strikes_everybody() {
    let words = |architecture: usize| -> Vec<Vec<String>> {
        let word = |fault: &Fault| match fault {
            Fault::At { site, point_fault } => format!("{:?} {point_fault:?}", site.identity),
            Fault::During { lasting, sustained, .. } => format!("{lasting} {}", sustained.family()),
        };
        storms("storm", architecture, 300).iter().map(|plan| plan.iter().map(word).collect()).collect()
    };
    assert!(words(0) == words(1) && words(1) == words(2));
}

/// What the studies of real failures say: few faults, one after the other; mostly one node alone.
#[test]
fn storms_are_like_those_that_were_studied() {
    let plans = storms("storm", 0, 2_000);
    let few = plans.iter().filter(|plan| (1..=3).contains(&plan.len())).count();
    assert!(few * 100 > plans.len() * 80, "{few} of {}", plans.len());
    let faults = plans.concat();
    let during = faults.iter().filter(|fault| matches!(fault, Fault::During { .. })).count();
    let after = |fault: &&Fault| matches!(fault, Fault::During { when: When::After(_), .. });
    let chained = faults.iter().filter(after).count();
    assert!(chained * 10 > during && chained * 10 < during * 9, "{chained} of {during}");
    let alone = |fault: &&Fault| match fault {
        Fault::At { point_fault, .. } => {
            matches!(point_fault, PointFault::IsolateSender(_) | PointFault::IsolateReceiver(_))
        }
        Fault::During { sustained: SustainedFault::Partition { a, b, .. }, .. } => b.0 == a.others().0,
        Fault::During { .. } => false,
    };
    let alone = faults.iter().filter(alone).count();
    let cut = faults.iter().filter(|fault| ["isolate", "partition"].contains(&fault.family())).count();
    assert!(alone * 2 > cut, "{alone} of {cut}");
}

/// Each storm lacks something: no family is in all of them, and what two storms have is very different.
#[test]
fn a_swarm_switches_things_off() {
    let generator = generator(&load("storm"));
    let mut off: BTreeMap<usize, usize> = BTreeMap::new();
    let mut single = 0;
    for seed in 0..400 {
        let mut stream = Draws::new(seed).stream(Purpose::Plan, 0, 0);
        let shares = generator.swarm(&mut stream);
        for (number, share) in shares.iter().enumerate() {
            *off.entry(number).or_default() += usize::from(share.weight == 0.0);
            single += share.kinds.iter().filter(|(_, weight)| *weight == 0.0).count();
        }
    }
    assert_eq!(off.len(), generator.shares.len());
    assert!(off.values().all(|times| (100..220).contains(times)), "{off:?}");
    assert!(single > 1_000, "{single}");
}

/// A backend that cannot express a kind of fault refuses whatever may draw it, and nothing else.
#[test]
fn what_may_be_drawn_is_refused_by_its_family() {
    let refused = |scenario: &str, refuse: fn(&Fault) -> bool| {
        let (loaded, variant) = (opened(scenario), best(ARCHITECTURES[0]));
        let plan = loaded.plan(&variant, Seed(0));
        let topology = Topology { architecture: variant.architecture, physics: &plan.physics };
        let subjects = Checkout::subjects(&plan.setup);
        let comes_by = |order, operation: Operation| Checkout::comes_by(&plan.setup, order, operation);
        let workload = Workload { subjects: &subjects, comes_by: &comes_by };
        let why = |fault: &Fault| refuse(fault).then_some("no");
        generator(&loaded).refused(workload, topology, why).map(|(family, ..)| family)
    };
    for family in Family::ALL {
        let (mine, never) = (only(*family), only(*family).replace("[0, 1]", "[1, 0]"));
        assert_eq!(refused(&mine, |_| true), Some(*family));
        assert_eq!(refused(&mine, |_| false), None);
        assert_eq!(refused(&never, |_| true), None, "{family:?} is of a generator that never draws");
    }
    let one_way: fn(&Fault) -> bool = |fault| match fault {
        Fault::During { sustained: SustainedFault::Partition { one_way, .. }, .. } => *one_way,
        _ => false,
    };
    assert_eq!(refused(&only(Family::Partition), one_way), Some(Family::Partition));
    assert_eq!(refused(&only(Family::Link), one_way), None);
    let recovering: fn(&Fault) -> bool = |fault| {
        matches!(fault, Fault::At { point_fault: PointFault::Crash(CrashPoint::DuringRecovery, _), .. })
    };
    assert_eq!(refused(&only(Family::Crash), recovering), Some(Family::Crash));
}
