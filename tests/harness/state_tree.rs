//! State trees of types that no words were written for: what their `Serialize` says is what a reader is told.

use serde::{Serialize, Serializer};
use stormcart::harness::story::state_tree::{Key, Known, StateTree};
use stormcart_models::checkout::domain::{Basket, Line};
use stormcart_models::checkout::vocabulary::{Op, Outcome};
use stormcart_sim::DenseMap;
use stormcart_sim::site::Node;

#[derive(Clone, Serialize)]
enum Row {
    Charging { given_up: bool },
    Charged(u8, Option<bool>),
    OutOfStock,
}

#[derive(Serialize)]
struct Books {
    #[serde(skip)]
    setup: u8,
    rows: DenseMap<Row>,
    #[serde(serialize_with = "by_article")]
    shelves: DenseMap<(u8, i8)>,
    oldest: Option<&'static str>,
    price_cents: u64,
    queue: Vec<u8>,
}

/// A map whose numbers are not those of orders says so in its keys.
fn by_article<S: Serializer>(shelves: &DenseMap<(u8, i8)>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(shelves.iter().map(|(article, shelf)| (format!("article {article}"), shelf)))
}

fn books() -> Books {
    let mut books = Books {
        setup: 7,
        rows: DenseMap::default(),
        shelves: DenseMap::default(),
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
    assert_eq!(books().setup, 7, "it is there, and no line tells it");
    let about = |key: &Key| match key {
        Key::Subject(number) => format!("order {number}"),
        Key::Words(words) => words.clone(),
    };
    let held = StateTree::of(&("memory", books())).held();
    let lines: Vec<String> = held
        .iter()
        .map(|held| {
            let about = held.about.as_ref().map_or("-".into(), about);
            format!("{about} | {} | {}", held.kind, held.value.words())
        })
        .collect();
    let expected = [
        "order 1 | rows | charging given up",
        "order 2 | rows | charged 3 nothing",
        "order 4 | rows | out of stock",
        "article 0 | shelves | 1 -2",
        r#"- | oldest | a "b", {c}"#,
        "- | price cents | 1302",
        "- | queue | (3 before) 3, 4, 5, 6, 7, 8",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_document_says_the_same() {
    let document = StateTree::of(&books()).document();
    let expected = serde_json::json!({ "Books": {
        "rows": { "1": { "Charging": { "given_up": true } }, "2": { "Charged": [3, false] }, "4": "OutOfStock" },
        "shelves": { "article 0": [1, -2] },
        "oldest": r#"a "b", {c}"#,
        "price_cents": 1302,
        "queue": [0, 1, 2, 3, 4, 5, 6, 7, 8],
    } });
    assert_eq!(document, expected);
}

#[test]
fn baskets_are_goods_and_their_price() {
    let line = |sku, quantity| Line { sku, quantity, price_cents: 651 };
    let basket = Basket::new(vec![line(0, 2), line(3, 1)]);
    assert_eq!(StateTree::of(&basket).words(), "13.02 for 2 of article 0 and 1 of article 3");
}

#[test]
fn in_a_known_world_nodes_have_names_and_quoted_baskets_are_no_news() {
    /// An operation with its key, and how it ended.
    struct Ended(Op, u8, Outcome);
    impl Serialize for Ended {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let Ended(op, key, outcome) = self;
            serializer.collect_str(&format_args!("{} {outcome}", op.with_key(*key)))
        }
    }
    #[derive(Serialize)]
    #[serde(rename = "")]
    struct Announced {
        order: u32,
        basket: Option<Basket>,
        from: Node,
        known: Vec<Ended>,
    }
    let quoted = Basket::new(vec![Line { sku: 0, quantity: 2, price_cents: 1302 }]);
    let words = |order| {
        let known = vec![Ended(Op::Charge, 0, Outcome::Done), Ended(Op::Ship, 2, Outcome::Refused)];
        let announced = Announced { order, basket: Some(quoted.clone()), from: Node(3), known };
        let implied = |order| (order == 7).then(|| StateTree::of(&quoted));
        let world =
            Known { subject: "order", node: &|node: Node| format!("node-{}", node.0), implied: &implied };
        StateTree::of(&announced).known(&world, None).words()
    };
    let rest = "from node-3, known charge done, ship (key 2) refused";
    assert_eq!(words(7), format!("order 7, {rest}"));
    assert_eq!(words(8), format!("order 8, basket 13.02 for 2 of article 0, {rest}"));
}

#[test]
fn what_is_not_the_same_is_told_alone() {
    #[derive(Serialize)]
    struct Command {
        op: Op,
        body: (u8, Option<Outcome>),
        key: u8,
    }
    let tree = |key, outcome| StateTree::of(&Command { op: Op::Sale, body: (1, Some(outcome)), key });
    let here = tree(1, Outcome::Done);
    assert_eq!(here.unlike(&tree(0, Outcome::Done)), "key 1");
    assert_eq!(here.unlike(&tree(0, Outcome::OutOfStock)), "done, key 1");
    assert_eq!(here.unlike(&here), "");
    assert_eq!(here.unlike(&StateTree::List(Vec::new())), here.words());
}

/// A value that serializes as a text is that text; one that cannot be serialized says why, where its words would stand.
#[test]
fn what_cannot_be_read_is_shown_as_it_is() {
    struct Text;
    impl Serialize for Text {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&"<3 of [them")
        }
    }
    struct Refused;
    impl Serialize for Refused {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("<3 of [them"))
        }
    }
    assert_eq!(StateTree::of(&Text), StateTree::Word("<3 of [them".into()));
    assert_eq!(StateTree::of(&Refused), StateTree::Word("<3 of [them".into()));
}
