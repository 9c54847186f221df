//! Which coverage goals can be reached at all: without a defence it is never seen at work.

use crate::checkout::policy::{Dedup, Fence, LateSuccess, Policies, Resubmission};
use crate::checkout::vocabulary::{CoverageGoal, Party};

use super::Architecture;

impl CoverageGoal {
    /// Whether an architecture with these choices leaves a way for the goal to be reached. Everything else depends on
    /// customers and faults, which a scenario chooses.
    pub fn possible(self, architecture: &Architecture, policies: &Policies) -> bool {
        match self {
            CoverageGoal::DuplicateSuppressed => policies.dedup == Dedup::SameTransaction,
            CoverageGoal::TombstoneStopped => policies.fence == Fence::Tombstone,
            CoverageGoal::LateSuccess => policies.late == LateSuccess::Reconcile,
            CoverageGoal::SamePurchase => policies.resubmission == Resubmission::ByIntent,
            CoverageGoal::ZombieRefused => architecture.platform().is_some(),
            CoverageGoal::GenerationOver | CoverageGoal::PoisonDeadLettered | CoverageGoal::ReadTooLate => {
                architecture.platform() == Some(Party::Broker)
            }
            CoverageGoal::WebhookFirst
            | CoverageGoal::HoldLost
            | CoverageGoal::Compensated
            | CoverageGoal::Retried
            | CoverageGoal::ReplyLost
            | CoverageGoal::CrashBeforeSend
            | CoverageGoal::CrashDuringSync
            | CoverageGoal::OutOfStock
            | CoverageGoal::Declined
            | CoverageGoal::Resumed
            | CoverageGoal::LastItem => true,
        }
    }
}
