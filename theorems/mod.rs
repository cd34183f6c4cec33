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
        Case, Draw, Finding, Lab, Q, Size, Strength, Value, World, abs, bounds, chord, combination, dot, fraction,
        is_positive_multiple, l1, max_abs, max_distance, minus, number, plus, real, scaled, solve, table, table_scaled,
        unit,
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
    gleave2021epic:
        epic_distance_is_half_the_chord
        epic_form_moves_under_every_redistribution
        epic_form_removes_shaping
        shaping_only_distance_bounds_regret_by_its_own_norm;
    ng1999shaping: potential_shaping_keeps_order;
    skalse2023misspecification:
        same_order_iff_same_projection
        shaping_redistribution_and_scale_keep_order;
    skalse2024starc:
        canonical_forms_keep_returns
        distance_is_twice_the_sine_of_half_the_angle
        distance_two_means_opposite_order
        equal_forms_iff_same_class
        no_constant_makes_shaping_only_metrics_complete
        no_constant_makes_shaping_only_metrics_sound
        normalised_distances_obey_the_triangle_inequality
        occupancies_are_at_most_a_diagonal_apart
        occupancies_differ_by_at_most_two_horizons
        occupancies_of_a_pair_differ_by_at_most_a_horizon
        opposite_order_iff_negative_projection
        opposite_rewards_have_distance_two
        proxy_optimal_regret_is_at_most_worst_case
        range_distance_is_complete
        range_distance_is_sound
        regret_is_at_most_the_sine_of_the_angle
        return_differences_are_occupancy_times_val
        return_range_is_a_seminorm
        return_range_is_at_least_h_times_val
        return_range_is_at_most_two_horizons_of_val
        return_range_is_zero_only_for_shaping
        same_optimal_policies_iff_potential
        shaping_only_forms_keep_action_differences
        shaping_only_metrics_are_complete
        shaping_only_metrics_are_sound
        sound_and_complete_metrics_are_bilipschitz
        unweighted_minimal_form_is_the_least_of_its_class
        val_distance_is_zero_iff_same_order
        val_is_idempotent
        val_is_linear
        val_is_the_advantage
        val_max_distance_bounds_regret
        val_potential_is_val_when_transitions_are_certain
        val_removes_shaping_and_redistribution
        weighted_minimal_form_is_the_projection
        worst_case_regret_is_symmetric
        worst_case_regret_is_the_least_range_on_the_ray;
    wulfe2022dard:
        dard_form_is_at_most_two_and_two_discounts
        dard_form_is_idempotent
        dard_form_keeps_returns
        dard_form_removes_shaping
        dard_is_epic_where_next_states_are_uniform
        dard_metric_is_complete
        dard_metric_is_sound;
}
