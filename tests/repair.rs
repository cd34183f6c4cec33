//! Repairs of a proxy: closed forms on the gallery, and enumeration of all policies with another linear program.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::draw::{Case, Kind, cases_of};
use crate::common::exact::{Exact, Q, near, q};
use crate::common::lab::hold;
use dashu_ratio::RBig;
use good_lp::{Expression, Solution, SolverModel, Variable, constraint, microlp, variable, variables};
use proptest::prelude::*;
use truenorth::analysis::family::Agreement;
use truenorth::analysis::repair::{Feature, Norm, Repair, Request, Single, repair};
use truenorth::base::{Bounded, Grade};
use truenorth::io::gallery;
use truenorth::model::{Mdp, Model, Reachable, Reward};
use truenorth::solve::{Options, Solver};

fn mend(model: &Model, truth: &str, proxy: &str, features: &[&str]) -> Repair {
    let part = Reachable::of(model);
    let reward = |text: &str| part.reward(model, &model.reward(&model.expression(text).unwrap(), 0.0));
    let features: Vec<Feature> =
        features.iter().map(|text| Feature { text: (*text).to_owned(), reward: reward(text) }).collect();
    run(&part.mdp, &reward(truth), &reward(proxy), &features)
}

fn run(mdp: &Arc<Mdp>, truth: &Reward, proxy: &Reward, features: &[Feature]) -> Repair {
    let solver = Solver::new(mdp, Options::default()).unwrap();
    let found = repair(&Request { solver: &solver, mdp, truth, proxy, features, nearest: true });
    assert!(found.is_complete);
    found
}

fn open(name: &str) -> Model {
    Model::build(gallery::read(name).unwrap()).unwrap()
}

/// Sizes of positive, then of negative coefficients that mend.
fn ranges(single: &Single) -> [Option<(Bounded, Option<Bounded>)>; 2] {
    [0, 1].map(|i| single.sides[i].interval.as_ref().map(|found| (found.above, found.below)))
}

#[test]
fn an_alive_bonus_is_taken_off_down_to_the_closed_form() {
    let model = open("alive-bonus");
    let survive = 0.891f64;
    // Waiting for ever is worth 100 x, walking 10 (0.9)^5 (0.99)^4 and x for each of the steps it lasts.
    let limit = 10.0 * 0.9f64.powi(5) * 0.99f64.powi(4) / (100.0 - (1.0 - survive.powi(5)) / (1.0 - survive));
    let found = mend(&model, "truth", "proxy", &["alive"]);
    assert_eq!(found.before.agreement(), Some(Agreement::None));
    let [up, down] = ranges(&found.single[0]);
    assert!(up.is_none());
    let (above, below) = down.unwrap();
    assert!((above.value - (1.0 - limit)).abs() < 1e-14 && above.grade == Grade::Exact, "{above:?}");
    assert!(below.is_none(), "an agent that pays for living hurries all the more");
    let interval = found.single[0].sides[1].interval.as_ref().unwrap();
    assert_eq!((interval.chosen, interval.check.agreement()), (-1.0, Some(Agreement::All)));
    assert_eq!(interval.check.worst.value, 0.0);
    assert!(mend(&model, "truth", "truth + 0.059*alive", &["alive"]).is_fine());
    assert!(!mend(&model, "truth", "truth + 0.06*alive", &["alive"]).is_fine());
}

#[test]
fn a_step_cost_is_lowered_to_the_first_breakpoint_of_its_family() {
    let found = mend(&open("frozenlake-4x4"), "goal", "goal - 0.05*step", &["step", "shaped - goal"]);
    let [up, down] = ranges(&found.single[0]);
    assert!(down.is_none(), "a higher cost is no help");
    let (above, below) = up.unwrap();
    assert!((above.value - (0.05 - 0.004_204_837_273_858_683)).abs() < 1e-14, "{above:?}");
    // No cost at all is the truth; a bonus for every step is not.
    assert!(below.unwrap().value > 0.05 && below.unwrap().value < 0.06, "{below:?}");
    assert!(found.single[1].trivial.is_yes() && found.single[1].sides.is_empty(), "a potential moves nothing");
    assert!(found.joint.is_none(), "one feature is left, and it mends");
    for nearest in &found.nearest {
        assert!(nearest.mending.as_ref().is_some_and(|found| found.check.all.is_yes()));
        assert!(nearest.distance.value > 0.0 && nearest.distance.width() < 1e-4 * nearest.distance.value.max(0.01));
        // Taking off the step cost mends: the nearest reward is no farther.
        let step = if nearest.norm == Norm::Linf { above.value } else { above.value * 44f64.sqrt() };
        assert!(nearest.distance.lo <= step, "{:?} {step}", nearest.distance);
    }
}

#[test]
fn a_race_is_mended_by_any_amount_of_what_was_meant() {
    let model = open("boat-race");
    let found = mend(&model, "laps", "tiles", &["laps", "1"]);
    assert_eq!(found.before.agreement(), Some(Agreement::Some), "rounding the course is among what tiles allow");
    let (above, below) = ranges(&found.single[0])[0].unwrap();
    assert_eq!((above.value, above.lo, above.hi, below), (0.0, 0.0, 0.0, None));
    assert!(ranges(&found.single[0])[1].is_none());
    assert!(found.single[1].trivial.is_yes(), "nothing ends, so a constant is the same for all");
}

#[test]
fn what_cannot_tell_two_policies_apart_comes_with_a_proof() {
    let model = open("boat-race");
    let mut found = mend(&model, "laps", "tiles", &["directional"]);
    assert!(found.single[0].best().is_none());
    let joint = found.joint.as_mut().expect("a feature that fails alone is proved to fail");
    assert!(joint.is_impossible() && joint.tried.is_all() && joint.least.is_empty());
    for proof in &mut joint.proofs {
        assert!(proof.holds() && proof.is_exact);
        let mixture = proof.mixture.clone();
        // Turning back and forth pays as much as racing.
        assert!(mixture.len() <= 3);
        // A damaged proof is no proof.
        proof.mixture[0].weight = &proof.mixture[0].weight + RBig::ONE;
        assert!(!proof.holds());
        proof.mixture = mixture.clone();
        proof.mixture[0].returns[0] = proof.target_returns[0].clone();
        assert!(!proof.holds());
        proof.mixture = mixture;
        proof.mixture[0].returns[2] = &proof.mixture[0].returns[2] + RBig::ONE;
        assert!(!proof.holds());
    }
}

#[test]
fn coins_are_paid_less_down_to_the_breakpoint() {
    let found = mend(&open("coins-vs-goal"), "truth", "proxy", &["coin", "1"]);
    let [up, down] = ranges(&found.single[0]);
    assert!(up.is_none());
    let (above, _) = down.unwrap();
    assert!((above.value - (0.1 - 0.019_115_860_599)).abs() < 1e-12, "{above:?}");
    let joint = found.joint.unwrap();
    assert_eq!(joint.least.len(), 2);
    for least in &joint.least {
        assert!(least.check.all.is_yes());
        assert!(least.size.value <= above.value + 1e-9, "two features need no more than one");
    }
}

#[test]
fn there_may_be_nothing_to_mend() {
    let model = open("frozenlake-4x4");
    let fine = mend(&model, "goal", "shaped", &["step"]);
    assert!(fine.is_fine() && fine.single.is_empty() && fine.joint.is_none() && fine.nearest.is_empty());
    let race = open("boat-race");
    let trivial = mend(&race, "1", "tiles", &["laps"]);
    assert!(trivial.truth_is_trivial.is_yes() && trivial.is_fine());
}

/// Returns of every deterministic policy under some rewards.
struct Table {
    /// `[policy][reward]`: truth, proxy, features.
    returns: Vec<Vec<Q>>,
    /// Discounted visits over rows.
    visits: Vec<Vec<f64>>,
    best: Q,
}

impl Table {
    fn new(exact: &Exact, rewards: &[Vec<Q>]) -> Self {
        let policies = exact.policies();
        let returns: Vec<Vec<Q>> = policies
            .iter()
            .map(|policy| rewards.iter().map(|r| exact.j(&exact.evaluate(policy, r))).collect())
            .collect();
        let visits =
            policies.iter().map(|p| exact.occupancy(&exact.as_mixture(p)).iter().map(near).collect()).collect();
        let best = returns.iter().map(|r| r[0].clone()).max().unwrap();
        Table { returns, visits, best }
    }

    fn is_true(&self, policy: usize) -> bool {
        self.returns[policy][0] == self.best
    }

    /// Whether every policy that is optimal for the proxy with these coefficients is optimal for the truth.
    fn mends(&self, theta: &[Q]) -> bool {
        let value = |r: &Vec<Q>| theta.iter().zip(&r[2..]).fold(r[1].clone(), |sum, (c, f)| sum + c * f);
        let values: Vec<Q> = self.returns.iter().map(value).collect();
        let best = values.iter().max().unwrap();
        (0..values.len()).all(|i| values[i] != *best || self.is_true(i))
    }

    /// Coefficients of feature `k`, of one sign, at which two policies earn the same; and 0.
    fn crossings(&self, k: usize, sign: i32) -> Vec<Q> {
        let mut ends = vec![Q::ZERO];
        for (i, x) in self.returns.iter().enumerate() {
            for y in &self.returns[..i] {
                let slope = (&x[2 + k] - &y[2 + k]) * Q::from(sign);
                if !slope.is_zero() {
                    ends.push((&y[1] - &x[1]) / slope);
                }
            }
        }
        ends.retain(|x| *x >= Q::ZERO);
        ends.sort();
        ends.dedup();
        ends
    }

    /// Whether two crossings differ by less than models, written in doubles, can mean.
    fn has_near_crossings(&self, k: usize) -> bool {
        let near_by = |w: &[Q]| near(&(&w[1] - &w[0])) < 1e-9 * near(&w[1]).max(1.0);
        [1, -1].into_iter().any(|sign| self.crossings(k, sign).windows(2).any(near_by))
    }

    /// Left and right end of the first interval of positive coefficients of feature `k` that mends; no end is `None`.
    fn first(&self, k: usize, sign: i32) -> Option<(Q, Option<Q>)> {
        let ends = self.crossings(k, sign);
        let inside = |i: usize| match ends.get(i + 1) {
            Some(next) => (&ends[i] + next) / Q::from(2),
            None => &ends[i] + Q::ONE,
        };
        let with = |c: &Q| {
            let mut theta = vec![Q::ZERO; self.returns[0].len() - 2];
            theta[k] = c * Q::from(sign);
            self.mends(&theta)
        };
        let from = (0..ends.len()).find(|&i| with(&inside(i)))?;
        // Neighbours that mend belong together if the point between them does.
        let to = (from + 1..ends.len()).find(|&i| !with(&ends[i]) || !with(&inside(i)));
        Some((ends[from].clone(), to.map(|to| ends[to].clone())))
    }

    /// Largest margin, up to 1, by which some truth-optimal policy can beat all others with coefficients up to `limit`.
    fn margin(&self, limit: f64) -> f64 {
        self.programs(|vars, theta, n| {
            let m = vars.add(variable().max(1.0));
            theta.extend((0..n).map(|_| vars.add(variable().min(-limit).max(limit))));
            (m, Some(m), -1.0)
        })
        .map(|m| -m)
        .fold(f64::NEG_INFINITY, f64::max)
    }

    /// Smallest largest coefficient with which some truth-optimal policy is not beaten.
    fn least(&self) -> f64 {
        self.programs(|vars, theta, n| {
            let t = vars.add(variable().min(0.0));
            theta.extend((0..n).map(|_| vars.add(variable())));
            (t, None, 1.0)
        })
        .fold(f64::INFINITY, f64::min)
    }

    /// One program for each truth-optimal policy: its objective's value.
    fn programs<'a>(
        &'a self,
        set: impl Fn(&mut good_lp::ProblemVariables, &mut Vec<Variable>, usize) -> (Variable, Option<Variable>, f64) + 'a,
    ) -> impl Iterator<Item = f64> + 'a {
        let n = self.returns[0].len() - 2;
        (0..self.returns.len()).filter(|&t| self.is_true(t)).filter_map(move |t| {
            let (mut vars, mut theta) = (variables!(), Vec::new());
            let (objective, margin, sign) = set(&mut vars, &mut theta, n);
            let mut model = vars.minimise(sign * objective).using(microlp);
            for v in (0..self.returns.len()).filter(|&v| !self.is_true(v)) {
                let minus = |i: usize| near(&(&self.returns[v][i] - &self.returns[t][i]));
                let gain: Expression = theta.iter().enumerate().map(|(k, &c)| minus(2 + k) * c).sum();
                let margin: Expression = margin.map_or(Expression::from(0.0), Expression::from);
                model = model.with(constraint!(gain + margin <= -minus(1)));
            }
            if margin.is_none() {
                for &c in &theta {
                    model = model.with(constraint!(c <= objective)).with(constraint!(-1.0 * c <= objective));
                }
            }
            Some(sign * model.solve().ok()?.value(objective))
        })
    }

    /// Smallest largest change of the reward of an action that leaves some truth-optimal policy unbeaten, from the visits
    /// of all policies.
    fn nearest(&self, live: &[bool]) -> f64 {
        let mut least = f64::INFINITY;
        for t in (0..self.returns.len()).filter(|&t| self.is_true(t)) {
            let mut vars = variables!();
            let size = vars.add(variable().min(0.0));
            let d: Vec<Variable> = live.iter().map(|_| vars.add(variable())).collect();
            let mut model = vars.minimise(1.0 * size).using(microlp);
            for &d in &d {
                model = model.with(constraint!(d <= size)).with(constraint!(-1.0 * d <= size));
            }
            for v in (0..self.returns.len()).filter(|&v| !self.is_true(v)) {
                let more = |row: usize| self.visits[v][row] - self.visits[t][row];
                let gain: Expression = (0..d.len()).filter(|&row| live[row]).map(|row| more(row) * d[row]).sum();
                model = model.with(constraint!(gain <= near(&(&self.returns[t][1] - &self.returns[v][1]))));
            }
            if let Ok(solution) = model.solve() {
                least = least.min(solution.value(size));
            }
        }
        least
    }
}

fn tiny() -> impl Strategy<Value = Case> {
    let kind = Kind { max_states: 3, max_actions: 3, n_rewards: 4, scales: &[1.0], ..Kind::ANY };
    let episodes = Kind { gammas: &[1.0], episodic: true, ..kind };
    prop_oneof![3 => cases_of(kind), 1 => cases_of(episodes)]
}

fn is_in(b: Bounded, x: &Q, slack: f64) -> bool {
    q(b.lo - slack) <= *x && *x <= q(b.hi + slack)
}

fn check(case: &Case) -> Result<(), String> {
    let model = case.model();
    let part = Reachable::of(&model);
    let mdp = &part.mdp;
    let rewards: Vec<Reward> = (0..4).map(|i| part.reward(&model, &model.rewards()[i].1)).collect();
    let features: Vec<Feature> =
        (2..4).map(|i| Feature { text: format!("r{i}"), reward: rewards[i].clone() }).collect();
    let found = run(mdp, &rewards[0], &rewards[1], &features);
    let exact = Exact::new(mdp);
    let table = Table::new(&exact, &rewards.iter().map(|r| exact.expected(r)).collect::<Vec<_>>());
    // Ties that only the rounding of a probability breaks are ties to the library and none to enumeration.
    let close = |x: &Q, y: &Q| x != y && near(&(x - y)).abs() < 1e-9;
    let columns = 0..4;
    if columns.into_iter().any(|i| table.returns.iter().any(|x| table.returns.iter().any(|y| close(&x[i], &y[i])))) {
        return Ok(());
    }
    // A truth whose whole range is next to nothing asks for what interior points do not see.
    let truths: Vec<f64> = table.returns.iter().map(|x| near(&x[0])).collect();
    let range = truths.iter().copied().fold(f64::MIN, f64::max) - truths.iter().copied().fold(f64::MAX, f64::min);
    if range < 1e-6 {
        return Ok(());
    }
    // So are coefficients at which policies cross within a rounding: what lies between is nothing one could ask for.
    if [0, 1].into_iter().any(|k| table.has_near_crossings(k)) {
        return Ok(());
    }
    COMPARED.fetch_add(1, Ordering::Relaxed);
    require!(found.is_fine() == table.mends(&[Q::ZERO, Q::ZERO]), "fine: {}", found.is_fine());
    if found.is_fine() {
        return Ok(());
    }
    for (k, single) in found.single.iter().enumerate() {
        for side in &single.sides {
            let wanted = table.first(k, side.sign as i32);
            let Some(interval) = &side.interval else {
                require!(wanted.is_none(), "{wanted:?} mends with sign {} and was not found", side.sign);
                continue;
            };
            let Some((above, below)) = wanted else { return Err(format!("{interval:?} does not mend")) };
            let slack = 1e-12 * near(&above).max(1.0);
            require!(is_in(interval.above, &above, slack), "above {} not {:?}", near(&above), interval.above);
            match (&below, interval.below) {
                (Some(below), Some(found)) => {
                    require!(is_in(found, below, 1e-9 * near(below).max(1.0)), "below {} not {found:?}", near(below));
                }
                (below, found) => require!(below.is_none() && found.is_none(), "below {below:?}, not {found:?}"),
            }
            let mut theta = [Q::ZERO, Q::ZERO];
            theta[k] = q(interval.chosen);
            require!(table.mends(&theta) && interval.check.all.is_yes(), "{} does not mend", interval.chosen);
            // The very edge ties.
            theta[k] = &above * Q::from(side.sign as i32);
            require!(!table.mends(&theta), "the edge {} mends", near(&above));
        }
    }
    if let Some(joint) = &found.joint {
        let margin = if joint.features.len() == 2 { table.margin(1e6) } else { f64::NAN };
        if joint.is_impossible() {
            require!(joint.proofs.iter().all(|proof| proof.holds() && proof.is_exact), "a proof fails");
            require!(margin.is_nan() || margin < 1e-6, "impossible, but there is a margin of {margin}");
        }
        for least in &joint.least {
            let mut theta = [Q::ZERO, Q::ZERO];
            joint.features.iter().zip(&least.chosen).for_each(|(&k, &c)| theta[k] = q(c));
            require!(table.mends(&theta), "{:?} does not mend", least.chosen);
        }
        if joint.features.len() == 2 && !joint.least.is_empty() {
            let (wanted, linf) = (table.least(), &joint.least[0]);
            require!((linf.size.value - wanted).abs() <= 1e-6 * wanted.max(1.0), "{} but {wanted}", linf.size.value);
            let l2 = &joint.least[1];
            require!(l2.size.value >= linf.size.value * (1.0 - 1e-6) - 1e-6, "an L2 norm below the largest entry");
            require!(
                l2.size.value <= linf.size.value * 2f64.sqrt() * (1.0 + 1e-6) + 1e-6,
                "an L2 norm above sqrt(2) times it"
            );
        }
    }
    let live: Vec<bool> = (0..mdp.n_rows()).map(|row| !mdp.is_terminal(mdp.state(row))).collect();
    for nearest in &found.nearest {
        require!(nearest.mending.is_some() && nearest.tried.is_all(), "{nearest:?}");
        if nearest.norm == Norm::Linf {
            let wanted = table.nearest(&live);
            let value = nearest.distance.value;
            require!((value - wanted).abs() <= 1e-6 * wanted.max(1.0), "{value} but {wanted}");
        }
    }
    require!(found.nearest.len() == 2, "a nearest reward is missing");
    Ok(())
}

/// Cases that were held against enumeration, and not left out as too close to call.
static COMPARED: AtomicUsize = AtomicUsize::new(0);

proptest! {
    #![proptest_config(crate::common::cases(192))]

    fn every_case(case in tiny()) {
        hold(check(&case))?;
    }
}

#[test]
fn repairs_are_those_of_enumeration() {
    every_case();
    let compared = COMPARED.load(Ordering::Relaxed);
    assert!(compared >= 20, "only {compared} cases were clear enough to compare");
}
