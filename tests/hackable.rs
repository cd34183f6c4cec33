//! Hackability: brute force and linear programs as second opinions, and witnesses in fractions.

use crate::common::draw::{Case, GAMMAS, Kind, Start, Table, Tape, arms, cases_of};
use crate::common::exact::{Exact, Q, largest, near, q};
use crate::common::hull::all_returns;
use crate::common::lab::{Lab, hold, with_lab, with_model};
use proptest::prelude::*;
use truenorth::analysis::hackable::{
    Hackable, MOST_POLICIES, Means, Relation, Witness, hackable, near_optimal_witness,
};
use truenorth::analysis::regret::worst_case_by_lp;
use truenorth::io::gallery;
use truenorth::model::{Mdp, Model, Policy, Reward};

const PAIRS: Kind = Kind { n_rewards: 2, whole: true, scales: &[1.0], gammas: GAMMAS, ..Kind::ANY };

fn pairs(max_states: usize, max_actions: usize) -> impl Strategy<Value = Case> {
    let discounted = Kind { max_states, max_actions, ..PAIRS };
    let episodes = Kind { gammas: &[1.0], episodic: true, ..discounted };
    prop_oneof![3 => cases_of(discounted), 1 => cases_of(episodes)]
}

fn decide(lab: &Lab<'_>, truth: &Reward, proxy: &Reward) -> Hackable {
    hackable(lab.solver, &lab.range(truth), &lab.range(proxy))
}

fn mixture(mdp: &Mdp, policy: &Policy) -> Vec<Q> {
    let rows = (0..mdp.n_states()).flat_map(|s| mdp.rows(s).map(move |row| (s, row)));
    rows.map(|(s, row)| q(policy.prob(s, row))).collect()
}

/// From the first policy to the second the proxy rises and the truth falls, without rounding.
fn contradicts(lab: &Lab<'_>, r: &[Vec<Q>; 2], w: &Witness) -> Result<(), String> {
    let exact = Exact::new(lab.mdp);
    let j = |policy: &Policy| {
        let mixture = mixture(lab.mdp, policy);
        [0, 1].map(|i| exact.j(&exact.evaluate_mixture(&mixture, &r[i])))
    };
    let (from, to) = (j(&w.from), j(&w.to));
    require!(to[1] > from[1] && to[0] < from[0], "{:?} to {:?}", from.map(|x| near(&x)), to.map(|x| near(&x)));
    let sides = [
        (w.from_returns.0, &from[0]),
        (w.from_returns.1, &from[1]),
        (w.to_returns.0, &to[0]),
        (w.to_returns.1, &to[1]),
    ];
    for (b, x) in sides {
        require!(q(b.lo) <= *x && *x <= q(b.hi), "{} is not in {b:?}", near(x));
    }
    Ok(())
}

/// The relation by the definitions, pair by pair; `None` if some returns differ by next to nothing.
fn by_definition(returns: &[[Q; 2]]) -> Option<Relation> {
    let range = [0, 1].map(|i| {
        let side = || returns.iter().map(|r| r[i].clone());
        side().max().unwrap() - side().min().unwrap()
    });
    // Stored rows may miss a sum of 1, so that a constant is not quite one; and a billionth of a small range is rounding.
    let size = |i: usize| largest(&returns.iter().map(|r| r[i].clone()).collect::<Vec<_>>());
    if (0..2).any(|i| range[i] > Q::ZERO && range[i] < q(1e-4) * size(i)) {
        return None;
    }
    let (mut inverted, mut truth_ties, mut proxy_ties) = (false, false, false);
    for x in returns {
        for y in returns {
            let d = [0, 1].map(|i| &y[i] - &x[i]);
            for i in 0..2 {
                let size = if d[i] < Q::ZERO { -&d[i] } else { d[i].clone() };
                if size > Q::ZERO && size < q(1e-7) * &range[i] {
                    return None;
                }
            }
            inverted |= d[0] > Q::ZERO && d[1] < Q::ZERO;
            truth_ties |= d[0] == Q::ZERO && d[1] != Q::ZERO;
            proxy_ties |= d[0] != Q::ZERO && d[1] == Q::ZERO;
        }
    }
    Some(match (range[0] == Q::ZERO, range[1] == Q::ZERO) {
        (true, true) => Relation::BothTrivial,
        (true, false) => Relation::TruthTrivial,
        (false, true) => Relation::ProxyTrivial,
        _ if inverted => Relation::Hackable,
        _ => match (truth_ties, proxy_ties) {
            (false, false) => Relation::Equivalent,
            (false, true) => Relation::ProxySimplifies,
            (true, false) => Relation::TruthSimplifies,
            (true, true) => Relation::Compatible,
        },
    })
}

proptest! {
    #![proptest_config(crate::common::cases(192))]

    #[test]
    fn deterministic_policies_are_judged_as_by_definition(case in pairs(4, 3)) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            let Some(known) = by_definition(&all_returns(&exact, &r[0], &r[1])) else { return Ok(()) };
            let found = decide(lab, &lab.reward(0), &lab.reward(1));
            require!(found.deterministic.relation == Some(known), "{:?}, by definition {known:?}", found.deterministic);
            match &found.deterministic.witness {
                Some(w) => contradicts(lab, &r, w),
                None => {
                    require!(known != Relation::Hackable, "hackable without a witness");
                    Ok(())
                }
            }
        }))?;
    }

    #[test]
    fn all_policies_are_hackable_iff_a_linear_program_finds_regret(case in pairs(6, 3)) {
        hold(with_lab(&case, |lab| {
            let [x, y] = [0, 1].map(|i| lab.range(&lab.reward(i)));
            let found = hackable(lab.solver, &x, &y).all_policies;
            if x.is_trivial() || y.is_trivial() {
                require!(found.hackable.is_no(), "{found:?}");
                return Ok(());
            }
            let lp = worst_case_by_lp(lab.mdp, &x.reward, &y.reward).map_err(|d| d.to_string())? / x.rho.value;
            match &found.witness {
                Some(w) => {
                    require!(found.relation == Some(Relation::Hackable), "{found:?}");
                    let exact = Exact::new(lab.mdp);
                    contradicts(lab, &[0, 1].map(|i| exact.expected(&lab.reward(i))), w)
                }
                None => {
                    require!(found.relation == Some(Relation::Equivalent) && lp < 1e-6, "{found:?}, regret {lp}");
                    Ok(())
                }
            }
        }))?;
    }

    #[test]
    fn the_same_task_is_equivalent_and_a_disturbed_one_is_not(case in pairs(6, 3)) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let r = lab.reward(0);
            let range = lab.range(&r);
            if range.is_trivial() || range.rho.value < 1e-6 * lab.solver.scale(&range.reward) {
                return Ok(());
            }
            let (same, factor) = lab.same_task(&mut tape, &r, true);
            let found = decide(lab, &r, &same);
            // A potential added in doubles is the same task within rounding: never said to be another.
            require!(!found.all_policies.hackable.is_yes(), "{:?}", found.all_policies);
            require!(!found.deterministic.hackable.is_yes(), "{:?}", found.deterministic);
            let found = decide(lab, &r, &r.scaled(factor));
            require!(found.all_policies.relation == Some(Relation::Equivalent), "{:?}", found.all_policies);
            require!(found.deterministic.relation == Some(Relation::Equivalent), "{:?}", found.deterministic);
            // A disturbance in one more direction, if there is one.
            let other = lab.reward(1);
            let (size, sideways) = (lab.size(&r) * factor, lab.range(&other));
            let flows = |r: &Reward| decide(lab, &lab.reward(0), r).all_policies;
            if flows(&other).relation != Some(Relation::Hackable) || flows(&other.scaled(-1.0)).relation != Some(Relation::Hackable) {
                return Ok(());
            }
            let share = sideways.rho.value / lab.solver.scale(&sideways.reward);
            let disturbed = Reward::linear(&[(1.0, &same), (1e-4 * size / lab.size(&other), &other)]);
            let found = decide(lab, &r, &disturbed);
            let relation = found.all_policies.relation;
            // Where bounds are wide the pair is not certain; that both are the same task is never said.
            let is_seen = matches!(relation, Some(Relation::Hackable) | None);
            require!(share < 1e-2 || is_seen, "{:?}", found.all_policies);
            let plainly = Reward::linear(&[(1.0, &same), (0.1 * size / lab.size(&other), &other)]);
            let found = decide(lab, &r, &plainly);
            require!(share < 1e-2 || found.all_policies.relation == Some(Relation::Hackable), "{:?}", found.all_policies);
            Ok(())
        }))?;
    }

    #[test]
    fn nearly_optimal_policies_are_hackable_too(case in pairs(5, 3), share in 0.001..0.5f64) {
        hold(with_lab(&case, |lab| {
            let [x, y] = [0, 1].map(|i| lab.range(&lab.reward(i)));
            let loss = share * x.rho.value;
            let is_hackable = hackable(lab.solver, &x, &y).all_policies.relation == Some(Relation::Hackable);
            let Some(w) = near_optimal_witness(lab.solver, &x, &y, loss) else {
                // A tiny contradiction at a tiny step is lost in rounding.
                let clear = worst_case_by_lp(lab.mdp, &x.reward, &y.reward).map_err(|d| d.to_string())? > 1e-3 * x.rho.value;
                require!(!is_hackable || !clear, "no witness that loses {loss}");
                return Ok(());
            };
            require!(is_hackable, "a witness for rewards that are not hackable");
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            contradicts(lab, &r, &w)?;
            let best = exact.j(&exact.optimum(&r[0], true, None).v);
            let to = exact.j(&exact.evaluate_mixture(&mixture(lab.mdp, &w.to), &r[0]));
            require!(&best - &to <= q(loss), "{} lost of {loss}", near(&(best - to)));
            Ok(())
        }))?;
    }

    #[test]
    fn with_two_policies_no_reward_is_only_simpler(a in -3..4i32, b in -3..4i32) {
        // The printed Theorem 2 and Corollary 3 promise a partner here; on a line there is none.
        let case = arms(&[&[0.0, 1.0], &[f64::from(a), f64::from(b)]]);
        let found = with_lab(&case, |lab| decide(lab, &lab.reward(0), &lab.reward(1)));
        let known = match a.cmp(&b) {
            std::cmp::Ordering::Less => Relation::Equivalent,
            std::cmp::Ordering::Equal => Relation::ProxyTrivial,
            std::cmp::Ordering::Greater => Relation::Hackable,
        };
        prop_assert_eq!(found.deterministic.relation, Some(known));
        prop_assert_eq!(found.all_policies.relation, Some(known));
    }
}

#[test]
fn three_arms_have_a_simplification() {
    let found =
        with_lab(&arms(&[&[0.0, 1.0, 2.0], &[0.0, 1.0, 1.0]]), |lab| decide(lab, &lab.reward(0), &lab.reward(1)));
    assert_eq!(found.deterministic.relation, Some(Relation::ProxySimplifies));
    assert_eq!(found.deterministic.means, Means::Enumeration);
    // Mixtures of arms are an open set: no partner there.
    assert_eq!(found.all_policies.relation, Some(Relation::Hackable));
}

/// Two states, the action is the next state, discount one half, and two rewards over pairs.
fn there_or_here(truth: [[f64; 2]; 2], proxy: [[f64; 2]; 2]) -> Case {
    let to = |t: usize| Some(vec![f64::from(u8::from(t == 0)), f64::from(u8::from(t == 1))]);
    Case {
        gamma: 0.5,
        p: vec![vec![to(0), to(1)], vec![to(0), to(1)]],
        mu0: Start::Uniform,
        terminal: Vec::new(),
        rewards: [truth, proxy].map(|r| Table::Sa(r.map(|row| row.to_vec()).to_vec())).to_vec(),
        tape: Tape::new(vec![0]),
    }
}

#[test]
fn twelve_of_twenty_four_orders_and_what_simplifies_them() {
    let small = |k: usize| [0, 1, 2, 3].map(|i| [0.0, 1.0, 2.0, 3.0, 5.0][k / 5usize.pow(i) % 5]);
    let returns = |r: [f64; 4]| {
        with_lab(&there_or_here([[r[0], r[1]], [r[2], r[3]]], [[0.0; 2]; 2]), |lab| {
            let exact = Exact::new(lab.mdp);
            let r = exact.expected(&lab.reward(0));
            exact.policies().iter().map(|pi| exact.j(&exact.evaluate(pi, &r))).collect::<Vec<Q>>()
        })
    };
    let mut orders = std::collections::BTreeSet::new();
    for k in 0..625 {
        let j = returns(small(k));
        let mut order = vec![0, 1, 2, 3];
        order.sort_by(|&x: &usize, &y| j[x].cmp(&j[y]));
        if order.windows(2).all(|pair| j[pair[0]] < j[pair[1]]) {
            orders.insert(order);
        }
    }
    assert_eq!(orders.len(), 12);
    // The paper's reward ties two policies: it simplifies exactly the two rewards that break that tie.
    let simplified = orders.iter().filter(|order| {
        let truth = (0..625).map(small).find(|r| {
            let j = returns(*r);
            order.windows(2).all(|pair| j[pair[0]] < j[pair[1]])
        });
        let r = truth.expect("this order has a reward");
        let case = there_or_here([[r[0], r[1]], [r[2], r[3]]], [[0.0, 3.0], [2.0, 1.0]]);
        let found = with_lab(&case, |lab| decide(lab, &lab.reward(0), &lab.reward(1)));
        assert_eq!(found.all_policies.relation, Some(Relation::Hackable), "all policies contain an open set");
        assert!(matches!(found.deterministic.relation, Some(Relation::ProxySimplifies | Relation::Hackable)));
        found.deterministic.relation == Some(Relation::ProxySimplifies)
    });
    assert_eq!(simplified.count(), 2);
}

#[test]
fn two_rewards_may_tie_different_policies_and_never_contradict() {
    let found =
        with_lab(&arms(&[&[0.0, 1.0, 1.0], &[0.0, 0.0, 1.0]]), |lab| decide(lab, &lab.reward(0), &lab.reward(1)));
    assert_eq!(found.deterministic.relation, Some(Relation::Compatible));
}

fn of_gallery(name: &str) -> Model {
    Model::build(gallery::read(name).unwrap()).unwrap()
}

#[test]
fn large_models_are_searched_and_the_witness_is_certain() {
    let model = of_gallery("frozenlake-4x4");
    let whole: f64 = (0..16).map(|s| (model.mdp().rows(s).len() as f64).ln()).sum();
    assert!(whole > (MOST_POLICIES as f64).ln());
    with_model(&model, |lab| {
        let goal = lab.reward(0);
        let step = Reward::constant(lab.mdp, 1.0);
        let found = decide(lab, &goal, &Reward::linear(&[(1.0, &goal), (-0.05, &step)]));
        assert_eq!(found.deterministic.means, Means::Search);
        for decision in [&found.all_policies, &found.deterministic] {
            assert_eq!(decision.relation, Some(Relation::Hackable));
            let w = decision.witness.as_ref().unwrap();
            assert!(w.to_returns.1.lo > w.from_returns.1.hi && w.to_returns.0.hi < w.from_returns.0.lo);
            // Not a hair's breadth: at least a tenth of what the truth has to give.
            assert!(w.from_returns.0.lo - w.to_returns.0.hi > 0.05, "{w:?}");
        }
        let same = decide(lab, &goal, &goal.scaled(3.0));
        assert_eq!(same.deterministic.relation, Some(Relation::Equivalent));
        assert_eq!(same.deterministic.means, Means::Subset);
        let nothing = decide(lab, &goal, &goal.scaled(0.0));
        assert_eq!(nothing.all_policies.relation, Some(Relation::ProxyTrivial));
    });
}
