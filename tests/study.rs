//! The experiment of the STARC paper: its draws, its numbers against the long way round, and its independence of threads.

use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use truenorth::analysis::canon::Context;
use truenorth::analysis::distance::{Metric, Pair, distances};
use truenorth::analysis::regret::{proxy_optimal, worst_case, worst_case_by_lp};
use truenorth::analysis::returns::ReturnRange;
use truenorth::analysis::study::{
    Moments, Sample, Spec, StarcTable, TARGETS, Target, environment, observe, reward, starc_table,
};
use truenorth::base::Grade;
use truenorth::model::{Policy, Reward};
use truenorth::solve::{Limits, Options, Solver};

/// What blending forms and starting solves elsewhere may move a number by.
const NEARLY: f64 = 1e-9;

fn small() -> Spec {
    Spec { environments: 3, pairs: 2, interpolants: 3, ..Spec::default() }
}

fn run(spec: &Spec) -> StarcTable {
    starc_table(spec, &AtomicUsize::new(0)).expect("runs")
}

/// Every comparison of an environment, as the study measures it.
fn samples(spec: &Spec, index: usize) -> Vec<Sample> {
    let mut seen = Vec::new();
    observe(spec, &Metric::all(), index, |sample| seen.push(sample.clone())).expect("measured").expect("no limit");
    seen
}

/// The same comparisons the long way: each blend written out as a reward of its own and handed to what `compare` calls.
fn long_way(spec: &Spec, index: usize, mut see: impl FnMut(f64, Vec<Option<f64>>, [f64; 2])) {
    let (mdp, mut rng) = environment(spec, index).expect("drawn");
    let solver = Solver::new(&mdp, Options::default()).expect("solver");
    let reference = Policy::uniform(&mdp);
    let context = Context { solver: &solver, reference: &reference };
    for _ in 0..spec.pairs {
        let [x, y] = [0, 1].map(|_| reward(&mdp, &mut rng).reward(mdp.n_states()));
        for k in 1..=spec.interpolants {
            let t = k as f64 / spec.interpolants as f64;
            let blend = Reward::linear(&[(1.0 - t, &x), (t, &y)]);
            let (range_x, range_y) =
                (ReturnRange::of(&solver, x.expected(&mdp)), ReturnRange::of(&solver, blend.expected(&mdp)));
            let pair = Pair { x: &x, y: &blend, range_x: &range_x, range_y: &range_y };
            let found = distances(&context, &pair, &Metric::all()).iter().map(|d| d.value().map(|b| b.value)).collect();
            let both = |regret: &dyn Fn(&ReturnRange, &ReturnRange) -> f64| {
                (regret(&range_x, &range_y) + regret(&range_y, &range_x)) / 2.0
            };
            let optimal = both(&|x, y| {
                let p = proxy_optimal(&solver, x, y);
                (p.best_normalised.value + p.worst_normalised.value) / 2.0
            });
            see(t, found, [optimal, both(&|x, y| worst_case(&solver, x, y).normalised.value)]);
        }
    }
}

#[test]
fn every_distance_and_regret_is_that_of_compare() {
    let spec = Spec { environments: 4, pairs: 3, interpolants: 2, seed: 7, ..Spec::default() };
    for index in 0..spec.environments {
        let fast = samples(&spec, index);
        assert_eq!(fast.len(), spec.comparisons());
        let mut k = 0;
        long_way(&spec, index, |t, slow, regrets| {
            let sample = &fast[k];
            k += 1;
            assert_eq!(sample.t, t);
            for (i, metric) in Metric::all().iter().enumerate() {
                let (a, b) = (sample.distances[i], slow[i]);
                let agree = match (a, b) {
                    (Some(a), Some(b)) => (a - b).abs() <= NEARLY * (1.0 + b.abs()),
                    (a, b) => a == b,
                };
                assert!(agree, "environment {index}, comparison {k}, {metric}: {a:?} and {b:?}");
            }
            for (target, (a, b)) in sample.regrets.iter().zip(regrets).enumerate() {
                assert!((a - b).abs() <= NEARLY, "environment {index}, comparison {k}, target {target}: {a} and {b}");
            }
        });
        assert_eq!(k, fast.len());
    }
}

#[test]
fn worst_case_regrets_are_those_of_the_linear_program() {
    let spec = Spec { n_states: 6, n_actions: 2, pairs: 2, interpolants: 2, seed: 11, ..Spec::default() };
    let fast = samples(&spec, 0);
    let (mdp, mut rng) = environment(&spec, 0).expect("drawn");
    let solver = Solver::new(&mdp, Options::default()).expect("solver");
    let mut k = 0;
    for _ in 0..spec.pairs {
        let [x, y] = [0, 1].map(|_| reward(&mdp, &mut rng).reward(mdp.n_states()).expected(&mdp));
        for step in 1..=spec.interpolants {
            let t = step as f64 / spec.interpolants as f64;
            let blend = x.scaled(1.0 - t).plus(t, &y);
            let ranges = [ReturnRange::of(&solver, x.clone()), ReturnRange::of(&solver, blend)];
            let share = |i: usize| {
                let lp = worst_case_by_lp(&mdp, &ranges[i].reward, &ranges[1 - i].reward).expect("solved");
                if ranges[i].is_trivial() { 0.0 } else { lp / ranges[i].rho.value }
            };
            let expected = (share(0) + share(1)) / 2.0;
            assert!((fast[k].regrets[1] - expected).abs() < 1e-6, "{} and {expected}", fast[k].regrets[1]);
            k += 1;
        }
    }
}

#[test]
fn correlations_are_pearsons_over_all_comparisons() {
    let spec = small();
    let table = run(&spec);
    let all: Vec<Sample> = (0..spec.environments).flat_map(|e| samples(&spec, e)).collect();
    assert_eq!(table.counts.comparisons, all.len());
    for (i, line) in table.lines.iter().enumerate() {
        for target in 0..2 {
            // By hand: sums over everything at once.
            let pairs: Vec<(f64, f64)> =
                all.iter().filter_map(|s| s.distances[i].map(|d| (d, s.regrets[target]))).collect();
            let n = pairs.len() as f64;
            let (mx, my) = pairs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
            let sum = |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|(x, y)| f(x - mx, y - my)).sum::<f64>();
            let by_hand = sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
            let found = line.correlation[target].expect("it varies");
            assert!((found.value - by_hand).abs() < 1e-12, "{}: {} and {by_hand}", line.metric, found.value);
            assert!(found.lo <= found.value && found.value <= found.hi && found.grade == Grade::Statistical);
            assert_eq!(line.defined, pairs.len());
        }
    }
    assert_eq!(TARGETS, [Target::OptimalPolicy, Target::WorstCase]);
}

#[test]
fn neither_threads_nor_the_number_of_environments_touch_an_environment() {
    let one = run(&Spec { threads: Some(1), ..small() });
    let two = run(&Spec { threads: Some(2), ..small() });
    assert_eq!(one.digest, two.digest);
    for (a, b) in one.lines.iter().zip(&two.lines) {
        assert_eq!(format!("{:?}", a.correlation), format!("{:?}", b.correlation), "{}", a.metric);
    }
    assert_ne!(one.digest, run(&Spec { seed: 2, ..small() }).digest);
    let spec = small();
    let of = |index| observe(&spec, &Metric::all(), index, |_| {}).expect("measured").expect("no limit");
    assert_ne!(of(0).digest, of(1).digest, "every environment has its own draws");
    let more = Spec { environments: 30, ..small() };
    assert_eq!(of(2).digest, observe(&more, &[], 2, |_| {}).expect("measured").expect("no limit").digest);
}

#[test]
fn a_run_cut_short_is_a_smaller_run() {
    let spec =
        Spec { environments: 400, limits: Limits { deadline: Some(Instant::now()), ..Limits::default() }, ..small() };
    let none = run(&spec);
    assert_eq!((none.environments, none.is_complete()), (0, false));
    assert!(none.lines.iter().all(|line| line.correlation == [None, None] && line.defined == 0));
    let soon = Instant::now() + std::time::Duration::from_millis(700);
    let some =
        run(&Spec { limits: Limits { deadline: Some(soon), ..Limits::default() }, threads: Some(2), ..spec.clone() });
    assert!(some.environments > 0 && some.environments < 400, "{} environments", some.environments);
    let again = run(&Spec { environments: some.environments, limits: Limits::default(), threads: Some(1), ..spec });
    assert_eq!(some.digest, again.digest);
    assert_eq!(format!("{:?}", some.lines), format!("{:?}", again.lines));
}

#[test]
fn rewards_are_drawn_as_the_paper_says() {
    let spec = Spec { seed: 5, ..Spec::default() };
    let (mdp, mut rng) = environment(&spec, 0).expect("drawn");
    const RUNS: usize = 4_000;
    let drawn: Vec<_> = (0..RUNS).map(|_| reward(&mdp, &mut rng)).collect();
    let share = |f: &dyn Fn(&truenorth::analysis::study::Drawn) -> bool| {
        drawn.iter().filter(|d| f(d)).count() as f64 / RUNS as f64
    };
    // Four standard deviations of a share over 4,000 draws are at most 0.032.
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 0.032, "{found} for {expected}");
    close(share(&|d| d.is_sparse), 0.2);
    close(share(&|d| d.is_scaled), 0.7);
    close(share(&|d| d.is_shifted), 0.3);
    close(share(&|d| d.is_shaped), 0.5);
    close(share(&|d| d.is_sparse && d.is_shaped), 0.1);
    // Of the plain ones: standard normal.
    let plain =
        drawn.iter().find(|d| !d.is_sparse && !d.is_scaled && !d.is_shifted && !d.is_shaped).expect("one in nine");
    let m = Moments::of(plain.entries.iter().map(|&r| (r, r)));
    assert!(m.mean[0].abs() < 0.07 && (m.square[0] / m.n - 1.0).abs() < 0.1, "{m:?}");
    // Of the sparse ones: one entry in 741 stays, and it is above 3.
    let bare: Vec<_> = drawn.iter().filter(|d| d.is_sparse && !d.is_scaled && !d.is_shifted && !d.is_shaped).collect();
    let kept: Vec<f64> = bare.iter().flat_map(|d| d.entries.iter().copied().filter(|&r| r != 0.0)).collect();
    assert!(kept.iter().all(|&r| r > 3.0));
    let density = kept.len() as f64 / (bare.len() * 4096) as f64;
    assert!((density - 0.00135).abs() < 3e-4, "{density}");
    // Of the scaled ones: the factor is uniform up to 10, so its mean is 5 and a tenth are below 1.
    let scaled: Vec<f64> = drawn
        .iter()
        .filter(|d| d.is_scaled && !d.is_sparse && !d.is_shifted && !d.is_shaped)
        .map(|d| (d.entries.iter().map(|r| r * r).sum::<f64>() / d.entries.len() as f64).sqrt())
        .collect();
    let mean = scaled.iter().sum::<f64>() / scaled.len() as f64;
    assert!((mean - 5.0).abs() < 0.5 && scaled.iter().all(|&s| s < 10.7), "{mean}");
    // Of the shifted ones: the mean is the shift, uniform up to 10.
    let shifts: Vec<f64> = drawn
        .iter()
        .filter(|d| d.is_shifted && !d.is_sparse && !d.is_scaled && !d.is_shaped)
        .map(|d| d.entries.iter().sum::<f64>() / d.entries.len() as f64)
        .collect();
    let mean = shifts.iter().sum::<f64>() / shifts.len() as f64;
    assert!((mean - 5.0).abs() < 0.9 && shifts.iter().all(|&s| (-0.1..10.1).contains(&s)), "{mean}");
}

#[test]
fn shaping_in_a_draw_is_potential_shaping() {
    let spec = Spec { n_states: 5, n_actions: 2, ..Spec::default() };
    let (mdp, mut rng) = environment(&spec, 0).expect("drawn");
    let drawn = std::iter::repeat_with(|| reward(&mdp, &mut rng))
        .find(|d| d.is_shaped && d.is_sparse && !d.is_shifted)
        .expect("some");
    // Where all else is 0, R(s,t) = gamma phi(t) - phi(s), so R(s,s) = (gamma - 1) phi(s). Fifty normal numbers are
    // all below 3 in 93 draws of a hundred, and in this one.
    let at = |s: usize, t: usize| drawn.entries[mdp.rows(s).start * 5 + t];
    let phi: Vec<f64> = (0..5).map(|s| at(s, s) / (mdp.gamma() - 1.0)).collect();
    let worst = (0..25).map(|k| (at(k / 5, k % 5) - mdp.gamma() * phi[k % 5] + phi[k / 5]).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-9, "{worst}");
    assert!(phi.iter().any(|x| x.abs() > 0.1));
}

#[test]
fn a_table_tells_good_distances_from_bad_ones() {
    let spec = Spec { environments: 6, pairs: 3, interpolants: 4, ..Spec::default() };
    let table = run(&spec);
    let of = |id: &str| table.line(id).expect("listed").correlation.map(|c| c.expect("varies").value);
    assert!(of("starc-range")[1] > of("starc-none-l2")[1], "range STARC bounds the worst case, plain L2 does not");
    assert!(of("starc-val-l2")[0] > of("starc-none-l2")[0]);
}
