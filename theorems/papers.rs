//! Papers that theorems cite.

use crate::verify::check::Paper;

/// All of them, by key.
pub static PAPERS: &[Paper] = &[
    Paper {
        key: "ng1999shaping",
        authors: "Ng, Harada, Russell",
        title: "Policy invariance under reward transformations: theory and application to reward shaping",
        venue: "ICML",
        year: 1999,
    },
    Paper {
        key: "ng2000irl",
        authors: "Ng, Russell",
        title: "Algorithms for inverse reinforcement learning",
        venue: "ICML",
        year: 2000,
    },
    Paper {
        key: "xu2025cliff",
        authors: "Xu",
        title: "The policy cliff: a theoretical analysis of reward-policy maps in large language models",
        venue: "arXiv 2507.20150",
        year: 2025,
    },
];
