//! State in words, whoever it belongs to: read from what `Debug` says.
//!
//! Stores and memories are plain derived values, and parties come and go; so their words are read from the one form
//! that every one of them has. What is empty, `false` or `None` is left out; so is `CONFIGURATION`, which is the same
//! at every moment of a run.
//!
//! **Invariant:** what cannot be read is shown as it is. Nothing else is left out.

mod read;

use serde_json::Value;
use stormcart_models::platform::event_log::reader;
use stormcart_models::words::Op;

use super::trace_formatter::money;

use read::Reader;

/// Fields that never change in a run.
const CONFIGURATION: [&str; 4] = ["setup", "party", "instance", "digest"];

/// Structs whose name says no more than the field they are in.
const PLAIN: [&str; 11] = [
    "Account",
    "Announced",
    "File",
    "Hold",
    "Lane",
    "Lease",
    "Row",
    "Running",
    "Shelf",
    "Waiting",
    "Workflow",
];

/// Fields that a reader knows by another name, or needs no name for.
const RENAMED: [(&str, &str); 3] = [("files", "desk"), ("operations", ""), ("event", "")];

/// Of a long list the last few are told.
const LIST_MAX: usize = 6;

/// A value, as `Debug` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateTree {
    /// A name, a number, a text.
    Word(String),
    /// Named fields, or a map.
    Record(String, Vec<(String, StateTree)>),
    /// Fields without names.
    Tuple(String, Vec<StateTree>),
    /// A list.
    List(Vec<StateTree>),
}

/// One thing that a store or a memory holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is about: an order, an article, ...; of what is there once, nothing.
    pub about: Option<String>,
    /// The table or field it is in.
    pub kind: String,
    /// It.
    pub value: StateTree,
}

impl StateTree {
    /// Reads what `Debug` says about a value.
    pub fn of(value: &impl std::fmt::Debug) -> StateTree {
        let text = format!("{value:?}");
        Reader::read(&text).unwrap_or(StateTree::Word(text))
    }

    /// Everything it holds, table by table.
    pub fn held(&self) -> Vec<Held> {
        let mut held = Vec::new();
        self.collect("", &mut held);
        held
    }

    /// The same in a known world: nodes have names, and a basket that is the one quoted for its order, which `quoted`
    /// tells, is left out.
    pub fn known(
        &self,
        name: &impl Fn(u8) -> String,
        quoted: &impl Fn(u32) -> Option<StateTree>,
        order: Option<u32>,
    ) -> StateTree {
        let known = |value: &StateTree| value.known(name, quoted, order);
        match self {
            StateTree::Word(word) => StateTree::Word(word.clone()),
            StateTree::List(values) => StateTree::List(values.iter().map(known).collect()),
            StateTree::Tuple(kind, values) => match (kind.as_str(), &values[..]) {
                ("Node", [StateTree::Word(number)]) => {
                    StateTree::Word(number.parse().map_or_else(|_| number.clone(), name))
                }
                _ => StateTree::Tuple(kind.clone(), values.iter().map(known).collect()),
            },
            StateTree::Record(kind, fields) => {
                let own = fields.iter().find(|(field, _)| field == "order").map(|(_, value)| value);
                let order = own.and_then(StateTree::number).or(order);
                let expected = order.and_then(quoted);
                let new = |value: &StateTree| Some(value.inside()) != expected.as_ref();
                let fields = fields.iter().filter(|(_, value)| new(value));
                let known =
                    |(field, value): &(String, StateTree)| (field.clone(), value.known(name, quoted, order));
                StateTree::Record(kind.clone(), fields.map(known).collect())
            }
        }
    }

    /// What is not the same in two values, in words of the first: the smallest part that differs.
    pub fn unlike(&self, other: &StateTree) -> String {
        let parts = |ours: &[StateTree], theirs: &[StateTree]| {
            let differ = ours.iter().zip(theirs).filter(|(one, other)| one != other);
            differ.map(|(one, other)| one.unlike(other)).collect::<Vec<_>>().join(", ")
        };
        match (self, other) {
            (StateTree::Tuple(name, ours), StateTree::Tuple(kind, theirs))
                if name == kind && ours.len() == theirs.len() && !self.keyed() =>
            {
                parts(ours, theirs)
            }
            (StateTree::Record(name, ours), StateTree::Record(kind, theirs))
                if name == kind && name != "Basket" && ours.len() == theirs.len() =>
            {
                let differ = ours.iter().zip(theirs).filter(|(one, other)| one != other);
                let told = differ.map(|((name, one), (_, other))| match one {
                    StateTree::Word(word) => format!("{} {}", spaced(name), spaced(word)),
                    one => one.unlike(other),
                });
                told.collect::<Vec<_>>().join(", ")
            }
            _ => self.words(),
        }
    }

    /// Whether this is an operation, its idempotency key, and what is known of it.
    fn keyed(&self) -> bool {
        let StateTree::Tuple(name, values) = self else { return false };
        let [StateTree::Word(op), key, _] = &values[..] else { return false };
        let known = |known: &Op| format!("{known:?}") == *op;
        name.is_empty() && key.number().is_some() && Op::ALL.iter().any(known)
    }

    fn number(&self) -> Option<u32> {
        match self {
            StateTree::Word(word) => word.parse().ok(),
            _ => None,
        }
    }

    /// What is in an option.
    fn inside(&self) -> &StateTree {
        match self {
            StateTree::Tuple(name, values) if name == "Some" && values.len() == 1 => &values[0],
            shape => shape,
        }
    }

    fn collect(&self, kind: &str, held: &mut Vec<Held>) {
        match self {
            StateTree::Record(name, fields) if name == "Table" => {
                held.extend(entries(fields).map(|(key, value)| Held {
                    about: Some(about(kind, key)),
                    kind: called(kind),
                    value: value.clone(),
                }));
            }
            // A wrapper is opened as long as there are tables further in.
            StateTree::Record(_, fields) if self.has_table() => {
                fields.iter().for_each(|(field, value)| value.collect(field, held));
            }
            StateTree::Tuple(name, values) if self.has_table() => {
                values.iter().for_each(|value| value.collect(name, held));
            }
            StateTree::Record(_, fields) if kind.is_empty() => {
                fields.iter().for_each(|(field, value)| value.collect(field, held));
            }
            leaf if leaf.words().is_empty() || kind.is_empty() => {}
            leaf => held.push(Held { about: None, kind: called(kind), value: leaf.clone() }),
        }
    }

    fn has_table(&self) -> bool {
        match self {
            StateTree::Word(_) => false,
            StateTree::Record(name, fields) => {
                name == "Table" || fields.iter().any(|(_, value)| value.has_table())
            }
            StateTree::Tuple(_, values) | StateTree::List(values) => values.iter().any(StateTree::has_table),
        }
    }

    /// It in words; nothing if there is nothing to say.
    pub fn words(&self) -> String {
        match self {
            StateTree::Word(word) if word == "None" || word == "false" => String::new(),
            StateTree::Word(word) if word.starts_with('"') => word.clone(),
            StateTree::Word(word) => spaced(word),
            StateTree::List(items) => list(items),
            StateTree::Tuple(name, values) if name == "Some" => match joined(values, " ") {
                words if words.is_empty() => "nothing".into(),
                words => words,
            },
            StateTree::Tuple(name, values) => match (name.as_str(), &values[..]) {
                (_, [op, StateTree::Word(key), known]) if self.keyed() => {
                    let key = if key == "0" { String::new() } else { format!(" (key {key})") };
                    format!("{}{key} {}", op.words(), known.words())
                }
                _ => format!("{} {}", spaced(name), joined(values, " ")).trim().into(),
            },
            StateTree::Record(name, fields) if name == "Table" => {
                let entry = |(key, value): (usize, &StateTree)| format!("{key}: {}", value.words());
                entries(fields).map(entry).collect::<Vec<_>>().join("; ")
            }
            StateTree::Record(name, fields) if name == "Basket" => basket(fields),
            StateTree::Record(name, fields) => {
                let told = fields.iter().map(|(name, value)| field(name, value));
                let told: Vec<String> = told.filter(|words| !words.is_empty()).collect();
                let name = if PLAIN.contains(&name.as_str()) { String::new() } else { spaced(name) };
                format!("{name} {}", told.join(", ")).trim().into()
            }
        }
    }

    /// It as a document.
    pub fn document(&self) -> Value {
        let all = |values: &[StateTree]| Value::Array(values.iter().map(StateTree::document).collect());
        let named = |name: &str, value: Value| match name {
            "" => value,
            name => Value::Object([(name.to_owned(), value)].into_iter().collect()),
        };
        match self {
            StateTree::Word(word) => match (word.as_str(), word.parse::<i64>()) {
                ("None", _) => Value::Null,
                ("true", _) => true.into(),
                ("false", _) => false.into(),
                // A number above 2^53 would come back as another one.
                (_, Ok(number)) if number.unsigned_abs() < 1 << 53 => number.into(),
                (word, _) => word.into(),
            },
            StateTree::List(values) => all(values),
            StateTree::Tuple(name, values) if name == "Some" => all(values)[0].clone(),
            StateTree::Tuple(name, values) => named(name, all(values)),
            StateTree::Record(name, fields) if name == "Table" => {
                let entry = |(key, value): (usize, &StateTree)| (key.to_string(), value.document());
                Value::Object(entries(fields).map(entry).collect())
            }
            StateTree::Record(name, fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), value.document())).collect();
                let plain = PLAIN.contains(&name.as_str()) || name == "Basket";
                named(if plain { "" } else { name }, Value::Object(fields))
            }
        }
    }
}

/// The entries of a table: its slots are options.
fn entries(fields: &[(String, StateTree)]) -> impl Iterator<Item = (usize, &StateTree)> {
    let slots = match fields.first() {
        Some((_, StateTree::List(slots))) => &slots[..],
        _ => &[],
    };
    slots.iter().enumerate().filter_map(|(key, slot)| match slot {
        StateTree::Tuple(name, values) if name == "Some" => Some((key, values.first()?)),
        _ => None,
    })
}

/// What the key of a table means: the number of an order, unless the table is known for something else.
fn about(table: &str, key: usize) -> String {
    match table {
        "shelves" => format!("article {key}"),
        "partitions" => format!("partition {key}"),
        "lanes" | "offsets" => {
            let (group, partition) = reader(key as u32);
            format!("{group} in partition {partition}")
        }
        _ => format!("order {key}"),
    }
}

fn list(items: &[StateTree]) -> String {
    let composite = items.iter().any(|item| matches!(item, StateTree::Record(..)));
    let between = if composite { " | " } else { ", " };
    match items.len().saturating_sub(LIST_MAX) {
        0 => joined(items, between),
        before => format!("({before} before) {}", joined(&items[before..], between)),
    }
}

fn called(field: &str) -> String {
    let renamed = RENAMED.iter().find(|(known, _)| *known == field);
    renamed.map_or_else(|| spaced(field), |(_, name)| (*name).into())
}

fn joined(values: &[StateTree], between: &str) -> String {
    let words = values.iter().map(StateTree::words).filter(|words| !words.is_empty());
    words.collect::<Vec<_>>().join(between)
}

fn field(name: &str, value: &StateTree) -> String {
    match (value, name.strip_suffix("_cents")) {
        (StateTree::Word(word), _) if word == "true" => spaced(name),
        (StateTree::Word(word), Some(name)) => match word.parse() {
            Ok(cents) => format!("{} {}", spaced(name), money(cents)),
            Err(_) => format!("{} {word} cents", spaced(name)),
        },
        _ => match value.words() {
            words if words.is_empty() => words,
            words => format!("{} {words}", called(name)).trim_start().into(),
        },
    }
}

/// `13.02 for 2 of article 0 and 1 of article 3`.
fn basket(fields: &[(String, StateTree)]) -> String {
    let number =
        |fields: &[(String, StateTree)], wanted: &str| match fields.iter().find(|(name, _)| name == wanted) {
            Some((_, StateTree::Word(word))) => word.clone(),
            _ => "?".into(),
        };
    let lines = match fields.iter().find(|(name, _)| name == "lines") {
        Some((_, StateTree::List(lines))) => &lines[..],
        _ => &[],
    };
    let line = |line: &StateTree| match line {
        StateTree::Record(_, line) => {
            format!("{} of article {}", number(line, "quantity"), number(line, "sku"))
        }
        other => other.words(),
    };
    let goods = lines.iter().map(line).collect::<Vec<_>>().join(" and ");
    let total = number(fields, "total_cents").parse().map_or_else(|_| "?".into(), money);
    format!("{total} for {goods}")
}

/// `StockReserved` and `stock_reserved` are `stock reserved`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        words.push(if c == '_' { ' ' } else { c.to_ascii_lowercase() });
    }
    words
}

#[cfg(test)]
mod tests;
