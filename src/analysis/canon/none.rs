//! No canonicalisation: the reward itself.

use super::{Canon, Canonical, Run};

pub(super) static CANON: Canon = Canon {
    id: "none",
    summary: "the reward as it is",
    removes_redistribution: false,
    reads_impossible: true,
    spreads_impossible: false,
    run: Run::Each(|_, reward, _| Ok(Canonical { form: reward.clone(), pair: None, potential: None, err: 0.0 })),
};
