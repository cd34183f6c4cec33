//! What is added to a reward to guide a learner: bonuses, advice, potentials in time, and how far one must look ahead.

use crate::common::draw::{Case, Kind, Start, Table, Tape, cases_of};
use crate::common::exact::{Exact, Q, near, q};
use crate::common::lab::{Lab, hold, with_lab, with_model};
use proptest::prelude::*;
use truenorth::analysis::regret::worst_case_by_lp;
use truenorth::analysis::shaping::{
    Look, advise, bonus, by_distance, dynamic, fade, greedy, look_ahead, optimal_value,
};
use truenorth::base::Code;
use truenorth::io::gallery;
use truenorth::model::{Model, Reachable, Reward};

fn models() -> impl Strategy<Value = Case> {
    prop_oneof![cases_of(Kind::WHOLE), cases_of(Kind { terminals: true, ..Kind::WHOLE })]
}

/// Action values in fractions.
fn action_values(exact: &Exact, r: &[Q], v: &[Q]) -> Vec<Q> {
    (0..r.len()).map(|row| exact.backup(row, r, v)).collect()
}

/// Rows that are best at their state, and whether the others are clearly worse.
fn best_rows(exact: &Exact, values: &[Q], clear: &Q) -> (Vec<bool>, bool) {
    let (mut rows, mut is_clear) = (vec![false; values.len()], true);
    for range in &exact.rows {
        let top = range.clone().map(|row| values[row].clone()).max().expect("an action");
        for row in range.clone() {
            let gap = &top - &values[row];
            rows[row] = gap.is_zero();
            is_clear &= gap.is_zero() || gap > *clear;
        }
    }
    (rows, is_clear)
}

/// What is lost by the luckiest and the unluckiest policy on some rows.
fn lost(exact: &Exact, r: &[Q], rows: &[bool]) -> [f64; 2] {
    let top = exact.j(&exact.optimum(r, true, None).v);
    [true, false].map(|lucky| near(&(&top - exact.j(&exact.optimum(r, lucky, Some(rows)).v))))
}

/// A number between which rounding surely tells values apart.
fn clear(lab: &Lab<'_>, r: &Reward) -> Q {
    q(1e-6 * lab.size(r).max(1e-9) / (1.0 - lab.mdp.gamma()))
}

proptest! {
    #![proptest_config(crate::common::cases(64))]

    #[test]
    fn the_optimal_value_as_a_potential_needs_one_step(case in models()) {
        hold(with_lab(&case, |lab| {
            let r = lab.reward(0);
            let exact = Exact::new(lab.mdp);
            let optimum = exact.optimum(&exact.expected(&r), true, None);
            let clear = clear(lab, &r);
            if optimum.gap.iter().flatten().any(|gap| !gap.is_zero() && *gap <= clear) {
                return Ok(());
            }
            let range = lab.range(&r);
            let found = look_ahead(lab.solver, &range, &optimal_value(lab.mdp, &range));
            require!(found.enough == Some(1) && found.steps[0].worst.hi <= 1e-9 * lab.size(&r).max(1.0), "{found:?}");
            Ok(())
        }))?;
    }

    #[test]
    fn looking_ahead_is_backward_induction_in_fractions(case in models()) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let (r, exact) = (lab.reward(0), Exact::new(lab.mdp));
            let (expected, clear) = (exact.expected(&r), clear(lab, &r));
            let phi = lab.potential(&mut tape, lab.size(&r));
            let optimum = exact.optimum(&expected, true, None);
            let is_optimal: Vec<bool> = optimum.gap.iter().map(|g| g.as_ref().is_some_and(Q::is_zero)).collect();
            if optimum.gap.iter().flatten().any(|gap| !gap.is_zero() && *gap <= clear) {
                return Ok(());
            }
            let range = lab.range(&r);
            let found = look_ahead(lab.solver, &range, &phi);
            let mut v: Vec<Q> = phi.iter().map(|&x| q(x)).collect();
            for step in found.steps.iter().take(4) {
                let values = action_values(&exact, &expected, &v);
                let (rows, is_clear) = best_rows(&exact, &values, &clear);
                if !is_clear {
                    return Ok(());
                }
                let is_wrong = |s: &usize| !lab.mdp.is_terminal(*s) && lab.mdp.rows(*s).any(|row| rows[row] && !is_optimal[row]);
                let wrong = (0..lab.mdp.n_states()).filter(is_wrong).count();
                require!(step.wrong == wrong, "{} steps: {} wrong, exactly {wrong}", step.steps, step.wrong);
                require!((found.enough == Some(step.steps)) == (wrong == 0), "{found:?}");
                let size = lab.size(&r).max(1e-9) / (1.0 - lab.mdp.gamma());
                for (ours, truth) in [step.best, step.worst].iter().zip(lost(&exact, &expected, &rows)) {
                    require!((ours.value - truth).abs() <= 1e-8 * size, "{ours:?}, exactly {truth}");
                }
                for (s, rows) in exact.rows.iter().enumerate().filter(|(s, _)| !lab.mdp.is_terminal(*s)) {
                    v[s] = rows.clone().map(|row| values[row].clone()).max().expect("an action");
                }
            }
            Ok(())
        }))?;
    }

    #[test]
    fn a_shaping_is_told_from_what_is_none(case in cases_of(Kind { terminals: true, ..Kind::WHOLE })) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let (r, other) = (lab.reward(0), lab.reward(1));
            let range = lab.range(&r);
            let nothing = Reward::per_row(vec![0.0; lab.mdp.n_rows()]);
            let phi = lab.potential(&mut tape, 2.0);
            let shaping = nothing.exact_inputs(lab.mdp).shaped(lab.mdp, &phi);
            let found = bonus(lab.context, &range, &shaping).map_err(|d| d.message)?;
            require!(found.is_shaping.is_yes() && !found.on_every_transition.is_no() && found.walks.is_none(), "{found:?}");
            // A reward is zero where episodes have ended. In somebody's floating point it is a shaping up to rounding only.
            let ended = |row: usize| lab.mdp.is_terminal(lab.mdp.state(row));
            let rounded = lab.dense(|row, t| if ended(row) { 0.0 } else { shaping.at(row, t) });
            let doubled = bonus(lab.context, &range, &rounded).map_err(|d| d.message)?;
            require!(!doubled.is_shaping.is_no() && !doubled.on_every_transition.is_no() && doubled.walks.is_none(), "{doubled:?}");
            let size = 4.0 / (1.0 - lab.mdp.gamma());
            for (s, (ours, phi)) in found.potential.iter().zip(&phi).enumerate() {
                require!((ours - phi).abs() <= 1e-8 * size, "state {s}: {ours}, not {phi}");
            }
            require!(found.proxy_optimal.worst.lo <= 1e-9, "{:?}", found.proxy_optimal.worst);

            // The other reward as a bonus: what it costs is what optimising the sum costs.
            let exact = Exact::new(lab.mdp);
            let b = exact.expected(&other);
            let found = bonus(lab.context, &range, &other).map_err(|d| d.message)?;
            let spread = near(&exact.range(&b));
            require!((found.range.value - spread).abs() <= 1e-9 * (1.0 + spread), "{:?}, exactly {spread}", found.range);
            if spread > 1e-6 * lab.size(&other) {
                require!(found.is_shaping.is_no(), "called a shaping at range {spread}");
            }
            let sum = exact.expected(&r).iter().zip(&b).map(|(x, y)| x + y).collect::<Vec<Q>>();
            let optimum = exact.optimum(&sum, true, None);
            let clear = clear(lab, &r);
            if optimum.gap.iter().flatten().all(|gap| gap.is_zero() || *gap > clear) {
                let rows: Vec<bool> = optimum.gap.iter().map(|g| g.as_ref().is_some_and(Q::is_zero)).collect();
                let truth = lost(&exact, &exact.expected(&r), &rows);
                for (ours, truth) in [found.proxy_optimal.best, found.proxy_optimal.worst].iter().zip(truth) {
                    require!((ours.value - truth).abs() <= 1e-8 * size * lab.size(&r), "{ours:?}, exactly {truth}");
                }
            }
            let total = r.expected(lab.mdp).plus(1.0, &other.expected(lab.mdp));
            let by_lp = worst_case_by_lp(lab.mdp, &r.expected(lab.mdp), &total).map_err(|d| d.message)?;
            let wide = size * lab.size(&r);
            require!((found.worst_case.value.value - by_lp).abs() <= 1e-6 * wide.max(1e-9), "{by_lp}, not {:?}", found.worst_case.value);

            // No other potential leaves less.
            let squares = |phi: &[f64]| {
                let rest = |row: usize| {
                    let s = lab.mdp.state(row);
                    other.expected(lab.mdp).r[row] - (lab.mdp.gamma() * lab.mdp.backup(row, phi) - phi[s])
                };
                (0..lab.mdp.n_rows()).map(|row| rest(row).powi(2)).sum::<f64>()
            };
            let least = squares(&found.potential);
            let left: f64 = found.rest.r.iter().map(|x| x * x).sum();
            require!((left - least).abs() <= 1e-9 * (1.0 + least), "the rest is {left}, not {least}");
            for _ in 0..4 {
                let moved: Vec<f64> =
                    lab.potential(&mut tape, 0.1).iter().zip(&found.potential).map(|(x, y)| x + y).collect();
                require!(squares(&moved) >= least - 1e-9 * (1.0 + least), "a closer potential was missed");
            }
            Ok(())
        }))?;
    }

    #[test]
    fn walks_give_away_what_is_no_shaping(case in cases_of(Kind { certain: true, terminals: true, ..Kind::WHOLE })) {
        hold(with_lab(&case, |lab| {
            let (range, extra) = (lab.range(&lab.reward(0)), lab.reward(1));
            let found = bonus(lab.context, &range, &extra).map_err(|d| d.message)?;
            require!(found.is_shaping.is_yes() || found.walks.is_some() || found.range.lo <= 1e-9, "no witness: {found:?}");
            let Some(walks) = &found.walks else { return Ok(()) };
            require!(walks[0].states[0] == walks[1].states[0], "two starts");
            require!(walks[0].sum.lo > walks[1].sum.hi, "the sums may be equal: {walks:?}");
            let b = extra.expected(lab.mdp).r;
            for walk in walks {
                // Long enough for the discount to leave nothing.
                let (mut place, mut sum, mut discount) = (0, 0.0, 1.0);
                for _ in 0..4_000 {
                    let (s, row) = (walk.states[place], walk.rows[place]);
                    require!(lab.mdp.rows(s).contains(&row), "row {row} is none of state {s}");
                    sum += if lab.mdp.is_terminal(s) { 0.0 } else { discount * b[row] };
                    discount *= lab.mdp.gamma();
                    let next = if place + 1 < walk.states.len() { place + 1 } else { walk.back_to };
                    require!(lab.p(row, walk.states[next]) == 1.0, "{s} does not lead on");
                    place = next;
                }
                let size = lab.size(&extra) / (1.0 - lab.mdp.gamma());
                require!((sum - walk.sum.value).abs() <= 1e-9 * size.max(1e-9), "{sum}, not {:?}", walk.sum);
            }
            Ok(())
        }))?;
    }

    #[test]
    fn advice_is_mended_by_adding_it_again(case in models()) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let (r, exact) = (lab.reward(0), Exact::new(lab.mdp));
            let expected = exact.expected(&r);
            let optimum = exact.optimum(&expected, true, None);
            let clear = clear(lab, &r);
            if optimum.gap.iter().flatten().any(|gap| !gap.is_zero() && *gap <= clear) {
                return Ok(());
            }
            let phi: Vec<f64> = (0..lab.mdp.n_rows())
                .map(|row| if lab.mdp.is_terminal(lab.mdp.state(row)) { 0.0 } else { lab.size(&r) * tape.signed() })
                .collect();
            let range = lab.range(&r);
            let found = advise(lab.solver, &range, &phi, Look::Ahead).map_err(|d| d.message)?;
            require!(found.corrected.wrong.is_empty(), "{found:?}");
            require!(found.residual.is_some_and(|x| x <= 1e-10), "{:?}", found.residual);
            let values = action_values(&exact, &expected, &optimum.v);
            for (sign, ours) in [(-1.0, &found.alone), (1.0, &advise(lab.solver, &range, &phi, Look::Back)
                .map_or_else(|_| greedy(lab.solver, &range, &vec![0.0; phi.len()]), |a| a.corrected))] {
                if lab.mdp.gamma() == 0.0 && sign > 0.0 {
                    continue;
                }
                let moved: Vec<Q> = values.iter().zip(&phi).map(|(v, &x)| v + q(sign * x)).collect();
                let (rows, is_clear) = best_rows(&exact, &moved, &clear);
                if !is_clear {
                    continue;
                }
                require!(ours.rows == rows, "{sign}: {:?}, exactly {rows:?}", ours.rows);
                let size = lab.size(&r).max(1e-9) / (1.0 - lab.mdp.gamma());
                for (ours, truth) in [ours.best, ours.worst].iter().zip(lost(&exact, &expected, &rows)) {
                    require!((ours.value - truth).abs() <= 1e-8 * size, "{ours:?}, exactly {truth}");
                }
            }
            Ok(())
        }))?;
    }

    #[test]
    fn potentials_in_time_collect_what_the_best_way_collects(
        case in cases_of(Kind { certain: true, terminals: true, max_actions: 2, max_states: 4, ..Kind::WHOLE }),
    ) {
        let mut tape = case.tape.clone();
        let mut case = case;
        case.mu0 = Start::State(0);
        hold(with_lab(&case, |lab| {
            let phis: Vec<Vec<f64>> = (0..5).map(|_| lab.potential(&mut tape, 1.0)).collect();
            let range = lab.range(&lab.reward(0));
            let found = dynamic(lab.solver, &range, &phis);
            let horizon = 1.0 / (1.0 - lab.mdp.gamma());
            require!(found.consistent_residual <= 1e-12 * horizon, "{found:?}");
            let gamma = lab.mdp.gamma();
            // Every way of four moves.
            let mut ways = vec![(0usize, 0.0f64)];
            let mut discount = 1.0;
            for t in 0..4 {
                discount *= gamma;
                let on = |&(s, sum): &(usize, f64)| -> Vec<(usize, f64)> {
                    let next = |row: usize| {
                        let to = lab.mdp.p(row).0[0] as usize;
                        (to, sum + discount * (phis[t][to] - phis[t + 1][to]))
                    };
                    lab.mdp.rows(s).map(next).collect()
                };
                ways = ways.iter().flat_map(on).collect();
            }
            let sums = || ways.iter().map(|w| w.1);
            let (least, most) = (sums().fold(f64::INFINITY, f64::min), sums().fold(f64::NEG_INFINITY, f64::max));
            require!((found.collected[0].value - least).abs() <= 1e-10, "{:?}, not {least}", found.collected[0]);
            require!((found.collected[1].value - most).abs() <= 1e-10, "{:?}, not {most}", found.collected[1]);
            require!(found.regret[0].value <= found.regret[1].value + 1e-9, "{:?}", found.regret);
            let gained: f64 = found.way.iter().map(|c| c.gain).sum();
            require!((gained - most).abs() <= 1e-10, "the way collects {gained}, not {most}");

            let still = dynamic(lab.solver, &range, &vec![phis[0].clone(); 3]);
            require!(still.collected.iter().all(|c| c.value.abs() <= 1e-12 * horizon), "{still:?}");
            require!(still.regret[1].lo <= 1e-9 && still.turn.is_none(), "{still:?}");
            Ok(())
        }))?;
    }
}

/// One state with two arms that end.
fn arms() -> Case {
    let to = |t: usize| Some((0..2).map(|x| f64::from(u8::from(x == t))).collect());
    Case {
        gamma: 0.9,
        p: vec![vec![to(1), to(1)], vec![to(1), to(1)]],
        mu0: Start::State(0),
        terminal: vec![1],
        rewards: vec![Table::Sa(vec![vec![1.0, 0.0], vec![0.0, 0.0]]), Table::Sa(vec![vec![0.0, 2.0], vec![0.0, 0.0]])],
        tape: Tape::new(vec![0]),
    }
}

#[test]
fn a_bonus_that_misleads_does_no_harm_below_half_its_size() {
    let model = arms().model();
    let part = Reachable::of(&model);
    with_model(&model, |lab| {
        let (r, extra) = (lab.reward(0), lab.reward(1));
        let range = lab.range(&r);
        let found = bonus(lab.context, &range, &extra).unwrap();
        assert!(found.is_shaping.is_no() && (found.proxy_optimal.worst.value - 1.0).abs() < 1e-12);
        let walks = found.walks.expect("nothing is left to chance");
        assert!((walks[0].sum.value - 2.0).abs() < 1e-12 && walks[1].sum.value.abs() < 1e-12);
        let fading = fade(lab.context, &part.mdp, (&r, &range), &extra);
        assert!(fading.is_harmless.is_no() && (fading.harmless_below.value - 0.5).abs() < 1e-12, "{fading:?}");
        let helpful = fade(lab.context, &part.mdp, (&r, &range), &r);
        assert!(helpful.is_harmless.is_yes() && helpful.harmless_below.value == 1.0);
    });
}

#[test]
fn moves_to_the_goal_are_the_optimal_value_where_nothing_slips() {
    let model = Model::build(gallery::read("frozenlake-4x4-plain").unwrap()).unwrap();
    with_model(&model, |lab| {
        let goal = model.rewards().iter().find(|(name, _)| name == "goal").expect("a goal").1.clone();
        let range = lab.range(&goal);
        let phi = by_distance(lab.mdp, &goal, None).unwrap();
        for (s, (ours, best)) in phi.iter().zip(optimal_value(lab.mdp, &range)).enumerate() {
            assert!((ours - best).abs() < 1e-12, "state {s}: {ours}, not {best}");
        }
        assert_eq!(look_ahead(lab.solver, &range, &phi).enough, Some(1));
        // Six moves from the start, so without a potential five steps see nothing.
        assert_eq!(look_ahead(lab.solver, &range, &vec![0.0; phi.len()]).enough, Some(6));
        let named = by_distance(lab.mdp, &goal, Some(0)).unwrap();
        assert_eq!(named[0], 1.0);
        let nowhere = by_distance(lab.mdp, &goal.scaled(-1.0), None).unwrap_err();
        assert_eq!(nowhere.code, Code::Usage);
    });
}
