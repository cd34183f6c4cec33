//! Third floor: what we say about rewards.
//!
//! Owns: canonical forms, distances, regret, hackability and hacking, Goodhart curves, ensembles, the order of policies, shaping, families of
//! rewards, repair, stability, discounts, soft policies, smoothness, matrices of rewards, the comparison that puts them
//! together, studies over many models.
//! May use: `base`, `model`, `solve`; inside, returns < canon < distance, compare and study stand on all.
//! Must not: read files or print; results are plain values with bounds.
//! To add one: a new analysis is a new folder; a new canonicalisation or norm is one file and one line in its list.

pub mod canon;
pub mod compare;
pub mod discount;
pub mod distance;
pub mod ensemble;
pub mod family;
pub mod goodhart;
pub mod hackable;
pub mod hacking;
pub mod matrix;
pub mod order;
pub mod regret;
pub mod repair;
pub mod returns;
pub mod shaping;
pub mod smooth;
pub mod soft;
pub mod stability;
pub mod study;
