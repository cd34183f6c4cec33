//! How far is the reward you wrote from the reward you meant?
#![warn(missing_docs)]

pub mod analysis;
pub mod base;
pub mod cli;
pub mod io;
pub mod model;
pub mod show;
pub mod solve;
