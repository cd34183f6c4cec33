//! `bench`: every workload answers within its certified error, and what it exports is the model it solves.

use std::path::Path;

use serde_json::Value;
use truenorth::analysis::canon::Context;
use truenorth::analysis::distance::{Metric, Pair, distances};
use truenorth::analysis::returns::ReturnRange;
use truenorth::model::mdp::Slippery;
use truenorth::model::mdp::random::{self, Garnet};
use truenorth::model::reward::{ExpectedReward, Listed};
use truenorth::model::{Mdp, Policy, Reward};
use truenorth::solve::{Options, Sense, Solver, Task};

use crate::run::{folder, run, text};

/// One line a workload.
fn records(args: &[&str]) -> Vec<Value> {
    let run = run(args);
    assert_eq!(run.code, 0, "{args:?}: {}", run.err);
    let lines: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for record in &lines {
        assert_eq!((&record["schema"], &record["command"]), (&"truenorth-result/1".into(), &"bench".into()));
        let number = |key: &str| record[key].as_f64().unwrap_or_else(|| panic!("no {key} in {record}"));
        assert!(number("error") > 0.0 && number("error") <= number("tolerance"), "{record}");
        let (fastest, median) = (&record["solve"]["wall_min"], &record["solve"]["wall_median"]);
        assert!(fastest.as_f64() > Some(0.0) && median.as_f64() >= fastest.as_f64(), "{record}");
        assert!(!cfg!(target_os = "linux") || record["peak_memory"].as_u64() > Some(1 << 20), "{record}");
    }
    lines
}

/// The bounds of one of the numbers a workload reports.
fn check(record: &Value, name: &str) -> (f64, f64) {
    let all = record["checks"].as_array().expect("checks");
    let one = all.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name} in {record}"));
    (one["lo"].as_f64().expect("lo"), one["hi"].as_f64().expect("hi"))
}

/// Both hold the truth, so they overlap; and each would notice a shift.
fn agree((lo, hi): (f64, f64), (low, high): (f64, f64), what: &str) {
    assert!(lo <= high && low <= hi, "{what}: [{lo}, {hi}] and [{low}, {high}]");
    assert!(hi - lo <= 3e-6 && high - low <= 3e-6, "{what}: too wide to tell");
}

/// Optimal return from the start, by policy iteration.
fn by_pi(mdp: &Mdp, r: Vec<f64>) -> (f64, f64) {
    let solver = Solver::new(mdp, Options { method: Some("pi"), ..Options::default() }).unwrap();
    let found = solver.optimise(&Task::new(&ExpectedReward::exact(r), Sense::Max)).at_start(mdp);
    (found.lo, found.hi)
}

fn mean(bounds: impl ExactSizeIterator<Item = (f64, f64)>) -> (f64, f64) {
    let n = bounds.len() as f64;
    let (lo, hi) = bounds.fold((0.0, 0.0), |sum, b| (sum.0 + b.0, sum.1 + b.1));
    (lo / n - 1e-12, hi / n + 1e-12)
}

#[test]
fn optimal_values_agree_with_policy_iteration() {
    let found = records(&["bench", "a", "b", "c", "--scale", "0.001", "--repeat", "2", "--seed", "5", "--json"]);
    let garnet = |states, actions, branching, gamma| Garnet { states, actions, branching, gamma, seed: 5 }.mdp();
    let models = [
        garnet(100, 8, 8, 0.99).unwrap(),
        garnet(1_000, 4, 4, 0.95).unwrap(),
        Slippery { side: 32, gamma: 0.99, seed: 5 }.mdp().unwrap(),
    ];
    for (record, (mdp, r)) in found.iter().zip(models) {
        assert_eq!(record["model"]["n_states"].as_u64(), Some(mdp.n_states() as u64), "{record}");
        assert_eq!((&record["solve"]["runs"], &record["from_arrays"]["runs"]), (&2.into(), &2.into()));
        agree(check(record, "value_at_start"), by_pi(&mdp, r), &record["workload"].to_string());
    }
    assert_eq!(found.len(), 3);
}

#[test]
fn many_rewards_agree_with_one_at_a_time() {
    let [record] = &records(&["bench", "d", "--scale", "0.004", "--repeat", "1", "--json"])[..] else { panic!("one") };
    let mut rng = random::rng(1);
    let mdp = random::dirichlet(&mut rng, 200, 5, 0.99).unwrap();
    let rewards: Vec<Vec<f64>> = (0..4).map(|_| random::normals(&mut rng, 1_000)).collect();
    assert_eq!(record["count"], 4);
    agree(check(record, "mean_value_at_start"), mean(rewards.into_iter().map(|r| by_pi(&mdp, r))), "d");
}

#[test]
fn pairs_agree_with_the_analysis() {
    let found = records(&["bench", "e", "e+", "--scale", "0.0003", "--repeat", "1", "--json"]);
    let mut rng = random::rng(1);
    let mdp = random::starc_paper(&mut rng, 32, 4, 0.95).unwrap();
    let solver = Solver::new(&mdp, Options::default()).unwrap();
    let context = Context { solver: &solver, reference: &Policy::uniform(&mdp) };
    let mut draw = || {
        let listed = Listed {
            ptr: (0..=128).map(|row| 32 * row).collect(),
            col: (0..128).flat_map(|_| 0..32).collect(),
            val: random::normals(&mut rng, 128 * 32),
        };
        Reward::with_listed(vec![0.0; 128], listed)
    };
    let pairs: Vec<[Reward; 2]> = (0..3).map(|_| [draw(), draw()]).collect();
    let distance = pairs.iter().map(|[x, y]| {
        let (range_x, range_y) =
            (ReturnRange::of(&solver, x.expected(&mdp)), ReturnRange::of(&solver, y.expected(&mdp)));
        let pair = Pair { x, y, range_x: &range_x, range_y: &range_y };
        let found = distances(&context, &pair, &[Metric::parse("starc-val-l2").unwrap()])[0].value().unwrap();
        (found.lo, found.hi)
    });
    let distance = mean(distance);
    for record in &found {
        assert_eq!(record["count"], 3);
        agree(check(record, "mean_distance"), distance, "e");
        assert!(check(record, "mean_regret").0 > 0.0, "{record}");
    }
    // No policy that is optimal for the proxy costs more than the worst that the proxy accepts.
    assert!(check(&found[1], "mean_regret").0 <= check(&found[1], "mean_worst_case").1);
    assert_ne!(check(&found[1], "mean_worst_case"), check(&found[1], "mean_worst_case_reverse"));
}

#[test]
fn evaluation_agrees_with_the_one_policy_there_is() {
    let found = records(&["bench", "f_garnet", "f_grid", "--scale", "0.001", "--repeat", "1", "--json"]);
    // With one action the value of the policy is the optimal value.
    let (mdp, r) = Garnet { states: 1_000, actions: 1, branching: 4, gamma: 0.99, seed: 1 }.mdp().unwrap();
    agree(check(&found[0], "value_at_start"), by_pi(&mdp, r), "f_garnet");
    let (grid, r) = Slippery { side: 32, gamma: 0.999, seed: 1 }.mdp().unwrap();
    let (_, best) = by_pi(&grid, r);
    assert!(check(&found[1], "value_at_start").1 < best, "a uniform walk is not optimal");
}

/// Shape and numbers of a `.npy` file of doubles.
fn doubles(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    let head = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert!(String::from_utf8_lossy(&bytes[10..head]).contains("f8"));
    bytes[head..].chunks_exact(8).map(|b| f64::from_ne_bytes(b.try_into().unwrap())).collect()
}

#[test]
fn the_exported_arrays_are_the_model() {
    let place = folder();
    let args = ["bench", "a", "e+", "--scale", "0.0001", "--seed", "9", "--export", text(place.path())];
    let run = run(&args);
    assert_eq!((run.code, run.out.lines().count()), (0, 2), "{}", run.err);
    let read = |name: &str| doubles(&place.path().join(name));
    let (mdp, r) = Garnet { states: 10, actions: 8, branching: 8, gamma: 0.99, seed: 9 }.mdp().unwrap();
    assert_eq!((read("a/val.npy"), read("a/r.npy")), (mdp.clone().into_arrays().val, r.clone()));
    let (lo, hi) = (read("a/lo.npy"), read("a/hi.npy"));
    assert!(lo.iter().zip(&hi).all(|(lo, hi)| lo <= hi && hi - lo <= 3e-9), "{lo:?} {hi:?}");
    let start = (lo.iter().sum::<f64>() / 10.0 - 1e-12, hi.iter().sum::<f64>() / 10.0 + 1e-12);
    agree(start, by_pi(&mdp, r), "exported bounds");
    assert_eq!(read("e+/rewards.npy").len(), 2 * 32 * 4 * 32);
    let (regret, worst) = (read("e+/regret_lo.npy"), read("e+/worst_case_hi.npy"));
    assert!(regret[0] <= worst[0], "{regret:?} {worst:?}");
}

#[test]
fn pairs_do_not_depend_on_the_number_of_threads() {
    let answers = ["1", "2"].map(|threads| {
        let place = folder();
        // Two models, the second with as many pairs as the first.
        let to = text(place.path()).to_owned();
        let run = run(&["bench", "e+", "--scale", "0.011", "--threads", threads, "--export", &to]);
        assert_eq!(run.code, 0, "{}", run.err);
        ["distance_lo", "distance_hi", "regret_lo", "regret_hi", "worst_case_lo", "worst_case_hi"]
            .map(|name| std::fs::read(place.path().join(format!("e+/{name}.npy"))).unwrap())
    });
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0][0].len() > 200 * 8);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (args, wanted) in [
        (vec!["bench", "g"], "possible values"),
        (vec!["bench", "a", "--scale", "0"], "a scale is a number above 0"),
        (vec!["bench", "a", "--scale", "1e9"], "a scale is a number above 0"),
        (vec!["bench", "a", "--scale", "nan"], "a scale is a number above 0"),
        (vec!["bench", "a", "--repeat", "0"], "--repeat"),
        (vec!["bench", "a", "--threads", "0"], "--threads"),
    ] {
        let run = run(&args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.err.contains(wanted), "{args:?}: {}", run.err);
    }
    let place = folder();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let run = run(&["bench", "e", "--scale", "0.0001", "--export", text(&file)]);
    assert!(run.code == 5 && run.err.contains("output-unwritable"), "{}", run.err);
}
