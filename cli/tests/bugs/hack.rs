//! `hack`: every yes and no against sums over visits in fractions, and verdicts that tell what is lost.

use serde_json::Value;
use truenorth::base::number::rational;

use crate::common::exact::{Q, dot, solve};
use crate::run::{json, run};

/// A stream of numbers, the same on every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

fn number(text: &str) -> Q {
    rational(text).expect("a number")
}

/// Two rewards on a small model, as written.
struct World {
    gamma: String,
    n: usize,
    m: usize,
    /// `[S][A][S]`
    p: Vec<Vec<Vec<String>>>,
    mu0: Vec<String>,
    /// Truth and proxy, `[S][A]`.
    r: [Vec<Vec<String>>; 2],
    /// A policy in tenths, `[S][A]`.
    policy: Vec<Vec<String>>,
}

fn parts(draw: &mut Draw, n: usize, of: usize) -> Vec<String> {
    let mut count = vec![0; n];
    (0..of).for_each(|_| count[draw.below(n)] += 1);
    let width = if of == 10 { 1 } else { 2 };
    count.iter().map(|&c| format!("{:.width$}", c as f64 / of as f64)).collect()
}

impl World {
    fn draw(seed: u64) -> World {
        let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (n, m) = (1 + draw.below(3), 2 + draw.below(2));
        let gamma = draw.of(&["0", "0.5", "0.9", "0.99999904632568359375"]).to_owned();
        let of = [4, 10][draw.below(2)];
        let row = |draw: &mut Draw| parts(draw, n, of);
        let p = (0..n).map(|_| (0..m).map(|_| row(&mut draw)).collect()).collect();
        let mu0 = parts(&mut draw, n, 4);
        let (scale, other) = (draw.of(&["", "e-12", "e15"]), draw.of(&["", "e-12", "e15"]));
        let kind = draw.below(4);
        let few = ["0", "1", "-1", "0.3"];
        let mut truth: Vec<Vec<String>> = vec![vec![String::new(); m]; n];
        let mut proxy = truth.clone();
        for (x, y) in truth.iter_mut().flatten().zip(proxy.iter_mut().flatten()) {
            let base = draw.of(&few);
            let with = |text: &str, scale: &str| format!("{text}{scale}");
            *x = with(base, scale);
            *y = match kind {
                0 => with(draw.of(&few), other),
                // The same, and now and then a hair more.
                1 if base == "1" && draw.below(4) == 0 => with("1.0000000001", other),
                1 => with(base, other),
                // The opposite.
                2 => with(
                    if let Some(x) = base.strip_prefix('-') { x.to_owned() } else { format!("-{base}") }.as_str(),
                    other,
                ),
                _ => with(if draw.below(6) == 0 { draw.of(&few) } else { base }, other),
            };
        }
        let policy = (0..n).map(|_| parts(&mut draw, m, 10)).collect();
        World { gamma, n, m, p, mu0, r: [truth, proxy], policy }
    }

    fn file(&self) -> String {
        let list = |x: &[String]| format!("[{}]", x.join(","));
        let table = |x: &[Vec<String>]| format!("[{}]", x.iter().map(|x| list(x)).collect::<Vec<_>>().join(","));
        let p: Vec<String> = self.p.iter().map(|x| table(x)).collect();
        format!(
            "{{\"format\":\"truenorth-mdp/1\",\"gamma\":{},\"states\":{},\"actions\":{},\"mu0\":{},\"p\":[{}],\
             \"rewards\":{{\"t\":{{\"sa\":{}}},\"p\":{{\"sa\":{}}}}}}}",
            self.gamma,
            self.n,
            self.m,
            list(&self.mu0),
            p.join(","),
            table(&self.r[0]),
            table(&self.r[1])
        )
    }

    /// `(1 - gamma)` times the discounted visits to pairs: `d = (1 - gamma) mu0 + gamma P' d`.
    fn visits(&self, policy: &[Vec<Q>]) -> Vec<Q> {
        let gamma = number(&self.gamma);
        let mut a = vec![vec![Q::ZERO; self.n]; self.n];
        for t in 0..self.n {
            a[t][t] += Q::ONE;
            for s in 0..self.n {
                for (x, p) in policy[s].iter().zip(&self.p[s]) {
                    a[t][s] -= &gamma * x * number(&p[t]);
                }
            }
        }
        let d = solve(a, self.mu0.iter().map(|x| number(x) * (Q::ONE - &gamma)).collect());
        d.iter().zip(policy).flat_map(|(d, row)| row.iter().map(move |x| d * x)).collect()
    }

    fn pure(&self) -> Vec<Vec<Vec<Q>>> {
        let count = self.m.pow(self.n as u32);
        let choice = |k: usize, s: usize| k / self.m.pow(s as u32) % self.m;
        let row = |a: usize| (0..self.m).map(|b| Q::from(u8::from(a == b))).collect();
        (0..count).map(|k| (0..self.n).map(|s| row(choice(k, s))).collect()).collect()
    }
}

/// Fails unless a decision is what it has to be, and says why it is.
fn holds(of: &Value, key: &str, right: bool, seed: u64) {
    assert_eq!(of[key], right, "seed {seed}: {key}, {}", of[format!("{key}_why")]);
    let why = of[format!("{key}_why")].as_str().unwrap_or_else(|| panic!("seed {seed}: no {key}_why"));
    assert!(why.starts_with("decided by"), "seed {seed}: {key} {why}");
}

#[test]
fn every_flag_is_decided_as_fractions_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: String, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writable");
        path.to_str().expect("UTF-8").to_owned()
    };
    let (mut ties, mut yes) = (0, 0);
    for seed in 0..300 {
        let world = World::draw(seed);
        let file = write(format!("{seed}.json"), world.file());
        let rewards = [0, 1].map(|i| world.r[i].iter().flatten().map(|x| number(x)).collect::<Vec<Q>>());
        let mixed: Vec<Vec<Q>> = world.policy.iter().map(|row| row.iter().map(|x| number(x)).collect()).collect();
        let each = Q::ONE / Q::from(world.m);
        let uniform = vec![vec![each; world.m]; world.n];
        let rows: Vec<String> = world.policy.iter().map(|row| format!("[{}]", row.join(","))).collect();
        let table = write(format!("{seed}.policy.json"), format!("[{}]", rows.join(",")));
        // In turn: the file is judged, it judges, or it does both.
        let mut args = vec!["hack", &file, "--truth", "t", "--proxy", "p", "--points", "0"];
        let (is_judged, judges) = (seed % 3 != 1, seed % 3 != 0);
        if is_judged {
            args.extend(["--policy", &table]);
        }
        if judges {
            args.extend(["--reference", &table]);
        }
        let found = json(&args);
        let reference = world.visits(if judges { &mixed } else { &uniform });
        let before = [0, 1].map(|i| dot(&reference, &rewards[i]));
        let product: Vec<Q> = rewards[0].iter().zip(&rewards[1]).map(|(x, y)| x * y).collect();
        let correlated = dot(&reference, &product) > &before[0] * &before[1];
        let points: Vec<[Q; 2]> = world
            .pure()
            .iter()
            .map(|policy| world.visits(policy))
            .map(|visits| [0, 1].map(|i| dot(&visits, &rewards[i])))
            .collect();
        let best = points.iter().map(|p| p[1].clone()).max().expect("policies");
        let optimal = || points.iter().filter(|p| p[1] == best).map(|p| p[0].clone());
        let (lucky, unlucky) = (optimal().max().expect("one"), optimal().min().expect("one"));
        let after = match is_judged {
            true => {
                let visits = world.visits(&mixed);
                [0, 1].map(|i| dot(&visits, &rewards[i]))
            }
            false => [unlucky.clone(), best.clone()],
        };
        ties += usize::from(after[0] == before[0] || unlucky == before[0] || lucky == before[0]);
        let flags = &found["flags"];
        let hacking = correlated && after[0] < before[0];
        yes += usize::from(hacking);
        holds(flags, "correlated_proxy", correlated, seed);
        holds(flags, "hacking", hacking, seed);
        holds(flags, "hacking_and_proxy_up", hacking && after[1] > before[1], seed);
        holds(flags, "proxy_optimal_hacks", correlated && unlucky < before[0], seed);
        holds(&found["proxy_optimal"], "some_below_reference", unlucky < before[0], seed);
        holds(&found["proxy_optimal"], "all_below_reference", lucky < before[0], seed);
        let range = |i: usize| {
            let all = || points.iter().map(|p| &p[i]);
            all().max().expect("one") - all().min().expect("one")
        };
        let (rho_x, rho_y) = (range(0), range(1));
        // All policies in one order iff the points lie on one rising line.
        let is_line = || {
            let first = &points[0];
            let Some(far) = points.iter().find(|p| p[0] != first[0]) else { return false };
            let slope = (&far[1] - &first[1]) / (&far[0] - &first[0]);
            slope > Q::ZERO && points.iter().all(|p| &p[1] - &first[1] == &slope * (&p[0] - &first[0]))
        };
        let hackable = rho_x > Q::ZERO && rho_y > Q::ZERO && !is_line();
        holds(&found["hackable"], "all_policies", hackable, seed);
        let inverted = points.iter().any(|a| points.iter().any(|b| a[0] > b[0] && a[1] < b[1]));
        holds(&found["hackable"], "deterministic", inverted, seed);
        if rho_x > Q::ZERO {
            let top = points.iter().map(|p| &p[0]).max().expect("one");
            for (key, right) in [("truth", (&after[0] - &before[0]) / &rho_x), ("lost", (top - &after[0]) / &rho_x)] {
                let share = &flags["effect"][key];
                let end = |end: &str| Q::try_from(share[end].as_f64().expect("a bound")).expect("finite");
                assert!(end("lo") <= right && right <= end("hi"), "seed {seed}: {key} {share}");
                assert!(end("hi") - end("lo") < number("1e-6"), "seed {seed}: {key} {share}");
            }
        }
    }
    assert!(ties > 30 && yes > 20, "{ties} ties, {yes} hacks");
}

/// Verdicts name the reference and what is lost of what there is.
#[test]
fn published_failures_get_no_tick() {
    for (model, truth, proxy, lost) in [
        ("gallery:failures/boat-race", "truth", "proxy", "48 % of the return range"),
        ("gallery:frozenlake-4x4", "goal", "goal-0.05*step", "92 % of the return range"),
    ] {
        let args = ["hack", model, "--truth", truth, "--proxy", proxy, "--points", "0"];
        let words = run(&args).words();
        assert!(!words.contains('\u{2713}'), "{words}");
        assert!(words.contains(lost) && words.contains("the reference uniform"), "{words}");
        let found = json(&args);
        assert_eq!(found["flags"]["hacking"], false, "{words}");
    }
}

/// A correlation and a rise that nobody would notice are said with their measure, without a tick and without an alarm.
#[test]
fn what_hardly_matters_is_no_finding() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.json");
    // The proxy goes with the truth by a hair, and its optimum earns a hair more than chance.
    let text = r#"{"format":"truenorth-mdp/1","gamma":0,"states":1,"actions":4,"mu0":[1],
        "p":[[[1],[1],[1],[1]]],
        "rewards":{"t":{"sa":[[1,-1,0.000001,-0.000001]]},"p":{"sa":[[0,0,1,-1]]}}}"#;
    std::fs::write(&path, text).expect("writable");
    let args = ["hack", path.to_str().expect("UTF-8"), "--truth", "t", "--proxy", "p", "--points", "0"];
    let found = json(&args);
    assert_eq!(found["flags"]["correlated_proxy"], true);
    let words = run(&args).words();
    assert!(!words.contains('\u{2713}') && !words.contains('\u{2717}'), "{words}");
    assert!(words.contains("1.000e-6") && words.contains("50 % of the return range"), "{words}");
}
