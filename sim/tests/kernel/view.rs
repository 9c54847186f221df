//! What an observer sees of a world is what then happens, and looking changes nothing.

use stormcart_sim::fault::{Fault, Nodes, SustainedFault, When};
use stormcart_sim::site::{Node, Role};
use stormcart_sim::{Cut, Instant, Micros, Pending, World};

use super::relay::{Runner, plan, world};

#[test]
fn what_is_pending_first_happens_next() {
    for seed in 0..50 {
        let [mut world, mut unseen] = [(); 2].map(|()| world(seed, plan(seed, 8)));
        loop {
            let pending: Vec<_> = world.pending().map(|(at, pending)| (at, pending.node())).collect();
            assert!(pending.is_sorted_by_key(|(at, _)| *at), "seed {seed}");
            let first = pending.first().copied();
            assert_eq!(first.map(|(at, _)| at), world.next_at());
            if let Some(next) = world.next_site() {
                assert_eq!(first.map(|(_, node)| node), Some(Some(next.node)));
            }
            assert_eq!(world.step(), unseen.step());
            match first {
                Some((at, _)) => assert_eq!(world.now(), at),
                None => break,
            }
        }
        assert_eq!((world.digest(), world.fingerprint()), (unseen.digest(), unseen.fingerprint()));
    }
}

/// A world with one fault that begins at 5 ms and lasts for 3, at a moment.
fn during(sustained: SustainedFault, at: u64) -> World<Runner> {
    let fault = Fault::During { when: When::At(Instant(5_000)), lasting: Micros(3_000), sustained };
    let mut world = world(3, [fault].into());
    world.run_until(Instant(at), 100_000);
    world
}

#[test]
fn an_outage_is_seen_while_it_lasts() {
    let node = Node(0);
    let (before, within, after) = (4_999, 5_001, 8_001);
    let crash = |at| during(SustainedFault::Crash(Nodes::one(node)), at);
    assert_eq!([before, within, after].map(|at| crash(at).is_down(node)), [false, true, false]);
    let back = |at| {
        crash(at).pending().any(|(_, pending)| matches!(pending, Pending::Restart(back) if back == node))
    };
    assert_eq!([before, within, after].map(back), [false, true, false]);

    let pause = |at| during(SustainedFault::Pause(node), at).paused_until(node);
    assert_eq!([before, within, after].map(pause), [None, Some(Instant(8_000)), None]);

    let (a, b) = (Nodes::one(node), Nodes::one(Node(2)));
    let one_way = SustainedFault::Partition { a, b, one_way: true };
    let closed = |at| during(one_way, at).cuts().collect::<Vec<_>>();
    let cut = Cut { from: a, to: b, until: Instant(8_000) };
    assert_eq!([before, within, after].map(closed), [vec![], vec![cut], vec![]]);

    let armed = |at| during(one_way, at).armed();
    assert_eq!([before, within, after].map(armed), [vec![0], vec![], vec![]]);
}

#[test]
fn only_a_replicated_role_has_a_leader() {
    let mut world = world(0, [].into());
    let expected = |role: u8| world.physics().roles[role as usize].failover.map(|_| ());
    let roles = 0..world.physics().roles.len() as u8;
    let replicated: Vec<u8> = roles.clone().filter(|role| expected(*role).is_some()).collect();
    let led: Vec<u8> = roles.filter(|role| world.leader(Role(*role)).is_some()).collect();
    assert_eq!(led, replicated);
    assert!(!led.is_empty());
    while world.step() {}
    assert!((0..6).all(|node| world.working(Node(node)) == 0 && world.waiting(Node(node)).next().is_none()));
}
