//! The words of `study`.
//!
//! Owns: `starc_table`, the table of the STARC paper; `declared`, studies that a file describes.
//! May use: what the rest of `answer` may.
//! Must not: run anything; finished analyses come in as documents.
//! To add one: a study of its own kind is a file here.

pub mod declared;
pub mod starc_table;
