//! Reductions: subjects keep their numbers, baskets become smaller, latencies constant.

use stormcart::harness::plan;
use stormcart::harness::reduction::Reduction;
use stormcart::harness::run::run;
use stormcart_models::checkout::model::{Checkout, Plan};

fn plan(case: &str) -> Plan {
    let (loaded, variant, seed) = plan::open::<Checkout>(&case.parse().unwrap()).unwrap();
    loaded.plan(&variant, seed)
}

#[test]
fn a_customer_left_out_does_not_come_and_the_others_keep_their_numbers() {
    let whole = plan("calm:orchestrated-saga:0x1");
    let some = whole.reduced(&Reduction::of_subjects([3, 5]));
    let totals = run(&some).totals;
    assert_eq!((totals.intents, totals.accepted), (2, 2));
    let numbers: Vec<u32> = some.setup.customers(0).map(|(number, _)| number).collect();
    assert_eq!(numbers, [3, 5]);
    assert_eq!(some.setup.intents[3].at, whole.setup.intents[3].at);
}

#[test]
fn a_smaller_basket_costs_less_and_is_never_empty() {
    let whole = plan("storm:choreography:0x5");
    let least = whole.reduced(&Reduction::default().with_most("items_max", 1));
    for (before, after) in whole.setup.intents.iter().zip(&least.setup.intents) {
        let [line] = after.basket.lines() else { panic!("one line: {after:?}") };
        assert_eq!((line.sku, line.quantity), (before.basket.lines()[0].sku, 1));
        assert!(after.basket.total_cents() <= before.basket.total_cents());
    }
}

#[test]
fn constant_latencies_draw_nothing() {
    let constant = Reduction { constant_latency: true, ..Reduction::default() };
    let plan = plan("storm:choreography:0x5").reduced(&constant);
    assert!(plan.physics.link.spread.0 == 0 && plan.setup.timeouts.jitter_percent == 0);
    assert!(plan.physics.roles.iter().all(|role| role.service.spread.0 == 0));
}
