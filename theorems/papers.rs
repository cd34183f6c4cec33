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
        key: "fluri2025perils",
        authors: "Fluri, Lang, Abate, Forré, Krueger, Skalse",
        title: "The Perils of Optimizing Learned Reward Functions: Low Training Error Does Not Guarantee Low Regret",
        venue: "ICML; arXiv 2406.15753",
        year: 2025,
    },
    Paper {
        key: "gao2023scaling",
        authors: "Gao, Schulman, Hilton",
        title: "Scaling Laws for Reward Model Overoptimization",
        venue: "ICML; arXiv 2210.10760",
        year: 2023,
    },
    Paper {
        key: "karwowski2024goodhart",
        authors: "Karwowski, Hayman, Bai, Kiendlhofer, Griffin, Skalse",
        title: "Goodhart's Law in Reinforcement Learning",
        venue: "ICLR; arXiv 2310.09144",
        year: 2024,
    },
    Paper {
        key: "laidlaw2023occupancy",
        authors: "Laidlaw, Singhal, Dragan",
        title: "Preventing Reward Hacking with Occupancy Measure Regularization",
        venue: "earlier version of arXiv 2403.03185",
        year: 2023,
    },
    Paper {
        key: "laidlaw2025correlated",
        authors: "Laidlaw, Singhal, Dragan",
        title: "Correlated Proxies: A New Definition and Improved Mitigation for Reward Hacking",
        venue: "ICLR; arXiv 2403.03185",
        year: 2025,
    },
    Paper {
        key: "skalse2022defining",
        authors: "Skalse, Howe, Krasheninnikov, Krueger",
        title: "Defining and Characterizing Reward Hacking",
        venue: "NeurIPS; arXiv 2209.13085",
        year: 2022,
    },
];
