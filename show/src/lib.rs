//! Fifth floor: finished results as pictures, pages and JSON.
//!
//! Owns: `plot` (pictures), `report` (documents and their formats), `answer` (what each command says).
//! May use: `base`, `model` and the result types of `analysis` and `solve`.
//! Must not: compute, read files, print, or know the command line.
//! To add one: a new picture in `plot`, a new format in `report`, the words of a new command in `answer`.
#![forbid(unsafe_code)]

pub mod answer;
pub mod plot;
pub mod report;
