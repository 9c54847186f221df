//! Which file of the checkout imports what.

use std::fs;
use std::path::Path;

/// Lines of these files, below `src/checkout`, that name something they must not.
fn lines(files: &[&str], banned: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checkout");
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let named = text.lines().filter(|line| line.trim_start().starts_with("use "));
        let named = named.filter(|line| banned.iter().any(|banned| line.contains(banned)));
        wrong.extend(named.map(|line| format!("{file}: {line}")));
    }
    wrong
}

const RULES: [&str; 7] = [
    "service/decision.rs",
    "service/inventory.rs",
    "service/notifications.rs",
    "service/orders.rs",
    "service/payments.rs",
    "service/rules.rs",
    "service/shipping.rs",
];

/// A business rule decides and records: it knows nothing of keys, retries, events or clocks.
#[test]
fn rules_know_nothing_of_the_platform() {
    assert_eq!(
        lines(&RULES, &["platform", "architecture", "outside", "setup", "Context"]),
        [] as [String; 0]
    );
}

#[test]
fn the_platform_knows_no_rule() {
    let platform =
        ["event_log", "idempotency", "lease", "outbox", "workflow"].map(|name| format!("platform/{name}.rs"));
    let platform = platform.each_ref().map(String::as_str);
    let rules = ["inventory", "notifications", "orders", "payments", "rules", "shipping", "decision"];
    assert_eq!(lines(&platform, &rules), [] as [String; 0]);
}

#[test]
fn the_domain_knows_nothing_of_the_rest() {
    assert_eq!(
        lines(&["domain/basket.rs", "domain/money.rs", "domain/status.rs"], &["crate::"]),
        [] as [String; 0]
    );
}

/// The ground truth is folded from facts, and no service is asked: only the types of its facts come from elsewhere.
#[test]
fn the_truth_asks_no_service() {
    let truth = [
        "fact.rs",
        "ledger.rs",
        "ledger/judging.rs",
        "ledger/order.rs",
        "ledger/progress.rs",
        "ledger/shelf.rs",
    ];
    assert_eq!(
        lines(&truth, &["service::{", "checkout::service", "platform", "outside"]),
        ["ledger/judging.rs: use stormcart_sim::service::{Moment, Truth};"]
    );
}
