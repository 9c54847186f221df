//! Variants: from words, and back into a case.

use proptest::prelude::*;
use stormcart::Model;
use stormcart::harness::case::Case;
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart_models::checkout::model::Checkout;

#[track_caller]
fn check(case: &str, expected: Result<&str, &str>) {
    let case: Case = case.parse().unwrap();
    let found = Variant::of(Checkout::catalog(), &case)
        .map(|variant| variant.case(&case.scenario, case.seed).to_string());
    assert_eq!(found.as_deref().map_err(ToString::to_string), expected.map_err(str::to_owned));
}

#[test]
fn a_case_names_a_variant_and_is_given_back_in_its_shortest_form() {
    check("storm:choreography:42", Ok("storm:choreography:0x2a"));
    check("s:choreography+fresh-key-per-attempt:1", Ok("s:choreography+fresh-key-per-attempt:0x1"));
    check("s:choreography+level=hardened+key=per-operation:1@kernel", Ok("s:choreography:0x1"));
    check("s:choreography+care=hardened+key=per-operation:1@kernel", Ok("s:choreography:0x1"));
    for first_written in ["level=first-written", "level=naive", "care=first-written", "care=naive"] {
        check(
            &format!("s:choreography+{first_written}+key=per-operation:1"),
            Ok("s:choreography+key=per-operation+level=first-written:0x1"),
        );
    }
    check(
        "s:orchestrated-saga+undo=on-failure+key=per-attempt:1",
        Ok("s:orchestrated-saga+key=per-attempt+undo=on-failure:0x1"),
    );
    check(
        "s:call-chain+timeout-means-failed+timeout=unknown:1",
        Ok("s:call-chain+timeout-means-failed+timeout=unknown:0x1"),
    );
}

#[test]
fn refusals() {
    let known = "choreography, orchestrated-saga, call-chain";
    check(
        "s:saga:1",
        Err(&format!("unknown architecture `saga`: did you mean `orchestrated-saga`? (known: {known})")),
    );
    check(
        "s:call-chain+publish=outbox:1",
        Err(
            "policy `publish` changes nothing in `call-chain`: choose one of key, timeout, dedup, fence, confirm, allocate, late-success, resubmission, retry",
        ),
    );
    check(
        "s:call-chain+level=hardened:1",
        Err(
            "`call-chain` cannot be hardened: no hardened level: a crash forgets the process, and a process that is written down is an orchestrated saga; choose one of matched, first-written",
        ),
    );
    check(
        "s:call-chain+level=hard:1",
        Err(
            "unknown hardening level `hard`: did you mean `hardened`? (known: first-written, matched, hardened)",
        ),
    );
    check(
        "s:call-chain+key=perattempt:1",
        Err(
            "unknown choice `key=perattempt`: did you mean `key=per-attempt`? (known: per-operation, per-attempt)",
        ),
    );
    check(
        "s:call-chain:1@kernl",
        Err("unknown backend `kernl`: did you mean `kernel`? (known: kernel, madsim)"),
    );
    let here = "timeout-means-failed, fresh-key-per-attempt, compensation-overtakes-action, non-idempotent-confirm, check-then-allocate, eager-retries, doubled-timeouts";
    check(
        "s:call-chain+swallow-and-ack:1",
        Err(&format!("bug `swallow-and-ack` changes nothing in `call-chain`: choose one of {here}")),
    );
}

/// Case and flag may both name the backend, but not two of them; whichever runs it, the architecture is as it was designed.
#[test]
fn a_backend_is_named_once() {
    #[track_caller]
    fn check(case: &str, flag: Option<&str>, expected: Result<&str, &str>) {
        let args = VariantArgs { backend: flag.map(Into::into), ..VariantArgs::default() };
        let found = args
            .added_to(Checkout::catalog(), case.parse().unwrap())
            .and_then(|case| Variant::of(Checkout::catalog(), &case));
        let found = found.map(|variant| {
            assert!(variant.as_designed());
            variant.case("s", Seed(1)).to_string()
        });
        assert_eq!(found.as_deref().map_err(ToString::to_string), expected.map_err(str::to_owned));
    }
    check("s:choreography:1", Some("kernel"), Ok("s:choreography:0x1"));
    check("s:choreography:1@kernel", Some("kernel"), Ok("s:choreography:0x1"));
    let both = "contradict each other: say one of them";
    check(
        "s:choreography:1@kernel",
        Some("madsim"),
        Err(&format!("`--backend madsim` and `@kernel` {both}")),
    );
    check(
        "s:choreography:1@madsim",
        Some("kernel"),
        Err(&format!("`--backend kernel` and `@madsim` {both}")),
    );
    let madsim = match cfg!(madsim) {
        true => Ok("s:choreography:0x1@madsim"),
        false => Err(
            "this build has no madsim backend: it needs `--cfg madsim`, and RUSTFLAGS in the environment or in a Cargo \
             configuration replaced the one in .cargo/config.toml; unset it, or add `--cfg madsim` to it",
        ),
    };
    check("s:choreography:1@madsim", None, madsim);
    check("s:choreography:1", Some("madsim"), madsim);
    check("s:choreography:1@madsim", Some("madsim"), madsim);
}

fn names(args: &VariantArgs, architectures: &[&str]) -> Result<Vec<&'static str>, String> {
    let architectures: Vec<String> = architectures.iter().map(ToString::to_string).collect();
    let catalog = Checkout::catalog();
    let variants =
        args.variants(catalog, &architectures, &catalog.safe()).map_err(|error| error.to_string())?;
    Ok(variants.iter().map(|variant| variant.architecture.name).collect())
}

#[test]
fn without_an_architecture_a_choice_runs_where_it_makes_a_difference() {
    let args = |bug: &str| VariantArgs { bugs: vec![bug.into()], ..VariantArgs::default() };
    assert_eq!(names(&VariantArgs::default(), &[]).unwrap(), ["choreography", "orchestrated-saga"]);
    assert_eq!(names(&args("swallow-and-ack"), &[]).unwrap(), ["choreography"]);
    assert_eq!(names(&args("check-then-allocate"), &[]).unwrap().len(), 3);
    assert!(names(&args("swallow-and-ack"), &["call-chain"]).unwrap_err().contains("changes nothing"));
    assert!(names(&args("swalow-and-ack"), &[]).unwrap_err().contains("did you mean `swallow-and-ack`"));
    let undo = VariantArgs { policies: vec!["undo=on-failure".into()], ..VariantArgs::default() };
    assert_eq!(names(&undo, &[]).unwrap(), ["orchestrated-saga"]);
    let both = vec!["errors=swallow-and-ack".into(), "undo=on-failure".into()];
    let both = VariantArgs { policies: both, ..VariantArgs::default() };
    assert!(names(&both, &[]).unwrap_err().contains("changes nothing"));
}

/// A token keeps the words it was given; only the variant made from it puts them into their shortest form.
#[test]
fn flags_add_to_a_case() {
    let added = |policy: &str, level: &str| {
        let (policies, level) = (vec![policy.into()], Some(level.into()));
        let args = VariantArgs { policies, level, ..VariantArgs::default() };
        let case: Case = "storm:choreography+key=per-attempt:1".parse().unwrap();
        args.added_to(Checkout::catalog(), case)
            .map(|case| case.to_string())
            .map_err(|error| error.to_string())
    };
    for level in ["first-written", "naive"] {
        let expected = format!("storm:choreography+key=per-attempt+fence=none+level={level}:0x1");
        assert_eq!(added("fence=none", level).unwrap(), expected);
    }
    let refused = added("key=per-operation", "naive").unwrap_err();
    assert!(refused.contains("`key` is said twice"), "{refused}");
}

proptest! {
    /// Only what makes a difference in the architecture is chosen there, and of two choices of one policy the later.
    #[test]
    fn a_variant_comes_back_from_its_case(
        number in 0..Checkout::catalog().architectures.len(), level in 0..3_usize,
        choices in prop::collection::vec((0..Checkout::catalog().policies.len(), 0..3_usize), 0..5),
        bugs in prop::collection::vec(0..Checkout::catalog().changes.len(), 0..3), seed: u64,
    ) {
        let catalog = Checkout::catalog();
        let architecture = &catalog.architectures[number];
        let changes = catalog.changes.iter().enumerate().filter(|(number, _)| bugs.contains(number));
        let changes = changes.filter(|(_, change)| change.architectures.contains(&architecture.name));
        let made = |policy: usize| choices.iter().rev().find(|(known, _)| *known == policy);
        let policies = catalog.policies.iter().enumerate();
        let policies = policies.filter(|(_, policy)| policy.matters_in.contains(&architecture.name));
        let policies = policies.filter_map(|(number, policy)| {
            let (_, choice) = made(number)?;
            Some(format!("{}={}", policy.name, policy.choices[choice % policy.choices.len()].name))
        });
        let args = VariantArgs {
            bugs: changes.map(|(_, change)| change.slug.clone()).collect(),
            policies: policies.collect(),
            level: Some(architecture.levels[level % architecture.levels.len()].0.name().into()),
            backend: None,
        };
        let variant = Variant::with(catalog, architecture, &args).unwrap();
        let case: Case = variant.case("storm", Seed(seed)).to_string().parse().unwrap();
        prop_assert_eq!(Variant::of(catalog, &case), Ok(variant));
    }
}
