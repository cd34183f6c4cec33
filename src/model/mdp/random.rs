//! Seeded random models. The same seed gives the same model on every machine.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::base::{Code, Diag, Result, Source};
use crate::model::raw::{At, RawDynamics, RawModel, RawNames, RawReward, RawStart};

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
    /// A random sparse model: every pair has `branching` distinct successors, uniform over the states, whose
    /// probabilities are the gaps between sorted uniform numbers; start uniform.
    ///
    /// Rewards: `truth` is R(s,a) standard normal, `other` a second independent one, and `proxy` is truth plus
    /// half of `other`.
    pub fn raw(&self) -> Result<RawModel> {
        let Garnet { states, actions, branching, gamma, seed } = *self;
        if states == 0 || actions == 0 || branching == 0 || branching > states {
            return Diag::new(
                Code::Usage,
                format!("no garnet model has {states} states, {actions} actions, branching {branching}"),
            )
            .expected("at least one state and action, and branching between 1 and the number of states")
            .help("gallery:garnet?states=100&actions=4&branching=4&gamma=0.95&seed=1")
            .err();
        }
        let too_large =
            states > u32::MAX as usize - 1 || states.saturating_mul(actions).saturating_mul(branching) > 4_000_000_000;
        if too_large {
            return Diag::new(Code::TooLarge, "this garnet model has more than 4e9 transitions").err();
        }
        let mut rng = rng(seed);
        let rows = states * actions;
        let mut col = Vec::with_capacity(rows * branching);
        let mut val = Vec::with_capacity(rows * branching);
        let mut cuts = Vec::with_capacity(branching + 1);
        let mut chosen: Vec<u32> = Vec::with_capacity(branching);
        for _ in 0..rows {
            draw_distinct(&mut rng, states, branching, &mut chosen);
            cuts.clear();
            cuts.extend((1..branching).map(|_| rng.random::<f64>()));
            cuts.push(1.0);
            cuts.sort_by(f64::total_cmp);
            let mut last = 0.0;
            for (&s_next, &cut) in chosen.iter().zip(&cuts) {
                col.push(s_next);
                val.push(cut - last);
                last = cut;
            }
        }
        let mut table = || -> Vec<f64> { (0..rows).map(|_| normal(&mut rng)).collect() };
        let (truth, other) = (table(), table());
        let proxy: Vec<f64> = truth.iter().zip(&other).map(|(t, o)| t + 0.5 * o).collect();
        let sa = |values: Vec<f64>| {
            let rows =
                values.chunks(actions).map(|row| At::nowhere(row.iter().map(|&r| At::nowhere(Some(r))).collect()));
            At::nowhere(RawReward::Sa(rows.collect()))
        };
        let name = format!("garnet?states={states}&actions={actions}&branching={branching}&gamma={gamma}&seed={seed}");
        Ok(RawModel {
            source_file: Source::binary(format!("gallery:{name}")),
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
