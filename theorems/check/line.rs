//! States as points of a line: distances, variation, and the cost of moving probability.

use super::{Draw, Q, Size, World, abs};

impl Draw {
    /// A world whose states are points of the line, and the points in increasing order; its discount is small enough for
    /// its spread if asked for.
    pub fn line(&mut self, is_contracting: bool) -> (World, Vec<Q>) {
        let mut world = self.world(Size::small().states(2, 4));
        let mut at = vec![Q::ZERO];
        for s in 1..world.n_states() {
            at.push(&at[s - 1] + self.number_of(("step", s), &["1", "1/2", "2", "1/4"]));
        }
        let spread = world.variation_of_transitions(&at);
        while is_contracting && &world.gamma * &spread >= Q::ONE {
            world.gamma /= Q::from(2u8);
        }
        (world, at)
    }
}

impl World {
    /// The least `L` with `x(s,a) - x(s',a) <= L |s - s'|` for every action, of a vector over rows; every state has the
    /// same actions.
    pub fn variation(&self, at: &[Q], x: &[Q]) -> Q {
        self.steepest(at, |s, t| self.rows(s).zip(self.rows(t)).map(|(here, there)| abs(&(&x[here] - &x[there]))).max())
    }

    /// The least Lipschitz constant of a vector over states.
    pub fn variation_of_values(&self, at: &[Q], v: &[Q]) -> Q {
        self.steepest(at, |s, t| Some(abs(&(&v[s] - &v[t]))))
    }

    /// The least `L` with `W1(P(s,a), P(s',a)) <= L |s - s'|` for every action.
    pub fn variation_of_transitions(&self, at: &[Q]) -> Q {
        self.steepest(at, |s, t| {
            self.rows(s).zip(self.rows(t)).map(|(here, there)| w1(at, &self.row(here).p, &self.row(there).p)).max()
        })
    }

    /// The least `L` with `sum_a |pi(a|s) - pi(a|s')| <= L |s - s'|`.
    pub fn variation_of_policy(&self, at: &[Q], pi: &[Q]) -> Q {
        self.steepest(at, |s, t| {
            Some(
                self.rows(s).zip(self.rows(t)).fold(Q::ZERO, |sum, (here, there)| sum + abs(&(&pi[here] - &pi[there]))),
            )
        })
    }

    fn steepest(&self, at: &[Q], change: impl Fn(usize, usize) -> Option<Q>) -> Q {
        let pairs = (0..self.n_states()).flat_map(|s| (0..s).map(move |t| (s, t)));
        pairs.filter_map(|(s, t)| Some(change(s, t)? / abs(&(&at[s] - &at[t])))).max().unwrap_or(Q::ZERO)
    }
}

/// Wasserstein-1 distance of two distributions on points of the line in increasing order: the area between their
/// distribution functions.
pub fn w1(at: &[Q], x: &[Q], y: &[Q]) -> Q {
    let (mut area, mut ahead) = (Q::ZERO, Q::ZERO);
    for i in 1..at.len() {
        ahead += &x[i - 1] - &y[i - 1];
        area += abs(&ahead) * (&at[i] - &at[i - 1]);
    }
    area
}

#[cfg(test)]
mod tests {
    use super::super::number;
    use super::*;

    fn list(x: &[&str]) -> Vec<Q> {
        x.iter().map(|x| number(x)).collect()
    }

    #[test]
    fn moving_a_point_costs_its_way() {
        let at = list(&["0", "1", "5"]);
        assert_eq!(w1(&at, &list(&["1", "0", "0"]), &list(&["0", "0", "1"])), number("5"));
        assert_eq!(w1(&at, &list(&["1/2", "0", "1/2"]), &list(&["0", "1", "0"])), number("5/2"));
    }

    #[test]
    fn variation_is_the_steepest_slope() {
        let world = World::moves("1/2", &[("a", "go", "b"), ("b", "go", "c"), ("c", "go", "c")]);
        let at = list(&["0", "1", "3"]);
        assert_eq!(world.variation(&at, &list(&["0", "3", "1"])), number("3"));
        assert_eq!(world.variation_of_transitions(&at), number("2"));
        assert_eq!(world.variation_of_policy(&at, &world.uniform()), Q::ZERO);
    }
}
