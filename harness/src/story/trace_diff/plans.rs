//! What two plans differ in, each thing in words on both sides.
//!
//! **Invariant:** plans without a difference give the same run; one that is named is one a person chose or drew.

use serde::Serialize;
use stormcart_sim::fault::Fault;

use crate::fault_text::FaultText;
use crate::model::Model;
use crate::plan::Plan;

use super::DiffSide;

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
pub fn differences<M: Model>(here: DiffSide<'_, M>, there: DiffSide<'_, M>) -> Vec<Difference> {
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
    let (mut faults, mut others) = (faults(&here.checked.plan), faults(&there.checked.plan));
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
fn faults<M: Model>(plan: &Plan<M>) -> Vec<(FaultText, String)> {
    let words = |fault: &Fault| (FaultText::write(fault, plan.names()), plan.names().fault(fault));
    plan.faults.iter().map(words).collect()
}

/// What a plan is made from, and what was drawn for it.
fn words<M: Model>(side: DiffSide<'_, M>) -> Vec<(&'static str, String)> {
    let DiffSide { case, variant, checked, .. } = side;
    let list = |words: Vec<String>| if words.is_empty() { "-".into() } else { words.join(", ") };
    let choices = variant.own_choices().into_iter().map(|choice| choice.words(&variant.catalog.policies));
    vec![
        ("scenario", case.scenario.clone()),
        ("architecture", variant.architecture.name.into()),
        ("level", variant.level.name().into()),
        ("bugs", list(variant.bugs().map(|bug| bug.slug.clone()).collect())),
        ("policies", list(choices.collect())),
        ("seed", checked.plan.seed.to_string()),
        ("workload", M::workload(&checked.plan.setup)),
    ]
}
