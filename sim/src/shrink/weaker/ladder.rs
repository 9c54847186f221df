//! Durations that are tried.

use crate::time::Micros;

/// The shortest first.
const LADDER: [Micros; 9] = [
    Micros::millis(5),
    Micros::millis(50),
    Micros::millis(200),
    Micros::millis(500),
    Micros::millis(1_500),
    Micros::secs(6),
    Micros::secs(15),
    Micros::secs(33),
    Micros::secs(45),
];

/// Shorter times than this one.
pub fn shorter(than: Micros) -> impl Iterator<Item = Micros> {
    LADDER.into_iter().take_while(move |time| *time < than)
}
