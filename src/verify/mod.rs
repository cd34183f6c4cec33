//! Third floor, north side: answers held against something that did not make them.
//!
//! Owns: `cert`, certificates and their checker; `make`, which turns finished results into certificates.
//! May use: `base`, `model`, `io`, `solve`, `analysis`; `cert` itself only `base` and `model::raw`.
//! Must not: choose words for people, print, or mend a result that does not check.
//! To add one: another kind of check is a folder here, with a line in the table of `tests/layering.rs`.

pub mod cert;
pub mod make;
