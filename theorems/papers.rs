//! Papers that theorems cite.

use crate::verify::check::Paper;

/// All of them, by key.
pub static PAPERS: &[Paper] = &[
    Paper {
        key: "gleave2021epic",
        authors: "Gleave, Dennis, Legg, Russell, Leike",
        title: "Quantifying differences in reward functions",
        venue: "ICLR",
        year: 2021,
    },
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
        key: "skalse2023misspecification",
        authors: "Skalse, Abate",
        title: "Misspecification in inverse reinforcement learning",
        venue: "AAAI",
        year: 2023,
    },
    Paper {
        key: "skalse2024starc",
        authors: "Skalse, Farnik, Motwani, Jenner, Gleave, Abate",
        title: "STARC: A General Framework For Quantifying Differences Between Reward Functions",
        venue: "ICLR",
        year: 2024,
    },
    Paper {
        key: "wulfe2022dard",
        authors: "Wulfe, Balakrishna, Ellis, Mercat, McAllister, Gaidon",
        title: "Dynamics-aware comparison of learned reward functions",
        venue: "ICLR",
        year: 2022,
    },
    Paper {
        key: "xu2025cliff",
        authors: "Xu",
        title: "The policy cliff: a theoretical analysis of reward-policy maps in large language models",
        venue: "arXiv 2507.20150",
        year: 2025,
    },
];
