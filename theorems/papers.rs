//! Papers that theorems cite.

use crate::verify::check::Paper;

/// All of them, by key.
pub static PAPERS: &[Paper] = &[
    Paper {
        key: "behboudian2020pies",
        authors: "Behboudian, Satsangi, Taylor, Harutyunyan, Bowling",
        title: "Useful policy invariant shaping from arbitrary advice",
        venue: "arXiv 2011.01297",
        year: 2020,
    },
    Paper {
        key: "blonde2022lipschitz",
        authors: "Blondé, Strasser, Kalousis",
        title: "Lipschitzness is all you need to tame off-policy generative adversarial imitation learning",
        venue: "Machine Learning",
        year: 2022,
    },
    Paper {
        key: "coste2024ensembles",
        authors: "Coste, Anwar, Kirk, Krueger",
        title: "Reward model ensembles help mitigate overoptimization",
        venue: "ICLR",
        year: 2024,
    },
    Paper {
        key: "devidze2021exprd",
        authors: "Devidze, Radanovic, Kamalaruban, Singla",
        title: "Explicable reward design for reinforcement learning agents",
        venue: "NeurIPS",
        year: 2021,
    },
    Paper {
        key: "devlin2012dynamic",
        authors: "Devlin, Kudenko",
        title: "Dynamic potential-based reward shaping",
        venue: "AAMAS",
        year: 2012,
    },
    Paper {
        key: "fu2025par",
        authors: "Fu, Zhao, Yao, Wang, Han, Xiao",
        title: "Reward shaping to mitigate reward hacking in RLHF",
        venue: "arXiv 2502.18770",
        year: 2025,
    },
    Paper {
        key: "gao2024designing",
        authors: "Gao, Xu, Ye, Liu, He, Fu, Mei, Wang, Wu",
        title: "On designing effective RL reward at training time for LLM reasoning",
        venue: "arXiv 2410.15115",
        year: 2024,
    },
    Paper {
        key: "grandclement2023blackwell",
        authors: "Grand-Clément, Petrik",
        title: "Reducing Blackwell and average optimality to discounted MDPs via the Blackwell discount factor",
        venue: "NeurIPS",
        year: 2023,
    },
    Paper {
        key: "grzes2017episodic",
        authors: "Grześ",
        title: "Reward shaping in episodic reinforcement learning",
        venue: "AAMAS",
        year: 2017,
    },
    Paper {
        key: "harutyunyan2015advice",
        authors: "Harutyunyan, Devlin, Vrancx, Nowé",
        title: "Expressing arbitrary reward functions as potential-based advice",
        venue: "AAAI",
        year: 2015,
    },
    Paper {
        key: "jiang2015horizon",
        authors: "Jiang, Kulesza, Singh, Lewis",
        title: "The dependence of effective planning horizon on model accuracy",
        venue: "AAMAS",
        year: 2015,
    },
    Paper {
        key: "kearns2002polynomial",
        authors: "Kearns, Singh",
        title: "Near-optimal reinforcement learning in polynomial time",
        venue: "Machine Learning",
        year: 2002,
    },
    Paper {
        key: "ng1999shaping",
        authors: "Ng, Harada, Russell",
        title: "Policy invariance under reward transformations: theory and application to reward shaping",
        venue: "ICML",
        year: 1999,
    },
    Paper {
        key: "wiewiora2003advice",
        authors: "Wiewiora, Cottrell, Elkan",
        title: "Principled methods for advising reinforcement learning agents",
        venue: "ICML",
        year: 2003,
    },
    Paper {
        key: "wiewiora2003equivalence",
        authors: "Wiewiora",
        title: "Potential-based shaping and Q-value initialization are equivalent",
        venue: "JAIR",
        year: 2003,
    },
];
