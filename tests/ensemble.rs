//! Ensembles of proxies: combinations by hand, promises in fractions, and what no ensemble can see.

use crate::common::draw::{Case, Kind, arms, cases_of};
use crate::common::exact::{Exact, Q, near, q};
use crate::common::lab::{Lab, hold, with_lab};
use proptest::prelude::*;
use truenorth::analysis::ensemble::{Ensemble, Hull, Rule, combine, ensemble};
use truenorth::base::number::Number;
use truenorth::model::Reward;

const RULES: [Rule; 3] = [Rule::Mean, Rule::WorstCase, Rule::Uncertainty(0.5)];

fn four() -> impl Strategy<Value = Case> {
    let kind = Kind { max_states: 5, max_actions: 3, n_rewards: 4, scales: &[1.0], ..Kind::ANY };
    let episodes = Kind { gammas: &[1.0], episodic: true, ..kind };
    prop_oneof![3 => cases_of(kind), 1 => cases_of(episodes)]
}

fn members(lab: &Lab<'_>) -> Vec<Reward> {
    (1..4).map(|i| lab.reward(i)).collect()
}

fn against(lab: &Lab<'_>, truth: &Reward, members: &[Reward]) -> Ensemble {
    ensemble(lab.solver, (truth, &lab.range(truth)), members, &RULES).unwrap()
}

proptest! {
    #![proptest_config(crate::common::cases(96))]

    #[test]
    fn combinations_are_what_they_say_on_every_transition(case in four()) {
        hold(with_lab(&case, |lab| {
            let members = members(lab);
            let found = RULES.map(|rule| combine(lab.mdp, &members, rule));
            for (row, t) in lab.entries().filter(|&(row, t)| lab.p(row, t) > 0.0) {
                let r: Vec<Q> = members.iter().map(|m| q(m.at(row, t))).collect();
                let k = Q::from(3u8);
                let mean = (&r[0] + &r[1] + &r[2]) / &k;
                let variance = r.iter().map(|x| (x - &mean) * (x - &mean)).fold(Q::ZERO, |s, x| s + x) / &k;
                let least = r.iter().min().unwrap().clone();
                // A minimum is at least the mean less sqrt(k - 1) deviations.
                let below = &mean - &least;
                require!(&below * &below <= Q::from(2u8) * &variance, "Samuelson's inequality fails");
                let known = [mean.clone(), least, &mean - q(0.5) * variance];
                for (found, known) in found.iter().zip(&known) {
                    let miss = near(&(q(found.at(row, t)) - known)).abs();
                    require!(miss <= 1e-14 * (1.0 + near(known).abs()), "{} is not {}", found.at(row, t), near(known));
                }
            }
            Ok(())
        }))?;
    }

    #[test]
    fn the_worst_case_bounds_every_truth_in_the_hull(case in four()) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let members = members(lab);
            // Weights that are doubles and sum to 1 without rounding.
            let first = (tape.unit() * 512.0).floor() / 1024.0;
            let second = (tape.unit() * 512.0).floor() / 1024.0;
            let weights = [first, second, 1.0 - first - second];
            let terms: Vec<(Number, &Reward)> = weights.map(Number::from).into_iter().zip(&members).collect();
            let truth = Reward::combined(&terms);
            let found = against(lab, &truth, &members);
            require!(matches!(found.hull, Hull::Inside { .. }), "a mean is outside: {:?}", found.hull);
            let is_kept = [&found.is_promise_kept, &found.is_below_members].iter().all(|x| x.as_ref().is_some_and(|x| x.is_yes()));
            require!(is_kept, "{found:?}");
            // The same without rounding.
            let worst = &found.combined[1];
            let exact = Exact::new(lab.mdp);
            let j = |r: &Reward| exact.j(&exact.evaluate(&worst.earned.unlucky.policy, &exact.expected(r)));
            let least = j(&combine(lab.mdp, &members, Rule::WorstCase));
            let tiny = q(1e-12) * q(lab.solver.scale(&worst.range.reward));
            for (member, known) in members.iter().zip(&worst.members) {
                require!(least <= j(member) + &tiny, "the least exceeds a member");
                require!(q(known.lo) <= j(member) && j(member) <= q(known.hi), "{known:?}");
            }
            require!(least <= j(&truth) + tiny, "{} is promised and {} earned", near(&least), near(&j(&truth)));
            Ok(())
        }))?;
    }

    #[test]
    fn each_rule_earns_what_its_own_optimum_earns(case in four()) {
        hold(with_lab(&case, |lab| {
            let truth = lab.reward(0);
            let found = against(lab, &truth, &members(lab));
            let best = lab.range(&truth).max;
            for earned in found.combined.iter().map(|c| &c.earned).chain(&found.single) {
                require!(earned.worst_return.lo <= earned.best_return.hi && earned.best_return.lo <= best.hi, "{earned:?}");
            }
            Ok(())
        }))?;
    }
}

#[test]
fn disagreement_is_avoided_and_a_shared_error_is_not_seen() {
    // Arm 1 is fine; arm 2 fools one member; arm 3, where there is one, fools all.
    let case = arms(&[&[0.0, 1.0, -2.0], &[0.0, 1.0, 5.0], &[0.0, 1.0, -2.0], &[0.0, 1.0, 1.0]]);
    with_lab(&case, |lab| {
        let found = against(lab, &lab.reward(0), &members(lab));
        let earned: Vec<f64> = found.combined.iter().map(|c| c.earned.worst_return.value).collect();
        assert_eq!(earned, [-2.0, 1.0, 1.0], "the mean is fooled, the cautious are not");
        assert_eq!(found.promise.unwrap().value, 1.0);
        assert!(matches!(found.hull, Hull::Inside { .. }), "the second member is the truth");
    });
    let case = arms(&[&[0.0, 1.0, -2.0], &[0.0, 1.0, 3.0], &[0.0, 1.0, 4.0], &[0.0, 1.0, 5.0]]);
    with_lab(&case, |lab| {
        let found = against(lab, &lab.reward(0), &members(lab));
        assert!(found.combined.iter().all(|c| c.earned.worst_return.value == -2.0), "all are fooled alike");
        assert_eq!(found.is_promise_kept, None);
        let Hull::Outside { miss } = found.hull else { panic!("{:?}", found.hull) };
        // Five fifths of a unit is the largest reward; the closest member misses arm 3 by 5 of 5.
        assert!(miss.contains(1.0) && miss.width() < 1e-12, "{miss:?}");
    });
}

#[test]
fn the_weight_of_the_variance_depends_on_the_scale() {
    // In units of one, two members 1/10 apart are hardly doubted; in units of 1/1000 the same doubt decides.
    let [safe, doubtful] = [[0.5, 0.5], [0.56, 0.46]];
    let prefers_safe = |c: f64| {
        let rule = Rule::Uncertainty(1.0);
        rule.of(&safe.map(|x| c * x)) > rule.of(&doubtful.map(|x| c * x))
    };
    assert!(!prefers_safe(1.0) && prefers_safe(1000.0));
    // And it is no lower bound: small spreads count less than they are.
    assert!(Rule::Uncertainty(1.0).of(&doubtful) > 0.46);
}

#[test]
fn empty_ensembles_and_negative_weights_are_refused() {
    with_lab(&arms(&[&[0.0, 1.0], &[0.0, 1.0]]), |lab| {
        let (truth, range) = (lab.reward(0), lab.range(&lab.reward(0)));
        assert!(ensemble(lab.solver, (&truth, &range), &[], &RULES).is_err());
        let members = [lab.reward(1)];
        for lambda in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(ensemble(lab.solver, (&truth, &range), &members, &[Rule::Uncertainty(lambda)]).is_err());
        }
    });
}
