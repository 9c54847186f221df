//! The same job as eight async processes on turmoil: a host each, UDP between their sockets, a tick of 1 ms.
//!
//! A socket has room for every order: one that is full drops what comes, silently, and the usual 64 are too few here.
//!
//! **Invariant:** the seed decides everything that is drawn here.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use stormcart_sim::site::Role;
use turmoil::Builder;
use turmoil::net::UdpSocket;

use super::{Hop, Job, LINK, Outcome, SERVICES, Visit, Visits, Wire};

const PORT: u16 = 1;

pub fn run(job: Job) -> Outcome {
    let mut sim = Builder::new()
        .rng_seed(job.seed)
        .tick_duration(Duration::from_millis(1))
        .min_message_latency(Duration::from_micros(LINK.base.0))
        .max_message_latency(Duration::from_micros(LINK.base.0 + LINK.spread.0))
        .udp_capacity(job.orders as usize)
        .build();
    let stores = Rc::new(RefCell::new(vec![Visits::default(); usize::from(SERVICES)]));
    for (role, arrivals) in (0..SERVICES).map(Role).zip(job.arrivals()) {
        sim.client(address(role).ip(), serve(job, role, arrivals, stores.clone()));
    }
    sim.run().expect("it makes all its hops");
    Outcome::seen(job, &stores.borrow())
}

/// Writes down who comes by and sends them on. What is sent in a tick arrives in a later one, when all have bound.
async fn serve(job: Job, role: Role, arrivals: u32, stores: Rc<RefCell<Vec<Visits>>>) -> turmoil::Result {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
    for first in job.first_hops(role) {
        socket.send_to(&first.write(), address(first.to())).await?;
    }
    let mut wire = Wire::default();
    for _ in 0..arrivals {
        socket.recv_from(&mut wire).await?;
        let hop = Hop::read(wire);
        Visit(hop.order).apply(&mut stores.borrow_mut()[usize::from(role.0)]);
        if let Some(next) = hop.next() {
            socket.send_to(&next.write(), address(next.to())).await?;
        }
    }
    Ok(())
}

fn address(role: Role) -> SocketAddr {
    (Ipv4Addr::new(10, 0, 0, 1 + role.0), PORT).into()
}
