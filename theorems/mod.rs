//! Theorems about rewards, one a file, each checked on generated instances and broken on purpose.
//!
//! Owns: statements, hypotheses, generators, predicates, counterexamples by hand; the list [`THEOREMS`].
//! May use: the prelude below, and through it `verify::check`.
//! Must not: print, draw randomness of its own, or polish a statement: the statement is the paper's.
//! To add one: a file `PAPER/CLAIM.rs` that declares `THEOREM`, and one line in the list; a new paper is one line in
//! `papers.rs`.

pub mod papers;

use crate::verify::check::Theorem;

/// What theorem files use.
pub mod prelude {
    pub use crate::base::Interval;
    pub use crate::theorem;
    pub use crate::verify::check::{
        Case, Draw, Finding, Lab, Q, Size, Strength, Value, World, abs, bounds, combination, dot, fraction, l1,
        max_abs, minus, number, plus, real, scaled, solve,
    };
    // Divergences, correlated rewards, finite sets of policies.
    pub use crate::verify::check::{
        Lowered, Moved, affine_dimension, best_of, chi2, classes, covariance, hack, has_simplification, is_covered,
        is_realisable, is_same_order, is_trivial, kl, least_favourable, merged, rank, root_is_at_most, signed_square,
        threshold_truth, ties, total, unhackable_partner,
    };
}

macro_rules! theorems {
    ($($paper:ident: $($file:ident)*;)*) => {
        $(
            #[doc = concat!("Theorems of `", stringify!($paper), "`.")]
            pub mod $paper {
                $(pub mod $file;)*
            }
        )*

        /// Every theorem, by paper.
        pub static THEOREMS: &[&Theorem] = &[$($(&$paper::$file::THEOREM,)*)*];
    };
}

theorems! {
    fluri2025perils:
        coverage_bounds_regret
        every_distribution_is_unsafe
        low_coverage_is_unsafe;
    gao2023scaling:
        best_of_n_chi2_is_at_most
        best_of_n_kl_is_at_most
        best_of_n_kl_is_exactly
        best_of_n_law_peaks
        rl_law_peaks;
    karwowski2024goodhart: stopping_is_safe_iff;
    laidlaw2023occupancy:
        action_kl_is_within_a_horizon_of_occupancy_kl
        l1_bound_is_attained
        no_action_kl_weight_suits_all
        return_difference_by_total_variation;
    laidlaw2025correlated:
        canonical_correlation_ignores_shaping
        canonical_plain_bound_is_never_worse
        canonical_sharp_bound_is_never_worse
        contextual_divergence_is_that_of_actions
        correlated_proxy_lower_bound
        correlation_ignores_shaping
        critical_weight
        divergence_of_sequences_multiplies
        dual_of_squared_penalty
        frontier_is_concave
        frontier_is_linear_at_first
        full_correlation_is_same_order
        gradient_gap_bounds_every_policy
        kl_in_place_of_chi2
        returns_lie_in_an_ellipse
        sharp_bound_dominates
        sharp_lower_bound
        state_rewards_need_state_divergence
        understated_correlation_is_safe;
    ng1999shaping: potential_shaping_keeps_order;
    skalse2022defining:
        balls_of_radius_above_delta
        balls_of_radius_up_to_one_less_delta
        distinct_returns_have_a_simplification
        distinct_returns_off_a_line_have_a_simplification
        finite_sets_have_unhackable_partners
        planes_have_unhackable_partners
        simplification_iff_dimension
        twelve_of_twenty_four_orders
        unhackable_means_equivalent;
}
