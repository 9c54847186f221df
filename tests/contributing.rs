//! The recipes of `CONTRIBUTING.md` and the map of `docs/architecture.md` are those of this repository.
//!
//! **Invariant:** a registry that a recipe names has as many entries as the recipe says, and every file named exists.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use stormcart::Model;
use stormcart::harness::fault_generator::Family;
use stormcart_models::checkout::architecture::ARCHITECTURES;
use stormcart_models::checkout::model::Checkout;
use stormcart_models::checkout::policy::POLICIES;
use stormcart_models::checkout::property::PROPERTIES;
use stormcart_models::checkout::vocabulary::Party;
use stormcart_sim::fault::{PointFault, SustainedFault};

const CONTRIBUTING: &str = include_str!("../CONTRIBUTING.md");
const PAGES: [(&str, &str); 3] = [
    ("CONTRIBUTING.md", CONTRIBUTING),
    ("docs/architecture.md", include_str!("../docs/architecture.md")),
    ("docs/glossary.md", include_str!("../docs/glossary.md")),
];

/// The numbers that a recipe states, in front of `today`.
fn stated(recipe: &str) -> Vec<usize> {
    let words: Vec<&str> = recipe.split_whitespace().collect();
    let before = words.windows(2).filter(|pair| pair[1].trim_end_matches([',', '.', ';']) == "today");
    before.map(|pair| pair[0].parse().unwrap()).collect()
}

#[test]
fn recipes_count_the_registries() {
    let catalog = Checkout::catalog();
    let changes = catalog.bugs(false).count() + catalog.bugs(true).count();
    let formats = include_str!("../harness/src/cli/output.rs");
    let formats = formats.split("pub enum Format {").nth(1).unwrap().split('}').next().unwrap();
    let formats = formats.lines().filter(|line| line.ends_with(',')).count();
    let models = include_str!("../src/main.rs").split("main(&[").nth(1).unwrap();
    let models = models.split(']').next().unwrap().split(',').count();
    let expected: [(&str, &[usize]); 10] = [
        ("a fault", &[PointFault::SAMPLES.len(), SustainedFault::SAMPLES.len()]),
        ("a family of faults", &[Family::ALL.len()]),
        ("a property", &[PROPERTIES.len()]),
        ("a policy", &[POLICIES.len()]),
        ("a bug", &[changes]),
        ("a coordination", &[ARCHITECTURES.len()]),
        ("a service", &[Party::ALL.len()]),
        ("a scenario", &[catalog.scenarios.len()]),
        ("an output format", &[formats]),
        ("a model", &[models]),
    ];
    let recipes: Vec<(&str, &str)> =
        CONTRIBUTING.split("\n## To add ").skip(1).map(|recipe| recipe.split_once('\n').unwrap()).collect();
    let titles: Vec<&str> = recipes.iter().map(|(title, _)| *title).collect();
    assert_eq!(titles, expected.map(|(title, _)| title));
    for ((title, recipe), (_, counts)) in recipes.iter().zip(expected) {
        assert_eq!(stated(recipe), counts, "to add {title}");
    }
}

/// What stands between backticks and looks like a path is one.
#[test]
fn every_file_that_a_page_names_exists() {
    for (page, text) in PAGES {
        let spans = text.split('`').skip(1).step_by(2).filter(|span| !span.contains(char::is_whitespace));
        let paths = spans.filter(|span| span.contains('/') && !span.contains(['{', ':', '*', '+']));
        let mut found = 0;
        for path in paths {
            assert!(
                Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(),
                "{page}: there is no `{path}`"
            );
            found += 1;
        }
        assert!(found > 10, "{page} names files");
    }
}
