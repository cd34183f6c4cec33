//! Faults of the program that are known and still open: how often each kind occurs at most among the answers of one test.
//!
//! Nothing here is a matter of taste; a line goes when its fault is mended, and none may be added for a decision that is false.
//!
//! All of them are intervals that hold and are wider than a millionth of the number, or numbers left undefined with a reason.
//! Nearly all occur at `gamma = 1 - 2^-20`: the horizon is a million steps, and a number that is a difference of returns loses
//! that many times the rounding of one. What is settled in fractions is not among them.

/// What is held, the kind of fault, and how often it occurs at most.
pub const OPEN: &[(&str, &str, usize)] = &[
    // The forms solve equations whose condition is the horizon; val and minimal forms are evaluated in doubles.
    ("compare", "angle_degrees says too little", 6),
    ("compare", "distances.starc-minimal-l1 says too little", 50),
    ("compare", "distances.starc-minimal-weighted-l2 says too little", 7),
    ("compare", "distances.starc-minimal-weighted-linf says too little", 7),
    ("compare", "distances.starc-val-l1 says too little", 6),
    ("compare", "distances.starc-val-l2 says too little", 7),
    ("compare", "distances.starc-val-linf says too little", 5),
    // Returns of a mixture of two policies that cancel.
    ("compare", "regret.witness.better.paid says too little", 2),
    ("compare", "regret.witness.worse.paid says too little", 2),
    ("compare", "regret_reverse.witness.better.optimised says too little", 2),
    ("compare", "regret_reverse.witness.worse.optimised says too little", 2),
    // The direction of steepest ascent is a form; where it may be zero there is no path, and the answer says so.
    ("Goodhart paths", "no steepest path", 6),
    // Visits of a policy in doubles, and the spread of canonical forms.
    ("hack", "bound.true_rise says too little", 33),
    ("hack", "correlation.canonical is no number", 17),
    ("hack", "correlation.canonical says too little", 34),
    ("hack", "divergence.action_kl says too little", 8),
    ("hack", "divergence.chi2 says too little", 23),
    ("hack", "divergence.chi2_state says too little", 27),
    ("hack", "divergence.kl says too little", 26),
    ("hack", "divergence.tv says too little", 7),
    ("hack", "maximiser.critical_weight says too little", 37),
    ("hack", "sigma.canonical.proxy says too little", 37),
    ("hack", "sigma.canonical.truth says too little", 44),
    ("hack", "sigma.proxy says too little", 4),
    ("hack", "sigma.truth says too little", 3),
    // A difference of two returns, with the error of each; one error a row.
    ("matrix", "regret says too little", 240),
    ("occupancy of given policies", "occupancy says too little", 13),
    ("occupancy of optimal policies", "occupancy says too little", 13),
    // Near a right angle a rounding of the sine is the square of one of the angle.
    ("stability", "angular_radius_degrees says too little", 36),
    ("stability", "radius.l1 says too little", 4),
    ("stability", "radius.l1_sas says too little", 4),
    ("stability", "radius.l2 says too little", 4),
    ("stability", "radius.l2_sas says too little", 4),
    ("stability", "radius.linf says too little", 4),
    ("stability", "radius_by_state.0 says too little", 5),
    ("stability", "radius_by_state.2 says too little", 4),
    ("stability", "set_radius says too little", 4),
    // A loss of 1e-8 beside a return of 10 is a difference of two soft values; at any discount.
    ("soft policies", "soft.0.lipschitz_local says too little", 56),
    ("soft policies", "soft.0.loss says too little", 58),
    ("soft policies", "soft.0.return says too little", 42),
    ("soft policies", "soft.0.value_at_start says too little", 3),
];

/// How often a kind of fault is known to occur.
pub fn known(what: &str, kind: &str) -> usize {
    OPEN.iter().find(|(held, of, _)| *held == what && *of == kind).map_or(0, |(_, _, most)| *most)
}
