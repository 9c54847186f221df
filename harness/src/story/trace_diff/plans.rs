//! What two plans differ in, each thing in words on both sides.
//!
//! **Invariant:** plans without a difference give the same run; one that is named is one a person chose or drew.

use serde::Serialize;
use stormcart_sim::fault::Fault;

use crate::fault_text::{FaultText, fault_name};
use crate::plan::Plan;

use super::Side;

/// Something in which two plans differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What: the seed, say, or a policy.
    pub name: String,
    /// How it is in the first.
    pub here: String,
    /// How it is in the second.
    pub there: String,
}

/// All of them.
pub fn differences(here: Side<'_>, there: Side<'_>) -> Vec<Difference> {
    let words = [here, there].map(words);
    let [ours, theirs] = &words;
    let differ = ours.iter().zip(theirs).filter(|((_, one), (_, other))| one != other);
    let mut differences: Vec<Difference> = differ
        .map(|((name, here), (_, there))| Difference {
            name: (*name).into(),
            here: here.clone(),
            there: there.clone(),
        })
        .collect();
    let (mut faults, mut others) = (faults(&here.twice.plan), faults(&there.twice.plan));
    faults.retain(|(fault, _)| match others.iter().position(|(other, _)| other == fault) {
        Some(common) => {
            others.remove(common);
            false
        }
        None => true,
    });
    let none = || String::from("-");
    let only = |here: String, there: String| Difference { name: "fault".into(), here, there };
    differences.extend(faults.into_iter().map(|(_, name)| only(name, none())));
    differences.extend(others.into_iter().map(|(_, name)| only(none(), name)));
    differences
}

/// Faults by their words, which mean the same in every architecture, and as a person reads them.
fn faults(plan: &Plan) -> Vec<(FaultText, String)> {
    let words = |fault: &Fault| (FaultText::write(fault, &plan.physics), fault_name(fault, &plan.physics));
    plan.faults.iter().map(words).collect()
}

/// What a plan is made from, and what was drawn for it.
fn words(side: Side<'_>) -> Vec<(&'static str, String)> {
    let Side { case, variant, twice, .. } = side;
    let setup = &twice.plan.setup;
    let span = setup.intents.last().map_or(0, |last| last.at.as_millis());
    let list = |words: Vec<String>| if words.is_empty() { "-".into() } else { words.join(", ") };
    vec![
        ("scenario", case.scenario.clone()),
        ("architecture", variant.architecture.name.into()),
        ("care", variant.level.name().into()),
        ("bugs", list(variant.bugs().map(|bug| bug.slug.clone()).collect())),
        ("policies", list(variant.choices().map(|choice| choice.to_string()).collect())),
        ("seed", twice.plan.seed.to_string()),
        ("customers", format!("{} within {span} ms", setup.intents.len())),
    ]
}
