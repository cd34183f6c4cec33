//! Papers that theorems cite.

use crate::verify::check::Paper;

/// All of them, by key.
pub static PAPERS: &[Paper] = &[Paper {
    key: "ng1999shaping",
    authors: "Ng, Harada, Russell",
    title: "Policy invariance under reward transformations: theory and application to reward shaping",
    venue: "ICML",
    year: 1999,
}];
