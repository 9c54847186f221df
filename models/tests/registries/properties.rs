//! Properties: their names, and that each file is in the registry.

use std::fs;
use std::path::Path;

use stormcart_models::checkout::property::PROPERTIES;

#[test]
fn a_slug_is_the_name_without_spaces() {
    for property in &PROPERTIES {
        assert_eq!(property.slug, property.name.replace(',', "").replace(' ', "-"), "{}", property.id);
    }
}

/// `s02_given_up_means_undone.rs` is S2, and is called `given-up-means-undone`.
#[test]
fn every_file_is_a_property_of_the_registry() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checkout/property");
    let files = fs::read_dir(folder).expect("the folder of the properties is there");
    let mut files: Vec<String> =
        files.map(|file| file.expect("it can be read").file_name().to_string_lossy().into_owned()).collect();
    files.sort_unstable();
    let mut expected: Vec<String> = PROPERTIES
        .iter()
        .map(|property| {
            let (letter, number) = property.id.split_at(1);
            let width = if letter == "S" { 2 } else { 1 };
            format!("{}{number:0>width$}_{}.rs", letter.to_lowercase(), property.slug.replace('-', "_"))
        })
        .collect();
    expected.sort_unstable();
    assert_eq!(files, expected);
}

/// A property that is checked nowhere proves nothing; S18 is checked by the world itself.
#[test]
fn every_property_is_checked_somewhere() {
    for property in &PROPERTIES {
        let checked = property.always.is_some() || property.rest.is_some() || property.core.is_some();
        assert_eq!(checked, property.id != "S18", "{}", property.id);
    }
}
