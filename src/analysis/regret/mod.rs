//! What optimising one reward costs under another.
//!
//! Owns: exact worst-case regret, the regret of proxy-optimal policies, the return polygon, the LP oracle.
//! May use: `base`, `model`, `solve`, `returns`.
//! Must not: use distances; they are another answer to another question.
//! To add one: another notion of regret is a new file that takes two `ReturnRange`s.

mod dual;
mod exact;
mod lp;
mod polygon;
mod proxy_optimal;

pub use dual::{Witness, WorstCase, worst_case};
pub use lp::worst_case_by_lp;
pub use polygon::{Polygon, polygon};
pub use proxy_optimal::{OptimalRows, ProxyOptimal, proxy_optimal, proxy_optimal_all, proxy_optimal_of};
