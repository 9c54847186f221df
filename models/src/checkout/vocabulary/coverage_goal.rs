//! What a sweep must have seen.

words! {
    /// What a sweep must have seen to have tested anything.
    CoverageGoal {
        /// Something was undone.
        Compensated = "a compensation ran",
        /// A call succeeded that had to be repeated.
        Retried = "a retry succeeded",
        /// The effect happened, and its caller did not hear of it.
        ReplyLost = "a reply was lost after its effect",
        /// A process died between its commit and its message.
        CrashBeforeSend = "a crash fell between a commit and a send",
        /// A process died while the disk was writing.
        CrashDuringSync = "a crash fell on a forced write",
        /// A command came twice and took effect once.
        DuplicateSuppressed = "a duplicate was suppressed",
        /// Money was taken for an order that had been given up.
        LateSuccess = "a late success met a given-up order",
        /// Not enough on the shelf.
        OutOfStock = "out of stock",
        /// The card does not pay.
        Declined = "card declined",
        /// After a crash, what was under way went on.
        Resumed = "recovery resumed a half-done order",
        /// A command came after it had been given up.
        TombstoneStopped = "a tombstone stopped a late action",
        /// One got it, the other did not.
        LastItem = "two orders wanted the last item",
        /// One purchase came under two keys, and became one order.
        SamePurchase = "a purchase was recognised under a new key",
        /// The provider called before it answered.
        WebhookFirst = "a webhook came before its answer",
        /// The hold was gone when it was to be confirmed.
        HoldLost = "a hold ended before it was confirmed",
        /// An instance that no longer leads was asked to act, and did not.
        ZombieRefused = "a leader of the past was refused",
        /// A consumer of an old generation acknowledged, and was not heard.
        GenerationOver = "an acknowledgement of an old generation was refused",
        /// A record could not be read: a person must see to it, and the partition went on.
        PoisonDeadLettered = "a poison record was parked",
        /// The log had dropped what a group had not read.
        ReadTooLate = "a group came too late for a record",
    }
}

impl CoverageGoal {
    /// The goal of this name.
    pub fn named(name: &str) -> Option<CoverageGoal> {
        CoverageGoal::ALL.iter().copied().find(|goal| goal.name() == name)
    }
}
