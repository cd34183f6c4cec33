//! Seeded random models. The same seed gives the same model on every machine.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Arrays, Mdp};
use crate::base::{Code, Diag, Result, Source, sum};
use crate::model::raw::{At, RawDynamics, RawInputs, RawModel, RawNames, RawReward, RawStart};

/// The random numbers of a seed.
pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A standard normal number (Box and Muller, one of the pair).
pub fn normal(rng: &mut impl Rng) -> f64 {
    // 1 - u is in (0, 1], so the logarithm is finite.
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

/// `n` independent standard normal numbers.
pub fn normals(rng: &mut impl Rng, n: usize) -> Vec<f64> {
    (0..n).map(|_| normal(rng)).collect()
}

/// Transitions as the code of the STARC paper draws them (Skalse et al. 2024, experiments): for every pair the
/// softmax over next states of standard normal logits, where those of at most 1 are set to -20. So one next state in
/// six matters, and all are possible. Start uniform.
pub fn starc_paper(rng: &mut impl Rng, states: usize, actions: usize, gamma: f64) -> Result<Mdp> {
    /// Logits up to this are replaced.
    const CUT: f64 = 1.0;
    /// By this one.
    const RARE: f64 = -20.0;
    let draw = |rng: &mut _| {
        let logit = normal(rng);
        f64::exp(if logit <= CUT { RARE } else { logit })
    };
    dense(rng, states, actions, gamma, draw)
}

/// Every row drawn from the Dirichlet distribution with all parameters 1: uniform over the simplex. Start uniform.
pub fn dirichlet(rng: &mut impl Rng, states: usize, actions: usize, gamma: f64) -> Result<Mdp> {
    // Normalised exponential numbers; the open end of the interval keeps them above 0.
    dense(rng, states, actions, gamma, |rng| -(1.0 - rng.random::<f64>().max(f64::EPSILON)).ln())
}

/// A model whose rows are proportional to drawn weights above 0.
fn dense<R: Rng>(
    rng: &mut R,
    states: usize,
    actions: usize,
    gamma: f64,
    mut weight: impl FnMut(&mut R) -> f64,
) -> Result<Mdp> {
    check_size(states, actions, states)?;
    let n_rows = states * actions;
    let (mut col, mut val) = (Vec::with_capacity(n_rows * states), Vec::with_capacity(n_rows * states));
    for row in 0..n_rows {
        col.extend(0..states as u32);
        val.extend((0..states).map(|_| weight(rng)));
        let entries = &mut val[row * states..];
        let total = sum::sum(entries.iter().copied());
        entries.iter_mut().for_each(|p| *p /= total);
    }
    let row_ptr = (0..=n_rows).map(|row| row * states).collect();
    Ok(Mdp::from_arrays(Arrays { n_states: states, n_actions: actions, gamma, row_ptr, col, val })?.exact_inputs())
}

/// Refuses what would not fit into `u32` indices, or into any memory.
fn check_size(states: usize, actions: usize, branching: usize) -> Result<()> {
    /// 48 GB of transitions.
    const MAX_TRANSITIONS: usize = 4_000_000_000;
    let transitions = states.saturating_mul(actions).saturating_mul(branching);
    if states > u32::MAX as usize - 1 || transitions > MAX_TRANSITIONS {
        return Diag::new(Code::TooLarge, "this random model has more than 4e9 transitions").err();
    }
    Ok(())
}

/// Parameters of a Garnet model (Archibald, McKinnon and Thomas 1995).
#[derive(Clone, Copy, Debug)]
pub struct Garnet {
    /// S.
    pub states: usize,
    /// A.
    pub actions: usize,
    /// Distinct successors of every pair.
    pub branching: usize,
    /// Discount in [0, 1).
    pub gamma: f64,
    /// Seed.
    pub seed: u64,
}

impl Garnet {
    /// The dynamics and R(s,a), over rows, without names or other rewards: the first reward of [`raw`](Self::raw).
    ///
    /// Every pair has `branching` distinct successors, uniform over the states, whose probabilities are the gaps
    /// between sorted uniform numbers; rewards are standard normal; start uniform.
    pub fn mdp(&self) -> Result<(Mdp, Vec<f64>)> {
        let Garnet { states, actions, branching, gamma, seed } = *self;
        let mut rng = rng(seed);
        let (col, val) = self.draw(&mut rng)?;
        let row_ptr = (0..=states * actions).map(|row| row * branching).collect();
        let mdp =
            Mdp::from_arrays(Arrays { n_states: states, n_actions: actions, gamma, row_ptr, col, val })?.exact_inputs();
        Ok((mdp, normals(&mut rng, states * actions)))
    }

    /// Next states and probabilities of all rows.
    fn draw(&self, rng: &mut impl Rng) -> Result<(Vec<u32>, Vec<f64>)> {
        let Garnet { states, actions, branching, .. } = *self;
        if states == 0 || actions == 0 || branching == 0 || branching > states {
            return Diag::new(
                Code::Usage,
                format!("no garnet model has {states} states, {actions} actions, branching {branching}"),
            )
            .expected("at least one state and action, and branching between 1 and the number of states")
            .help("gallery:garnet?states=100&actions=4&branching=4&gamma=0.95&seed=1")
            .err();
        }
        check_size(states, actions, branching)?;
        let rows = states * actions;
        let mut col = Vec::with_capacity(rows * branching);
        let mut val = Vec::with_capacity(rows * branching);
        let mut cuts = Vec::with_capacity(branching);
        let mut chosen: Vec<u32> = Vec::with_capacity(branching);
        for _ in 0..rows {
            draw_distinct(rng, states, branching, &mut chosen);
            col.extend_from_slice(&chosen);
            loop {
                cuts.clear();
                cuts.extend((1..branching).map(|_| rng.random::<f64>()));
                cuts.push(1.0);
                cuts.sort_by(f64::total_cmp);
                // Two equal numbers in 2^53 would make a successor impossible.
                if cuts[0] > 0.0 && cuts.is_sorted_by(|x, y| x < y) {
                    break;
                }
            }
            let mut last = 0.0;
            for &cut in &cuts {
                val.push(cut - last);
                last = cut;
            }
        }
        Ok((col, val))
    }

    /// Bytes that [`raw`](Self::raw) holds at least when it is done: next states and probabilities of every transition,
    /// and three rewards of every pair.
    pub fn memory_needed(&self) -> u64 {
        let rows = (self.states as u64).saturating_mul(self.actions as u64);
        let transition = (size_of::<u32>() + size_of::<f64>()) as u64;
        let pair = 3 * size_of::<At<Option<f64>>>() as u64;
        let transitions = rows.saturating_mul(self.branching as u64).saturating_mul(transition);
        transitions.saturating_add(rows.saturating_mul(pair))
    }

    /// A random sparse model as a file would hold it: the transitions of [`mdp`](Self::mdp).
    ///
    /// Rewards: `truth` is R(s,a) standard normal, `other` a second independent one, and `proxy` is truth plus
    /// half of `other`.
    pub fn raw(&self) -> Result<RawModel> {
        let Garnet { states, actions, branching, gamma, seed } = *self;
        let mut rng = rng(seed);
        let (col, val) = self.draw(&mut rng)?;
        let rows = states * actions;
        let (truth, other) = (normals(&mut rng, rows), normals(&mut rng, rows));
        let proxy: Vec<f64> = truth.iter().zip(&other).map(|(t, o)| t + 0.5 * o).collect();
        let sa = |values: Vec<f64>| {
            let rows =
                values.chunks(actions).map(|row| At::nowhere(row.iter().map(|&r| At::nowhere(Some(r))).collect()));
            At::nowhere(RawReward::Sa(rows.collect()))
        };
        let name = format!("garnet?states={states}&actions={actions}&branching={branching}&gamma={gamma}&seed={seed}");
        Ok(RawModel {
            source_file: Source::binary(format!("gallery:{name}")),
            inputs: RawInputs::AsStored,
            name: Some(name),
            description: Some(
                "Random sparse model: every pair has the same number of uniformly drawn successors.".into(),
            ),
            source: Some("Archibald, McKinnon and Thomas 1995, generated from the seed".into()),
            gamma: At::nowhere(gamma),
            states: At::nowhere(RawNames::Count(states as u64)),
            actions: At::nowhere(RawNames::Count(actions as u64)),
            mu0: At::nowhere(RawStart::Uniform),
            dynamics: At::nowhere(RawDynamics::Csr {
                row_ptr: (0..=rows as u64).map(|i| i * branching as u64).collect(),
                col,
                val,
            }),
            terminal: Vec::new(),
            rewards: vec![
                (At::nowhere("truth".into()), sa(truth)),
                (At::nowhere("proxy".into()), sa(proxy)),
                (At::nowhere("other".into()), sa(other)),
            ],
            grid: None,
            expected: Vec::new(),
        })
    }
}

/// `k` distinct numbers below `n`, sorted (Floyd's algorithm).
fn draw_distinct(rng: &mut impl Rng, n: usize, k: usize, out: &mut Vec<u32>) {
    out.clear();
    for j in n - k..n {
        let t = rng.random_range(0..=j) as u32;
        match out.binary_search(&t) {
            // `j` is larger than everything drawn so far.
            Ok(_) => out.push(j as u32),
            Err(place) => out.insert(place, t),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row sums to 1 and its next states rise: what `from_arrays` refuses otherwise, looked at from outside.
    fn holds(mdp: &Mdp) {
        for row in 0..mdp.n_rows() {
            let (col, val) = mdp.p(row);
            assert!((sum::sum(val.iter().copied()) - 1.0).abs() <= 2.0 * f64::EPSILON, "row {row}");
            assert!(col.is_sorted_by(|x, y| x < y) && val.iter().all(|&p| p > 0.0), "row {row}");
        }
    }

    #[test]
    fn garnet_rows_have_distinct_uniform_successors() {
        let garnet = Garnet { states: 50, actions: 40, branching: 5, gamma: 0.9, seed: 4 };
        let (mdp, r) = garnet.mdp().unwrap();
        holds(&mdp);
        assert_eq!((mdp.nnz(), r.len()), (50 * 40 * 5, 2_000));
        // 10,000 successors over 50 states: 200 each, with a standard deviation of 13.4.
        let mut hits = [0usize; 50];
        (0..mdp.n_rows()).for_each(|row| mdp.p(row).0.iter().for_each(|&t| hits[t as usize] += 1));
        assert!(hits.iter().all(|&n| (140..=260).contains(&n)), "{hits:?}");
        // A spacing of five has mean 1/5 and variance 4/150; that of normalised exponentials is the same, that of
        // normalised uniform numbers is 0.0122.
        let val: Vec<f64> = (0..mdp.n_rows()).flat_map(|row| mdp.p(row).1.to_vec()).collect();
        let variance = val.iter().map(|p| (p - 0.2).powi(2)).sum::<f64>() / val.len() as f64;
        assert!((variance - 4.0 / 150.0).abs() < 0.002, "{variance}");
        let moments = |k| r.iter().map(|x: &f64| x.powi(k)).sum::<f64>() / r.len() as f64;
        assert!(moments(1).abs() < 0.1 && (moments(2) - 1.0).abs() < 0.15, "{} {}", moments(1), moments(2));
    }

    #[test]
    fn the_same_seed_is_the_same_model_in_every_form() {
        let garnet = Garnet { states: 30, actions: 3, branching: 4, gamma: 0.9, seed: 7 };
        let (mdp, r) = garnet.mdp().unwrap();
        let model = crate::model::Model::build(garnet.raw().unwrap()).unwrap();
        assert_eq!(model.rewards()[0].1.base(), r);
        assert_eq!((&model.mdp().col, &model.mdp().val), (&mdp.col, &mdp.val));
        let other = Garnet { seed: 8, ..garnet }.mdp().unwrap().0;
        assert_ne!(other.val, mdp.val, "the seed is used");
        let paper = |seed| starc_paper(&mut rng(seed), 8, 2, 0.9).unwrap().into_arrays();
        assert_eq!(paper(3), paper(3));
        assert_ne!(paper(3), paper(4));
    }

    #[test]
    fn transitions_of_the_starc_paper_are_few_that_matter() {
        let mdp = starc_paper(&mut rng(1), 32, 200, 0.95).unwrap();
        holds(&mdp);
        // A normal number is above 1 with probability 0.1587; what is not has e^-21 of its weight or less.
        let matter = mdp.val.iter().filter(|&&p| p > 1e-6).count() as f64 / mdp.nnz() as f64;
        assert!((matter - 0.1587).abs() < 0.01, "{matter}");
    }

    #[test]
    fn dirichlet_rows_are_uniform_over_the_simplex() {
        let mdp = dirichlet(&mut rng(1), 10, 2_000, 0.9).unwrap();
        holds(&mdp);
        // The second moment of one of ten coordinates is 2 / (10 * 11).
        let second = mdp.val.iter().map(|p| p * p).sum::<f64>() / mdp.nnz() as f64;
        assert!((second - 2.0 / 110.0).abs() < 5e-4, "{second}");
    }

    #[test]
    fn the_memory_of_a_model_is_that_of_its_arrays() {
        let garnet = Garnet { states: 1_000, actions: 4, branching: 3, gamma: 0.9, seed: 1 };
        let least = 4_000 * (3 * 12 + 3 * 16);
        assert!((least..2 * least).contains(&garnet.memory_needed()), "{}", garnet.memory_needed());
        let endless = Garnet { states: usize::MAX, ..garnet };
        assert_eq!(endless.memory_needed(), u64::MAX);
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let size = |states, branching| Garnet { states, actions: 2, branching, gamma: 0.9, seed: 1 }.mdp().err();
        assert_eq!(size(3, 4).unwrap().code, Code::Usage);
        assert_eq!(size(usize::MAX, 4).unwrap().code, Code::TooLarge);
        assert!(starc_paper(&mut rng(1), 0, 2, 0.9).is_err() && dirichlet(&mut rng(1), 2, 0, 0.9).is_err());
        assert_eq!(dirichlet(&mut rng(1), 1 << 20, 1 << 20, 0.9).err().unwrap().code, Code::TooLarge);
    }
}
