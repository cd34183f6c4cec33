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
    pub use crate::verify::check::{
        Facet, Soft, greatest, l1_between, log_softmax, signs, soft_max, softmax_sensitivity,
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
    ng1999shaping: potential_shaping_keeps_order;
    ng2000irl:
        advantage_vectors_are_at_least_two
        advantage_vectors_are_at_most_twice_the_horizon
        advantages_ignore_shaping
        angular_radius
        equal_gaps_mean_equal_radii
        half_the_largest_advantage_makes_optimal
        nearest_tie_of_a_pair
        radius_in_the_sum_norm
        radius_is_at_least_the_gap_over_the_horizon
        radius_is_at_most_half_the_gap
        radius_scales_and_ignores_shaping
        stability_radius
        stability_radius_in_other_norms
        ties_leave_no_radius;
    xu2025cliff:
        any_size_breaks_a_tie
        any_size_reverses_a_tie
        broken_tie_costs_the_true_return
        crossing_a_visited_facet_costs_return
        deviation_gains_what_was_missing
        effective_reward_is_exact_for_kept_prompts
        effective_reward_moves_with_its_parts
        half_the_gap_makes_a_new_action_optimal
        loop_or_cycle_switches_at_one_discount
        missing_reward_makes_a_slacker
        more_ties_ahead_attract
        nearby_rewards_have_the_same_optimal_actions
        one_part_of_a_mixture_may_move
        optimal_actions_only_drop_out
        optimal_values_follow_the_reward
        optimal_values_move_within_the_range_of_the_change
        outcome_rewards_move_soft_policies_without_horizon
        soft_action_values_exceed_by_one_step_less
        soft_policy_errs_exponentially_little
        soft_policy_follows_the_reward
        soft_policy_loses_at_most_the_entropy
        soft_value_is_return_plus_entropy
        soft_values_exceed_by_at_most_the_entropy
        soft_values_follow_the_reward
        soft_values_grow_with_temperature
        softmax_constant_is_tight_at_every_point
        softmax_derivative_by_sets
        softmax_moves_with_the_spread
        ties_cost_the_trained_return
        trained_objective_has_no_cliff
        uniform_selection_jumps
        unique_optimum_is_locally_constant
        visited_states_decide_stability_of_the_return
        zero_temperature_is_uniform
        zero_temperature_keeps_most_entropy;
}
