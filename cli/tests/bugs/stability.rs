//! Radii, ties and soft policies: what is certified is so, and what is not decided says so.

use std::fmt::Write;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use dashu_int::UBig;
use dashu_ratio::RBig;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use truenorth::analysis::soft::soften;
use truenorth::analysis::stability::{Ball, Optimum, Reason, by_state, family, radii};
use truenorth::base::{Bounded, Grade};
use truenorth::io;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Model};
use truenorth::solve::{Options, Sense, Solver, Task};

type Q = RBig;

/// Runs the program with `--json`: its exit code and answer.
fn run(args: &[&str]) -> (Option<i32>, Value) {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bugs/models");
    let out = Command::new(env!("CARGO_BIN_EXE_truenorth")).args(args).arg("--json").current_dir(models).output();
    let out = out.expect("the program starts");
    let text = String::from_utf8_lossy(&out.stdout);
    let json = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&out.stderr)));
    (out.status.code(), json)
}

fn model(text: &str) -> Model {
    let raw =
        io::read_raw_text("m.mdp.json", text, io::format_by_id("json").unwrap()).unwrap_or_else(|d| panic!("{d}"));
    Model::build(raw).unwrap_or_else(|d| panic!("{d}"))
}

fn written(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (dir, path)
}

fn ends(x: &Value) -> (f64, f64) {
    (x["lo"].as_f64().unwrap_or(f64::INFINITY), x["hi"].as_f64().unwrap_or(f64::INFINITY))
}

#[test]
fn a_gap_that_doubles_do_not_see_is_found_in_fractions() {
    let (code, found) = run(&["stability", "gap-zero-certified.mdp.json", "a"]);
    assert_eq!(code, Some(0));
    assert_eq!(ends(&found["gap_min"]), (1.0, 1.0));
    assert_eq!(
        (&found["gap_min"]["grade"], &found["unique"], &found["reason"]),
        (&"exact".into(), &true.into(), &"unique".into())
    );
    let (lo, hi) = ends(&found["radius"]["linf"]);
    assert!(lo <= 0.5 && 0.5 <= hi && hi - lo < 1e-12, "{found}");
    let (lo, hi) = ends(&found["set_radius"]);
    assert!(lo <= 0.5 && 0.5 <= hi && hi - lo < 1e-12, "{found}");
}

#[test]
fn no_limit_is_no_limit() {
    for reward in ["z", "y"] {
        let args = ["stability", "soft-exit4-without-limit.mdp.json", reward, "--temperature", "1"];
        let (code, found) = run(&args);
        assert_eq!(code, Some(0), "{found}");
    }
}

#[test]
fn a_third_is_a_third() {
    let (code, found) = run(&["solve", "exact-uniform-third.mdp.json", "a", "--method", "exact"]);
    assert_eq!((code, &found["exact"]["value_at_start"]), (Some(0), &"1/3".into()), "{found}");
    let (lo, hi) = ends(&found["value_at_start"]);
    assert!(lo.next_up() == hi && holds(lo, hi, &(Q::ONE / Q::from(3))), "{found}");
}

/// Now 1, or 3 a step later: the patient choice is better above a discount of a third.
const WAIT: &str = r#"{"format":"truenorth-mdp/1","gamma":"1/3","states":["s","t","end"],"actions":["now","later"],
    "mu0":"s","terminal":["end"],"p":[[[0,0,1],[0,1,0]],[[0,0,1],null],[[0,0,1],null]],
    "rewards":{"r":{"sa":[[1,0],[3,null],[0,null]]},"step":{"sa":[[1,1],[1,null],[0,null]]},
    "wish":{"sa":[["1/3",0],[0,null],[0,null]]}}}"#;

#[test]
fn discounts_that_are_no_doubles_are_taken_as_written() {
    let (_dir, path) = written("wait.mdp.json", WAIT);
    let third = Q::ONE / Q::from(3);
    let vary = |range: &str| run(&["stability", &path, "r", "--vary", "gamma", range]).1;
    let found = vary("0..1");
    assert_eq!(found["switches"].as_array().unwrap().len(), 1);
    let (lo, hi) = ends(&found["switches"][0]["gamma"]);
    assert!(holds(lo, hi, &third) && hi <= lo.next_up(), "{found}");
    // The model's own discount is where the only choice ties: its radius is 0, and the reward prefers nothing.
    assert_eq!(ends(&found["vary"]["radius"]["radius"]), (0.0, 0.0), "{found}");
    assert_eq!((&found["unique"], &found["reason"]), (&false.into(), &"trivial".into()));
    // A switch at an end of the range is not in it.
    for range in ["1/3..1", "0..1/3", "1/3..0.9"] {
        let found = vary(range);
        assert!(found["switches"].as_array().unwrap().is_empty(), "{range}: {found}");
    }
    let at = &vary("1/3..0.9")["vary"]["policies"][0]["return"][0];
    assert_eq!((ends(at), &at["grade"]), ((1.0, 1.0), &"exact".into()));
    let at = &vary("0.9..0.91")["vary"]["policies"][0]["return"][0];
    // 3 * 9/10, the decimal and not the double.
    assert!(holds(ends(at).0, ends(at).1, &Q::from_parts(27.into(), 10u8.into())) && at["grade"] == "exact", "{at}");
}

#[test]
fn coefficients_that_are_no_doubles_tie_where_they_do() {
    let (_dir, path) = written("wait.mdp.json", WAIT);
    let third = Q::ONE / Q::from(3);
    // Now 1 against 3 x later, at a discount of a third: they tie at x = 1.
    let found = run(&["stability", &path, "r", "--vary", "r + x*wish", "-1..1/2"]).1;
    let points = found["vary"]["breakpoints"].as_array().unwrap();
    assert_eq!(points.len(), 1, "{found}");
    assert_eq!((ends(&points[0]["x"]), &points[0]["is_decided"]), ((0.0, 0.0), &true.into()));
    assert_eq!(found["vary"]["finds_every_switch"], true);
    let ends_at = &found["vary"]["policies"][1]["return"][1];
    // 1 + 1/6.
    let truth = Q::ONE + &third / Q::from(2);
    assert!(holds(ends(ends_at).0, ends(ends_at).1, &truth) && ends_at["grade"] == "exact", "{found}");
}

/// A ring of states; in the first one, the second action is worse by `by`.
fn ring(n: usize, by: &str) -> String {
    let names: Vec<String> = (0..n).map(|s| format!("\"s{s}\"")).collect();
    let mut transitions = String::new();
    for s in 0..n {
        let t = (s + 1) % n;
        write!(transitions, "[{s},0,{t},1],[{s},1,{t},1],").unwrap();
    }
    let rewards: Vec<String> = (0..n).map(|s| if s == 0 { format!("[1,{by}]") } else { format!("[{s},-1]") }).collect();
    format!(
        r#"{{"format":"truenorth-mdp/1","gamma":0.9,"states":[{}],"actions":["a","b"],"mu0":"uniform","transitions":[{}],"rewards":{{"r":{{"sa":[{}]}}}}}}"#,
        names.join(","),
        transitions.trim_end_matches(','),
        rewards.join(",")
    )
}

#[test]
fn what_is_too_large_for_fractions_is_undecided_unless_it_is_the_same_twice() {
    let near = "0.9999999999999999999999999";
    // Small enough for fractions: decided.
    let (_dir, path) = written("ring.mdp.json", &ring(20, near));
    let (code, found) = run(&["stability", &path]);
    assert_eq!((code, &found["unique"]), (Some(0), &true.into()));
    let (lo, hi) = ends(&found["gap_min"]);
    assert!(holds(lo, hi, &Q::from_parts(1.into(), UBig::from(10u8).pow(25))), "{found}");
    // Too large: neither tied nor apart, and the radius reaches from 0 to what certainly changes it.
    let (_dir, path) = written("ring.mdp.json", &ring(201, near));
    let (code, found) = run(&["stability", &path]);
    assert_eq!((code, &found["unique"], &found["reason"]), (Some(0), &Value::Null, &"undecided".into()), "{found}");
    assert!(found["unique_why"].as_str().unwrap().contains("200 states"), "{found}");
    assert_eq!(found["ties_undecided"].as_array().unwrap().len(), 1);
    assert!(found["ties"].as_array().unwrap().is_empty());
    let (lo, hi) = ends(&found["radius"]["linf"]);
    assert!(lo == 0.0 && (5e-26..1e-6).contains(&hi), "{found}");
    assert_eq!(ends(&found["gap_min"]).0, 0.0);
    // The same action twice is a tie whatever the size.
    let (_dir, path) = written("ring.mdp.json", &ring(201, "1"));
    let found = run(&["stability", &path]).1;
    assert_eq!(
        (&found["unique"], &found["reason"], &found["ties_are_proved"]),
        (&false.into(), &"tie".into(), &true.into())
    );
    assert_eq!(ends(&found["radius"]["linf"]), (0.0, 0.0));
}

/// Whether a fraction lies between two doubles.
fn holds(lo: f64, hi: f64, x: &Q) -> bool {
    let below = lo == f64::NEG_INFINITY || Q::try_from(lo).unwrap() <= *x;
    below && (hi == f64::INFINITY || *x <= Q::try_from(hi).unwrap())
}

/// A small model in fractions, and nothing else of the code under test.
struct Small {
    gamma: Q,
    rows: Vec<Range<usize>>,
    p: Vec<Vec<Q>>,
    r: Vec<Q>,
    terminal: Vec<bool>,
}

fn fraction(num: i128, den: u128) -> Q {
    Q::from_parts(num.into(), den.into())
}

impl Small {
    /// Near ties, huge and tiny numbers, and discounts from 0 to 1.
    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let n = rng.random_range(1..=3usize);
        let gammas = [Q::ZERO, fraction(1, 2), fraction(9, 10), fraction((1 << 20) - 1, 1 << 20), Q::ONE];
        let gamma = gammas[rng.random_range(0..gammas.len())].clone();
        let is_episodic = gamma == Q::ONE;
        let n = if is_episodic { n + 1 } else { n };
        let (mut rows, mut p, mut r): (Vec<Range<usize>>, Vec<Vec<Q>>, Vec<Q>) = (Vec::new(), Vec::new(), Vec::new());
        let scale = [Q::ONE, fraction(1 << 60, 1), fraction(1, 1 << 60)][rng.random_range(0..3)].clone();
        let sizes = [Q::ONE, fraction(1, 1 << 60), fraction(1 << 60, 1), fraction(1, 3), Q::ZERO];
        let terminal: Vec<bool> = (0..n).map(|s| is_episodic && s + 1 == n).collect();
        for s in 0..n {
            let actions = if terminal[s] { 1 } else { rng.random_range(1..=3usize) };
            rows.push(p.len()..p.len() + actions);
            for _ in 0..actions {
                let mut weights: Vec<i128> = (0..n).map(|_| rng.random_range(0..3)).collect();
                if is_episodic {
                    // Ahead only, so that every episode ends.
                    weights[..=s].fill(0);
                }
                if weights.iter().all(|&w| w == 0) {
                    weights[n - 1] = 1;
                }
                let total: i128 = weights.iter().sum();
                p.push(weights.iter().map(|&w| fraction(w, total as u128)).collect());
                let mut reward = Q::ZERO;
                for size in &sizes {
                    reward += size * fraction(rng.random_range(-1..=1), 1);
                }
                r.push(if terminal[s] { Q::ZERO } else { &scale * reward });
            }
        }
        // Often another action is the same but for next to nothing, or the same.
        for of in rows.clone() {
            if of.len() == 1 || rng.random_range(0..2) == 0 {
                continue;
            }
            p[of.start + 1] = p[of.start].clone();
            let by = [Q::ZERO, fraction(1, 1 << 60), fraction(1, 1 << 100)][rng.random_range(0..3)].clone();
            r[of.start + 1] = &r[of.start] + &scale * by;
        }
        Small { gamma, rows, p, r, terminal }
    }

    fn text(&self) -> String {
        let n = self.rows.len();
        let q = |x: &Q| format!("\"{}/{}\"", x.numerator(), x.denominator());
        let list = |items: Vec<String>| format!("[{}]", items.join(","));
        let most = self.rows.iter().map(Range::len).max().unwrap();
        let spread = |of: &Range<usize>, f: &dyn Fn(usize) -> String| {
            list((0..most).map(|a| of.clone().nth(a).map_or("null".into(), f)).collect())
        };
        let p = list(self.rows.iter().map(|of| spread(of, &|row| list(self.p[row].iter().map(q).collect()))).collect());
        let r = list(self.rows.iter().map(|of| spread(of, &|row| q(&self.r[row]))).collect());
        let ends = list((0..n).filter(|&s| self.terminal[s]).map(|s| s.to_string()).collect());
        format!(
            r#"{{"format":"truenorth-mdp/1","gamma":{},"states":{n},"actions":{most},"mu0":"uniform","terminal":{ends},"p":{p},"rewards":{{"r":{{"sa":{r}}}}}}}"#,
            q(&self.gamma)
        )
    }

    /// Values of a policy by elimination.
    fn values(&self, policy: &[usize], r: &[Q]) -> Vec<Q> {
        let n = self.rows.len();
        let mut a: Vec<Vec<Q>> = (0..n)
            .map(|s| {
                let of = |t: usize| Q::from(u8::from(s == t)) - &self.gamma * &self.p[policy[s]][t];
                let mut row: Vec<Q> =
                    (0..n).map(|t| if self.terminal[s] { Q::from(u8::from(s == t)) } else { of(t) }).collect();
                row.push(if self.terminal[s] { Q::ZERO } else { r[policy[s]].clone() });
                row
            })
            .collect();
        for i in 0..n {
            let pivot = (i..n).find(|&k| a[k][i] != Q::ZERO).unwrap();
            a.swap(i, pivot);
            let lead = a[i][i].clone();
            a[i].iter_mut().for_each(|x| *x /= &lead);
            for k in (0..n).filter(|&k| k != i) {
                let factor = a[k][i].clone();
                for j in 0..=n {
                    let product = &factor * &a[i][j];
                    a[k][j] -= product;
                }
            }
        }
        a.into_iter().map(|mut row| row.pop().unwrap()).collect()
    }

    /// Advantages of all rows over a policy.
    fn advantages(&self, policy: &[usize], r: &[Q]) -> Vec<Q> {
        let v = self.values(policy, r);
        let state = |row: usize| self.rows.iter().position(|of| of.contains(&row)).unwrap();
        let of = |row: usize| {
            let next = self.p[row].iter().zip(&v).fold(Q::ZERO, |sum, (p, v)| sum + p * v);
            if self.terminal[state(row)] { Q::ZERO } else { &r[row] + &self.gamma * next - &v[state(row)] }
        };
        (0..r.len()).map(of).collect()
    }

    /// All policies.
    fn policies(&self) -> Vec<Vec<usize>> {
        let extend = |all: Vec<Vec<usize>>, of: &Range<usize>| {
            all.iter().flat_map(|head| of.clone().map(move |row| [head.as_slice(), &[row]].concat())).collect()
        };
        self.rows.iter().fold(vec![Vec::new()], extend)
    }

    /// Gaps over rows, by going through all policies.
    fn gaps(&self) -> Vec<Q> {
        let best = |policy: &Vec<usize>| self.advantages(policy, &self.r).iter().all(|a| *a <= Q::ZERO);
        let policy = self.policies().into_iter().find(best).expect("some policy is optimal");
        self.advantages(&policy, &self.r).iter().map(|a| -a).collect()
    }

    /// Distance in the largest entry at which a row ties with a policy: its gap over the sum of what its advantage gains from
    /// each entry.
    fn radius(&self, policy: &[usize], row: usize, gap: &Q) -> Q {
        let live = |row: &usize| !self.terminal[self.rows.iter().position(|of| of.contains(row)).unwrap()];
        let mut sum = Q::ZERO;
        for entry in (0..self.r.len()).filter(live) {
            let mut unit = vec![Q::ZERO; self.r.len()];
            unit[entry] = Q::ONE;
            let gain = self.advantages(policy, &unit)[row].clone();
            sum += if gain < Q::ZERO { -gain } else { gain };
        }
        gap / sum
    }
}

fn is_tight(b: Bounded) -> bool {
    b.hi - b.lo <= 1e-6 * b.hi.abs().max(b.lo.abs()) + 1e-300
}

/// Gaps, ties and radii of one model against enumeration.
fn check(small: &Small, mdp: &Mdp, expected: &ExpectedReward) -> Result<(), String> {
    let solver = Solver::new(mdp, Options::default()).map_err(|d| d.to_string())?;
    let optimum = Optimum::of(&solver, expected);
    let gaps = small.gaps();
    for (row, gap) in gaps.iter().enumerate() {
        let found = optimum.gap[row];
        let is_optimal = *gap == Q::ZERO;
        let claimed = (optimum.optimal[row], optimum.certain[row]);
        if claimed != (is_optimal, is_optimal) {
            return Err(format!("row {row} has gap {gap}, and is called {claimed:?}"));
        }
        if !holds(found.lo, found.hi, gap) || !is_tight(found) || found.lo > found.value || found.value > found.hi {
            return Err(format!("gap {gap} of row {row} in {found:?}"));
        }
    }
    let policy = &optimum.rows;
    let others: Vec<usize> = (0..gaps.len()).filter(|row| !policy.contains(row)).collect();
    let shifts = solver.shifts(policy);
    let found = radii(&solver, &optimum, &shifts);
    let least = others.iter().map(|&row| small.radius(policy, row, &gaps[row])).min();
    let is_unique = others.iter().all(|&row| gaps[row] != Q::ZERO);
    if optimum.unique(mdp).answer() != Some(is_unique) {
        return Err(format!("unique is {is_unique}, said {:?}", optimum.unique(mdp)));
    }
    let size = found.of(Ball::Linf).size;
    match &least {
        None if found.reason != Reason::NoChoice || size.lo < f64::INFINITY => Err(format!("no choice, {found:?}")),
        Some(radius) if !holds(size.lo, size.hi, radius) || !is_tight(size) => {
            Err(format!("radius {radius} in {size:?}"))
        }
        Some(radius) if size.grade == Grade::Exact && !is_unique && *radius != Q::ZERO => {
            Err(format!("{radius} {size:?}"))
        }
        _ => Ok(()),
    }?;
    for (s, found) in by_state(&solver, &optimum, &shifts).into_iter().enumerate() {
        let rows = small.rows[s].clone().filter(|row| !policy.contains(row));
        let radius = rows.map(|row| small.radius(policy, row, &gaps[row])).min();
        let both = found.zip(radius);
        if let Some((found, radius)) = both
            && (!holds(found.size.lo, found.size.hi, &radius) || !is_tight(found.size))
        {
            return Err(format!("state {s}: radius {radius} in {found:?}"));
        }
    }
    // In the family of the reward alone nothing but its sign matters: at theta = -1 it vanishes, and everything ties.
    let of = family(&solver, &optimum, &[expected]);
    if of.undecided != 0 || others.len() != of.pairs {
        return Err(format!("{of:?}"));
    }
    let own = others.iter().filter(|&&row| gaps[row] == Q::ZERO).count();
    if of.structural != own || own < others.len() && !holds(of.radii[0].size.lo, of.radii[0].size.hi, &Q::ONE) {
        return Err(format!("{own} of {} pairs: {of:?}", others.len()));
    }
    Ok(())
}

#[test]
fn gaps_and_radii_are_those_of_enumeration() {
    let mut rng = ChaCha8Rng::seed_from_u64(10);
    let (mut ties, mut near) = (0, 0);
    for i in 0..300 {
        let small = Small::draw(&mut rng);
        let text = small.text();
        let model = model(&text);
        let reward = &model.rewards()[0].1;
        check(&small, model.mdp(), &reward.expected(model.mdp())).unwrap_or_else(|why| panic!("{i}: {why}\n{text}"));
        let gaps = small.gaps();
        let largest = gaps.iter().max().unwrap();
        ties += usize::from(gaps.iter().filter(|gap| **gap == Q::ZERO).count() > small.rows.len());
        near += usize::from(gaps.iter().any(|gap| *gap != Q::ZERO && gap * fraction(1 << 50, 1) < *largest));
    }
    assert!(ties > 30 && near > 30, "{ties} with ties and {near} with near ones are too few");
}

#[test]
fn soft_policies_end_by_themselves() {
    let mut rng = ChaCha8Rng::seed_from_u64(23);
    for i in 0..150 {
        let small = Small::draw(&mut rng);
        let model = model(&small.text());
        let (mdp, reward) = (model.mdp(), model.rewards()[0].1.expected(model.mdp()));
        let solver = Solver::new(mdp, Options::default()).unwrap();
        let optimum = solver.optimise(&Task::new(&reward, Sense::Max));
        let unit = reward.r.iter().fold(0.0f64, |m, r| m.max(r.abs()));
        let unit = if unit > 0.0 { unit } else { 1.0 };
        for soft in soften(&solver, &reward, &optimum, &[1e-9 * unit, 0.1 * unit, unit, 1e9 * unit]).unwrap() {
            assert!(soft.is_complete, "{i} at {}: {soft:?}\n{}", soft.temperature, small.text());
            let (earned, best) = (soft.policy_return, optimum.at_start(mdp));
            assert!(earned.lo <= best.hi && soft.loss.lo >= 0.0 && soft.loss.hi <= soft.loss_bound.hi, "{soft:?}");
            // Entropy pays at least nothing.
            assert!(soft.value_at_start.hi >= best.lo, "{soft:?} below {best:?}");
        }
    }
}
