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
        Case, Draw, Finding, Lab, LinearSystem, Q, Row, Size, Strength, Value, World, abs, bounds, combination,
        determinant, discounted_sum, divided_difference, dot, fraction, l1, max_abs, mean, minus, number, plus, power,
        preference, real, root_above, scaled, sigmoid, solve, w1,
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
    behboudian2020pies: decayed_advice_ends_optimal full_correction_undoes_advice;
    blonde2022lipschitz: root_bound_on_slopes slopes_of_values best_values_are_lipschitz policy_values_are_lipschitz
        constant_preconditioning_scales slopes_over_a_horizon;
    coste2024ensembles: hull_bounds_truth least_member_near_mean uncertainty_weighting_is_cautious;
    devidze2021exprd: optimal_shaping_shows_gaps;
    devlin2012dynamic: dynamic_potentials_telescope;
    fu2025par: preference_keeps_best_answer preference_moves_slowly preference_keeps_mixtures;
    gao2024designing: delta_telescopes clip_never_pays delta_keeps_optimum corrected_delta_keeps_optimum;
    grandclement2023blackwell: optimal_discounts_are_an_interval advantage_is_rational_in_discount;
    grzes2017episodic: potential_ends_at_zero one_end_is_harmless potential_ends_at_horizon;
    harutyunyan2015advice: learned_advice_pays_the_advice learned_advice_keeps_optimum;
    jiang2015horizon: values_move_with_discount values_of_two_discounts short_planning_loss;
    kearns2002polynomial: simulation_identity simulation_bound wrong_model_loses_twice;
    ng1999shaping: potential_shaping_keeps_order shaping_must_be_potential shaping_keeps_advantages
        optimal_values_as_potential same_order_is_scale_and_shaping cycles_reveal_potentials;
    wiewiora2003advice: corrected_advice_keeps_optimum advice_is_initial_values look_back_telescopes;
    wiewiora2003equivalence: potential_is_initial_values;
}
