//! Norms on rewards as arrays over rows x next states. Sums, not means; weighted ones see only what can happen.

use pulp::{Arch, Simd, WithSimd};

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

    /// Takes in entries, possible or not.
    pub(super) fn plain(&mut self, x: &[f64]) {
        let (one, two, inf) = Arch::new().dispatch(Totals { x, y: x, f: |x, _| (x, x) });
        self.add(0, one, two, inf);
    }

    /// Takes in entries that can happen, with their probabilities.
    pub(super) fn weighted(&mut self, x: &[f64], p: &[f64]) {
        let (one, two, inf) = Arch::new().dispatch(Totals { x, y: p, f: |x, p| (p * x, x) });
        self.add(3, one, two, inf);
    }

    /// Takes in a row on which `x` does not depend on the next state: `n` of them, and the sum and the largest of the
    /// row's probabilities.
    pub(super) fn row(&mut self, x: f64, n: f64, (sum, largest): (f64, f64)) {
        let x = x.abs();
        self.add(0, n * x, n * x * x, x);
        self.add(3, sum * x, sum * x * x, largest * x);
    }

    fn add(&mut self, first: usize, one: f64, two: f64, inf: f64) {
        self.0[first] += one;
        self.0[first + 1] += two;
        self.0[first + 2] = f64::max(self.0[first + 2], inf);
    }

    /// The value of a norm.
    pub(super) fn get(&self, norm: &Norm) -> f64 {
        match norm.power {
            Power::Two => self.0[norm.index].sqrt(),
            _ => self.0[norm.index],
        }
    }
}

/// Entries taken side by side: one vector register. The order of every sum is fixed.
const LANES: usize = 4;

/// `sum u`, `sum u w`, `max u` of what `f` makes `(u, w)` of `|x|` and `y`.
struct Totals<'a, F> {
    x: &'a [f64],
    y: &'a [f64],
    f: F,
}

impl<F: Fn(f64, f64) -> (f64, f64)> WithSimd for Totals<'_, F> {
    type Output = (f64, f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let (mut one, mut two, mut inf) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let ((xs, x_rest), (ys, y_rest)) = (self.x.as_chunks::<LANES>(), self.y.as_chunks::<LANES>());
        for (x, y) in xs.iter().zip(ys) {
            for lane in 0..LANES {
                let (u, w) = (self.f)(x[lane].abs(), y[lane]);
                one[lane] += u;
                two[lane] += u * w;
                // Not `f64::max`, whose care for NaN keeps the loop from being vectorised.
                inf[lane] = if u > inf[lane] { u } else { inf[lane] };
            }
        }
        for (x, &y) in x_rest.iter().zip(y_rest) {
            let (u, w) = (self.f)(x.abs(), y);
            one[0] += u;
            two[0] += u * w;
            inf[0] = f64::max(inf[0], u);
        }
        let sum = |x: [f64; LANES]| (x[0] + x[1]) + (x[2] + x[3]);
        (sum(one), sum(two), inf.into_iter().fold(0.0, f64::max))
    }
}

/// Sum and largest number of each of some rows of probabilities.
pub(super) fn of_rows<'a>(rows: impl ExactSizeIterator<Item = &'a [f64]>) -> Vec<(f64, f64)> {
    Arch::new().dispatch(OfRows(rows))
}

struct OfRows<I>(I);

impl<'a, I: ExactSizeIterator<Item = &'a [f64]>> WithSimd for OfRows<I> {
    type Output = Vec<(f64, f64)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let mut found = Vec::with_capacity(self.0.len());
        for row in self.0 {
            let (sum, _, largest) = Totals { x: row, y: row, f: |x, _| (x, x) }.with_simd(simd);
            found.push((sum, largest));
        }
        found
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
