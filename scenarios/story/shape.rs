//! State in words, whoever it belongs to: read from what `Debug` says.
//!
//! Stores and memories are plain derived values, and parties come and go; so their words are read from the one form
//! that every one of them has. What is empty, `false` or `None` is left out; so is [`CONFIGURATION`], which is the same
//! at every moment of a run.
//!
//! **Invariant:** what cannot be read is shown as it is. Nothing else is left out.

use serde_json::Value;
use stormcart_models::words::{Op, Party};

use super::telling::money;

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
        let mut reader = Reader { rest: &text };
        match reader.value() {
            Some(shape) if reader.rest.is_empty() => shape,
            _ => Shape::Word(text),
        }
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
            let group = Party::NAMES.get(key >> 8).unwrap_or(&"?");
            format!("{group} in partition {}", key & 0xff)
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

/// What is still to be read of what `Debug` said.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Skips a text, if it comes next.
    fn skip(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<Shape> {
        if self.skip("[") {
            return self.until("]", Self::value).map(Shape::List);
        }
        let word = self.word()?;
        if self.skip("(") {
            return Some(Shape::Tuple(word.into(), self.until(")", Self::value)?));
        }
        if self.skip(" { ") || self.skip("{") {
            let fields = self.until("}", Self::field)?;
            let changes = |(name, _): &(String, Shape)| !CONFIGURATION.contains(&name.as_str());
            return Some(Shape::Record(word.into(), fields.into_iter().filter(changes).collect()));
        }
        Some(Shape::Word(word.into()))
    }

    fn field(&mut self) -> Option<(String, Shape)> {
        let Shape::Word(name) = self.value()? else { return None };
        self.skip(": ").then_some(())?;
        Some((name, self.value()?))
    }

    /// Items up to the bracket that closes them.
    fn until<T>(&mut self, close: &str, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        loop {
            self.skip(" ");
            // What is not shown is not there to be read.
            self.skip("..");
            self.skip(" ");
            if self.skip(close) {
                return Some(items);
            }
            items.push(item(self)?);
            self.skip(",");
        }
    }

    /// A name, a number or a quoted text; before a bracket there may be none.
    fn word(&mut self) -> Option<&'a str> {
        let end = match self.rest.strip_prefix('"') {
            Some(quoted) => 2 + end_of_quote(quoted)?,
            None => self.rest.find(['(', ')', '[', ']', '{', '}', ',', ':', ' ']).unwrap_or(self.rest.len()),
        };
        let (word, rest) = self.rest.split_at(end);
        let empty = word.is_empty() && !rest.starts_with(['(', '{']);
        self.rest = rest;
        (!empty).then_some(word)
    }
}

fn end_of_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stormcart_models::domain::{Basket, Line};
    use stormcart_models::words::Outcome;
    use stormcart_sim::Table;
    use stormcart_sim::site::Node;

    #[derive(Clone, Debug)]
    #[expect(dead_code, reason = "read through Debug")]
    enum Row {
        Charging { given_up: bool },
        Charged(u8, Option<bool>),
        OutOfStock,
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "read through Debug")]
    struct Books {
        setup: u8,
        rows: Table<Row>,
        shelves: Table<(u8, i8)>,
        oldest: Option<&'static str>,
        price_cents: u64,
        queue: Vec<u8>,
    }

    fn books() -> Books {
        let mut books = Books {
            setup: 7,
            rows: Table::default(),
            shelves: Table::default(),
            oldest: Some("a \"b\", {c}"),
            price_cents: 1302,
            queue: (0..9).collect(),
        };
        books.rows.insert(1, Row::Charging { given_up: true });
        books.rows.insert(2, Row::Charged(3, Some(false)));
        books.rows.insert(4, Row::OutOfStock);
        books.shelves.insert(0, (1, -2));
        books
    }

    #[test]
    fn everything_that_is_held_has_a_line() {
        let held = Shape::of(&("memory", books())).held();
        let lines: Vec<String> = held
            .iter()
            .map(|held| {
                let about = held.about.as_deref().unwrap_or("-");
                format!("{about} | {} | {}", held.kind, held.value.words())
            })
            .collect();
        let expected = [
            "order 1 | rows | charging given up",
            "order 2 | rows | charged 3 nothing",
            "order 4 | rows | out of stock",
            "article 0 | shelves | 1 -2",
            r#"- | oldest | "a \"b\", {c}""#,
            "- | price cents | 1302",
            "- | queue | (3 before) 3, 4, 5, 6, 7, 8",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_document_says_the_same() {
        let document = Shape::of(&books()).document();
        let expected = serde_json::json!({ "Books": {
            "rows": { "1": { "Charging": { "given_up": true } }, "2": { "Charged": [3, false] }, "4": "OutOfStock" },
            "shelves": { "0": [1, -2] },
            "oldest": r#""a \"b\", {c}""#,
            "price_cents": 1302,
            "queue": [0, 1, 2, 3, 4, 5, 6, 7, 8],
        } });
        assert_eq!(document, expected);
    }

    #[test]
    fn baskets_are_goods_and_their_price() {
        let line = |sku, quantity| Line { sku, quantity, price_cents: 651 };
        let basket = Basket::new(vec![line(0, 2), line(3, 1)]);
        assert_eq!(Shape::of(&basket).words(), "13.02 for 2 of article 0 and 1 of article 3");
    }

    #[test]
    fn in_a_known_world_nodes_have_names_and_quoted_baskets_are_no_news() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "read through Debug")]
        struct Announced {
            order: u32,
            basket: Option<Basket>,
            from: Node,
            known: Vec<(Op, u8, Outcome)>,
        }
        let quoted = Basket::new(vec![Line { sku: 0, quantity: 2, price_cents: 1302 }]);
        let words = |order| {
            let known = vec![(Op::Charge, 0, Outcome::Done), (Op::Ship, 2, Outcome::Refused)];
            let announced = Announced { order, basket: Some(quoted.clone()), from: Node(3), known };
            let quoted = |order| (order == 7).then(|| Shape::of(&quoted));
            Shape::of(&announced).known(&|node| format!("node-{node}"), &quoted, None).words()
        };
        let rest = "from node-3, known charge done, ship (key 2) refused";
        assert_eq!(words(7), format!("order 7, {rest}"));
        assert_eq!(words(8), format!("order 8, basket 13.02 for 2 of article 0, {rest}"));
    }

    #[test]
    fn what_is_not_the_same_is_told_alone() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "read through Debug")]
        struct Command {
            op: Op,
            body: (u8, Option<Outcome>),
            key: u8,
        }
        let shape = |key, outcome| Shape::of(&Command { op: Op::Sale, body: (1, Some(outcome)), key });
        let here = shape(1, Outcome::Done);
        assert_eq!(here.unlike(&shape(0, Outcome::Done)), "key 1");
        assert_eq!(here.unlike(&shape(0, Outcome::OutOfStock)), "done, key 1");
        assert_eq!(here.unlike(&here), "");
        assert_eq!(here.unlike(&Shape::List(Vec::new())), here.words());
    }

    #[test]
    fn what_cannot_be_read_is_shown_as_it_is() {
        struct Odd;
        impl std::fmt::Debug for Odd {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("<3 of [them")
            }
        }
        assert_eq!(Shape::of(&Odd), Shape::Word("<3 of [them".into()));
    }
}
