//! The same job as eight async processes on madsim: a node each, datagrams between their endpoints.
//!
//! A process sends in line instead of from a task of its own. That holds it up for a millisecond of virtual time per
//! hop, which would bias a comparison of latencies, but it is the fastest way by the clock on the wall, and that is
//! what counts here. Every task has ended when the runtime is dropped: madsim leaks those that have not.
//!
//! **Invariant:** the seed decides everything that is drawn here.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use madsim::Config;
use madsim::net::Endpoint;
use madsim::runtime::Runtime;
use stormcart_sim::site::Role;

use super::{Hop, Job, LINK, Outcome, SERVICES, Visit, Visits, Wire};

const TAG: u64 = 1;

pub fn run(job: Job) -> Outcome {
    let mut config = Config::default();
    let least = Duration::from_micros(LINK.base.0);
    config.net.send_latency = least..least + Duration::from_micros(LINK.spread.0);
    let runtime = Runtime::with_seed_and_config(job.seed, config);
    let services = (0..SERVICES).map(Role).zip(job.arrivals()).map(|(role, arrivals)| {
        let node = runtime.create_node().ip(address(role).ip()).build();
        node.spawn(async move { serve(job, role, arrivals).await.expect("its network does not fail") })
    });
    let services: Vec<_> = services.collect();
    let stores = runtime.block_on(async {
        let mut stores = Vec::new();
        for service in services {
            stores.push(service.await.expect("nobody kills it"));
        }
        stores
    });
    Outcome::seen(job, &stores)
}

/// As its test macro does it: on a reused thread the order of a `HashMap` differs between runs of one seed.
#[expect(clippy::disallowed_methods, reason = "the thread is part of what is measured")]
pub fn run_in_thread(job: Job) -> Outcome {
    std::thread::spawn(move || run(job)).join().expect("it makes all its hops")
}

/// Writes down who comes by and sends them on. To bind takes less virtual time than to send, so nobody is missed.
async fn serve(job: Job, role: Role, arrivals: u32) -> std::io::Result<Visits> {
    let endpoint = Endpoint::bind(address(role)).await?;
    for first in job.first_hops(role) {
        endpoint.send_to(address(first.to()), TAG, &first.write()).await?;
    }
    let mut visits = Visits::default();
    let mut wire = Wire::default();
    for _ in 0..arrivals {
        endpoint.recv_from(TAG, &mut wire).await?;
        let hop = Hop::read(wire);
        Visit(hop.order).apply(&mut visits);
        if let Some(next) = hop.next() {
            endpoint.send_to(address(next.to()), TAG, &next.write()).await?;
        }
    }
    Ok(visits)
}

fn address(role: Role) -> SocketAddr {
    (Ipv4Addr::new(10, 0, 0, 1 + role.0), 1).into()
}
