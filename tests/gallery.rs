//! The gallery: every model meets its known answers, and the Gymnasium ones follow Gymnasium's rules, written again
//! here from its documentation.

use std::collections::BTreeMap;

use crate::common::exact::{Exact, Q, near};
use truenorth::io::gallery;
use truenorth::model::{Mdp, Model};
use truenorth::solve::{Options, Sense, Solver, Task};

fn model(name: &str) -> Model {
    let raw = gallery::read(name).unwrap_or_else(|e| panic!("{name}: {e}"));
    Model::build(raw).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn every_model_builds_without_a_warning_and_says_what_it_teaches() {
    assert!(gallery::GALLERY.len() >= 15);
    for entry in gallery::GALLERY {
        let model = model(entry.name);
        assert!(model.warnings().is_empty(), "{}: {}", entry.name, model.warnings()[0]);
        assert_eq!(model.name(), entry.name);
        assert!(model.description().is_some_and(|d| d.len() > 20), "{}", entry.name);
        assert!(model.source().is_some(), "{}", entry.name);
        assert!(model.expected().iter().any(|e| e.value_at_start.is_some()), "{} has no known answer", entry.name);
    }
}

#[test]
fn failures_say_what_was_meant_what_was_rewarded_and_who_told_of_it() {
    for entry in gallery::failures() {
        let model = model(entry.name);
        let description = model.description().expect("said above");
        let (meant, rewarded) = (description.find("Meant: "), description.find("Rewarded: "));
        assert!(meant == Some(0) && rewarded > meant, "{}: {description}", entry.name);
        let source = model.source().expect("said above");
        let has_year = source.split(|c: char| !c.is_ascii_digit()).any(|word| word.len() == 4);
        assert!(has_year && source.contains("our own"), "{}: {source}", entry.name);
        let rewards: Vec<&str> = model.rewards().iter().map(|(name, _)| name.as_str()).collect();
        assert!(rewards.len() >= 3 && rewards[..2] == ["truth", "proxy"], "{}: {rewards:?}", entry.name);
        for reward in &rewards[..2] {
            let known = model.expected().iter().find(|e| e.reward == *reward).expect("a known answer");
            assert!(known.value_at_start.is_some() && known.v.is_some(), "{}", entry.name);
            assert_eq!(known.grade.as_deref(), Some("exact"), "{}", entry.name);
            assert!(known.source.as_ref().is_some_and(|source| source.contains("closed form")), "{}", entry.name);
        }
        assert!((2..=60).contains(&model.mdp().n_states()), "{}", entry.name);
    }
}

#[test]
fn known_answers_are_met_by_every_method_and_by_rational_arithmetic_where_small() {
    /// Rational elimination takes seconds beyond this many states.
    const SMALL: usize = 10;
    let mut exactly = 0;
    for entry in gallery::GALLERY {
        let model = model(entry.name);
        let mdp = model.mdp();
        for expected in model.expected() {
            let (_, reward) = model.rewards().iter().find(|(name, _)| *name == expected.reward).expect("built");
            let r = reward.expected(mdp);
            // Known answers are printed to 15 digits or so.
            let close = |what: &str, found: f64, wanted: f64| {
                let miss = (found - wanted).abs();
                assert!(
                    miss <= 1e-9 * wanted.abs().max(1.0),
                    "{} {}: {what} is {found}, not {wanted}",
                    entry.name,
                    expected.reward
                );
            };
            for method in ["pi", "vi"] {
                let options = Options { method: Some(method), tolerance: 1e-13, ..Options::default() };
                let solver = Solver::new(mdp, options).expect("solver");
                let found = solver.optimise(&Task::new(&r, Sense::Max));
                if let Some(wanted) = expected.value_at_start {
                    let b = found.at_start(mdp);
                    close(method, b.value, wanted);
                    let slack = 1e-12 * wanted.abs().max(1.0);
                    assert!(b.lo - slack <= wanted && wanted <= b.hi + slack, "{}: {b:?}", entry.name);
                }
                for (s, wanted) in expected.v.iter().flatten().enumerate() {
                    close(&mdp.states().name(s), found.v[s], *wanted);
                }
            }
            if mdp.n_states() <= SMALL || entry.is_failure() {
                let exact = Exact::new(mdp);
                let v = exact.optimum(&exact.expected(reward), true, None).v;
                for (s, wanted) in expected.v.iter().flatten().enumerate() {
                    close("the rational value", near(&v[s]), *wanted);
                }
                if let Some(wanted) = expected.value_at_start {
                    close("the rational value", near(&exact.j(&v)), wanted);
                    exactly += 1;
                }
            }
        }
    }
    assert!(exactly >= 30, "only {exactly} answers were checked in rational arithmetic");
}

/// The value of the first page, in whole fractions from the rules: thirds and 99/100, no double anywhere. The policy
/// comes from the solver; that no action improves on it is checked exactly, which makes its value the optimum.
#[test]
fn the_frozen_lake_is_worth_what_is_published() {
    let model = model("frozenlake-4x4");
    let mdp = model.mdp();
    let r = model.rewards()[0].1.expected(mdp);
    let policy = Solver::new(mdp, Options::default()).expect("solver").optimise(&Task::new(&r, Sense::Max)).policy;
    let n = SMALL_LAKE.len();
    let letter = |s: usize| SMALL_LAKE[s / n].as_bytes()[s % n];
    let (third, gamma) = (Q::from_parts(1.into(), 3u8.into()), Q::from_parts(99.into(), 100u8.into()));
    let ends = |s: usize| matches!(letter(s), b'H' | b'G');
    // Reward and successors, a third each.
    let outcomes = |s: usize, a: usize| {
        let to: Vec<usize> = slips(a, true).iter().map(|&(direction, _)| lake_move(n, s, direction)).collect();
        let arrivals = to.iter().filter(|&&t| letter(t) == b'G').count();
        (&third * Q::from(arrivals), to)
    };
    let mut system = vec![vec![Q::ZERO; n * n]; n * n];
    let mut pays = vec![Q::ZERO; n * n];
    for s in 0..n * n {
        system[s][s] = Q::ONE;
        if !ends(s) {
            let (reward, to) = outcomes(s, mdp.action(policy[s]));
            pays[s] = reward;
            to.into_iter().for_each(|t| system[s][t] -= &gamma * &third);
        }
    }
    let v = crate::common::exact::solve(system, pays);
    for s in (0..n * n).filter(|&s| !ends(s)) {
        for a in 0..4 {
            let (reward, to) = outcomes(s, a);
            let q = to.iter().fold(reward, |q, &t| q + &gamma * &third * &v[t]);
            assert!(q <= v[s], "state {s} has a better action {a}");
        }
    }
    assert!((near(&v[0]) - 0.542_025_932_000_472_9).abs() < 1e-15, "{}", near(&v[0]));
}

type Outcomes = BTreeMap<usize, f64>;

/// Holds a row of the model against probabilities and an expected reward.
fn same_row(model: &Model, s: usize, a: usize, p: &Outcomes, reward: &str, r: f64) {
    let mdp = model.mdp();
    let row = mdp.row(s, a).unwrap_or_else(|| panic!("state {s} offers no action {a}"));
    let (col, val) = mdp.p(row);
    let stored: Outcomes = col.iter().map(|&t| t as usize).zip(val.iter().copied()).collect();
    let place = format!("{}: {} {}", model.name(), mdp.states().name(s), mdp.actions().name(a));
    assert_eq!(stored.keys().collect::<Vec<_>>(), p.keys().collect::<Vec<_>>(), "{place}");
    for (t, q) in p {
        assert!((stored[t] - q).abs() < 1e-15, "{place} -> {t}: {} is not {q}", stored[t]);
    }
    let (_, table) = model.rewards().iter().find(|(name, _)| name == reward).expect("reward");
    let found = table.expected(mdp).r[row];
    assert!((found - r).abs() < 1e-12, "{place}: {reward} pays {found}, not {r}");
}

fn slips(a: usize, slippery: bool) -> Vec<(usize, f64)> {
    match slippery {
        true => vec![((a + 3) % 4, 1.0 / 3.0), (a, 1.0 / 3.0), ((a + 1) % 4, 1.0 / 3.0)],
        false => vec![(a, 1.0)],
    }
}

const SMALL_LAKE: [&str; 4] = ["SFFF", "FHFH", "FFFH", "HFFG"];

/// Where a step in a direction (left, down, right, up) leads on a lake of n x n cells.
fn lake_move(n: usize, s: usize, direction: usize) -> usize {
    let (row, column) = (s / n, s % n);
    match direction {
        0 => row * n + column.saturating_sub(1),
        1 => (row + 1).min(n - 1) * n + column,
        2 => row * n + (column + 1).min(n - 1),
        _ => row.saturating_sub(1) * n + column,
    }
}

fn is_action_order(mdp: &Mdp, names: &[&str]) {
    let found: Vec<String> = (0..mdp.n_actions()).map(|a| mdp.actions().name(a).into_owned()).collect();
    assert_eq!(found, names);
}

#[test]
fn frozen_lakes_follow_the_rules() {
    let large = ["SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"];
    let lakes: [(&str, &[&str], bool); 4] = [
        ("frozenlake-4x4", &SMALL_LAKE, true),
        ("frozenlake-4x4-plain", &SMALL_LAKE, false),
        ("frozenlake-8x8", &large, true),
        ("frozenlake-8x8-plain", &large, false),
    ];
    for (name, map, slippery) in lakes {
        let model = model(name);
        let mdp = model.mdp();
        is_action_order(mdp, &["left", "down", "right", "up"]);
        let n = map.len();
        assert_eq!(mdp.n_states(), n * n);
        let letter = |s: usize| map[s / n].as_bytes()[s % n];
        for s in 0..n * n {
            assert_eq!(mdp.mu0()[s], if letter(s) == b'S' { 1.0 } else { 0.0 });
            let ends = matches!(letter(s), b'H' | b'G');
            assert_eq!(mdp.is_terminal(s), ends, "{name} {s}");
            for a in (0..4).filter(|_| !ends) {
                let mut p = Outcomes::new();
                for (direction, q) in slips(a, slippery) {
                    *p.entry(lake_move(n, s, direction)).or_default() += q;
                }
                // Paid on arrival, transition by transition.
                let (_, goal) = &model.rewards()[0];
                let row = mdp.row(s, a).expect("every action is offered");
                for &t in p.keys() {
                    assert_eq!(goal.at(row, t), if letter(t) == b'G' { 1.0 } else { 0.0 });
                }
                let arrives = p.iter().filter(|(t, _)| letter(**t) == b'G').map(|(_, q)| q).sum();
                same_row(&model, s, a, &p, "goal", arrives);
                same_row(&model, s, a, &p, "step", 1.0);
            }
        }
    }
}

#[test]
fn cliffs_follow_the_rules() {
    for (name, slippery) in [("cliffwalking", false), ("cliffwalking-slippery", true)] {
        let model = model(name);
        let mdp = model.mdp();
        is_action_order(mdp, &["up", "right", "down", "left"]);
        // The ten cliff cells are never stood on.
        assert_eq!(mdp.n_states(), 38);
        let at = |row: usize, column: usize| {
            let place = format!("({row},{column})");
            (0..mdp.n_states()).find(|&s| mdp.states().name(s).ends_with(&place))
        };
        let is_cliff = |row: usize, column: usize| row == 3 && (1..11).contains(&column);
        let start = at(3, 0).expect("start");
        assert_eq!(mdp.mu0()[start], 1.0);
        for (row, column) in (0..4).flat_map(|r| (0..12).map(move |c| (r, c))) {
            if is_cliff(row, column) {
                assert_eq!(at(row, column), None);
                continue;
            }
            let s = at(row, column).unwrap_or_else(|| panic!("{name}: no state at ({row},{column})"));
            let ends = (row, column) == (3, 11);
            assert_eq!(mdp.is_terminal(s), ends);
            for a in (0..4).filter(|_| !ends) {
                let (mut p, mut paid) = (Outcomes::new(), 0.0);
                for (direction, q) in slips(a, slippery) {
                    let (r, c) = match direction {
                        0 => (row.saturating_sub(1), column),
                        1 => (row, (column + 1).min(11)),
                        2 => ((row + 1).min(3), column),
                        _ => (row, column.saturating_sub(1)),
                    };
                    let fell = is_cliff(r, c);
                    paid += q * if fell { -100.0 } else { -1.0 };
                    let to = if fell { start } else { at(r, c).expect("a place to stand") };
                    *p.entry(to).or_default() += q;
                }
                same_row(&model, s, a, &p, "task", paid);
                same_row(&model, s, a, &p, "no_cliff", -1.0);
            }
        }
    }
}

#[test]
fn the_taxi_follows_the_rules() {
    const MAP: [&str; 7] =
        ["+---------+", "|R: | : :G|", "| : | : : |", "| : : : : |", "| | : | : |", "|Y| : |B: |", "+---------+"];
    const STOPS: [(usize, usize); 4] = [(0, 0), (0, 4), (4, 0), (4, 3)];
    const IN_TAXI: usize = 4;
    let model = model("taxi");
    let mdp = model.mdp();
    is_action_order(mdp, &["south", "north", "east", "west", "pickup", "dropoff"]);
    let state = |row: usize, column: usize, passenger: usize, to: usize| ((row * 5 + column) * 5 + passenger) * 4 + to;
    let open = |row: usize, place: usize| MAP[row + 1].as_bytes()[place] == b':';
    let mut starts = 0;
    for (row, column) in (0..5).flat_map(|r| (0..5).map(move |c| (r, c))) {
        for (passenger, to) in (0..5).flat_map(|p| (0..4).map(move |t| (p, t))) {
            let s = state(row, column, passenger, to);
            let can_start = passenger < IN_TAXI && passenger != to;
            starts += usize::from(can_start);
            assert!((mdp.mu0()[s] - if can_start { 1.0 / 300.0 } else { 0.0 }).abs() < 1e-15);
            let delivered = passenger == to && (row, column) == STOPS[to];
            assert_eq!(mdp.is_terminal(s), delivered, "{}", mdp.states().name(s));
            for a in (0..6).filter(|_| !delivered) {
                let here = STOPS.iter().position(|&stop| stop == (row, column));
                let (next, paid) = match a {
                    0 => (state((row + 1).min(4), column, passenger, to), -1.0),
                    1 => (state(row.saturating_sub(1), column, passenger, to), -1.0),
                    2 if open(row, 2 * column + 2) => (state(row, (column + 1).min(4), passenger, to), -1.0),
                    3 if open(row, 2 * column) => (state(row, column.saturating_sub(1), passenger, to), -1.0),
                    2 | 3 => (s, -1.0),
                    4 if passenger < IN_TAXI && here == Some(passenger) => (state(row, column, IN_TAXI, to), -1.0),
                    5 if passenger == IN_TAXI && here == Some(to) => (state(row, column, to, to), 20.0),
                    5 if passenger == IN_TAXI && here.is_some() => (state(row, column, here.unwrap_or(0), to), -1.0),
                    _ => (s, -10.0),
                };
                same_row(&model, s, a, &Outcomes::from([(next, 1.0)]), "task", paid);
            }
        }
    }
    assert_eq!(starts, 300);
}

#[test]
fn a_wrong_rule_would_be_noticed() {
    let lake = model("frozenlake-4x4-plain");
    let broken = |p: Outcomes, r: f64| std::panic::catch_unwind(|| same_row(&lake, 0, 1, &p, "goal", r)).is_err();
    assert!(!broken(Outcomes::from([(4, 1.0)]), 0.0), "one down from the start");
    assert!(broken(Outcomes::from([(1, 1.0)]), 0.0));
    assert!(broken(Outcomes::from([(4, 0.9), (0, 0.1)]), 0.0));
    assert!(broken(Outcomes::from([(4, 1.0)]), 1.0));
}

#[test]
fn the_garnet_is_the_same_on_every_machine() {
    let hash = |spec: &str| model_of(spec).hash().to_owned();
    let spec = "garnet?states=20&actions=3&branching=4&gamma=0.9&seed=7";
    assert_eq!(hash(spec), hash(spec));
    assert_ne!(hash(spec), hash("garnet?states=20&actions=3&branching=4&gamma=0.9&seed=8"));
    let model = model_of(spec);
    let mdp = model.mdp();
    assert!((0..mdp.n_rows()).all(|row| mdp.p(row).0.len() == 4), "four distinct successors");
    for bad in ["garnet?states=0", "garnet?states=3&branching=4", "garnet?colour=red", "garnet?states=many"] {
        assert!(gallery::read(bad).is_err(), "{bad}");
    }
}

fn model_of(spec: &str) -> Model {
    Model::build(gallery::read(spec).unwrap_or_else(|e| panic!("{spec}: {e}")))
        .unwrap_or_else(|e| panic!("{spec}: {e}"))
}
