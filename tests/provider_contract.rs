//! A safe client is safe with any provider that leaves it a way to know: replayed keys, or an authoritative look-up.
//!
//! With neither, nobody can be: then S1 is weakened to one net charge at rest, and refunds may be doubled.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use stormcart::harness::run::{Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::architecture::ARCHITECTURES;
use stormcart_models::checkout::model::{Checkout, Idempotency, LoadedScenario, LookUp};

const SEEDS: u64 = 300;

#[track_caller]
fn check(idempotency: Idempotency, look_up: LookUp, webhooks: bool) {
    let LoadedScenario { scenario, mut own, .. } = LoadedScenario::load("storm").unwrap();
    let provider = &mut own.sections.provider;
    provider.idempotency = idempotency;
    provider.look_up = look_up;
    provider.webhooks = webhooks;
    let loaded = LoadedScenario::open(scenario, own).unwrap();
    for architecture in ARCHITECTURES.iter().filter(|architecture| architecture.claims_safety()) {
        let variant = Checkout::variant(architecture.name).unwrap();
        for seed in 0..SEEDS {
            let verdict = run(&loaded.plan(&variant, Seed(seed))).verdict;
            assert_eq!(verdict, Verdict::Held, "{}, seed {seed}", architecture.name);
        }
    }
}

#[test]
fn replayed_keys_suffice() {
    check(Idempotency::ReplaysEverything, LookUp::Absent, true);
}

#[test]
fn a_look_up_suffices() {
    check(Idempotency::RemembersOnly2xx, LookUp::Authoritative, true);
}

#[test]
fn webhooks_are_a_convenience() {
    check(Idempotency::ReplaysEverything, LookUp::Authoritative, false);
}
