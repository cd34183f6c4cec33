//! The random models themselves: what a test never draws it does not test.

use std::collections::BTreeMap;

use crate::common::draw::{Kind, SCALES, cases_of, reward};
use crate::common::exact::{Exact, Q};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// How often each trait occurs among `n` fixed draws.
fn census(kind: Kind, n: usize) -> BTreeMap<&'static str, usize> {
    let mut runner = TestRunner::deterministic();
    let mut count = BTreeMap::new();
    for _ in 0..n {
        let case = cases_of(kind).new_tree(&mut runner).unwrap().current();
        let model = case.model();
        let mdp = model.mdp();
        let states = || 0..mdp.n_states();
        let rows = || 0..mdp.n_rows();
        let r = reward(&model, 0);
        let size = r.max_abs(mdp);
        let optimum = Exact::new(mdp).optimum(&Exact::new(mdp).expected(r), true, None);
        let best = |s| mdp.rows(s).filter(|&row| optimum.gap[row].as_ref().is_some_and(Q::is_zero)).count();
        let stored = |row| mdp.p(row).0;
        let traits = [
            ("one state", mdp.n_states() == 1),
            ("eight states", mdp.n_states() == 8),
            ("one action", mdp.n_actions() == 1),
            ("per-state actions", states().any(|s| mdp.rows(s).len() < mdp.n_actions())),
            ("unreachable", !mdp.unreachable().is_empty()),
            ("terminal", states().any(|s| mdp.is_terminal(s))),
            ("absorbing, not terminal", states().any(|s| mdp.is_absorbing(s) && !mdp.is_terminal(s))),
            ("all certain", rows().all(|row| stored(row).len() == 1)),
            ("all dense", mdp.n_states() > 2 && rows().all(|row| stored(row).len() > 2)),
            ("rounded rows", rows().any(|row| mdp.p(row).1.iter().sum::<f64>() != 1.0)),
            ("gamma 0", mdp.gamma() == 0.0),
            ("gamma 0.99", mdp.gamma() == 0.99),
            ("one start", mdp.mu0().contains(&1.0) && mdp.n_states() > 1),
            ("depends on next state", !r.is_constant_in_next()),
            ("pays on the impossible", rows().any(|row| states().any(|t| impossible_pay(&model, row, t)))),
            ("ties", states().any(|s| !mdp.is_absorbing(s) && best(s) > 1)),
            ("clear optimum", states().all(|s| best(s) == 1)),
            ("tiny rewards", size > 0.0 && size <= 10.0 * SCALES[1]),
            ("huge rewards", size >= 0.1 * SCALES[4]),
        ];
        for (name, holds) in traits {
            *count.entry(name).or_default() += usize::from(holds);
        }
    }
    count
}

fn impossible_pay(model: &truenorth::model::Model, row: usize, t: usize) -> bool {
    !model.mdp().p(row).0.contains(&(t as u32)) && reward(model, 0).at(row, t) != reward(model, 0).base()[row]
}

#[test]
fn every_kind_of_model_is_drawn() {
    let count = census(Kind::ANY, 400);
    for (name, times) in &count {
        assert!(*times >= 8, "only {times} of 400 models have: {name}\n{count:?}");
    }
}

#[test]
fn whole_models_have_no_unreachable_and_no_terminal_state() {
    let count = census(Kind::WHOLE, 200);
    assert_eq!((count["unreachable"], count["terminal"]), (0, 0));
    assert!(count["per-state actions"] > 20 && count["all dense"] > 10, "{count:?}");
}

#[test]
fn episodes_end_under_every_policy() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..200 {
        let case = cases_of(Kind::EPISODIC).new_tree(&mut runner).unwrap().current();
        assert!(case.model().mdp().endless_states().is_empty());
    }
}
