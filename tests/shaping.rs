//! Shaping: applied, recovered, and refused where it would change the task.

use crate::common::draw::{Case, Kind, Start, Table, Tape, cases_of};
use crate::common::exact::{Exact, near};
use crate::common::lab::{Lab, hold, with_lab};
use proptest::prelude::*;
use truenorth::analysis::shaping::{Recovery, apply, recover};
use truenorth::base::Code;
use truenorth::model::Reward;

fn models() -> impl Strategy<Value = Case> {
    prop_oneof![cases_of(Kind::WHOLE), cases_of(Kind { terminals: true, ..Kind::WHOLE })]
}

fn recovery(lab: &Lab<'_>, x: &Reward, y: &Reward) -> Recovery {
    recover(lab.context, (x, &lab.range(x)), (y, &lab.range(y))).unwrap()
}

fn matters(lab: &Lab<'_>, r: &Reward) -> bool {
    let exact = Exact::new(lab.mdp);
    near(&exact.range(&exact.expected(r))) > 1e-3 * lab.size(r)
}

proptest! {
    #![proptest_config(crate::common::cases(128))]

    #[test]
    fn shaping_moves_every_return_by_the_potential_at_the_start(mut case in models()) {
        let model = case.model();
        let rows = case.policy(model.mdp());
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let phi = lab.potential(&mut tape, 3.0);
            let r = lab.reward(0);
            let shaped = apply(lab.mdp, &r, &phi).map_err(|d| format!("{d:?}"))?;
            let exact = Exact::new(lab.mdp);
            let j = |r: &Reward| near(&exact.j(&exact.evaluate(&rows, &exact.expected(r))));
            let start = lab.mdp.at_start(&phi);
            let gap = (j(&shaped) - (j(&r) - start)).abs();
            require!(gap <= 1e-13 * (3.0 + lab.size(&r)) / (1.0 - lab.mdp.gamma()).powi(2), "off by {gap}");
            Ok(())
        }))?;
    }

    #[test]
    fn scale_and_potential_are_recovered(case in models()) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let r = lab.reward(0);
            if !matters(lab, &r) {
                return Ok(());
            }
            let c = 10f64.powf(2.0 * tape.signed());
            let phi = lab.potential(&mut tape, c * lab.size(&r));
            let moved = lab.redistribution(&mut tape, c * lab.size(&r));
            let same = Reward::linear(&[(1.0, &r.scaled(c).shaped(lab.mdp, &phi)), (1.0, &moved)]);
            let found = recovery(lab, &r, &same);
            require!(!found.order.same.is_no(), "{found:?}");
            require!((found.scale / c - 1.0).abs() < 1e-7, "scale {} for {c}", found.scale);
            require!(found.remainder.value < 1e-8, "{found:?}");
            let size = c * lab.size(&r) / (1.0 - lab.mdp.gamma());
            for (s, (ours, phi)) in found.potential.iter().zip(&phi).enumerate() {
                require!((ours - phi).abs() <= 1e-7 * size, "state {s}: {ours}, not {phi}");
            }
            // And the way back.
            let back = recovery(lab, &same, &r);
            require!((back.scale * c - 1.0).abs() < 1e-7, "scale {} for 1/{c}", back.scale);

            let opposite = recovery(lab, &r, &same.scaled(-1.0));
            require!(!opposite.order.same.is_yes(), "{opposite:?}");
            Ok(())
        }))?;
    }

    #[test]
    fn same_order_is_range_distance_zero(case in models()) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            let (found, d) = (recovery(lab, &x, &y), lab.distance("starc-range", &x, &y));
            require!(found.order.same.answer().is_none_or(|same| if same { d.lo <= 0.0 } else { d.hi > 0.0 }), "{found:?} at {d:?}");
            require!(found.remainder.lo <= found.remainder.value && found.remainder.value <= found.remainder.hi, "{found:?}");
            // Between opposites nothing remains either, at a negative scale.
            if matters(lab, &x) && matters(lab, &y) && d.lo > 1e-6 && found.scale > 0.0 {
                require!(found.remainder.value > 1e-9, "nothing remains at distance {d:?}");
            }
            Ok(())
        }))?;
    }
}

/// Two states and an end, two actions; a reward.
fn ending() -> Case {
    let to = |t: usize| Some((0..3).map(|x| f64::from(u8::from(x == t))).collect());
    Case {
        gamma: 0.9,
        p: vec![vec![to(1), to(2)], vec![to(0), to(2)], vec![to(2), to(2)]],
        mu0: Start::Uniform,
        terminal: vec![2],
        rewards: vec![Table::Sa(vec![vec![1.0, 0.5], vec![0.0, 2.0], vec![0.0, 0.0]])],
        tape: Tape::new(vec![0]),
    }
}

#[test]
fn a_potential_at_the_end_is_refused_and_would_change_the_task() {
    with_lab(&ending(), |lab| {
        let r = lab.reward(0);
        let refused = apply(lab.mdp, &r, &[1.0, 2.0, 3.0]).unwrap_err();
        assert_eq!(refused.code, Code::PotentialAtEnd);
        assert!(apply(lab.mdp, &r, &[1.0, 2.0, 0.0]).is_ok());
        // What one would write down: shaping on the way in, and no reward once ended.
        let naive = |end: f64| {
            let phi = [1.0, 2.0, end];
            let shaped = r.shaped(lab.mdp, &phi);
            lab.dense(|row, t| if lab.mdp.state(row) == 2 { 0.0 } else { shaped.at(row, t) })
        };
        assert!(!recovery(lab, &r, &naive(0.0)).order.same.is_no());
        assert!(recovery(lab, &r, &naive(3.0)).order.same.is_no());
    });
}

#[test]
fn another_discount_is_not_recovered() {
    with_lab(&ending(), |lab| {
        let r = lab.reward(0);
        let phi = [1.0, -2.0, 0.0];
        let by = |gamma: f64| lab.dense(|row, t| r.at(row, t) + gamma * phi[t] - phi[lab.mdp.state(row)]);
        assert!(!recovery(lab, &r, &by(0.9)).order.same.is_no());
        let found = recovery(lab, &r, &by(0.8));
        assert!(found.order.same.is_no() && found.remainder.value > 1e-3, "{found:?}");
    });
}

#[test]
fn trivial_rewards_are_the_same_task_as_each_other_only() {
    with_lab(&ending(), |lab| {
        let (r, nothing) = (lab.reward(0), Reward::per_row(vec![0.0; lab.mdp.n_rows()]));
        let shaping = nothing.exact_inputs(lab.mdp).shaped(lab.mdp, &[1.0, -2.0, 0.0]);
        let found = recovery(lab, &nothing, &shaping);
        assert!(found.order.same.is_yes() && found.remainder.value == 0.0, "{found:?}");
        assert!(recovery(lab, &r, &shaping).order.same.is_no());
        assert!(recovery(lab, &shaping, &r).order.same.is_no());
    });
}
