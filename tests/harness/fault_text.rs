//! Places of a run in words: what is written is read back, and a refusal names the word.

use std::sync::Arc;

use serde_json::json;
use stormcart::Model;
use stormcart::harness::fault_text::{Names, PlaceText};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::model::Checkout;
use stormcart_sim::physics::Physics;

use super::{ARCHITECTURES, best, load};

fn physics() -> Arc<Physics> {
    load("calm").plan(&best(ARCHITECTURES[0]), Seed(0)).physics
}

fn names(physics: &Physics) -> Names<'_> {
    Names { catalog: Checkout::catalog(), vocabulary: Checkout::vocabulary(), physics }
}

fn place(words: &str) -> PlaceText {
    serde_json::from_value(json!(words)).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    let physics = physics();
    for words in [
        "payments sale order 3 attempt 1, answer",
        "inventory reserve order 12 attempt 2, ask (3rd time)",
        "broker redeliver order 0 attempt 1, timer (12th time)",
        "payments recovery",
        "payments recovery (2nd time)",
    ] {
        let site = place(words).read(names(&physics)).unwrap();
        assert_eq!(PlaceText::write(&site, Checkout::vocabulary()), place(words));
    }
}

#[test]
fn refusals_name_the_word() {
    let physics = physics();
    let refused = |words: &str| place(words).read(names(&physics)).expect_err("refused").to_string();
    for (words, expected) in [
        ("payment sale order 1, ask", "unknown service `payment`: did you mean `payments`?"),
        ("payments salee order 1, ask", "unknown operation `salee`: did you mean `sale`?"),
        ("payments sale order 1, aks", "unknown message kind `aks`"),
        ("engine sale order 1, ask", "unknown node `engine`"),
    ] {
        assert!(refused(words).starts_with(expected), "{words}: {}", refused(words));
    }
    for words in [
        "payments",
        "payments sale",
        "payments sale order x, ask",
        "payments sale order 1 attempt 0, ask",
        "payments sale order 1, ask (0th time)",
        "payments sale order 1, ask (twice)",
    ] {
        assert!(refused(words).contains("is no place of a run"), "{words}: {}", refused(words));
    }
}
