//! How another team uses Stormcart: a question about their own checkout, as a program.
//!
//! ```text
//! cargo run --example our_checkout
//! ```
//!
//! In a test the same takes one line: `stormcart::testing::check("storm", "choreography", 0..200);`

use stormcart::harness::variant::VariantArgs;
use stormcart::testing::{Check, Failed};

fn main() -> Result<(), Failed> {
    // What we run today: events leave after the commit, from memory, and we have not been bitten yet.
    let ours = VariantArgs { policies: vec!["publish=commit-then-publish".into()], ..VariantArgs::default() };
    let today = Check { architecture: "choreography", seeds: 0..300, args: ours, ..Check::default() };
    match today.run() {
        Ok(checked) => println!("nothing found in {} storms", checked.seeds),
        Err(story) => println!("what we run today:\n\n{story}\n"),
    }

    // What we would run with an outbox.
    let outbox = Check { args: VariantArgs::default(), ..today };
    let checked = outbox.run()?;
    println!("with an outbox: {} storms, and every property held", checked.seeds);
    Ok(())
}
