//! State in words, whatever model it belongs to: a tree that is built from what `Serialize` says.
//!
//! A model says by the attributes of serde what a reader should see: `skip` for configuration that never changes,
//! `rename` for a field or a type that a person knows by another name (an empty one for a type whose name says no more than
//! its field), `serialize_with` for keys that are no numbers of subjects. What is empty, `false` or `None` is left out of
//! the words, and nothing else. A number in a field that ends in `_cents` is an amount.
//!
//! **Invariant:** no type and no field of a model is known here by its name; renaming one changes exactly that name.

mod build;

use serde::Serialize;
use serde_json::Value;
use stormcart_sim::site::Node;

/// Of a long list the last few are told.
const LIST_MAX: usize = 6;

/// A value, as `Serialize` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateTree {
    /// Nothing: `None`, or a unit.
    Nothing,
    /// Something that may be missing, and is there.
    Something(Box<StateTree>),
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i128),
    /// A name or a text.
    Word(String),
    /// A node of the world.
    Node(Node),
    /// A list.
    List(Vec<StateTree>),
    /// Fields without names, with the name of the type or variant.
    Tuple(&'static str, Vec<StateTree>),
    /// Named fields, with the name of the type or variant.
    Record(&'static str, Vec<(&'static str, StateTree)>),
    /// A table: keys and what is stored there.
    Table(Vec<(Key, StateTree)>),
}

/// The key of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The number of a subject.
    Subject(u32),
    /// Anything else, in words.
    Words(String),
}

/// One thing that a store or a memory holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is about; of what is there once, nothing.
    pub about: Option<Key>,
    /// The table or field it is in.
    pub kind: String,
    /// The value.
    pub value: StateTree,
}

impl StateTree {
    /// The tree of a value.
    pub fn of(value: &(impl Serialize + ?Sized)) -> StateTree {
        // A value that refuses to be serialized says why, where its words would stand.
        value.serialize(build::Builder).unwrap_or_else(|error| StateTree::Word(error.to_string()))
    }

    /// Everything it holds, table by table.
    pub fn held(&self) -> Vec<Held> {
        let mut held = Vec::new();
        self.collect("", &mut held);
        held
    }

    fn collect(&self, kind: &str, held: &mut Vec<Held>) {
        match self {
            StateTree::Table(entries) => held.extend(entries.iter().map(|(key, value)| Held {
                about: Some(key.clone()),
                kind: spaced(kind),
                value: value.clone(),
            })),
            // A wrapper is opened as long as there are tables further in.
            StateTree::Record(_, fields) if kind.is_empty() || self.has_table() => {
                fields.iter().for_each(|(field, value)| value.collect(field, held));
            }
            StateTree::Tuple(name, values) if self.has_table() => {
                values.iter().for_each(|value| value.collect(name, held));
            }
            leaf if kind.is_empty() || leaf.words().is_empty() => {}
            leaf => held.push(Held { about: None, kind: spaced(kind), value: leaf.clone() }),
        }
    }

    fn has_table(&self) -> bool {
        match self {
            StateTree::Table(_) => true,
            StateTree::Record(_, fields) => fields.iter().any(|(_, value)| value.has_table()),
            StateTree::Tuple(_, values) | StateTree::List(values) => values.iter().any(StateTree::has_table),
            StateTree::Something(value) => value.has_table(),
            StateTree::Nothing
            | StateTree::Flag(_)
            | StateTree::Number(_)
            | StateTree::Word(_)
            | StateTree::Node(_) => false,
        }
    }

    /// The same in a known world: nodes have names, and a value that everybody knows for a subject is left out. A field
    /// that is called as the subject is says which subject a record is about.
    pub fn known(&self, world: &Known<'_>, subject: Option<u32>) -> StateTree {
        let known = |value: &StateTree| value.known(world, subject);
        let all = |values: &[StateTree]| values.iter().map(known).collect();
        match self {
            StateTree::Node(node) => StateTree::Word((world.node)(*node)),
            StateTree::List(values) => StateTree::List(all(values)),
            StateTree::Tuple(name, values) => StateTree::Tuple(name, all(values)),
            StateTree::Something(value) => StateTree::Something(Box::new(known(value))),
            StateTree::Record(name, fields) => {
                let own = fields.iter().find(|(field, _)| *field == world.subject);
                let subject = own.and_then(|(_, value)| value.number()).or(subject);
                let implied = subject.and_then(|subject| (world.implied)(subject));
                let new = |value: &StateTree| Some(value.inside()) != implied.as_ref();
                let left = fields.iter().filter(|(_, value)| new(value));
                StateTree::Record(
                    name,
                    left.map(|(field, value)| (*field, value.known(world, subject))).collect(),
                )
            }
            StateTree::Table(entries) => {
                let entry = |(key, value): &(Key, StateTree)| {
                    let subject = match key {
                        Key::Subject(subject) => Some(*subject),
                        Key::Words(_) => subject,
                    };
                    (key.clone(), value.known(world, subject))
                };
                StateTree::Table(entries.iter().map(entry).collect())
            }
            StateTree::Nothing | StateTree::Flag(_) | StateTree::Number(_) | StateTree::Word(_) => {
                self.clone()
            }
        }
    }

    /// What is not the same in two values, in words of the first: the smallest part that differs.
    pub fn unlike(&self, other: &StateTree) -> String {
        match (self, other) {
            (StateTree::Something(one), StateTree::Something(other)) => one.unlike(other),
            (StateTree::Tuple(name, ours), StateTree::Tuple(kind, theirs))
                if name == kind && ours.len() == theirs.len() =>
            {
                let differ = ours.iter().zip(theirs).filter(|(one, other)| one != other);
                differ.map(|(one, other)| one.unlike(other)).collect::<Vec<_>>().join(", ")
            }
            (StateTree::Record(name, ours), StateTree::Record(kind, theirs))
                if name == kind && ours.len() == theirs.len() =>
            {
                let differ = ours.iter().zip(theirs).filter(|(one, other)| one != other);
                let told = differ.map(|((name, one), (_, other))| match one.is_leaf() {
                    true => field(name, one),
                    false => one.unlike(other),
                });
                told.collect::<Vec<_>>().join(", ")
            }
            _ => self.words(),
        }
    }

    fn is_leaf(&self) -> bool {
        match self {
            StateTree::Flag(_) | StateTree::Number(_) | StateTree::Word(_) | StateTree::Node(_) => true,
            StateTree::Nothing
            | StateTree::Something(_)
            | StateTree::List(_)
            | StateTree::Tuple(..)
            | StateTree::Record(..)
            | StateTree::Table(_) => false,
        }
    }

    fn number(&self) -> Option<u32> {
        match self {
            StateTree::Number(number) => u32::try_from(*number).ok(),
            _ => None,
        }
    }

    /// What is in an option.
    fn inside(&self) -> &StateTree {
        match self {
            StateTree::Something(value) => value,
            tree => tree,
        }
    }

    /// The value in words; nothing if there is nothing to say.
    pub fn words(&self) -> String {
        match self {
            StateTree::Nothing | StateTree::Flag(false) => String::new(),
            StateTree::Flag(true) => "true".into(),
            StateTree::Number(number) => number.to_string(),
            StateTree::Word(word) => word.clone(),
            StateTree::Node(node) => format!("node {}", node.0),
            StateTree::List(items) => list(items),
            StateTree::Something(value) => match value.words() {
                words if words.is_empty() => "nothing".into(),
                words => words,
            },
            StateTree::Tuple(name, values) => {
                format!("{} {}", spaced(name), joined(values, " ")).trim().into()
            }
            StateTree::Table(entries) => {
                let entry = |(key, value): &(Key, StateTree)| match key {
                    Key::Subject(number) => format!("{number}: {}", value.words()),
                    Key::Words(words) => format!("{words}: {}", value.words()),
                };
                entries.iter().map(entry).collect::<Vec<_>>().join("; ")
            }
            StateTree::Record(name, fields) => {
                let told = fields.iter().map(|(name, value)| field(name, value));
                let told: Vec<String> = told.filter(|words| !words.is_empty()).collect();
                format!("{} {}", spaced(name), told.join(", ")).trim().into()
            }
        }
    }

    /// The value as a document. A number above 2^53 is a text, because it would come back as another one.
    pub fn document(&self) -> Value {
        let all = |values: &[StateTree]| Value::Array(values.iter().map(StateTree::document).collect());
        let named = |name: &str, value: Value| match name {
            "" => value,
            name => Value::Object([(name.to_owned(), value)].into_iter().collect()),
        };
        match self {
            StateTree::Nothing => Value::Null,
            StateTree::Something(value) => value.document(),
            StateTree::Flag(flag) => (*flag).into(),
            StateTree::Number(number) => match i64::try_from(*number) {
                Ok(small) if small.unsigned_abs() < 1 << 53 => small.into(),
                _ => number.to_string().into(),
            },
            StateTree::Word(word) => word.as_str().into(),
            StateTree::Node(node) => node.0.into(),
            StateTree::List(values) => all(values),
            StateTree::Tuple(name, values) => match &values[..] {
                [] => (*name).into(),
                [one] => named(name, one.document()),
                several => named(name, all(several)),
            },
            StateTree::Record(name, fields) => {
                let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), value.document()));
                named(name, Value::Object(fields.collect()))
            }
            StateTree::Table(entries) => {
                let entry = |(key, value): &(Key, StateTree)| match key {
                    Key::Subject(number) => (number.to_string(), value.document()),
                    Key::Words(words) => (words.clone(), value.document()),
                };
                Value::Object(entries.iter().map(entry).collect())
            }
        }
    }
}

/// A value in words.
pub fn words(value: &(impl Serialize + ?Sized)) -> String {
    StateTree::of(value).words()
}

/// What is known of the world that a state belongs to.
pub struct Known<'a> {
    /// What a subject is called, and so the fields that hold the number of one.
    pub subject: &'a str,
    /// The name of a node.
    pub node: &'a dyn Fn(Node) -> String,
    /// A value that everybody knows for a subject.
    pub implied: &'a dyn Fn(u32) -> Option<StateTree>,
}

/// An amount in words.
pub fn money(cents: i128) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

fn list(items: &[StateTree]) -> String {
    let composite = items.iter().any(|item| matches!(item, StateTree::Record(..)));
    let between = if composite { " | " } else { ", " };
    match items.len().saturating_sub(LIST_MAX) {
        0 => joined(items, between),
        before => format!("({before} before) {}", joined(&items[before..], between)),
    }
}

fn joined(values: &[StateTree], between: &str) -> String {
    let words = values.iter().map(StateTree::words).filter(|words| !words.is_empty());
    words.collect::<Vec<_>>().join(between)
}

fn field(name: &str, value: &StateTree) -> String {
    match (value, name.strip_suffix("_cents")) {
        (StateTree::Flag(true), _) => spaced(name),
        (StateTree::Number(cents), Some(name)) => format!("{} {}", spaced(name), money(*cents)),
        _ => match value.words() {
            words if words.is_empty() => words,
            words => format!("{} {words}", spaced(name)).trim_start().into(),
        },
    }
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
