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

use super::telling::money;

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
pub enum Shape {
    /// A name, a number, a text.
    Word(String),
    /// Named fields, or a map.
    Record(String, Vec<(String, Shape)>),
    /// Fields without names.
    Tuple(String, Vec<Shape>),
    /// A list.
    List(Vec<Shape>),
}

/// One thing that a store or a memory holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is about: an order, an article, ...; of what is there once, nothing.
    pub about: Option<String>,
    /// The table or field it is in.
    pub kind: String,
    /// It.
    pub value: Shape,
}

impl Shape {
    /// Reads what `Debug` says about a value.
    pub fn of(value: &impl std::fmt::Debug) -> Shape {
        let text = format!("{value:?}");
        Reader::read(&text).unwrap_or(Shape::Word(text))
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
        quoted: &impl Fn(u32) -> Option<Shape>,
        order: Option<u32>,
    ) -> Shape {
        let known = |value: &Shape| value.known(name, quoted, order);
        match self {
            Shape::Word(word) => Shape::Word(word.clone()),
            Shape::List(values) => Shape::List(values.iter().map(known).collect()),
            Shape::Tuple(kind, values) => match (kind.as_str(), &values[..]) {
                ("Node", [Shape::Word(number)]) => {
                    Shape::Word(number.parse().map_or_else(|_| number.clone(), name))
                }
                _ => Shape::Tuple(kind.clone(), values.iter().map(known).collect()),
            },
            Shape::Record(kind, fields) => {
                let own = fields.iter().find(|(field, _)| field == "order").map(|(_, value)| value);
                let order = own.and_then(Shape::number).or(order);
                let expected = order.and_then(quoted);
                let new = |value: &Shape| Some(value.inside()) != expected.as_ref();
                let fields = fields.iter().filter(|(_, value)| new(value));
                let known =
                    |(field, value): &(String, Shape)| (field.clone(), value.known(name, quoted, order));
                Shape::Record(kind.clone(), fields.map(known).collect())
            }
        }
    }

    /// What is not the same in two values, in words of the first: the smallest part that differs.
    pub fn unlike(&self, other: &Shape) -> String {
        let parts = |ours: &[Shape], theirs: &[Shape]| {
            let differ = ours.iter().zip(theirs).filter(|(one, other)| one != other);
            differ.map(|(one, other)| one.unlike(other)).collect::<Vec<_>>().join(", ")
        };
        match (self, other) {
            (Shape::Tuple(name, ours), Shape::Tuple(kind, theirs))
                if name == kind && ours.len() == theirs.len() && !self.keyed() =>
            {
                parts(ours, theirs)
            }
            (Shape::Record(name, ours), Shape::Record(kind, theirs))
                if name == kind && name != "Basket" && ours.len() == theirs.len() =>
            {
                let differ = ours.iter().zip(theirs).filter(|(one, other)| one != other);
                let told = differ.map(|((name, one), (_, other))| match one {
                    Shape::Word(word) => format!("{} {}", spaced(name), spaced(word)),
                    one => one.unlike(other),
                });
                told.collect::<Vec<_>>().join(", ")
            }
            _ => self.words(),
        }
    }

    /// Whether this is an operation, its idempotency key, and what is known of it.
    fn keyed(&self) -> bool {
        let Shape::Tuple(name, values) = self else { return false };
        let [Shape::Word(op), key, _] = &values[..] else { return false };
        let known = |known: &Op| format!("{known:?}") == *op;
        name.is_empty() && key.number().is_some() && Op::ALL.iter().any(known)
    }

    fn number(&self) -> Option<u32> {
        match self {
            Shape::Word(word) => word.parse().ok(),
            _ => None,
        }
    }

    /// What is in an option.
    fn inside(&self) -> &Shape {
        match self {
            Shape::Tuple(name, values) if name == "Some" && values.len() == 1 => &values[0],
            shape => shape,
        }
    }

    fn collect(&self, kind: &str, held: &mut Vec<Held>) {
        match self {
            Shape::Record(name, fields) if name == "Table" => {
                held.extend(entries(fields).map(|(key, value)| Held {
                    about: Some(about(kind, key)),
                    kind: called(kind),
                    value: value.clone(),
                }));
            }
            // A wrapper is opened as long as there are tables further in.
            Shape::Record(_, fields) if self.has_table() => {
                fields.iter().for_each(|(field, value)| value.collect(field, held));
            }
            Shape::Tuple(name, values) if self.has_table() => {
                values.iter().for_each(|value| value.collect(name, held));
            }
            Shape::Record(_, fields) if kind.is_empty() => {
                fields.iter().for_each(|(field, value)| value.collect(field, held));
            }
            leaf if leaf.words().is_empty() || kind.is_empty() => {}
            leaf => held.push(Held { about: None, kind: called(kind), value: leaf.clone() }),
        }
    }

    fn has_table(&self) -> bool {
        match self {
            Shape::Word(_) => false,
            Shape::Record(name, fields) => {
                name == "Table" || fields.iter().any(|(_, value)| value.has_table())
            }
            Shape::Tuple(_, values) | Shape::List(values) => values.iter().any(Shape::has_table),
        }
    }

    /// It in words; nothing if there is nothing to say.
    pub fn words(&self) -> String {
        match self {
            Shape::Word(word) if word == "None" || word == "false" => String::new(),
            Shape::Word(word) if word.starts_with('"') => word.clone(),
            Shape::Word(word) => spaced(word),
            Shape::List(items) => list(items),
            Shape::Tuple(name, values) if name == "Some" => match joined(values, " ") {
                words if words.is_empty() => "nothing".into(),
                words => words,
            },
            Shape::Tuple(name, values) => match (name.as_str(), &values[..]) {
                (_, [op, Shape::Word(key), known]) if self.keyed() => {
                    let key = if key == "0" { String::new() } else { format!(" (key {key})") };
                    format!("{}{key} {}", op.words(), known.words())
                }
                _ => format!("{} {}", spaced(name), joined(values, " ")).trim().into(),
            },
            Shape::Record(name, fields) if name == "Table" => {
                let entry = |(key, value): (usize, &Shape)| format!("{key}: {}", value.words());
                entries(fields).map(entry).collect::<Vec<_>>().join("; ")
            }
            Shape::Record(name, fields) if name == "Basket" => basket(fields),
            Shape::Record(name, fields) => {
                let told = fields.iter().map(|(name, value)| field(name, value));
                let told: Vec<String> = told.filter(|words| !words.is_empty()).collect();
                let name = if PLAIN.contains(&name.as_str()) { String::new() } else { spaced(name) };
                format!("{name} {}", told.join(", ")).trim().into()
            }
        }
    }

    /// It as a document.
    pub fn document(&self) -> Value {
        let all = |values: &[Shape]| Value::Array(values.iter().map(Shape::document).collect());
        let named = |name: &str, value: Value| match name {
            "" => value,
            name => Value::Object([(name.to_owned(), value)].into_iter().collect()),
        };
        match self {
            Shape::Word(word) => match (word.as_str(), word.parse::<i64>()) {
                ("None", _) => Value::Null,
                ("true", _) => true.into(),
                ("false", _) => false.into(),
                // A number above 2^53 would come back as another one.
                (_, Ok(number)) if number.unsigned_abs() < 1 << 53 => number.into(),
                (word, _) => word.into(),
            },
            Shape::List(values) => all(values),
            Shape::Tuple(name, values) if name == "Some" => all(values)[0].clone(),
            Shape::Tuple(name, values) => named(name, all(values)),
            Shape::Record(name, fields) if name == "Table" => {
                let entry = |(key, value): (usize, &Shape)| (key.to_string(), value.document());
                Value::Object(entries(fields).map(entry).collect())
            }
            Shape::Record(name, fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), value.document())).collect();
                let plain = PLAIN.contains(&name.as_str()) || name == "Basket";
                named(if plain { "" } else { name }, Value::Object(fields))
            }
        }
    }
}

/// The entries of a table: its slots are options.
fn entries(fields: &[(String, Shape)]) -> impl Iterator<Item = (usize, &Shape)> {
    let slots = match fields.first() {
        Some((_, Shape::List(slots))) => &slots[..],
        _ => &[],
    };
    slots.iter().enumerate().filter_map(|(key, slot)| match slot {
        Shape::Tuple(name, values) if name == "Some" => Some((key, values.first()?)),
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

fn list(items: &[Shape]) -> String {
    let composite = items.iter().any(|item| matches!(item, Shape::Record(..)));
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

fn joined(values: &[Shape], between: &str) -> String {
    let words = values.iter().map(Shape::words).filter(|words| !words.is_empty());
    words.collect::<Vec<_>>().join(between)
}

fn field(name: &str, value: &Shape) -> String {
    match (value, name.strip_suffix("_cents")) {
        (Shape::Word(word), _) if word == "true" => spaced(name),
        (Shape::Word(word), Some(name)) => match word.parse() {
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
fn basket(fields: &[(String, Shape)]) -> String {
    let number =
        |fields: &[(String, Shape)], wanted: &str| match fields.iter().find(|(name, _)| name == wanted) {
            Some((_, Shape::Word(word))) => word.clone(),
            _ => "?".into(),
        };
    let lines = match fields.iter().find(|(name, _)| name == "lines") {
        Some((_, Shape::List(lines))) => &lines[..],
        _ => &[],
    };
    let line = |line: &Shape| match line {
        Shape::Record(_, line) => format!("{} of article {}", number(line, "quantity"), number(line, "sku")),
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
