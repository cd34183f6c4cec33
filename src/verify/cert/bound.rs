//! The one inequality behind every claim: a vector, one exact backup of it, and what its residual allows.
//!
//! Let `d = TV - V` and `w >= 1 + gamma max_a P w`, `w >= 0`, both away from terminal states, where values are 0. Then
//! `V + min(0, min d) w <= V* <= V + max(0, max d) w`, because `V + c w` is a super- or subsolution. With discount
//! below 1 the constant `w = 1/(1 - gamma)` will do.

use dashu_ratio::RBig;
use rayon::prelude::*;

use super::exact::Exact;
use super::number::{Range, Vector};

/// What a proof yields, or why there is none.
pub type Proof<T> = Result<T, String>;

/// Largest or smallest return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Over all policies, the largest.
    Max,
    /// The smallest.
    Min,
}

/// A policy on the states that matter.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Nothing said: a state where it does not matter.
    None,
    /// One action.
    Action(usize),
    /// Actions with probabilities that sum to 1.
    Mixed(Vec<(usize, RBig)>),
}

/// A bound on expected discounted steps.
enum Horizon {
    Constant(RBig),
    PerState(Vec<RBig>),
}

/// A model with the bound on its horizon: what every proof starts from.
pub struct Context {
    /// The model.
    pub exact: Exact,
    horizon: Horizon,
}

/// Which states a proof is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// Those some policy visits from the start; no policy leaves them.
    Reachable,
}

/// A value function between two multiples of the horizon around a vector.
pub struct Enclosure<'a> {
    context: &'a Context,
    v: Vec<RBig>,
    /// Not above 0.
    down: RBig,
    /// Not below 0.
    up: RBig,
}

impl Context {
    /// Checks the horizon of a certificate, which discount 1 needs.
    pub(crate) fn new(exact: Exact, horizon: Option<&[RBig]>) -> Proof<Self> {
        let Some(w) = horizon else {
            if exact.gamma >= RBig::ONE {
                return Err("with discount 1 a certificate needs a horizon".into());
            }
            let w = RBig::ONE / (RBig::ONE - &exact.gamma);
            return Ok(Context { exact, horizon: Horizon::Constant(w) });
        };
        if w.len() != exact.n_states || w.iter().any(|w| *w < RBig::ZERO) {
            return Err("the horizon is not one number from 0 a state".into());
        }
        let w = w.to_vec();
        if let Some(s) = (0..w.len()).find(|&s| exact.terminal[s] && !w[s].is_zero()) {
            return Err(format!("the horizon is not 0 in state {s}, where episodes have ended"));
        }
        let vector = Vector::new(&w)?;
        for s in 0..exact.n_states {
            for row in exact.rows(s) {
                if w[s] < RBig::ONE + &exact.gamma * exact.average(row, &vector) {
                    return Err(format!("the horizon is too short in state {s}"));
                }
            }
        }
        Ok(Context { exact, horizon: Horizon::PerState(w) })
    }

    /// The horizon at a state.
    pub(super) fn horizon(&self, s: usize) -> RBig {
        match &self.horizon {
            _ if self.exact.terminal[s] => RBig::ZERO,
            Horizon::Constant(w) => w.clone(),
            Horizon::PerState(w) => w[s].clone(),
        }
    }

    /// The expected horizon at the start.
    pub fn horizon_at_start(&self) -> RBig {
        self.exact.mu0.iter().fold(RBig::ZERO, |sum, (s, p)| sum + p * self.horizon(*s))
    }

    pub(super) fn is_in(&self, scope: Scope, s: usize) -> bool {
        !self.exact.terminal[s] && (scope == Scope::All || self.exact.reachable[s])
    }

    /// `v` with one number a state, 0 where episodes have ended.
    pub(super) fn vector(&self, v: &[RBig]) -> Proof<Vec<RBig>> {
        if v.len() != self.exact.n_states {
            return Err(format!("a witness has {} numbers for {} states", v.len(), self.exact.n_states));
        }
        let value = |(v, end): (&RBig, &bool)| if *end { RBig::ZERO } else { v.clone() };
        Ok(v.iter().zip(&self.exact.terminal).map(value).collect())
    }

    /// `r + gamma P x` of a row.
    pub(super) fn q(&self, r: &[RBig], row: usize, x: &Vector) -> RBig {
        &r[row] + &self.exact.gamma * self.exact.average(row, x)
    }

    /// Encloses the best or worst value of a reward over rows.
    pub(crate) fn optimal(&self, r: &[RBig], sense: Sense, v: &[RBig], scope: Scope) -> Proof<Enclosure<'_>> {
        self.enclose(v, scope, |s, x| {
            let all = self.exact.rows(s).map(|row| self.q(r, row, x));
            match sense {
                Sense::Max => all.max(),
                Sense::Min => all.min(),
            }
            .ok_or_else(|| format!("state {s} has no action"))
        })
    }

    /// Encloses the value of a policy.
    pub(crate) fn policy(&self, r: &[RBig], policy: &[Choice], v: &[RBig], scope: Scope) -> Proof<Enclosure<'_>> {
        if policy.len() != self.exact.n_states {
            return Err(format!("a policy has {} entries for {} states", policy.len(), self.exact.n_states));
        }
        let q = |s: usize, a: usize, x: &Vector| match self.exact.row(s, a) {
            Some(row) => Ok(self.q(r, row, x)),
            None => Err(format!("a policy plays action {a} in state {s}, which does not offer it")),
        };
        self.enclose(v, scope, |s, x| match &policy[s] {
            Choice::None => Err(format!("a policy says nothing about state {s}")),
            Choice::Action(a) => q(s, *a, x),
            Choice::Mixed(list) => {
                let total = list.iter().fold(RBig::ZERO, |sum, (_, p)| sum + p);
                if total != RBig::ONE || list.iter().any(|(_, p)| *p < RBig::ZERO) {
                    return Err(format!("the probabilities of a policy in state {s} do not sum to 1"));
                }
                list.iter().try_fold(RBig::ZERO, |sum, (a, p)| Ok(sum + p * q(s, *a, x)?))
            }
        })
    }

    /// Encloses the value of the policy that plays every action alike.
    pub(crate) fn uniform(&self, r: &[RBig], v: &[RBig], scope: Scope) -> Proof<Enclosure<'_>> {
        self.enclose(v, scope, |s, x| {
            let rows = self.exact.rows(s);
            let n = RBig::from(rows.len());
            Ok(rows.map(|row| self.q(r, row, x)).fold(RBig::ZERO, |sum, q| sum + q) / n)
        })
    }

    fn enclose<F>(&self, v: &[RBig], scope: Scope, backup: F) -> Proof<Enclosure<'_>>
    where
        F: Fn(usize, &Vector) -> Proof<RBig> + Sync,
    {
        let v = self.vector(v)?;
        let x = Vector::new(&v)?;
        // Collected first, so that the reason of a failure is that of the first state on every machine.
        let residuals: Vec<Proof<RBig>> = (0..self.exact.n_states)
            .into_par_iter()
            .filter(|&s| self.is_in(scope, s))
            .map(|s| Ok(backup(s, &x)? - &v[s]))
            .collect();
        let (mut down, mut up) = (RBig::ZERO, RBig::ZERO);
        for d in residuals {
            let d = d?;
            if d < down {
                down = d;
            } else if d > up {
                up = d;
            }
        }
        Ok(Enclosure { context: self, v, down, up })
    }
}

impl Enclosure<'_> {
    /// The value of a state lies here.
    pub fn at(&self, s: usize) -> Range {
        let w = self.context.horizon(s);
        Range { lo: &self.v[s] + &self.down * &w, hi: &self.v[s] + &self.up * &w }
    }

    /// The expected value at the start lies here.
    pub fn start(&self) -> Range {
        let w = self.context.horizon_at_start();
        let value = self.context.exact.mu0.iter().fold(RBig::ZERO, |sum, (s, p)| sum + p * &self.v[*s]);
        Range { lo: &value + &self.down * &w, hi: value + &self.up * &w }
    }

    /// Whether the vector is the value itself.
    pub(crate) fn is_exact(&self) -> bool {
        self.down.is_zero() && self.up.is_zero()
    }

    /// What `V - v` lies between, before it is multiplied by the horizon.
    pub(super) fn residual(&self) -> (&RBig, &RBig) {
        (&self.down, &self.up)
    }

    /// The vector, 0 at terminal states.
    pub(super) fn vector(&self) -> &[RBig] {
        &self.v
    }
}
