//! Repairs: a bound holds, a limit says nothing that it does not know, and small models are held against fractions.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use dashu_ratio::RBig;
use good_lp::{Expression, Solution, SolverModel, Variable, constraint, microlp, variable, variables};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use truenorth::analysis::family::Agreement;
use truenorth::analysis::repair::{Feature, Nearest, Norm, Repair, Request, repair};
use truenorth::base::{Bounded, Grade};
use truenorth::io;
use truenorth::model::{Model, Reachable, Reward};
use truenorth::solve::{Options, Solver};

use crate::common::exact::solve;
use crate::run::{self, json};

type Q = RBig;

fn model(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bugs/models").join(format!("{name}.mdp.json"));
    file.to_str().unwrap().to_owned()
}

/// The answer in words and as JSON, and the exit code.
fn both(args: &[&str]) -> (String, Value, i32) {
    let words = run::run(args);
    let data = run::run(&[args, &["--json"]].concat());
    let value = serde_json::from_str(&data.out).unwrap_or_else(|_| panic!("{}{}", data.out, data.err));
    (words.words(), value, words.code)
}

#[test]
fn what_any_amount_mends_is_at_distance_zero() {
    for (name, truth, proxy) in [("zero-and-constant", "r", "zero"), ("nearest-in-l2-is-zero", "a", "b")] {
        let answer = json(&["repair", &model(name), "--truth", truth, "--proxy", proxy]);
        let nearest = answer["nearest"].as_array().unwrap();
        assert_eq!(nearest.len(), 2);
        for nearest in nearest {
            let of = |key: &str| nearest["distance"][key].as_f64().unwrap();
            assert_eq!((of("value"), of("lo")), (0.0, 0.0), "{nearest}");
            assert!(of("hi") < 1e-6, "{nearest}");
            assert_eq!(nearest["check"]["agreement"], "all");
        }
    }
}

#[test]
fn amounts_are_written_as_they_are() {
    let m = model("loiter-before-success");
    let args = ["repair", &m, "--truth", "meant", "--proxy", "paid", "--feature", "meant"];
    let (words, answer, _) = both(&args);
    assert!(words.contains("Add more than 100 of `meant`"), "{words}");
    assert!(words.contains("'paid + 110*meant'"), "{words}");
    let side = &answer["single"][0]["positive"];
    assert_eq!((&side["above"]["value"], &side["above"]["grade"]), (&100.0.into(), &"exact".into()));
    assert_eq!((&side["mends"], &side["chosen"]), (&true.into(), &110.0.into()));
    assert_eq!(answer["single"][0]["negative"]["mends"], false);
    let linf = &answer["nearest"][0]["distance"];
    let (lo, hi) = (linf["lo"].as_f64().unwrap(), linf["hi"].as_f64().unwrap());
    assert!(lo <= 100.0 / 101.0 && 100.0 / 101.0 <= hi && hi - lo < 1e-7, "{linf}");
}

#[test]
fn a_sure_thing_and_a_risk() {
    let answer = json(&["repair", &model("safe-or-risky"), "--truth", "pay", "--proxy", "safe_pay"]);
    for (k, right) in [(0, 2.0), (1, 6.0 / 2.68f64.sqrt())] {
        let distance = &answer["nearest"][k]["distance"];
        let (lo, hi) = (distance["lo"].as_f64().unwrap(), distance["hi"].as_f64().unwrap());
        assert!(lo <= right + 1e-15 && right - 1e-15 <= hi && hi - lo < 1e-6, "{distance}");
    }
}

/// What is decided before a limit is what is decided without; the finished answer is handed back.
fn holds_under_limits(args: &[&str], never: &[&str]) -> (String, Value) {
    let (finished, right, code) = both(args);
    assert_eq!(code, 0, "{finished}");
    for time in ["0s", "1ms", "20ms"] {
        let (words, answer, code) = both(&[args, &["--time", time]].concat());
        assert!(code == 0 || code == 4, "{words}");
        for phrase in never {
            assert!(!words.contains(phrase), "`{phrase}` at {time}: {words}");
        }
        let agrees = |found: &Value, right: &Value| found.is_null() || found == right;
        for key in ["fine", "mends", "truth_trivial"] {
            assert!(agrees(&answer[key], &right[key]), "{key}: {answer}");
        }
        if answer["fine"].is_null() {
            assert!(answer["fine_why"].as_str().unwrap().starts_with("undecided"), "{}", answer["fine_why"]);
            assert!(!words.contains('\u{2713}'), "{words}");
        }
        for (single, right) in answer["single"].as_array().unwrap().iter().zip(right["single"].as_array().unwrap()) {
            assert!(agrees(&single["trivial"], &right["trivial"]), "{single}");
            assert!(agrees(&single["mends"], &right["mends"]), "{single}");
        }
    }
    (finished, right)
}

#[test]
fn a_limit_does_not_mend_the_lake() {
    let args =
        ["repair", "gallery:frozenlake-4x4", "--truth", "goal", "--proxy", "goal-0.05*step", "--feature", "step"];
    let (words, answer) = holds_under_limits(&args, &["Nothing to mend", "cannot mend", "too many"]);
    assert_eq!((&answer["fine"], &answer["mends"]), (&false.into(), &true.into()));
    assert!(words.contains("more than 0.0458 and less than 0.0583 of `step`"), "{words}");
}

#[test]
fn a_limit_does_not_give_up_on_taxi() {
    let args = ["repair", "gallery:taxi", "--truth", "task", "--proxy", "pickup_bonus"];
    let (words, answer) = holds_under_limits(&args, &["Nothing to mend", "annot mend", "earns the same", "too many"]);
    assert_eq!((&answer["fine"], &answer["mends"]), (&false.into(), &Value::Null));
    // With 400 states that never end, ties of the truth are only known within bounds, and so is what is left to lose.
    let may = &answer["single"][0]["positive"]["may"];
    assert!((may["above"]["value"].as_f64().unwrap() - 1.2464).abs() < 5e-5, "{may}");
    assert!(may["check"]["worst_normalised"]["hi"].as_f64().unwrap() < 1e-6, "{may}");
    assert!(words.contains("With more than 1.2464 of `no_penalty` added it may be mended"), "{words}");
}

#[test]
fn a_limit_makes_no_ties_of_a_fee() {
    let m = model("two-lots-small");
    let args = ["repair", &m, "--truth", "two_lots", "--proxy", "one_lot_bug"];
    let (_, answer) = holds_under_limits(&args, &["too many", "Nothing to mend"]);
    // One for every step is a shaping where nothing ends, and the only feature.
    assert_eq!((&answer["fine"], &answer["mends"]), (&false.into(), &false.into()));
}

/// A small model with rewards `a`, `b` and `c`, and all its deterministic policies in fractions.
struct World {
    text: String,
    /// Rows of each state, in order.
    rows: Vec<Vec<usize>>,
    rewards: [Vec<Q>; 3],
    policies: Vec<Policy>,
}

struct Policy {
    /// Discounted visits over rows.
    visits: Vec<Q>,
    returns: [Q; 3],
}

fn fraction(a: i64, b: i64) -> Q {
    Q::from(a) / Q::from(b)
}

fn dot(x: &[Q], y: &[Q]) -> Q {
    x.iter().zip(y).fold(Q::ZERO, |sum, (x, y)| sum + x * y)
}

impl World {
    fn draw(seed: u64) -> World {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.random_range(1..=3usize);
        let n_actions = rng.random_range(2..=if n == 3 { 2 } else { 3usize });
        let gamma = [(0, 1), (1, 2), (9, 10), (15, 16)][rng.random_range(0..4usize)];
        let mut p: Vec<Vec<i64>> = Vec::new();
        let mut text = String::new();
        for s in 0..n {
            for a in 0..n_actions {
                let mut row = vec![0; n];
                (0..4).for_each(|_| row[rng.random_range(0..n)] += 1);
                let entries = row.iter().enumerate().filter(|(_, w)| **w > 0);
                entries.for_each(|(t, w)| write!(text, "[{s},{a},{t},\"{w}/4\"],").unwrap());
                p.push(row);
            }
        }
        let n_rows = n * n_actions;
        // Whole numbers; about a constant; near pairs; tenths.
        let kind = rng.random_range(0..4u32);
        let mut draw = |most: i64, den: i64| -> Vec<Q> {
            (0..n_rows).map(|_| fraction(rng.random_range(-most..=most), den)).collect()
        };
        let (a, c) = (draw(2, 1), draw(3, 2));
        let b = match kind {
            0 => draw(2, 1),
            1 => draw(0, 1).iter().map(|_| Q::from(-2)).collect(),
            2 => a.iter().zip(draw(1, 1_000_000)).map(|(a, b)| a + b).collect(),
            _ => draw(5, 10),
        };
        let table = |r: &[Q]| {
            let of = |rows: &[Q]| rows.iter().map(|x| format!("\"{x}\"")).collect::<Vec<_>>().join(",");
            r.chunks(n_actions).map(|rows| format!("[{}]", of(rows))).collect::<Vec<_>>().join(",")
        };
        let text = format!(
            r#"{{"format":"truenorth-mdp/1","gamma":"{}/{}","states":{n},"actions":{n_actions},"mu0":"uniform","transitions":[{}],
            "rewards":{{"a":{{"sa":[{}]}},"b":{{"sa":[{}]}},"c":{{"sa":[{}]}}}}}}"#,
            gamma.0,
            gamma.1,
            text.trim_end_matches(','),
            table(&a),
            table(&b),
            table(&c),
        );
        let rows = (0..n).map(|s| (s * n_actions..(s + 1) * n_actions).collect()).collect();
        let mut world = World { text, rows, rewards: [a, b, c], policies: Vec::new() };
        world.enumerate(&fraction(gamma.0, gamma.1), &p);
        world
    }

    fn enumerate(&mut self, gamma: &Q, p: &[Vec<i64>]) {
        let n = self.rows.len();
        let mut all: Vec<Vec<usize>> = vec![Vec::new()];
        for rows in &self.rows {
            all = all.iter().flat_map(|head| rows.iter().map(move |&row| [&head[..], &[row]].concat())).collect();
        }
        for policy in all {
            // d = mu0 + gamma P' d
            let entry = |t: usize, s: usize| {
                let stays = if t == s { Q::ONE } else { Q::ZERO };
                stays - gamma * fraction(p[policy[s]][t], 4)
            };
            let a = (0..n).map(|t| (0..n).map(|s| entry(t, s)).collect()).collect();
            let d = solve(a, vec![fraction(1, n as i64); n]);
            let mut visits = vec![Q::ZERO; self.rewards[0].len()];
            (0..n).for_each(|s| visits[policy[s]] = d[s].clone());
            let returns = [0, 1, 2].map(|i| dot(&visits, &self.rewards[i]));
            self.policies.push(Policy { visits, returns });
        }
    }

    fn best(&self) -> Q {
        self.policies.iter().map(|p| p.returns[0].clone()).max().unwrap()
    }

    /// How many of the policies that are optimal for some returns are truth-optimal.
    fn agreement(&self, value: impl Fn(&Policy) -> Q) -> Agreement {
        let best = self.best();
        let values: Vec<Q> = self.policies.iter().map(value).collect();
        let most = values.iter().max().unwrap();
        let optimal =
            || self.policies.iter().zip(&values).filter(|(_, v)| *v == most).map(|(p, _)| p.returns[0] == best);
        match (optimal().all(|x| x), optimal().any(|x| x)) {
            (true, _) => Agreement::All,
            (_, any) => {
                if any {
                    Agreement::Some
                } else {
                    Agreement::None
                }
            }
        }
    }

    /// The first open interval of positive sizes of `sign c` that mends.
    fn first(&self, sign: i32) -> Option<(Q, Option<Q>)> {
        let slope = |p: &Policy| Q::from(sign) * &p.returns[2];
        let mut ends = vec![Q::ZERO];
        for x in &self.policies {
            for y in &self.policies {
                let run = slope(x) - slope(y);
                if !run.is_zero() {
                    ends.push((&y.returns[1] - &x.returns[1]) / run);
                }
            }
        }
        ends.retain(|x| *x >= Q::ZERO);
        ends.sort();
        ends.dedup();
        let mends = |e: &Q| self.agreement(|p| &p.returns[1] + e * slope(p)) == Agreement::All;
        let inside = |i: usize| match ends.get(i + 1) {
            Some(next) => (&ends[i] + next) / Q::from(2),
            None => &ends[i] + Q::ONE,
        };
        let from = (0..ends.len()).find(|&i| mends(&inside(i)))?;
        let to = (from + 1..ends.len()).find(|&i| !mends(&ends[i]) || !mends(&inside(i)));
        Some((ends[from].clone(), to.map(|to| ends[to].clone())))
    }

    /// What the reward of each row must not rise by from a truth-optimal policy to any other: visits, and the proxy's lead.
    fn cones(&self) -> Vec<Vec<(Vec<f64>, f64)>> {
        let best = self.best();
        let double = |x: Q| x.to_f64().value();
        let rise = |v: &Policy, t: &Policy| -> (Vec<f64>, f64) {
            let moved = v.visits.iter().zip(&t.visits).map(|(v, t)| double(v - t)).collect();
            (moved, double(&t.returns[1] - &v.returns[1]))
        };
        let targets = self.policies.iter().filter(|p| p.returns[0] == best);
        targets.map(|t| self.policies.iter().map(|v| rise(v, t)).collect()).collect()
    }

    /// The distance to the nearest reward in the largest entry, by one linear program a target.
    fn linf(&self) -> f64 {
        let one = |cone: &Vec<(Vec<f64>, f64)>| {
            let mut vars = variables!();
            let size = vars.add(variable().min(0.0));
            let d: Vec<Variable> = cone[0].0.iter().map(|_| vars.add(variable())).collect();
            let mut program = vars.minimise(1.0 * size).using(microlp);
            for &d in &d {
                program = program.with(constraint!(d <= size)).with(constraint!(-1.0 * d <= size));
            }
            for (moved, lead) in cone {
                let gain: Expression = moved.iter().zip(&d).map(|(x, &d)| *x * d).sum();
                program = program.with(constraint!(gain <= *lead));
            }
            program.solve().unwrap().value(size)
        };
        self.cones().iter().map(one).fold(f64::INFINITY, f64::min)
    }

    /// The same by the sum of squares: Hildreth's projection, one inequality after the other, which comes from below.
    fn l2(&self) -> f64 {
        let one = |cone: &Vec<(Vec<f64>, f64)>| {
            let mut d = vec![0.0; cone[0].0.len()];
            let mut prices = vec![0.0; cone.len()];
            for _ in 0..20_000 {
                for ((moved, lead), price) in cone.iter().zip(&mut prices) {
                    let square: f64 = moved.iter().map(|x| x * x).sum();
                    if square > 0.0 {
                        let over: f64 = moved.iter().zip(&d).map(|(x, d)| x * d).sum::<f64>() - lead;
                        let step = (over / square).max(-*price);
                        *price += step;
                        d.iter_mut().zip(moved).for_each(|(d, x)| *d -= step * x);
                    }
                }
            }
            d.iter().map(|x| x * x).sum::<f64>().sqrt()
        };
        self.cones().iter().map(one).fold(f64::INFINITY, f64::min)
    }

    fn repair(&self) -> Repair {
        let raw = io::read_raw_text("m.mdp.json", &self.text, io::format_by_id("json").unwrap());
        let model = Model::build(raw.unwrap_or_else(|d| panic!("{d}"))).unwrap_or_else(|d| panic!("{d}"));
        let part = Reachable::of(&model);
        assert_eq!(part.kept.len(), self.rows.len());
        let reward = |i: usize| -> Reward { part.reward(&model, &model.rewards()[i].1) };
        let features = [Feature { text: "c".into(), reward: reward(2) }];
        let mdp: &Arc<_> = &part.mdp;
        let solver = Solver::new(mdp, Options::default()).unwrap();
        repair(&Request {
            solver: &solver,
            mdp,
            truth: &reward(0),
            proxy: &reward(1),
            features: &features,
            nearest: true,
        })
    }
}

/// Whether a number known in fractions is, in doubles next to it, that one.
fn is(found: Bounded, right: &Q) -> bool {
    let q = |x: f64| Q::try_from(x).unwrap();
    found.grade == Grade::Exact && q(found.lo) <= *right && *right <= q(found.hi)
}

fn hold_nearest(world: &World, nearest: &Nearest, what: &str) {
    let mending = nearest.mending.as_ref().unwrap_or_else(|| panic!("{what}: none found"));
    assert!(mending.check.all.is_yes() && nearest.tried.is_all(), "{what}");
    let exactly = |x: &f64| truenorth::base::number::shortest(*x);
    let reward: Vec<Q> = mending.reward.iter().map(exactly).collect();
    assert_eq!(world.agreement(|p| dot(&p.visits, &reward)), Agreement::All, "{what}: does not mend");
    let change: Vec<Q> = reward.iter().zip(&world.rewards[1]).map(|(x, y)| x - y).collect();
    let (lo, hi) = (nearest.distance.lo, nearest.distance.hi);
    let square = |x: f64| Q::try_from(x).unwrap() * Q::try_from(x).unwrap();
    let far = match nearest.norm {
        Norm::Linf => change.iter().map(|x| x * x).max().unwrap(),
        Norm::L2 => dot(&change, &change),
    };
    assert!(far <= square(hi), "{what}: farther than {hi}");
    let scale = world.rewards[1].iter().map(|x| x.to_f64().value().abs()).fold(1e-6, f64::max);
    let right = match nearest.norm {
        Norm::Linf => world.linf(),
        Norm::L2 => world.l2(),
    };
    // A policy that is optimal for both needs no change, decided in fractions.
    if world.agreement(|p| p.returns[1].clone()) == Agreement::Some {
        assert_eq!((nearest.distance.value, lo), (0.0, 0.0), "{what}: some need no change");
    }
    assert!(lo <= right + 1e-9 * scale, "{what}: at least {lo}, right is {right}");
    assert!(right <= hi + 1e-9 * scale, "{what}: at most {hi}, right is {right}");
    assert!(hi - lo <= 1e-6 * right + 1e-8 * scale, "{what}: [{lo}, {hi}] says too little, right is {right}");
}

#[test]
fn small_models_are_held_against_fractions() {
    let (mut n_fine, mut n_mending, mut n_ties) = (0, 0, 0);
    for seed in 0..300 {
        let world = World::draw(seed);
        let what = format!("seed {seed}: {}", world.text);
        let found = world.repair();
        let right = world.agreement(|p| p.returns[1].clone());
        assert_eq!(found.before.agreement(), Some(right), "{what}");
        let range = |i: usize| world.policies.iter().any(|p| p.returns[i] != world.policies[0].returns[i]);
        assert_eq!(found.truth_is_trivial.answer(), Some(!range(0)), "{what}");
        assert_eq!(found.fine().answer(), Some(right == Agreement::All), "{what}");
        if right == Agreement::All {
            n_fine += 1;
            continue;
        }
        n_ties += usize::from(right == Agreement::Some);
        let single = &found.single[0];
        assert_eq!(single.trivial.answer(), Some(!range(2)), "{what}");
        let mut any = false;
        for side in &single.sides {
            let right = world.first(side.sign as i32);
            any |= right.is_some();
            assert_eq!(side.mends.answer(), Some(right.is_some()), "{what}");
            let (Some((above, below)), Some(interval)) = (right, &side.interval) else {
                assert!(side.interval.is_none(), "{what}");
                continue;
            };
            n_mending += 1;
            assert!(
                is(interval.above, &above) && interval.above_exactly.as_ref() == Some(&above),
                "{what}: {interval:?}"
            );
            assert_eq!(interval.below_exactly, below, "{what}");
            assert!(interval.below.is_none() == below.is_none(), "{what}");
            let chosen = Q::from(side.sign as i32) * truenorth::base::number::shortest(interval.chosen);
            assert!(chosen > above && below.is_none_or(|below| chosen < below), "{what}: {interval:?}");
            assert!(interval.check.all.is_yes(), "{what}");
        }
        assert_eq!(found.mends.answer(), Some(any), "{what}");
        assert_eq!(found.nearest.len(), 2, "{what}");
        found.nearest.iter().for_each(|nearest| hold_nearest(&world, nearest, &what));
    }
    assert!(n_fine >= 20 && n_mending >= 60 && n_ties >= 40, "{n_fine} fine, {n_mending} sides mend, {n_ties} tie");
}
