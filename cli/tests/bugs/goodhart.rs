//! Goodhart curves: a path that ends early, two roads for one question, choices after an end, and words for what a limit cut.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use truenorth::analysis::goodhart::{Curve, End, Path, Request, goodhart};
use truenorth::model::{Mdp, Policy};

use crate::common::draw::{Case, Kind, Table, cases_of};
use crate::common::exact::{Exact, Q, near, q};
use crate::common::lab::{Lab, with_lab};
use crate::run::{folder, json, run, text, value};

/// Nearly without discount: values of a million.
const NEARLY_ONE: f64 = 1.0 - 1.0 / (1 << 20) as f64;

const SMALL: Kind = Kind {
    max_states: 7,
    max_actions: 3,
    n_rewards: 2,
    whole: true,
    scales: &[1.0],
    gammas: &[0.0, 0.9, NEARLY_ONE],
    ..Kind::ANY
};

fn curve(lab: &Lab<'_>, path: Path) -> Option<Curve> {
    let [truth, proxy] = [0, 1].map(|i| lab.range(&lab.reward(i)));
    let request = Request { paths: vec![path], angle_degrees: Some(30.0), ..Request::from(Policy::uniform(lab.mdp)) };
    let mut found = goodhart(lab.solver, &truth, &proxy, &request).unwrap().ok()?;
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
    Some(found.curves.remove(0))
}

/// Every action that a state lacks as a copy of one it has: what is tied then is tied in every way.
fn with_copies(mut case: Case) -> Case {
    for s in 0..case.p.len() {
        let Some(from) = case.p[s].iter().position(Option::is_some) else { continue };
        for a in 0..case.p[s].len() {
            if case.p[s][a].is_none() {
                case.p[s][a] = case.p[s][from].clone();
                for reward in &mut case.rewards {
                    match reward {
                        Table::S(_) => {}
                        Table::Sa(r) => r[s][a] = r[s][from],
                        Table::Sas(r) => r[s][a] = r[s][from].clone(),
                    }
                }
            }
        }
    }
    case
}

/// The same with `k` actions in each terminal state.
fn padded(case: &Case, k: usize) -> Case {
    let mut case = case.clone();
    let (n, m) = (case.p.len(), case.p[0].len().max(k));
    for s in 0..n {
        case.p[s].resize(m, None);
        if case.terminal.contains(&s) {
            let stay: Vec<f64> = (0..n).map(|t| f64::from(u8::from(t == s))).collect();
            case.p[s] = (0..m).map(|a| (a < k).then(|| stay.clone())).collect();
        }
    }
    for reward in &mut case.rewards {
        match reward {
            Table::S(_) => {}
            Table::Sa(r) => r.iter_mut().for_each(|row| row.resize(m, 0.0)),
            Table::Sas(r) => r.iter_mut().for_each(|row| row.resize(m, vec![0.0; n])),
        }
    }
    case
}

/// The probabilities of a policy in fractions that sum to 1, which doubles do up to rounding.
fn exactly(mdp: &Mdp, policy: &Policy) -> Vec<Q> {
    let state = |s: usize| {
        let p: Vec<Q> = mdp.rows(s).map(|row| q(policy.prob(s, row))).collect();
        let total = p.iter().fold(Q::ZERO, |sum, p| sum + p);
        p.into_iter().map(|p| p / &total).collect::<Vec<Q>>()
    };
    (0..mdp.n_states()).flat_map(state).collect()
}

#[test]
fn steepest_ascent_ends_at_the_optimum_of_the_proxy_whatever_an_end_is_padded_to() {
    let mut runner = TestRunner::deterministic();
    let episodes = Kind { gammas: &[1.0], episodic: true, ..SMALL };
    let (mut followed, mut with_ends, mut wrong) = (0, 0, Vec::new());
    for i in 0.. {
        if followed == 500 {
            break;
        }
        let kind = if i % 4 == 3 { episodes } else { SMALL };
        let case = cases_of(kind).new_tree(&mut runner).unwrap().current();
        let case = if i % 2 == 0 { with_copies(case) } else { case };
        let one = padded(&case, 1);
        let Some(found) = with_lab(&one, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = exact.expected(&lab.reward(1));
            let (max, min) = (exact.optimum(&r, true, None).v, exact.optimum(&r, false, None).v);
            let (max, min) = (exact.j(&max), exact.j(&min));
            if near(&(&max - &min)) <= 1e-9 {
                return None;
            }
            let found = curve(lab, Path::Steepest)?;
            let last = found.points.last().unwrap();
            let j = exact.j(&exact.evaluate_mixture(&exactly(lab.mdp, &last.policy), &r));
            let left = near(&((&max - j) / (&max - &min)));
            if found.end != End::Top || left > 1e-9 {
                wrong.push(format!("case {i}, gamma {}: {:?} with {left} left", lab.mdp.gamma(), found.end));
            }
            let slack = if lab.mdp.gamma() > 0.99 { 1e-9 } else { 1e-14 };
            let (lo, hi) = (found.left.lo - slack, found.left.hi + slack);
            assert!(lo <= left && left <= hi, "case {i}, gamma {}: {left} is not in {lo} to {hi}", lab.mdp.gamma());
            Some(found)
        }) else {
            continue;
        };
        followed += 1;
        if case.terminal.is_empty() {
            continue;
        }
        with_ends += 1;
        for k in [2, 5] {
            let other = with_lab(&padded(&case, k), |lab| curve(lab, Path::Steepest).unwrap());
            let shares =
                |c: &Curve| c.points.iter().map(|p| (p.truth_share.value, p.distance, p.rate)).collect::<Vec<_>>();
            assert_eq!(shares(&found).len(), shares(&other).len(), "case {i} with {k} actions at an end");
            for (x, y) in shares(&found).iter().zip(shares(&other)) {
                assert!(
                    (x.0 - y.0).abs() < 1e-9 && (x.1 - y.1).abs() <= 1e-9 * x.1,
                    "case {i}, {k} actions: {x:?} {y:?}"
                );
                assert_eq!(x.2.is_some(), y.2.is_some());
                assert!(x.2.zip(y.2).is_none_or(|(x, y)| (x - y).abs() < 1e-9), "case {i}, {k} actions: {x:?} {y:?}");
            }
            assert_eq!(found.stop.as_ref().map(|s| s.index), other.stop.as_ref().map(|s| s.index), "case {i}");
        }
        if with_ends > 60 {
            continue;
        }
        let soft = [1, 2, 5].map(|k| with_lab(&padded(&case, k), |lab| curve(lab, Path::Soft).unwrap()));
        for other in &soft[1..] {
            assert_eq!(soft[0].points.len(), other.points.len());
            for (x, y) in soft[0].points.iter().zip(&other.points) {
                assert!(
                    (x.distance - y.distance).abs() <= 1e-9 * x.distance,
                    "case {i}: {} {}",
                    x.distance,
                    y.distance
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{} of 500 paths end early: {wrong:#?}", wrong.len());
    assert!(with_ends > 100, "{with_ends}");
}

const DIFFERS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bugs/models/goodhart-plot-differs-from-hack.mdp.json");

/// Rows of a kind in the data of a picture.
fn rows(csv: &str, kind: &str) -> Vec<Vec<f64>> {
    let line = |line: &str| {
        let (first, rest) = line.split_once(',')?;
        (first == kind).then(|| rest.split(',').filter(|x| !x.is_empty()).map(|x| x.parse().unwrap()).collect())
    };
    csv.lines().filter_map(line).collect()
}

fn drawn(args: &[&str]) -> (String, String) {
    let folder = folder();
    let (picture, data) = (folder.path().join("x.svg"), folder.path().join("x.csv"));
    let done = run(&[&["plot", "goodhart"], args, &["-o", text(&picture), "--csv", text(&data), "-q"]].concat());
    assert!([0, 4].contains(&done.code), "{args:?}: {}", done.err);
    let read = |path| std::fs::read_to_string(path).expect("what was drawn");
    (read(&picture), read(&data))
}

#[test]
fn the_picture_and_the_answer_walk_one_road() {
    let answer = json(&["hack", DIFFERS, "--truth", "a", "--proxy", "b", "--goodhart", "--points", "0"]);
    let curves = answer["goodhart"]["curves"].as_array().unwrap();
    for (curve, x) in curves.iter().zip(["parameter", "distance"]) {
        let path = curve["path"].as_str().unwrap();
        let (_, data) = drawn(&[DIFFERS, "a", "b", "--path", path]);
        let points = curve["points"].as_array().unwrap();
        let told = points.iter().map(|p| vec![p[x].as_f64().unwrap(), value(&p["proxy"]), value(&p["truth"])]);
        assert_eq!(rows(&data, "path"), told.collect::<Vec<_>>(), "{path}");
        let stop = curve["stop"]["index"].as_u64().unwrap() as usize;
        assert_eq!(rows(&data, "stop"), [[points[stop][x].as_f64().unwrap()]], "{path}");
        let peak = &rows(&data, "peak")[0];
        assert_eq!(peak[2], value(&points[curve["peak"].as_u64().unwrap() as usize]["truth"]), "{path}");
        if path == "steepest" {
            // By hand: from (4/9, 4/9, 4/9) along (2/7, -1, 8/7) until nobody ends at once.
            assert!((peak[2] - 2.0 / 7.0).abs() < 1e-12, "{peak:?}");
            assert!((peak[1] - 13.0 / 14.0).abs() < 1e-12, "{peak:?}");
        }
    }
}

#[test]
fn the_proxy_is_followed_to_its_optimum_on_the_gallery() {
    for (model, truth, proxy) in [
        ("gallery:coins-vs-goal", "truth", "proxy"),
        ("gallery:alive-bonus", "truth", "proxy"),
        ("gallery:frozenlake-4x4", "goal", "goal - 0.05*step"),
    ] {
        let answer = json(&["hack", model, "--truth", truth, "--proxy", proxy, "--goodhart", "--points", "0"]);
        let steepest = &answer["goodhart"]["curves"][0];
        assert_eq!((steepest["end"].as_str(), steepest["finished"].as_bool()), (Some("top"), Some(true)), "{model}");
        assert!(steepest["left"]["hi"].as_f64().unwrap() < 1e-9, "{model}: {}", steepest["left"]);
        let last = steepest["points"].as_array().unwrap().last().unwrap();
        assert!(last["proxy"]["lo"].as_f64().unwrap() > 1.0 - 1e-9, "{model}: {last}");
    }
}

#[test]
fn what_a_limit_cut_short_has_no_peak_no_drop_and_no_advice() {
    let pair =
        ["gallery:frozenlake-8x8", "--truth", "goal", "--proxy", "goal - 0.01*step", "--goodhart", "--points", "0"];
    let mut cut = 0;
    for time in ["0s", "1ms", "20ms"] {
        let limited = run(&[&["hack"], &pair[..], &["--time", time, "--json"]].concat());
        let answer: serde_json::Value = serde_json::from_str(&limited.out).expect("JSON");
        let curves = answer["goodhart"]["curves"].as_array().unwrap();
        let words = run(&[&["hack"], &pair[..], &["--time", time]].concat()).words();
        for curve in curves.iter().filter(|curve| curve["finished"] == false) {
            cut += 1;
            for key in ["peak", "drop", "stop", "loses"] {
                assert!(curve[key].is_null(), "{time}: {key} of {curve}");
            }
            assert!(curve["why"].as_str().unwrap().contains("limit"), "{}", curve["why"]);
            assert_eq!((curve["end"].as_str(), limited.code), (Some("limit"), 4));
        }
        if time == "0s" {
            assert!(words.contains("unfinished") && !words.contains("peak,") && !words.contains("its peak"), "{words}");
        }
    }
    assert!(cut > 0, "nothing was cut short");
    let lake = ["gallery:frozenlake-8x8", "goal", "goal - 0.01*step", "--time", "0s"];
    let (picture, data) = drawn(&lake);
    assert!(picture.contains("unfinished") && rows(&data, "unfinished").len() == 1, "{data}");
    assert!(rows(&data, "peak").is_empty() && rows(&data, "stop").is_empty(), "{data}");
    assert!(!picture.contains("greatest") && !picture.contains("stopping point"));
}

#[test]
fn best_of_n_says_that_it_reads_the_reference_as_a_law() {
    let base =
        ["hack", "gallery:failures/length-bias", "--truth", "truth", "--proxy", "proxy", "--goodhart", "--points", "0"];
    let answer = json(&base);
    for curve in answer["goodhart"]["curves"].as_array().unwrap() {
        let law = if curve["path"] == "best-of-n" { Some("law") } else { None };
        assert_eq!(curve["reading"].as_str(), law, "{}", curve["path"]);
    }
    assert!(run(&base).words().contains("the law that answers are drawn from"));
    assert!(run(&["hack", "--help"]).words().contains("for the law that answers are drawn from"));
}

#[test]
fn radii_name_the_actions_of_the_model() {
    let folder = folder();
    let data = folder.path().join("x.csv");
    let done = run(&[
        "plot",
        "radius",
        "gallery:forest",
        "income",
        "-o",
        text(&folder.path().join("x.svg")),
        "--csv",
        text(&data),
    ]);
    assert_eq!(done.code, 0, "{}", done.err);
    let csv = std::fs::read_to_string(&data).expect("data");
    assert!(csv.contains(",wait,cut,") && !csv.contains("stay"), "{csv}");
}
