//! Bounds in doubles hold for the numbers as written; forms are zero or not by proof; what no return feels does not count.

use truenorth::analysis::canon::{CANONS, Canonical, Context};
use truenorth::analysis::distance::{Distance, Metric, Pair, angle_degrees, distances};
use truenorth::analysis::returns::ReturnRange;
use truenorth::analysis::shaping::recover;
use truenorth::io;
use truenorth::model::{Model, Policy, Reachable, Reward};
use truenorth::solve::{METHODS, Options, Sense, Solver, Task};

use crate::common::exact::{Exact, Q, abs, largest, near, q, solve};
use crate::run;

/// Numbers without a pattern.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// A quotient with its text.
#[derive(Clone)]
struct Written {
    text: String,
    exact: Q,
}

/// `num 10^exp / den`.
fn written(num: i64, exp: i32, den: i64) -> Written {
    let ten = (0..exp.abs()).fold(Q::ONE, |x, _| x * Q::from(10));
    let scaled = if exp < 0 { Q::from(num) / ten } else { Q::from(num) * ten };
    Written { text: format!("\"{num}e{exp}/{den}\""), exact: scaled / Q::from(den) }
}

/// A small model in fractions, and the model file that says the same.
struct World {
    gamma: Written,
    mu0: Vec<Written>,
    /// `[S][A][S]`.
    p: Vec<Vec<Vec<Written>>>,
    terminal: Vec<bool>,
    /// `[S][A][S]`.
    rewards: Vec<Vec<Vec<Vec<Written>>>>,
}

fn probabilities(dice: &mut Dice, n: usize) -> Vec<Written> {
    let mut weights: Vec<i64> = (0..n).map(|_| dice.below(6) as i64 - 1).map(|w| w.max(0)).collect();
    let total: i64 = weights.iter().sum();
    if total == 0 {
        weights[dice.below(n)] = 1;
    }
    let total: i64 = weights.iter().sum();
    weights.iter().map(|&w| written(w, 0, total)).collect()
}

impl World {
    fn draw(seed: u64) -> Self {
        let mut dice = Dice(seed * 2 + 1);
        let (n, n_actions) = (1 + dice.below(4), 1 + dice.below(3));
        let gamma = dice.pick(&[(0, 1), (1, 2), (19, 20), (999_999, 1_000_000), (1_048_575, 1_048_576)]);
        let gamma = written(gamma.0, 0, gamma.1);
        let terminal: Vec<bool> = (0..n).map(|s| s > 0 && dice.below(4) == 0).collect();
        let certain = |s: usize| (0..n).map(|t| written(i64::from(s == t), 0, 1)).collect::<Vec<_>>();
        let mut row = |s: usize| if terminal[s] { certain(s) } else { probabilities(&mut dice, n) };
        let p = (0..n).map(|s| (0..n_actions).map(|_| row(s)).collect()).collect();
        let mu0 = probabilities(&mut dice, n);
        let mut reward = || -> Vec<Vec<Vec<Written>>> {
            let (exp, den) = (dice.pick(&[0, 0, -8, 8]), dice.pick(&[1, 3, 7, 10]));
            let (depends, base) = (dice.below(3) == 0, dice.pick(&[0, 0, 1_000_003]));
            let mut number = |s: usize| if terminal[s] { 0 } else { base + dice.below(9) as i64 - 4 };
            let mut over_next = |s: usize| -> Vec<Written> {
                let first = number(s);
                (0..n).map(|_| written(if depends { number(s) } else { first }, exp, den)).collect()
            };
            (0..n).map(|s| (0..n_actions).map(|_| over_next(s)).collect()).collect()
        };
        let rewards = vec![reward(), reward()];
        World { gamma, mu0, p, terminal, rewards }
    }

    fn model(&self) -> Model {
        let list = |xs: &[Written]| format!("[{}]", xs.iter().map(|x| x.text.clone()).collect::<Vec<_>>().join(","));
        let deep = |x: &[Vec<Vec<Written>>]| {
            let of_state = |rows: &Vec<Vec<Written>>| {
                format!("[{}]", rows.iter().map(|row| list(row)).collect::<Vec<_>>().join(","))
            };
            format!("[{}]", x.iter().map(of_state).collect::<Vec<_>>().join(","))
        };
        let ends = (0..self.p.len()).filter(|&s| self.terminal[s]).map(|s| s.to_string()).collect::<Vec<_>>();
        let text = format!(
            r#"{{"format":"truenorth-mdp/1","gamma":{},"states":{},"actions":{},"mu0":{},"p":{},"terminal":[{}],"rewards":{{"a":{{"sas":{}}},"b":{{"sas":{}}}}}}}"#,
            self.gamma.text,
            self.p.len(),
            self.p[0].len(),
            list(&self.mu0),
            deep(&self.p),
            ends.join(","),
            deep(&self.rewards[0]),
            deep(&self.rewards[1]),
        );
        let raw = io::read_raw_text("drawn", &text, io::format_by_id("json").unwrap()).expect("well formed");
        Model::build(raw).expect("a model")
    }

    /// The oracle with the numbers as written instead of the stored doubles.
    fn exact(&self, model: &Model) -> Exact {
        let mut exact = Exact::new(model.mdp());
        exact.gamma = self.gamma.exact.clone();
        exact.mu0 = self.mu0.iter().map(|m| m.exact.clone()).collect();
        let rows = self.p.iter().flatten();
        let successors = |row: &Vec<Written>| {
            row.iter().enumerate().filter(|(_, p)| p.exact != Q::ZERO).map(|(t, p)| (t, p.exact.clone())).collect()
        };
        exact.p = rows.map(successors).collect();
        exact
    }

    /// `R` over rows and next states.
    fn sas(&self, i: usize) -> Vec<Vec<Q>> {
        self.rewards[i].iter().flatten().map(|row| row.iter().map(|r| r.exact.clone()).collect()).collect()
    }

    /// `r` over rows.
    fn expected(&self, i: usize) -> Vec<Q> {
        let rows = self.p.iter().flatten().zip(self.rewards[i].iter().flatten());
        rows.map(|(p, r)| p.iter().zip(r).fold(Q::ZERO, |sum, (p, r)| sum + &p.exact * &r.exact)).collect()
    }
}

/// Canonical forms in fractions, from their formulas.
struct Forms<'a> {
    world: &'a World,
    exact: Exact,
    n: usize,
    n_actions: usize,
}

impl Forms<'_> {
    fn state(&self, row: usize) -> usize {
        row / self.n_actions
    }

    fn live(&self) -> Vec<usize> {
        (0..self.n).filter(|&s| !self.world.terminal[s]).collect()
    }

    fn p(&self, row: usize, t: usize) -> Q {
        self.world.p[self.state(row)][row % self.n_actions][t].exact.clone()
    }

    /// `R + gamma Phi(s') - Phi(s)`.
    fn shaped(&self, r: &[Vec<Q>], phi: &[Q]) -> Vec<Vec<Q>> {
        let of = |(row, r): (usize, &Vec<Q>)| {
            let entry = |(t, r): (usize, &Q)| r + &self.exact.gamma * &phi[t] - &phi[self.state(row)];
            r.iter().enumerate().map(entry).collect()
        };
        r.iter().enumerate().map(of).collect()
    }

    /// The potential of least `sum weight (y + column phi)^2` over the live states.
    fn least(&self, columns: &dyn Fn(usize) -> Vec<Q>, y: &[Q], weight: &[Q]) -> Vec<Q> {
        let live = self.live();
        let columns: Vec<Vec<Q>> = live.iter().map(|&s| columns(s)).collect();
        let inner = |x: &[Q], y: &[Q]| x.iter().zip(y).zip(weight).fold(Q::ZERO, |sum, ((x, y), w)| sum + x * y * w);
        let a = columns.iter().map(|x| columns.iter().map(|y| inner(x, y)).collect()).collect();
        let b = columns.iter().map(|x| -inner(x, y)).collect();
        let mut phi = vec![Q::ZERO; self.n];
        live.iter().zip(solve(a, b)).for_each(|(&s, x)| phi[s] = x);
        phi
    }

    fn form(&self, id: &str, i: usize) -> Vec<Vec<Q>> {
        let (r, sas) = (self.world.expected(i), self.world.sas(i));
        let (rows, gamma) = (r.len(), &self.exact.gamma);
        let counts = |row: usize| if self.world.terminal[self.state(row)] { Q::ZERO } else { Q::ONE };
        let unit = |x: usize, y: usize| if x == y { Q::ONE } else { Q::ZERO };
        let flat = |form: Vec<Q>| form.into_iter().map(|x| vec![x; self.n]).collect::<Vec<_>>();
        let drop =
            |s: usize| -> Vec<Q> { (0..rows).map(|row| gamma * self.p(row, s) - unit(self.state(row), s)).collect() };
        let entries = || (0..rows).flat_map(|row| (0..self.n).map(move |t| (row, t)));
        let step =
            |s: usize| -> Vec<Q> { entries().map(|(row, t)| gamma * unit(t, s) - unit(self.state(row), s)).collect() };
        let left = |phi: &[Q]| -> Vec<Q> {
            (0..rows).map(|row| self.exact.backup(row, &r, phi) - &phi[self.state(row)]).collect()
        };
        let value = || {
            let each = Q::ONE / Q::from(self.n_actions);
            self.exact.evaluate_mixture(&vec![each; rows], &r)
        };
        let square = |row: usize| (0..self.n).fold(Q::ZERO, |sum, t| sum + self.p(row, t) * self.p(row, t));
        match id {
            "none" => sas,
            "val" => flat(left(&value())),
            "val-potential" => self.shaped(&sas, &value()),
            "minimal-weighted" => flat(left(&self.least(&drop, &r, &(0..rows).map(counts).collect::<Vec<_>>()))),
            "minimal" => {
                let weight: Vec<Q> = (0..rows).map(|row| counts(row) / square(row)).collect();
                let left = left(&self.least(&drop, &r, &weight));
                (0..rows).map(|row| (0..self.n).map(|t| &left[row] * &weight[row] * self.p(row, t)).collect()).collect()
            }
            "minimal-potential" | "minimal-potential-weighted" => {
                let is_weighted = id.ends_with("weighted");
                let of = |(row, t)| if is_weighted { counts(row) * self.p(row, t) } else { counts(row) };
                let weight: Vec<Q> = entries().map(of).collect();
                self.shaped(&sas, &self.least(&step, &sas.concat(), &weight))
            }
            "epic" => {
                let share = Q::ONE / Q::from(self.n * self.n_actions);
                let of = |s: usize| {
                    let all = sas[s * self.n_actions..(s + 1) * self.n_actions].concat();
                    all.iter().fold(Q::ZERO, |sum, r| sum + r) * &share
                };
                let m: Vec<Q> = (0..self.n).map(of).collect();
                let mean = m.iter().fold(Q::ZERO, |sum, m| sum + m) / Q::from(self.n);
                let lowered = |x: Vec<Q>| x.iter().map(|x| x - gamma * &mean).collect();
                self.shaped(&sas, &m).into_iter().map(lowered).collect()
            }
            "dard" => {
                let share = Q::ONE / Q::from(self.n_actions);
                let row_of = |s: usize, a: usize| s * self.n_actions + a;
                let mean = |s: usize| (0..self.n_actions).fold(Q::ZERO, |sum, a| sum + &r[row_of(s, a)]) * &share;
                let q: Vec<Q> = (0..self.n).map(mean).collect();
                let far = |s: usize, t: usize| {
                    let mut sum = Q::ZERO;
                    for a in 0..self.n_actions {
                        for u in 0..self.n {
                            for v in 0..self.n {
                                sum += self.p(row_of(s, a), u) * self.p(row_of(t, a), v) * &sas[row_of(u, a)][v];
                            }
                        }
                    }
                    sum * &share
                };
                let mut form = self.shaped(&sas, &q);
                for (row, x) in form.iter_mut().enumerate() {
                    x.iter_mut().enumerate().for_each(|(t, x)| *x -= gamma * far(self.state(row), t));
                }
                form
            }
            id => panic!("write the formula of {id} here"),
        }
    }
}

/// Runs `f` on a model.
fn with_context<T>(mdp: &truenorth::model::Mdp, f: impl FnOnce(&Context<'_>) -> T) -> T {
    let solver = Solver::new(mdp, Options::default()).unwrap();
    let reference = Policy::uniform(mdp);
    f(&Context { solver: &solver, reference: &reference })
}

#[test]
fn every_form_is_within_its_error_of_the_form_of_what_was_written() {
    for seed in 0..400 {
        let world = World::draw(seed);
        let model = world.model();
        let mdp = model.mdp();
        let forms = Forms { exact: world.exact(&model), n: mdp.n_states(), n_actions: mdp.n_actions(), world: &world };
        with_context(mdp, |context| {
            for (canon, i) in CANONS.iter().flat_map(|canon| [(canon, 0), (canon, 1)]) {
                let found: Canonical = canon.apply(context, &model.rewards()[i].1).unwrap();
                let truth = forms.form(canon.id, i);
                let (err, size) = (q(found.err), near(&largest(&truth.concat())));
                for row in (0..mdp.n_rows()).filter(|&row| !mdp.is_terminal(mdp.state(row))) {
                    for t in 0..mdp.n_states() {
                        let ours = found.at(mdp, row, t);
                        let gap = abs(&(q(ours) - &truth[row][t]));
                        assert!(
                            gap <= err,
                            "{} of {seed}: {ours} for {}, {}",
                            canon.id,
                            near(&truth[row][t]),
                            found.err
                        );
                    }
                }
                // Known to twice the digits, whatever cancels: so the form is good to nearly all of its own. Weights of the
                // unweighted form are doubles.
                if ["val", "minimal", "minimal-weighted"].contains(&canon.id) {
                    let (h, largest) = (1.0 / (1.0 - mdp.gamma()), near(&largest(&world.sas(i).concat())));
                    let most =
                        1e-13 * size * if canon.id == "minimal" { 10.0 * h } else { 1.0 } + 1e-27 * h * h * largest;
                    assert!(found.err <= most, "{} of {seed}: {} beside {size}", canon.id, found.err);
                }
            }
        });
    }
}

#[test]
fn bounds_hold_for_what_was_written() {
    for seed in 0..200 {
        let world = World::draw(seed);
        let model = world.model();
        let (mdp, exact) = (model.mdp(), world.exact(&model));
        let (reward, r) = (model.rewards()[0].1.expected(mdp), world.expected(0));
        let off = reward.r.iter().zip(&r).map(|(ours, r)| abs(&(q(*ours) - r))).max().unwrap();
        assert!(off <= q(reward.err), "the expectation of {seed}");
        let within = |lo: f64, x: &Q, hi: f64| q(lo) <= *x && *x <= q(hi);
        for method in METHODS {
            let solver =
                Solver::new(mdp, Options { method: Some(method.id), max_sweeps: 2_000, ..Options::default() }).unwrap();
            for (sense, best) in [(Sense::Max, true), (Sense::Min, false)] {
                let optimum = exact.optimum(&r, best, None);
                // Policies without rounding are held against fractions elsewhere.
                if method.id == "exact" {
                    continue;
                }
                let found = solver.optimise(&Task::new(&reward, sense));
                for (s, v) in optimum.v.iter().enumerate() {
                    assert!(within(found.lo[s], v, found.hi[s]), "{} of {seed}, state {s}: {}", method.id, near(v));
                }
                let j = found.at_start(mdp);
                assert!(within(j.lo, &exact.j(&optimum.v), j.hi), "{} of {seed}: {j:?}", method.id);
            }
        }
        let solver = Solver::new(mdp, Options::default()).unwrap();
        let uniform = Policy::uniform(mdp);
        let mixture = vec![Q::ONE / Q::from(mdp.n_actions()); mdp.n_rows()];
        let found = solver.evaluate_closely(&uniform, &[&reward]).remove(0);
        let v = exact.evaluate_mixture(&mixture, &r);
        (0..v.len()).for_each(|s| assert!(within(found.lo[s], &v[s], found.hi[s]), "the value of {seed}, state {s}"));
        let advantages = solver.advantages(&reward, &found);
        for row in (0..mdp.n_rows()).filter(|&row| !mdp.is_terminal(mdp.state(row))) {
            let a = exact.backup(row, &r, &v) - &v[mdp.state(row)];
            assert!(abs(&(q(advantages.a[row]) - a)) <= q(advantages.error[row]), "an advantage of {seed}");
        }
        let occupancy = solver.occupancy(&uniform);
        let visits = exact.occupancy(&mixture);
        let apart = occupancy.occ_sa.iter().zip(&visits).fold(Q::ZERO, |sum, (ours, x)| sum + abs(&(q(*ours) - x)));
        assert!(apart <= q(occupancy.error), "visits of {seed}: {} of {}", near(&apart), occupancy.error);
    }
}

/// A combination that cancels: 3/10 - 3/10, in doubles 5.6e-17.
#[test]
fn a_combination_that_cancels_is_not_certainly_positive() {
    let text = r#"{"format":"truenorth-mdp/1","gamma":"1/2","states":1,"actions":2,"mu0":[1],"p":[[[1],[1]]],
        "rewards":{"a":{"sa":[[0.1,0.1]]},"b":{"sa":[[0.3,0.3]]}}}"#;
    let raw = io::read_raw_text("cancels", text, io::format_by_id("json").unwrap()).unwrap();
    let model = Model::build(raw).unwrap();
    let reward = Reward::linear(&[(3.0, &model.rewards()[0].1), (-1.0, &model.rewards()[1].1)]);
    assert!(reward.at(0, 0) > 0.0, "the doubles do not cancel");
    let solver = Solver::new(model.mdp(), Options::default()).unwrap();
    let found = solver.optimise(&Task::new(&reward.expected(model.mdp()), Sense::Max));
    assert!(found.lo[0] <= 0.0 && 0.0 <= found.hi[0], "{} to {}", found.lo[0], found.hi[0]);
}

fn case(name: &str) -> Model {
    let path = format!("{}/tests/bugs/models/{name}.mdp.json", env!("CARGO_MANIFEST_DIR"));
    Model::build(io::read_raw(path.as_ref()).unwrap()).unwrap()
}

/// Fault 7: right is -1/20, and the stated error was too small by 26,000 times.
#[test]
fn the_error_of_a_minimal_form_counts_its_residual() {
    let model = case("canon-minimal-err-0.95");
    with_context(model.mdp(), |context| {
        for id in ["minimal", "minimal-weighted"] {
            let form = truenorth::analysis::canon::find(id).unwrap().apply(context, &model.rewards()[0].1).unwrap();
            let gap = abs(&(q(form.at(model.mdp(), 0, 0)) + Q::ONE / Q::from(20)));
            assert!(gap <= q(form.err) && form.err < 1e-15, "{id}: {} and {}", near(&gap), form.err);
        }
    });
}

/// Fault 3: `(1, 1 + e, 1)` against `(0, 1, 3)`: the directions are `(-1, 2, -1)/sqrt 6` and `(-4, -1, 5)/sqrt 42`.
#[test]
fn a_form_that_is_small_beside_its_reward_is_not_zero() {
    let right = (2.0 + 6.0 / 252f64.sqrt()).sqrt();
    for offset in ["1e-13", "1e-12", "1e-11", "1e-10", "1e-9", "1e-8", "1e-15"] {
        let digits: usize = offset[3..].parse().unwrap();
        let text = format!(
            r#"{{"format":"truenorth-mdp/1","gamma":0.5,"states":1,"actions":3,"mu0":[1],"p":[[[1],[1],[1]]],
            "rewards":{{"a":{{"sa":[[1,"1.{}1",1]]}},"b":{{"sa":[[0,1,3]]}}}}}}"#,
            "0".repeat(digits - 1),
        );
        let raw = io::read_raw_text("small", &text, io::format_by_id("json").unwrap()).unwrap();
        let model = Model::build(raw).unwrap();
        let [a, b] = [0, 1].map(|i| &model.rewards()[i].1);
        let ids = ["starc-val-l2", "starc-minimal-l2", "starc-minimal-weighted-l2"];
        for (id, d) in ids.iter().zip(between(model.mdp(), a, b, &ids)) {
            let Distance::Value(d) = d else { panic!("{id}: {d:?}") };
            assert!(d.contains(right) && d.width() < 1e-12, "{id} at {offset}: {d:?}, not {right}");
        }
    }
}

/// The named file, by the program.
#[test]
fn compare_measures_small_forms() {
    let path = format!("{}/tests/bugs/models/val-distance-one-false.mdp.json", env!("CARGO_MANIFEST_DIR"));
    let found = run::json(&["compare", &path, "a", "b", "--metric", "all"]);
    assert!((run::value(&found["distances"]["starc-val-l2"]) - 1.542065).abs() < 1e-6);
}

fn between(mdp: &truenorth::model::Mdp, x: &Reward, y: &Reward, ids: &[&str]) -> Vec<Distance> {
    with_context(mdp, |context| {
        let [range_x, range_y] = [x, y].map(|r| ReturnRange::of(context.solver, r.expected(mdp)));
        let metrics: Vec<Metric> = ids.iter().map(|id| Metric::parse(id).unwrap()).collect();
        distances(context, &Pair { x, y, range_x: &range_x, range_y: &range_y }, &metrics)
    })
}

/// Doubles of which only the nearest is known: a form within their rounding may be zero, and the distance says so.
#[test]
fn a_form_within_the_rounding_of_its_inputs_may_be_zero() {
    let arrays = truenorth::model::mdp::Arrays {
        n_states: 1,
        n_actions: 3,
        gamma: 0.5,
        row_ptr: vec![0, 1, 2, 3],
        col: vec![0; 3],
        val: vec![1.0; 3],
    };
    let mdp = truenorth::model::Mdp::from_arrays(arrays).unwrap();
    let b = Reward::per_row(vec![0.0, 1.0, 3.0]);
    let right = (2.0 + 6.0 / 252f64.sqrt()).sqrt();
    for (a, is_known) in [(0.1 + 1e-17, false), (0.1f64.next_up(), false), (0.1 + 1e-12, true)] {
        let a = Reward::per_row(vec![0.1, a, 0.1]);
        for id in ["starc-val-potential-l2", "starc-minimal-potential-l2", "epic"] {
            match (id, between(&mdp, &a, &b, &[id]).remove(0)) {
                ("epic", Distance::Undefined(_)) => assert!(!is_known),
                (_, Distance::Value(d)) if is_known => {
                    assert!(id == "epic" || d.width() < 2e-2 && d.contains(right), "{d:?}")
                }
                (_, Distance::Value(d)) => assert_eq!((d.lo, d.hi), (0.0, 2.0), "{id}"),
                (_, d) => panic!("{id}: {d:?}"),
            }
        }
    }
}

/// Fault 21: the same task, whatever a terminal state is padded to.
#[test]
fn actions_of_terminal_states_do_not_count() {
    let models = ["terminal-action-count-2", "terminal-action-count-6"].map(case);
    let metrics: Vec<Metric> = Metric::all();
    let ids: Vec<String> =
        metrics.iter().map(Metric::to_string).filter(|id| id != "dard" && !id.contains("-dard-")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let [two, six] = models.each_ref().map(|model| {
        let part = Reachable::of(model);
        let [a, b] = [0, 1].map(|i| part.reward(model, &model.rewards()[i].1));
        let found = between(&part.mdp, &a, &b, &ids);
        let (angle, scale) = with_context(&part.mdp, |context| {
            let [x, y] = [&a, &b].map(|r| ReturnRange::of(context.solver, r.expected(&part.mdp)));
            let pair = Pair { x: &a, y: &b, range_x: &x, range_y: &y };
            (angle_degrees(context, &pair), recover(context, (&a, &x), (&b, &y)).unwrap().scale)
        });
        (found, angle.value().unwrap().value, scale)
    });
    for ((id, x), y) in ids.iter().zip(&two.0).zip(&six.0) {
        let [x, y] = [x, y].map(|d| d.value().map(|d| d.value));
        let gap = x.zip(y).map_or(0.0, |(x, y)| (x - y).abs() / (1.0 + x));
        assert!(x.is_some() == y.is_some() && gap < 1e-12, "{id}: {x:?} and {y:?}");
    }
    assert!((two.1 - six.1).abs() < 1e-10 && (two.2 - six.2).abs() < 1e-12, "{two:?} {six:?}");
}

/// Fault 20: at discount 0 only the states of the start count, for every analysis.
#[test]
fn without_a_future_only_the_start_counts() {
    let path = format!("{}/tests/bugs/models/gamma0-only-start-counts.mdp.json", env!("CARGO_MANIFEST_DIR"));
    let same = run::json(&["compare", &path, "a", "c"]);
    assert!(run::value(&same["angle_degrees"]) < 1e-6, "{}", same["angle_degrees"]);
    assert!((same["shaping"]["scale"].as_f64().unwrap() - 1.0).abs() < 1e-12);
    assert!(run::value(&same["shaping"]["remainder"]) < 1e-12);
    let opposite = run::json(&["compare", &path, "a", "b"]);
    assert!((run::value(&opposite["angle_degrees"]) - 180.0).abs() < 1e-6);
    for (found, right) in [(&same, 0.0), (&opposite, 2.0)] {
        for id in ["starc-range", "starc-val-l2", "starc-minimal-weighted-l2"] {
            assert!((run::value(&found["distances"][id]) - right).abs() < 1e-9, "{id}: {}", found["distances"][id]);
        }
    }
}

/// What arrives is paid on the way: a reward of the first step that depends on where it leads is kept whole.
#[test]
fn the_first_step_keeps_what_it_pays_for_arrivals() {
    let text = r#"{"format":"truenorth-mdp/1","gamma":0,"states":3,"actions":2,"mu0":[1,0,0],
        "p":[[[0,"1/2","1/2"],[1,0,0]],[[0,1,0],[0,0,1]],[[1,0,0],[0,0,1]]],
        "rewards":{"a":{"sas":[[[0,4,8],[5,0,0]],[[0,9,0],[0,0,7]],[[1,0,0],[0,0,3]]]}}}"#;
    let raw = io::read_raw_text("arrivals", text, io::format_by_id("json").unwrap()).unwrap();
    let model = Model::build(raw).unwrap();
    let part = Reachable::of(&model);
    assert_eq!((part.kept.len(), part.mdp.n_rows()), (3, 6));
    assert_eq!([0, 1, 2].map(|s| part.mdp.is_terminal(s)), [false, true, true]);
    let reward = part.reward(&model, &model.rewards()[0].1);
    assert_eq!(reward.expected(&part.mdp).r, [6.0, 5.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!([reward.at(0, 1), reward.at(0, 2)], [4.0, 8.0]);
    let later = model.with_gamma(0.5).unwrap();
    assert_eq!(Reachable::of(&later).mdp.n_states(), 3);
    assert!((0..3).all(|s| later.mdp().is_reachable(s)), "another discount feels more");
    let now = later.with_gamma(0.0).unwrap();
    assert_eq!(now.mdp().unreachable(), [1, 2]);
}
