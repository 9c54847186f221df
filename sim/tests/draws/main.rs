//! Draws are functions of their address, and the digest is frozen.

use stormcart_sim::digest::Digest;
use stormcart_sim::draw::{Draws, Lane, Purpose};

#[test]
fn draws_are_functions_of_their_address() {
    let draws = Draws::new(7);
    assert_eq!(draws.bits(Purpose::Message, 1, 2), draws.bits(Purpose::Message, 1, 2));
    assert_ne!(draws.bits(Purpose::Message, 1, 2), draws.bits(Purpose::Message, 2, 1));
    assert_ne!(draws.bits(Purpose::Message, 1, 2), draws.bits(Purpose::Timer, 1, 2));
    assert_ne!(draws.bits(Purpose::Message, 1, 2), Draws::new(8).bits(Purpose::Message, 1, 2));
}

#[test]
fn parts_stay_within_their_span() {
    for a in 0..1_000 {
        let bits = Draws::new(1).bits(Purpose::Message, a, 0);
        assert!(bits.within(Lane::Link, 9) <= 9 && bits.within(Lane::Sync, 0) == 0);
    }
}

#[test]
fn weights_of_zero_are_never_drawn() {
    let mut stream = Draws::new(3).stream(Purpose::Plan, 0, 0);
    assert!((0..1_000).all(|_| stream.weighted(&[0.0, 1.0, 0.0]) == Some(1)));
    assert_eq!(stream.weighted(&[0.0]), None);
}

#[test]
fn the_function_is_frozen() {
    assert_eq!(Digest::of(&0u64), 0x89e8_b0d2_cfa7_aab8);
    assert_eq!(Digest::of("storm"), 0x0388_ba73_4345_e211);
    assert_eq!(Digest::of(&[1u32, 2, 3][..]), 0x3b79_0858_e957_d433);
}
