//! Theorems about rewards, one a file, each checked on generated instances and broken on purpose.
//!
//! Owns: statements, hypotheses, generators, predicates, counterexamples by hand; the list [`THEOREMS`].
//! May use: the prelude below, and through it `check`.
//! Must not: print, draw randomness of its own, or polish a statement: the statement is the paper's.
//! To add one: a file `PAPER/CLAIM.rs` that declares `THEOREM`, and one line in the list; a new paper is one line in
//! `papers.rs`.

pub mod check;
pub mod papers;

use crate::check::Theorem;

/// What the last full run said of each theorem, as JSON: the verdicts of the catalogue.
pub static VERDICTS: &str = include_str!("verdicts.json");

/// What theorem files use.
pub mod prelude {
    pub use crate::check::{
        Case, Draw, Facet, Finding, Lab, LinearSystem, Lowered, Moved, Q, Row, Size, Soft, Strength, Value, World, abs,
        affine_dimension, best_of, bounds, chi2, chord, classes, combination, covariance, determinant, discounted_sum,
        divided_difference, dot, fraction, greatest, hack, has_simplification, is_covered, is_positive_multiple,
        is_realisable, is_same_order, is_trivial, kl, l1, l1_between, least_favourable, log_softmax, max_abs,
        max_distance, mean, merged, minus, number, plus, power, preference, rank, real, root_above, root_is_at_most,
        scaled, sigmoid, signed_square, signs, soft_max, softmax_sensitivity, solve, table, table_scaled, theorem,
        threshold_truth, ties, total, unhackable_partner, unit, w1,
    };
    pub use truenorth::base::Interval;
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
    behboudian2020pies:
        decayed_advice_ends_optimal
        full_correction_undoes_advice;
    blonde2022lipschitz:
        best_values_are_lipschitz
        constant_preconditioning_scales
        policy_values_are_lipschitz
        root_bound_on_slopes
        slopes_of_values
        slopes_over_a_horizon;
    coste2024ensembles:
        hull_bounds_truth
        least_member_near_mean
        uncertainty_weighting_is_cautious;
    devidze2021exprd:
        optimal_shaping_shows_gaps;
    devlin2012dynamic:
        dynamic_potentials_telescope;
    fluri2025perils:
        coverage_bounds_regret
        every_distribution_is_unsafe
        low_coverage_is_unsafe;
    fu2025par:
        preference_keeps_best_answer
        preference_keeps_mixtures
        preference_moves_slowly;
    gao2023scaling:
        best_of_n_chi2_is_at_most
        best_of_n_kl_is_at_most
        best_of_n_kl_is_exactly
        best_of_n_law_peaks
        rl_law_peaks;
    gao2024designing:
        clip_never_pays
        corrected_delta_keeps_optimum
        delta_keeps_optimum
        delta_telescopes;
    gleave2021epic:
        epic_distance_is_half_the_chord
        epic_form_moves_under_every_redistribution
        epic_form_removes_shaping
        shaping_only_distance_bounds_regret_by_its_own_norm;
    grandclement2023blackwell:
        advantage_is_rational_in_discount
        optimal_discounts_are_an_interval;
    grzes2017episodic:
        one_end_is_harmless
        potential_ends_at_horizon
        potential_ends_at_zero;
    harutyunyan2015advice:
        learned_advice_keeps_optimum
        learned_advice_pays_the_advice;
    jiang2015horizon:
        short_planning_loss
        values_move_with_discount
        values_of_two_discounts;
    karwowski2024goodhart:
        stopping_is_safe_iff;
    kearns2002polynomial:
        simulation_bound
        simulation_identity
        wrong_model_loses_twice;
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
    ng1999shaping:
        cycles_reveal_potentials
        optimal_values_as_potential
        potential_shaping_keeps_order
        same_order_is_scale_and_shaping
        shaping_keeps_advantages
        shaping_must_be_potential;
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
    wiewiora2003advice:
        advice_is_initial_values
        corrected_advice_keeps_optimum
        look_back_telescopes;
    wiewiora2003equivalence:
        potential_is_initial_values;
    wulfe2022dard:
        dard_form_is_at_most_two_and_two_discounts
        dard_form_is_idempotent
        dard_form_keeps_returns
        dard_form_removes_shaping
        dard_is_epic_where_next_states_are_uniform
        dard_metric_is_complete
        dard_metric_is_sound;
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
