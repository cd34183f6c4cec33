//! Distances between rewards: zero where no policy feels a difference, two for opposites, and all there is between.

use crate::common::draw::{Case, Kind, SCALES, Start, Table, Tape, cases_of};
use crate::common::exact::{Exact, Q, abs, near, q};
use crate::common::lab::{Lab, hold, with_lab};
use proptest::prelude::*;
use truenorth::analysis::canon::{CANONS, Canonical};
use truenorth::analysis::distance::{Distance, Metric, Norm, Pair, angle_degrees};
use truenorth::model::Reward;

/// What rounding may leave of a distance: forms are good to about 1e-13 of the reward, and a canonical form may be
/// a small part of it.
const NEARLY: f64 = 1e-8;

fn models(n_rewards: usize) -> impl Strategy<Value = Case> {
    let whole = Kind { n_rewards, ..Kind::WHOLE };
    prop_oneof![cases_of(whole), cases_of(Kind { terminals: true, ..whole })]
}

/// Metrics that measure by the norm they normalise with, and ignore everything no policy feels.
fn is_invariant(metric: &Metric) -> bool {
    match metric {
        Metric::Range => true,
        Metric::Starc { canon, .. } => canon.removes_redistribution,
        _ => false,
    }
}

fn uses_one_norm(metric: &Metric) -> bool {
    match metric {
        Metric::Range => true,
        Metric::Starc { by, in_norm, .. } => by.id == in_norm.id,
        _ => false,
    }
}

/// Whether a reward is surely not trivial.
fn matters(lab: &Lab<'_>, r: &Reward) -> bool {
    let exact = Exact::new(lab.mdp);
    near(&exact.range(&exact.expected(r))) > 1e-3 * lab.size(r)
}

fn values(distances: Vec<Distance>) -> Vec<Option<f64>> {
    distances.iter().map(|d| d.value().map(|b| b.value)).collect()
}

proptest! {
    #![proptest_config(crate::common::cases(96))]

    #[test]
    fn the_same_task_is_at_distance_zero(case in models(1)) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let r = lab.reward(0);
            if !matters(lab, &r) {
                return Ok(());
            }
            let (same, _) = lab.same_task(&mut tape, &r, true);
            let metrics: Vec<Metric> = Metric::all().into_iter().filter(is_invariant).collect();
            for (metric, d) in metrics.iter().zip(lab.distances(&metrics, &r, &same)) {
                let d = d.value().ok_or(format!("{metric} is undefined"))?;
                require!(d.value <= NEARLY && d.lo <= 1e-12, "{metric}: {d:?} for the same task");
            }
            let (shaped, _) = lab.same_task(&mut tape, &r, false);
            for id in ["epic", "dard", "starc-val-potential-l2", "starc-minimal-potential-l2", "starc-epic-l1"] {
                let d = lab.distances(&[Metric::parse(id).unwrap()], &r, &shaped).remove(0);
                require!(d.value().is_none_or(|d| d.value <= NEARLY), "{id}: {d:?} for a shaped reward");
            }
            Ok(())
        }))?;
    }

    #[test]
    fn opposites_are_at_distance_two(case in models(1)) {
        hold(with_lab(&case, |lab| {
            let r = lab.reward(0);
            if !matters(lab, &r) {
                return Ok(());
            }
            let metrics = Metric::all();
            let found = lab.distances(&metrics, &r, &r.scaled(-1.0));
            for (metric, d) in metrics.iter().zip(&found).filter(|(m, _)| uses_one_norm(m)) {
                // DARD's form of a reward that matters may vanish where it is weighed.
                let vanishes = matches!(metric, Metric::Starc { canon, .. } if !canon.removes_redistribution);
                let two = d.value().is_some_and(|d| (d.value - 2.0).abs() < NEARLY);
                let zero = d.value().is_none_or(|d| d.value < NEARLY);
                require!(two || vanishes && zero, "{metric}: {d:?} between opposites");
            }
            for (metric, d) in metrics.iter().zip(&found).filter(|(m, _)| matches!(m, Metric::Epic | Metric::Dard)) {
                require!(d.value().is_none_or(|d| (d.value - 1.0).abs() < NEARLY), "{metric}: {d:?}");
            }
            Ok(())
        }))?;
    }

    #[test]
    fn distances_are_symmetric_and_take_no_short_cuts(case in models(3)) {
        hold(with_lab(&case, |lab| {
            let [x, y, z] = [0, 1, 2].map(|i| lab.reward(i));
            let metrics = Metric::all();
            let between = |x, y| values(lab.distances(&metrics, x, y));
            let (xy, yx, yz, xz) = (between(&x, &y), between(&y, &x), between(&y, &z), between(&x, &z));
            for (i, metric) in metrics.iter().enumerate() {
                require!(xy[i].is_some() == yx[i].is_some(), "{metric} is defined one way only");
                let (Some(xy), Some(yx)) = (xy[i], yx[i]) else { continue };
                require!((xy - yx).abs() <= 1e-9 * (1.0 + xy), "{metric}: {xy} and {yx}");
                let (Some(yz), Some(xz)) = (yz[i], xz[i]) else { continue };
                require!(xz <= xy + yz + 1e-9 * (1.0 + xz), "{metric}: {xz} directly, {xy} and {yz} by way of y");
            }
            Ok(())
        }))?;
    }

    #[test]
    fn range_distance_brackets_the_rational_one(case in prop_oneof![models(2), cases_of(Kind { n_rewards: 2, max_states: 6, ..Kind::ANY })]) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let Some(d) = exact_distance(lab, &exact, 0, 1) else { return Ok(()) };
            let found = lab.distance("starc-range", &lab.reward(0), &lab.reward(1));
            require!(q(found.lo) <= d && d <= q(found.hi), "{} is not in {found:?}", near(&d));
            require!(found.width() <= 1e-6, "useless bounds {found:?}");
            let moved = |by: f64| q(found.lo + by) <= d && d <= q(found.hi + by);
            let step = found.width() + 1e-9;
            require!(!moved(step) && !moved(-step), "a shift goes unnoticed");
            Ok(())
        }))?;
    }

    #[test]
    fn starc_distances_are_what_the_definition_says(case in models(2)) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            if !matters(lab, &x) || !matters(lab, &y) {
                return Ok(());
            }
            for canon in CANONS {
                let forms = (canon.apply(lab.context, &x), canon.apply(lab.context, &y));
                let (Ok(cx), Ok(cy)) = forms else { continue };
                let (tx, ty) = (table(lab, &cx), table(lab, &cy));
                let metrics: Vec<Metric> =
                    Metric::all().into_iter().filter(|m| matches!(m, Metric::Starc { canon: c, .. } if c.id == canon.id)).collect();
                for (metric, d) in metrics.iter().zip(lab.distances(&metrics, &x, &y)) {
                    let Metric::Starc { by, in_norm, .. } = metric else { continue };
                    let (nx, ny) = (norm(lab, by, &tx), norm(lab, by, &ty));
                    // Potential-only forms may vanish on what can happen; the rule for that has a test of its own.
                    if nx.min(ny) <= 1e-6 * lab.size(&x).max(lab.size(&y)) {
                        continue;
                    }
                    let gap: Vec<f64> = tx.iter().zip(&ty).map(|(x, y)| x / nx - y / ny).collect();
                    let expected = norm(lab, in_norm, &gap);
                    let d = d.value().ok_or(format!("{metric} is undefined"))?;
                    require!((d.value - expected).abs() <= 1e-11 * (1.0 + expected), "{metric}: {d:?}, not {expected}");
                    require!(d.lo <= expected + 1e-12 && expected - 1e-12 <= d.hi, "{metric}: {expected} outside {d:?}");
                }
            }
            Ok(())
        }))?;
    }

    #[test]
    fn pearson_distances_are_what_the_definition_says(case in models(2)) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            for id in ["epic", "dard"] {
                let canon = truenorth::analysis::canon::find(id).unwrap();
                let (Ok(cx), Ok(cy)) = (canon.apply(lab.context, &x), canon.apply(lab.context, &y)) else { continue };
                let (tx, ty) = (table(lab, &cx), table(lab, &cy));
                let coverage: Vec<f64> = lab
                    .entries()
                    .map(|(row, t)| {
                        let (n, s) = (lab.mdp.n_states() as f64, lab.mdp.state(row));
                        let pair = 1.0 / (n * lab.mdp.rows(s).len() as f64);
                        if id == "epic" { pair / n } else { pair * lab.p(row, t) }
                    })
                    .collect();
                let mean = |f: &dyn Fn(usize) -> f64| (0..tx.len()).map(|i| coverage[i] * f(i)).sum::<f64>();
                let (mx, my) = (mean(&|i| tx[i]), mean(&|i| ty[i]));
                let covariance = mean(&|i| (tx[i] - mx) * (ty[i] - my));
                let (vx, vy) = (mean(&|i| (tx[i] - mx).powi(2)), mean(&|i| (ty[i] - my).powi(2)));
                if vx.min(vy) < 1e-10 {
                    continue;
                }
                let expected = ((1.0 - covariance / (vx * vy).sqrt()) / 2.0).max(0.0).sqrt();
                let found = lab.distances(&[Metric::parse(id).unwrap()], &x, &y).remove(0);
                let found = found.value().ok_or(format!("{id}: {found:?}"))?;
                // Half the digits are lost in `1 - correlation`, here and not there.
                require!((found.value - expected).abs() < 1e-6, "{id}: {found:?}, not {expected}");
                let full = lab.mdp.n_rows() == lab.mdp.n_states() * lab.mdp.n_actions();
                let no_ends = (0..lab.mdp.n_states()).all(|s| !lab.mdp.is_terminal(s));
                if id == "epic" && full && no_ends {
                    let twice = lab.distance("starc-epic-l2", &x, &y);
                    require!((twice.value - 2.0 * found.value).abs() < 1e-9, "EPIC-2-2 is {twice:?}");
                }
            }
            Ok(())
        }))?;
    }

    #[test]
    fn the_angle_is_that_of_the_distance(case in models(2)) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            if !matters(lab, &x) || !matters(lab, &y) {
                return Ok(());
            }
            let (range_x, range_y) = (lab.range(&x), lab.range(&y));
            let pair = Pair { x: &x, y: &y, range_x: &range_x, range_y: &range_y };
            let angle = angle_degrees(lab.context, &pair).value().ok_or("no angle")?;
            let d = lab.distance("starc-minimal-weighted-l2", &x, &y).value;
            require!((d - 2.0 * (angle.value.to_radians() / 2.0).sin()).abs() < 1e-9, "{angle:?} at distance {d}");
            require!(angle.lo <= angle.value && angle.value <= angle.hi && angle.hi <= 180.0, "{angle:?}");
            // And by the scalar product.
            let canon = truenorth::analysis::canon::find("minimal-weighted").unwrap();
            let [u, v] = [&x, &y].map(|r| canon.apply(lab.context, r).unwrap().form.base().to_vec());
            let dot = |u: &[f64], v: &[f64]| u.iter().zip(v).map(|(x, y)| x * y).sum::<f64>();
            let cosine = dot(&u, &v) / (dot(&u, &u) * dot(&v, &v)).sqrt();
            require!((cosine - angle.value.to_radians().cos()).abs() < 1e-9, "{angle:?}, cosine {cosine}");
            Ok(())
        }))?;
    }

    #[test]
    fn the_unit_of_reward_does_not_matter(case in models(2), i in 0..SCALES.len(), j in 0..SCALES.len()) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            if !matters(lab, &x) || !matters(lab, &y) {
                return Ok(());
            }
            let metrics: Vec<Metric> = Metric::all().into_iter().filter(is_invariant).collect();
            let before = values(lab.distances(&metrics, &x, &y));
            let after = values(lab.distances(&metrics, &x.scaled(SCALES[i]), &y.scaled(SCALES[j])));
            for (metric, (before, after)) in metrics.iter().zip(before.iter().zip(&after)) {
                let (Some(before), Some(after)) = (before, after) else { continue };
                require!((before - after).abs() < NEARLY * (1.0 + before), "{metric}: {before} becomes {after}");
            }
            Ok(())
        }))?;
    }

    #[test]
    fn certain_transitions_make_val_potential_val_under_weighted_norms(
        case in cases_of(Kind { certain: true, ..Kind::WHOLE }),
    ) {
        hold(with_lab(&case, |lab| {
            if matters(lab, &lab.reward(0)) && matters(lab, &lab.reward(1)) {
                require!(potential_apart(lab) < NEARLY, "VALPotential and VAL differ by {}", potential_apart(lab));
            }
            Ok(())
        }))?;
    }
}

/// `rho(x / rho(x) - y / rho(y))` without rounding; `None` if a reward is trivial or nearly so.
fn exact_distance(lab: &Lab<'_>, exact: &Exact, i: usize, j: usize) -> Option<Q> {
    let scaled = |i: usize| -> Option<Vec<Q>> {
        let r = exact.expected(&lab.reward(i));
        let rho = exact.range(&r);
        let scale = near(&crate::common::exact::largest(&r)) * lab.solver.horizon().longest();
        (near(&rho) > 1e-7 * scale).then(|| r.iter().map(|x| x / &rho).collect())
    };
    let (x, y) = (scaled(i)?, scaled(j)?);
    let difference: Vec<Q> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
    Some(abs(&exact.range(&difference)))
}

fn table(lab: &Lab<'_>, form: &Canonical) -> Vec<f64> {
    lab.entries().map(|(row, t)| form.at(lab.mdp, row, t)).collect()
}

/// The formulas of the norms, from their names; rows of terminal states are no part of them.
fn norm(lab: &Lab<'_>, norm: &Norm, x: &[f64]) -> f64 {
    let counted = lab.entries().zip(x).filter(|((row, _), _)| !lab.mdp.is_terminal(lab.mdp.state(*row)));
    let terms = counted.map(|((row, t), x)| (lab.p(row, t), x.abs()));
    match norm.id {
        "l1" => terms.map(|(_, x)| x).sum(),
        "l2" => terms.map(|(_, x)| x * x).sum::<f64>().sqrt(),
        "linf" => terms.map(|(_, x)| x).fold(0.0, f64::max),
        "wl1" => terms.map(|(p, x)| p * x).sum(),
        "wl2" => terms.map(|(p, x)| p * x * x).sum::<f64>().sqrt(),
        "wlinf" => terms.map(|(p, x)| p * x).fold(0.0, f64::max),
        id => panic!("write the formula of {id} here"),
    }
}

/// Largest difference between the distances of VALPotential and VAL under P-weighted norms.
fn potential_apart(lab: &Lab<'_>) -> f64 {
    let (x, y) = (lab.reward(0), lab.reward(1));
    let of = |canon: &str, norm: &str| lab.distance(&format!("starc-{canon}-{norm}"), &x, &y).value;
    ["wl1", "wl2", "wlinf"].iter().fold(0.0, |m, norm| f64::max(m, (of("val", norm) - of("val-potential", norm)).abs()))
}

/// Four states and two actions, all moves possible; two rewards, the second independent of the first.
fn mixing() -> Case {
    let p = |k: usize| {
        let w: Vec<f64> = (0..4).map(|t| [1.0, 2.0, 4.0, 1.0][(t + k) % 4] / 8.0).collect();
        Some(w)
    };
    let r = |k: usize| {
        (0..4).map(move |s| (0..2).map(|a| [1.0, -1.0, 2.0, 0.0, 3.0][(3 * s + 2 * a + k * s * a + k) % 5]).collect())
    };
    Case {
        gamma: 0.9,
        p: (0..4).map(|s| vec![p(s), p(3 * s + 1)]).collect(),
        mu0: Start::Uniform,
        terminal: Vec::new(),
        rewards: vec![Table::Sa(r(0).collect()), Table::Sa(r(1).collect())],
        tape: Tape::new((0..97).map(|i| (i * i * 631 + 17 * i) as u16).collect()),
    }
}

#[test]
fn chance_keeps_val_potential_and_val_apart() {
    with_lab(&mixing(), |lab| assert!(potential_apart(lab) > 1e-3));
}

/// Every metric says whether rewards of impossible transitions move it; both answers are held against the numbers.
#[test]
fn metrics_know_whether_they_read_what_cannot_happen() {
    let mut case = mixing();
    for rows in &mut case.p {
        // Two of the four next states become impossible.
        rows.iter_mut().flatten().for_each(|row| *row = vec![row[0] + row[1], 0.0, row[2] + row[3], 0.0]);
    }
    case.p[0][0] = Some(vec![0.25, 0.25, 0.25, 0.25]);
    with_lab(&case, |lab| {
        let (x, y) = (lab.reward(0), lab.reward(1));
        let wild = lab.dense(|row, t| if lab.p(row, t) > 0.0 { 0.0 } else { ((7 * row + 3 * t) % 5) as f64 - 0.7 });
        let moved = Reward::linear(&[(1.0, &x), (1.0, &wild)]);
        let metrics = Metric::all();
        let (before, after) = (lab.distances(&metrics, &x, &y), lab.distances(&metrics, &moved, &y));
        for ((metric, before), after) in metrics.iter().zip(values(before)).zip(values(after)) {
            let shift = (before.expect("defined") - after.expect("defined")).abs();
            // A maximum need not notice; sums do.
            let may_rest = metric.to_string().contains("inf");
            let moves = shift > 1e-6;
            assert!(moves == metric.reads_impossible() || !moves && may_rest, "{metric} moves by {shift}");
        }
    });
}

#[test]
fn metrics_that_remove_shaping_alone_are_neither_sound_nor_complete() {
    with_lab(&mixing(), |lab| {
        let r = lab.reward(0);
        // Nothing any policy can feel: zero mean over next states.
        let d = lab.redistribution(&mut mixing().tape, 1.0);
        let sum = |a: f64, m: f64| Reward::linear(&[(a, &r), (m, &d)]);
        for id in ["epic", "dard", "starc-none-l2", "starc-val-potential-l2", "starc-minimal-potential-l2"] {
            let far = if ["epic", "dard"].contains(&id) { 1.0 } else { 2.0 };
            let mut last = (far, 0.0);
            for m in [1.0, 10.0, 100.0, 1000.0] {
                let same_side = lab.distance(id, &sum(1.0, m), &sum(-1.0, m)).value;
                let both_sides = lab.distance(id, &sum(1.0, m), &sum(1.0, -m)).value;
                assert!(same_side < last.0 && both_sides > last.1, "{id}, M = {m}: {same_side}, {both_sides}");
                last = (same_side, both_sides);
            }
            assert!(last.0 < 0.02 * far, "{id}: opposite orders at distance {}", last.0);
            assert!(last.1 > 0.99 * far, "{id}: equal orders at distance {}", last.1);
        }
        for m in [1.0, 10.0, 100.0, 1000.0] {
            for id in ["starc-range", "starc-val-l2", "starc-minimal-l1", "starc-minimal-weighted-linf"] {
                let opposite = lab.distance(id, &sum(1.0, m), &sum(-1.0, m)).value;
                let equal = lab.distance(id, &sum(1.0, m), &sum(1.0, -m)).value;
                assert!((opposite - 2.0).abs() < NEARLY && equal < NEARLY, "{id}, M = {m}: {opposite}, {equal}");
            }
        }
    });
}

#[test]
fn two_norms_make_opposites_something_else_than_two() {
    with_lab(&mixing(), |lab| {
        let r = lab.reward(0);
        assert!((lab.distance("starc-val-l1-l2", &r, &r.scaled(-1.0)).value - 2.0).abs() > 0.1);
    });
}

#[test]
fn shaping_by_another_discount_is_seen() {
    with_lab(&mixing(), |lab| {
        let r = lab.reward(0);
        let phi = [1.0, -1.0, 2.0, 0.5];
        let wrong = lab.dense(|row, t| r.at(row, t) + 0.8 * phi[t] - phi[lab.mdp.state(row)]);
        for metric in Metric::all().iter().filter(|m| is_invariant(m)) {
            let id = metric.to_string();
            assert!(lab.distance(&id, &r, &wrong).value > 1e-5, "{id}");
            assert!(lab.distance(&id, &r, &r.shaped(lab.mdp, &phi)).value < NEARLY, "{id}");
        }
    });
}

#[test]
fn trivial_rewards_are_at_zero_from_each_other_and_one_from_the_rest() {
    with_lab(&mixing(), |lab| {
        let nothing = Reward::per_row(vec![0.0; lab.mdp.n_rows()]).exact_inputs(lab.mdp);
        let shaping = nothing.shaped(lab.mdp, &[1.0, 0.5, -3.0, 7.0]);
        let constant = Reward::constant(lab.mdp, 5.0);
        let r = lab.reward(0);
        for metric in Metric::all().iter().filter(|m| is_invariant(m)) {
            let id = metric.to_string();
            for x in [&nothing, &shaping, &constant] {
                assert_eq!(lab.distance(&id, x, &nothing).value, 0.0, "{id}");
                assert_eq!(lab.distance(&id, &shaping, x).value, 0.0, "{id}");
                let one = lab.distance(&id, &r, x).value;
                assert!(!uses_one_norm(metric) || (one - 1.0).abs() < NEARLY, "{id}: {one}");
            }
        }
        for id in ["epic", "dard"] {
            let d = lab.distances(&[Metric::parse(id).unwrap()], &r, &constant).remove(0);
            assert!(d.value().is_none(), "{id} has no correlation with a constant: {d:?}");
        }
    });
}

#[test]
fn a_reward_where_nobody_goes_is_felt_by_forms_and_not_by_the_range() {
    let mut case = mixing();
    // State 3 can be left, and is entered from nowhere.
    for row in case.p.iter_mut().flatten().flatten() {
        row[0] += std::mem::take(&mut row[3]);
    }
    case.mu0 = Start::State(0);
    with_lab(&case, |lab| {
        let r = lab.reward(0);
        let elsewhere = lab.dense(|row, _| f64::from(u8::from(row == lab.mdp.rows(3).start)));
        let [mut last, mut d] = [2.0, 2.0];
        for k in [1.0, 100.0, 1e4] {
            let sum = |a: f64| Reward::linear(&[(a, &r), (k, &elsewhere)]);
            (last, d) = (d, lab.distance("starc-val-l2", &sum(1.0), &sum(-1.0)).value);
            assert!(d < last, "k = {k}: {d}");
            assert!((lab.distance("starc-range", &sum(1.0), &sum(-1.0)).value - 2.0).abs() < NEARLY);
            assert!(lab.distance("starc-val-l2", &r, &sum(1.0)).value > 1e-3);
            assert!(lab.distance("starc-range", &r, &sum(1.0)).value < NEARLY);
        }
        assert!(d < 0.01 && last < 0.5, "opposite orders at distance {d}");

        let (part, kept) = lab.mdp.trimmed();
        let solver = truenorth::solve::Solver::new(&part, truenorth::solve::Options::default()).unwrap();
        let reference = truenorth::model::Policy::uniform(&part);
        let context = truenorth::analysis::canon::Context { solver: &solver, reference: &reference };
        let sum = Reward::linear(&[(-1.0, &r), (1e4, &elsewhere)]);
        let [x, y] = [&r, &sum].map(|r| r.trimmed(lab.mdp, &kept));
        let lab = Lab { model: lab.model, mdp: &part, solver: &solver, context: &context };
        assert!((lab.distance("starc-val-l2", &x, &y).value - 2.0).abs() < NEARLY, "after trimming all is well");
    });
}
