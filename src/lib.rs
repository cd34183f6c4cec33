//! How far is the reward you wrote from the reward you meant, and what will optimising it cost you?
//!
//! # The mathematics on one screen
//!
//! A finite MDP `(S, A, P, mu0, gamma)` and a reward `R(s,a,s')` give every policy a return
//! `J_R(pi) = E sum_t gamma^t R`. The **return range** `rho(R) = max_pi J_R - min_pi J_R` is a seminorm whose kernel is the
//! rewards no policy can tell apart.
//!
//! 1. *Same task?* `R1` and `R2` order all policies alike iff they differ by potential shaping
//!    `gamma Phi(s') - Phi(s)`, by S'-redistribution, and by a positive factor (Skalse and Abate 2023). A **STARC
//!    distance** (Skalse et al. 2024) canonicalises these away, normalises and measures: [`analysis::distance`].
//! 2. *What can it cost?* `WCR(R1,R2) = max { J1(pi1) - J1(pi2) : J2(pi2) >= J2(pi1) }`, which equals
//!    `min over lambda >= 0 of rho(R1 - lambda R2)`, a convex function of one number: [`analysis::regret`].
//!    Normalised, `NWCR = WCR / rho(R1)`.
//! 3. *A distance that means something.* `d = rho(R1/rho(R1) - R2/rho(R2))` satisfies `NWCR <= d <= 2 NWCR` in every finite
//!    MDP. It is the default headline number.
//! 4. *The picture.* All pairs `(J1(pi), J2(pi))` fill a convex polygon whose corners are found by MDP solves.
//!
//! # An example
//!
//! ```
//! use truenorth::analysis::compare::{Query, Request, compare};
//! use truenorth::io::gallery;
//! use truenorth::model::Model;
//!
//! let model = Model::build(gallery::read("frozenlake-4x4")?)?;
//! let truth = Query::of(&model, "goal")?;
//! let proxy = Query::of(&model, "goal - 0.05*step")?;
//! let result = compare(&model, truth, proxy, &Request::default())?;
//! assert!(result.recovery.order.same.is_no());
//! assert!(result.regret.proxy_optimal.worst_return.hi < 0.0439);
//! assert_eq!((result.changed.len(), result.live_states), (9, 11));
//! # Ok::<(), Box<truenorth::base::Diag>>(())
//! ```
//!
//! # The floors
//!
//! [`base`] numbers with bounds and coded errors; [`model`] what a question is about; [`io`] files; [`solve`] values with
//! certified bounds; [`analysis`] what we say about rewards; [`verify`] certificates. Each may use those before it, `io` and
//! `solve` not each other. Beside the library stand the packages `truenorth-show`, results as pictures, documents and JSON;
//! `truenorth-theorems`, claims of papers; and `truenorth-cli`, the program.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod analysis;
pub mod base;
pub mod io;
pub mod model;
pub mod prelude;
pub mod solve;
pub mod verify;

/// The program in the README is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
