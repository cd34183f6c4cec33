//! Norms on rewards as arrays over rows x next states. Sums, not means; weighted ones see only what can happen.

/// One norm.
#[derive(Debug)]
pub struct Norm {
    /// Name in metric ids.
    pub id: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// Whether transitions are weighted by `P(s'|s,a)`.
    pub is_weighted: bool,
    pub(super) power: Power,
    /// Place in [`Sums`].
    pub(super) index: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Power {
    One,
    Two,
    Inf,
}

/// All norms. `wlinf` is the maximum of `P |x|`, as in the STARC authors' code; it is not the limit of the weighted
/// p-norms.
pub static NORMS: &[Norm] = &[
    Norm { id: "l1", formula: "sum |x|", is_weighted: false, power: Power::One, index: 0 },
    Norm { id: "l2", formula: "sqrt(sum x^2)", is_weighted: false, power: Power::Two, index: 1 },
    Norm { id: "linf", formula: "max |x|", is_weighted: false, power: Power::Inf, index: 2 },
    Norm { id: "wl1", formula: "sum P |x|", is_weighted: true, power: Power::One, index: 3 },
    Norm { id: "wl2", formula: "sqrt(sum P x^2)", is_weighted: true, power: Power::Two, index: 4 },
    Norm { id: "wlinf", formula: "max P |x|", is_weighted: true, power: Power::Inf, index: 5 },
];

impl Norm {
    /// Place in [`NORMS`].
    pub fn place(&self) -> usize {
        self.index
    }
}

/// The norm of that name.
pub fn find(id: &str) -> Option<&'static Norm> {
    NORMS.iter().find(|n| n.id == id)
}

/// Running sums of every norm at once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums([f64; 6]);

impl Sums {
    /// From the sum and the maximum of each norm's terms, in the order of [`NORMS`]; a norm uses one of the two.
    pub(super) fn from_totals(sums: [f64; 6], largest: [f64; 6]) -> Self {
        let mut totals = Sums::default();
        for norm in NORMS {
            let of = if norm.power == Power::Inf { &largest } else { &sums };
            totals.0[norm.index] = of[norm.index];
        }
        totals
    }

    /// Takes in all entries of one row: `x` over every next state, each standing for `times` equal ones.
    pub(super) fn plain(&mut self, x: &[f64], times: f64) {
        let (mut one, mut two, mut inf) = (0.0, 0.0, self.0[2]);
        for x in x {
            one += x.abs();
            two += x * x;
            inf = f64::max(inf, x.abs());
        }
        self.0[0] += times * one;
        self.0[1] += times * two;
        self.0[2] = inf;
    }

    /// Takes in the entries of one row that can happen, with their probabilities.
    pub(super) fn weighted(&mut self, x: &[f64], p: &[f64]) {
        let (mut one, mut two, mut inf) = (0.0, 0.0, self.0[5]);
        for (x, p) in x.iter().zip(p) {
            let px = p * x.abs();
            one += px;
            two += px * x.abs();
            inf = f64::max(inf, px);
        }
        self.0[3] += one;
        self.0[4] += two;
        self.0[5] = inf;
    }

    /// The value of a norm.
    pub(super) fn get(&self, norm: &Norm) -> f64 {
        match norm.power {
            Power::Two => self.0[norm.index].sqrt(),
            _ => self.0[norm.index],
        }
    }

    /// The value of the P-weighted norm of the same power.
    pub(super) fn get_weighted(&self, norm: &Norm) -> f64 {
        self.get(&NORMS[norm.index % 3 + 3])
    }
}

/// Norm of the array of ones: the factor from an entrywise error bound to an error bound in the norm.
pub(super) fn of_ones(norm: &Norm, n_rows: usize, n_states: usize) -> f64 {
    let entries = if norm.is_weighted { n_rows as f64 } else { n_rows as f64 * n_states as f64 };
    match norm.power {
        Power::One => entries,
        Power::Two => entries.sqrt(),
        Power::Inf => 1.0,
    }
}
