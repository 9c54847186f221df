//! Sets of faults of an exploration: durations on the right side of every time limit, and the least set within the full.

use stormcart::Model;
use stormcart::harness::explore::fault_set_size::{Durations, FaultSetSize};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::model::Checkout;
use stormcart_models::checkout::setup::{ProviderCapabilities, Setup};
use stormcart_sim::Micros;
use stormcart_sim::fault::PointFault;

use super::{ARCHITECTURES, best, load};

fn setup() -> Setup {
    (*load("exploration").plan(&best(ARCHITECTURES[0]), Seed(0)).setup).clone()
}

#[test]
fn durations_stand_on_the_sides_they_claim() {
    let timing = Checkout::timing(&setup());
    let Durations { short, late, long } = Durations::of(timing);
    assert!(short < timing.call_timeout && late > timing.call_timeout && long > timing.deadline);
}

#[test]
fn the_least_is_part_of_the_full() {
    let durations =
        Durations { short: Micros::millis(20), late: Micros::millis(1_500), long: Micros::secs(40) };
    let capabilities = ProviderCapabilities { replays_errors: true, look_up: true, webhooks: true };
    let setup = Setup { capabilities, ..setup() };
    let [least, full] =
        [FaultSetSize::Least, FaultSetSize::Full].map(|size| size.fault_set::<Checkout>(durations, &setup));
    let within =
        |some: &[PointFault], all: &[PointFault]| some.iter().all(|point_fault| all.contains(point_fault));
    assert!(within(&least.delivery, &full.delivery) && within(&least.handler, &full.handler));
    assert!(within(&least.recovery, &full.recovery) && within(&least.tie, &full.tie));
    assert!(least.misbehaviors.iter().all(|misbehavior| full.misbehaviors.contains(misbehavior)));
}
