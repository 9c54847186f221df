//! Comparisons: pairs, strata, verdicts.
