//! What a plan keeps of its scenario: all of it, or less, to tell a failure in as few words as possible.
//!
//! Subjects keep their numbers, so that faults and stories that name them stay true.
//!
//! **Invariant:** a reduction takes away and adds nothing; what is left happens at the same virtual time, unless latencies
//! were made constant (`tests/independence`).

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// What is left of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reduction {
    /// The subjects that come, by number; all of them, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subjects: Option<Vec<u32>>,
    /// The most that is left of what the model can be reduced by, by the name of the knob.
    #[serde(flatten)]
    pub most: BTreeMap<String, u32>,
    /// Everything takes the least time it can take.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub constant_latency: bool,
}

impl Reduction {
    /// Only these subjects.
    pub fn of_subjects(subjects: impl IntoIterator<Item = u32>) -> Reduction {
        Reduction { subjects: Some(subjects.into_iter().collect()), ..Reduction::default() }
    }

    /// The same with no more than so much of what a knob turns.
    pub fn with_most(&self, knob: &str, most: u32) -> Reduction {
        let mut reduction = self.clone();
        reduction.most.insert(knob.to_owned(), most);
        reduction
    }

    /// Whether everything is kept.
    pub fn is_whole(&self) -> bool {
        *self == Reduction::default()
    }
}

/// Read field by field, so that an error has its line. Subjects may be called orders.
impl<'de> Deserialize<'de> for Reduction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Reduction;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("what is kept of a scenario, for example `{ subjects = [5] }`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Reduction, A::Error> {
                let mut reduction = Reduction::default();
                while let Some(field) = map.next_key::<String>()? {
                    match field.as_str() {
                        "subjects" | "orders" => reduction.subjects = Some(map.next_value()?),
                        "constant_latency" => reduction.constant_latency = map.next_value()?,
                        _ => {
                            reduction.most.insert(field, map.next_value()?);
                        }
                    }
                }
                Ok(reduction)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}
