//! A linear system with one state variable and one action variable, controlled linearly.

use super::{Case, Draw, Q, World, abs, fraction};

/// `s' = f_s s + f_a a`, `a = m s`, `r = r_s s + r_a a`: everything that values of such a system depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearSystem {
    /// Derivatives of the next state.
    pub f: [Q; 2],
    /// Derivative of the action.
    pub m: Q,
    /// Derivatives of the reward.
    pub r: [Q; 2],
    /// Discount.
    pub gamma: Q,
}

const NUMBERS: [&str; 6] = ["f_s", "f_a", "m", "r_s", "r_a", "gamma"];

impl LinearSystem {
    /// A drawn system.
    pub fn drawn(draw: &mut Draw) -> Self {
        let mut part = |name: &str| draw.number_of(name, &["0", "1", "1/2", "-1", "1/4", "-1/2", "2", "3/2"]);
        let (f, m, r) = ([part("f_s"), part("f_a")], part("m"), [part("r_s"), part("r_a")]);
        LinearSystem { f, m, r, gamma: draw.number_of("gamma", &["1/2", "9/10", "1/4", "3/4"]) }
    }

    /// The system as the numbers of an instance, whose world plays no part.
    pub fn case(self) -> Case {
        let ([f_s, f_a], [r_s, r_a]) = (self.f, self.r);
        let numbers = [f_s, f_a, self.m, r_s, r_a, self.gamma];
        let case = Case::new(World::bandit(&["control"]));
        NUMBERS.into_iter().zip(numbers).fold(case, |case, (name, x)| case.number(name, x))
    }

    /// The system of an instance.
    pub fn of(case: &Case) -> Self {
        let part = |name: &str| case.n(name).clone();
        LinearSystem {
            f: [part("f_s"), part("f_a")],
            m: part("m"),
            r: [part("r_s"), part("r_a")],
            gamma: part("gamma"),
        }
    }

    /// Square of the norm of the derivative of the next state.
    pub fn f_squared(&self) -> Q {
        square(&self.f)
    }

    /// Square of the norm of the derivative of the reward.
    pub fn r_squared(&self) -> Q {
        square(&self.r)
    }

    /// Derivative of the value, and square of the norm of that of `Q(s,a)`; `None` where values are infinite.
    pub fn slopes(&self) -> Option<(Q, Q)> {
        let kept = &self.gamma * (&self.f[0] + &self.f[1] * &self.m);
        if abs(&kept) >= Q::ONE {
            return None;
        }
        let v = (&self.r[0] + &self.r[1] * &self.m) / (Q::ONE - kept);
        Some(self.backed_up(&v))
    }

    /// The same one step before a state whose value has the derivative `v`.
    pub fn backed_up(&self, v: &Q) -> (Q, Q) {
        let q = [0, 1].map(|i| &self.r[i] + &self.gamma * v * &self.f[i]);
        (&q[0] + &q[1] * &self.m, square(&q))
    }
}

/// The least multiple of 1/8 whose square is at least `x`.
pub fn root_above(x: &Q) -> Q {
    (0..).map(|k| fraction(k, 8)).find(|c| c * c >= *x).expect("the list has no end")
}

fn square(x: &[Q; 2]) -> Q {
    &x[0] * &x[0] + &x[1] * &x[1]
}

#[cfg(test)]
mod tests {
    use super::super::{discounted_sum, number};
    use super::*;

    #[test]
    fn slopes_are_those_of_a_long_simulation() {
        let system = LinearSystem {
            f: [number("1/2"), number("1/4")],
            m: number("-1"),
            r: [number("1"), number("2")],
            gamma: number("1/2"),
        };
        let (v, _) = system.slopes().unwrap();
        let mut s = Q::ONE;
        let mut paid = Vec::new();
        for _ in 0..40 {
            let a = &system.m * &s;
            paid.push(&system.r[0] * &s + &system.r[1] * &a);
            s = &system.f[0] * &s + &system.f[1] * &a;
        }
        assert!(abs(&(discounted_sum(&system.gamma, &paid) - v)) < number("1e-20"));
        assert_eq!(root_above(&number("2")), number("12/8"));
        assert!(LinearSystem { gamma: number("1"), f: [number("1"), Q::ZERO], ..system }.slopes().is_none());
    }
}
