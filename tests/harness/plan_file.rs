//! Plan files: what is written is read back and runs the same, and a refusal says where.

use stormcart::harness::case::Case;
use stormcart::harness::plan;
use stormcart::harness::plan_file::PlanFile;
use stormcart::harness::run::run;
use stormcart_models::checkout::model::{Checkout, Opened};

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = Opened::parse("p.toml", text).expect_err("refused");
    assert_eq!((error.exit_code(), error.to_string().as_str()), (64, expected));
}

#[test]
fn what_is_written_is_read_back_and_runs_the_same() {
    for token in
        ["storm:orchestrated-saga+fresh-key-per-attempt:0x7", "storm:choreography:0x8", "calm:call-chain:0x1"]
    {
        let case: Case = token.parse().unwrap();
        let (loaded, variant, seed) = plan::open::<Checkout>(&case).unwrap();
        let plan = loaded.plan(&variant, seed);
        let first = run(&plan);
        let file = PlanFile::of(&case, &plan, &first);
        let opened = Opened::parse("p.toml", &file.text().unwrap()).unwrap();
        assert_eq!(opened.file, file);
        assert_eq!(file.identical(run(&opened.plan).digest), Some(true));
        assert_eq!(file.identical(!first.digest), Some(false));
        assert_eq!(PlanFile { build: "older".into(), ..file }.identical(0), None);
    }
}

#[test]
fn refusals_say_where() {
    let fault = |fault: &str| format!("format = 2\ncase = \"storm:choreography:1\"\n[[fault]]\n{fault}\n");
    let at = |service: &str, order: u32, action: &str| {
        fault(&format!("at = \"{service} charge order {order}, ask\"\ndo = {action}"))
    };
    refused(
        "format = 9\nwhatever = true",
        "p.toml:1:10: plan format 9, and this build reads format 2: run its case again and save or shrink it anew",
    );
    refused("case = \"x\"", "p.toml:1:1: a plan file begins with its format: `format = 2`");
    refused(
        "format = 2\ncase = \"storm:saga:1\"",
        "p.toml:2:8: unknown architecture `saga`: did you mean `orchestrated-saga`? (known: choreography, orchestrated-saga, call-chain)",
    );
    refused(
        &at("payments", 99, "\"drop\""),
        "p.toml:3:1: there is no order 99 in this plan, only 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
    );
    refused(
        &at("engine", 0, "\"drop\""),
        "p.toml:3:1: unknown node `engine`: choose one of customers, orders, inventory, payments, shipping, notifications, broker, psp, carrier, mailer",
    );
    refused(
        &at("psp", 0, "\"fail_write\""),
        "p.toml:3:1: psp is outside: it never crashes; use `misbehave` instead",
    );
    let misbehavior = |place: &str, misbehavior: &str| {
        fault(&format!("at = \"{place}\"\ndo = {{ misbehave = \"{misbehavior}\" }}"))
    };
    refused(
        &misbehavior("payments charge order 0, ask", "decline"),
        "p.toml:3:1: no misbehavior of payments is known: it can crash, or be cut off",
    );
    refused(
        &misbehavior("psp reverse order 0, ask", "succeed late"),
        "p.toml:3:1: unknown misbehavior at this place `succeed late`: choose one of answer 5xx before the effect, answer 5xx after the effect",
    );
    refused(
        &misbehavior("customers cancel order 0, timer", "reload the page and submit again"),
        "p.toml:3:1: no misbehavior of customers shows here: it does at arrive, timer and patience, timer and place, answer",
    );
    let checked = at("payments", 0, "\"drop\"");
    let checked =
        checked.clone() + checked.trim_start_matches("format = 2\ncase = \"storm:choreography:1\"\n");
    refused(&checked, "p.toml:6:1: fault 2 is fault 1 once more: leave one of them out");
    refused(
        &checked.replacen("drop", "fail_write", 1),
        "p.toml:6:1: fault 2 contradicts fault 1: of `payments charge order 0 attempt 1, ask: drop` and `payments charge order 0 attempt 1, ask: abort the transaction of payments` only one can strike; leave the other out",
    );
    let calls = misbehavior("psp sale order 0, ask", "call before it answers");
    let silent = calls.replace("storm:choreography", "calm:choreography");
    refused(&silent, "p.toml:3:1: `call before it answers` is nothing that psp does in this scenario");
    Opened::parse("p.toml", &calls).unwrap();
    let pause = fault("from_us = 1\nfor_us = 1\nsustained = { pause = { node = \"payment\" } }");
    let error = Opened::parse("p.toml", &pause).expect_err("refused").to_string();
    assert!(error.starts_with("p.toml:3:1: unknown node `payment`: did you mean `payments`?"), "{error}");
}

/// Plans that were recorded in older words still run.
#[test]
fn older_words_mean_the_same() {
    let kept = |field: &str, fault: &str| {
        format!(
            "format = 2\ncase = \"storm:choreography:1\"\nkeep = {{ {field} = [0, 3] }}\nfault = [{{ {fault} }}]"
        )
    };
    let at = |place: &str, words: &str| format!("at = \"{place} order 0, ask\", do = {words}");
    let lasting =
        |field: &str| format!("from_us = 1, for_us = 1, {field} = {{ pause = {{ node = \"payments\" }} }}");
    for (older, newer) in [
        (at("payments charge", "\"overtaken\""), at("payments charge", "\"reorder_inbox\"")),
        (at("payments charge", "\"yield\""), at("payments charge", "\"lose_tie\"")),
        (at("payments charge", "\"supersede\""), at("payments charge", "\"split_brain\"")),
        (
            at("psp sale", "{ manner = \"call before it answers\" }"),
            at("psp sale", "{ misbehave = \"call before it answers\" }"),
        ),
        (lasting("strike"), lasting("sustained")),
    ] {
        let [older, newer] = [kept("orders", &older), kept("subjects", &newer)]
            .map(|text| Opened::parse("p.toml", &text).unwrap());
        assert_eq!(older.file, newer.file);
        assert_eq!((&older.plan.faults, &older.plan.reduction), (&newer.plan.faults, &newer.plan.reduction));
    }
}

#[test]
fn malformed_toml_is_refused_at_its_line_and_column() {
    let error = Opened::parse("p.toml", "format = 2\ncase = storm\n").expect_err("refused").to_string();
    assert!(error.starts_with("p.toml:2:8: ") && !error.contains('\n'), "{error}");
}
