//! The services of the kernel's tests on the other backend.
#![cfg(madsim)]

mod faults;
#[path = "../kernel/letters.rs"]
#[expect(dead_code, reason = "these tests read traces, not worlds")]
mod letters;
mod notebook;
#[path = "../kernel/relay.rs"]
#[expect(dead_code, reason = "nothing here is a kernel's world")]
mod relay;
mod runs;
mod scripts;
mod storms;
mod worlds;

use stormcart_sim::fault::Fault;
use stormcart_sim::madsim;
use stormcart_sim::physics::Physics;
use stormcart_sim::script::Ended;
use stormcart_sim::trace::Trace;

use letters::Clerk;
use scripts::script;

fn run_in(physics: Physics, plan: &[Fault]) -> Ended<Clerk> {
    let ended = madsim::play(&script(physics, plan), 1, Trace::on());
    assert_eq!(ended.limit, None, "it comes to rest");
    ended
}
