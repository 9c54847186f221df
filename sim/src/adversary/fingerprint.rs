//! What of the adversary decides the future: everything but what has already struck.

use std::hash::Hash;

use crate::digest::Digest;
use crate::fault::SustainedFault;
use crate::mask::FingerprintMask;
use crate::time::Instant;

use super::state::Adversary;

impl Adversary {
    /// Adds what fails now, and what will. Outages that overlap are a set: in which order they began makes no
    /// difference.
    #[inline]
    pub fn fingerprint(&self, now: Instant, mask: FingerprintMask, hash: &mut Digest) {
        if mask.sees(FingerprintMask::LINKS) {
            hash.word(sum(self.cuts(now).map(|cut| Digest::of(&(cut.from, cut.to, cut.until - now)))));
        }
        let pauses = self.pauses.iter().filter(|(_, until)| *until > now);
        hash.word(sum(pauses.map(|(node, until)| Digest::of(&(node, *until - now)))));
        if !self.degradations.is_empty() {
            let clock =
                |sustained| matches!(sustained, SustainedFault::Clock(..) | SustainedFault::Drift(..));
            let seen = self
                .felt(now)
                .filter(|(sustained, _)| mask.sees(FingerprintMask::CLOCKS) || !clock(*sustained));
            hash.word(sum(seen.map(|(sustained, until)| Digest::of(&(sustained, until - now)))));
        }
        self.healed.hash(hash);
        if mask.sees(FingerprintMask::OUTAGES) {
            self.down.hash(hash);
            self.leaders.hash(hash);
        }
        self.faults.hash(hash);
    }
}

fn sum(hashes: impl Iterator<Item = u64>) -> u64 {
    hashes.fold(0, u64::wrapping_add)
}
