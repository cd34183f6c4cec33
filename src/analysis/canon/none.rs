//! No canonicalisation: the reward itself.

use super::{Canon, Canonical, Run};
use crate::base::sum;

pub(super) static CANON: Canon = Canon {
    id: "none",
    summary: "the reward as it is",
    removes_redistribution: false,
    reads_impossible: true,
    spreads_impossible: false,
    run: Run::Each(|_, reward, _| {
        // Reading adds what is paid for the row and for the arrival.
        let reading = if reward.is_whole() { 0.0 } else { sum::UNIT * reward.size() };
        let err = reward.entry_error() + reading;
        Ok(Canonical { form: reward.clone(), pair: None, potential: None, err })
    }),
};
