//! Goodhart curves: directions by a quadratic program, the stopping rule in fractions, best of n by trying all draws.

use crate::common::draw::{Case, GAMMAS, Kind, Start, Table, Tape, arms, cases_of};
use crate::common::exact::{Exact, Q, dot, near, q, solve};
use crate::common::lab::{Lab, hold, with_lab};
use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus, ZeroConeT};
use proptest::prelude::*;
use truenorth::analysis::goodhart::{
    Curve, End, Goodhart, Path, Request, best_of_n, chi2_without_ties, goodhart, kl_without_ties, worst_truth,
};
use truenorth::model::{Mdp, Policy};

const PAIRS: Kind = Kind { n_rewards: 2, whole: true, scales: &[1.0], gammas: GAMMAS, ..Kind::ANY };

fn pairs(max_states: usize, max_actions: usize) -> impl Strategy<Value = Case> {
    let discounted = Kind { max_states, max_actions, ..PAIRS };
    let episodes = Kind { gammas: &[1.0], episodic: true, ..discounted };
    prop_oneof![3 => cases_of(discounted), 1 => cases_of(episodes)]
}

fn curves(lab: &Lab<'_>, request: &Request) -> Option<Goodhart> {
    let [truth, proxy] = [0, 1].map(|i| lab.range(&lab.reward(i)));
    goodhart(lab.solver, &truth, &proxy, request).unwrap().ok()
}

fn along(path: Path, start: Policy) -> Request {
    Request { paths: vec![path], ..Request::from(start) }
}

fn curve(lab: &Lab<'_>, request: &Request) -> Option<Curve> {
    let mut found = curves(lab, request)?;
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
    Some(found.curves.remove(0))
}

/// Clear of rounding: both rewards have a range that is not small beside their size.
fn is_clear(lab: &Lab<'_>) -> bool {
    (0..2).all(|i| {
        let range = lab.range(&lab.reward(i));
        range.rho.value > 1e-4 * lab.solver.scale(&range.reward) && lab.solver.scale(&range.reward) > 0.0
    })
}

/// Visits of the rows that count.
fn occupancy(mdp: &Mdp, exact: &Exact, policy: &Policy) -> Vec<Q> {
    let rows = (0..mdp.n_states()).flat_map(|s| mdp.rows(s).map(move |row| (s, row)));
    let mixture: Vec<Q> = rows.clone().map(|(s, row)| q(policy.prob(s, row))).collect();
    let visits = exact.occupancy(&mixture);
    rows.map(|(s, row)| if counting(mdp, s).contains(&row) { visits[row].clone() } else { Q::ZERO }).collect()
}

/// Whether a return feels a state: without a future only where episodes start, without discount not after their ends.
fn is_felt(mdp: &Mdp, s: usize) -> bool {
    if mdp.gamma() == 0.0 { mdp.mu0()[s] > 0.0 } else { mdp.gamma() < 1.0 || !mdp.is_terminal(s) }
}

/// Rows whose visits count: of an end the first alone, as a choice after an end is none.
fn counting(mdp: &Mdp, s: usize) -> std::ops::Range<usize> {
    let rows = mdp.rows(s);
    match (is_felt(mdp, s), mdp.is_terminal(s)) {
        (true, false) => rows,
        (true, true) => rows.start..rows.start + 1,
        (false, _) => rows.start..rows.start,
    }
}

/// The projection of a reward on the differences of occupancies over the rows that count, by normal equations in
/// fractions: `r - G Phi` with the potential of least squares.
fn flow_projection(mdp: &Mdp, r: &[f64]) -> Vec<f64> {
    let states: Vec<usize> = (0..mdp.n_states()).filter(|&s| is_felt(mdp, s)).collect();
    let line = |row: usize, s: usize| {
        let (col, p) = mdp.p(row);
        let entry = |t: usize| {
            let flow = col.iter().position(|&c| c as usize == t).map_or(Q::ZERO, |i| q(mdp.gamma()) * q(p[i]));
            if s == t { Q::ONE - flow } else { -flow }
        };
        states.iter().map(|&t| entry(t)).collect::<Vec<Q>>()
    };
    let rows: Vec<(usize, Vec<Q>)> = states
        .iter()
        .flat_map(|&s| counting(mdp, s).map(move |row| (row, s)))
        .map(|(row, s)| (row, line(row, s)))
        .collect();
    let n = states.len();
    let mut a = vec![vec![Q::ZERO; n]; n];
    let mut b = vec![Q::ZERO; n];
    for (row, g) in &rows {
        for i in 0..n {
            (0..n).for_each(|j| a[i][j] += &g[i] * &g[j]);
            b[i] += &g[i] * q(r[*row]);
        }
    }
    let phi = solve(a, b);
    let mut left = vec![0.0; r.len()];
    rows.iter().for_each(|(row, g)| left[*row] = near(&(q(r[*row]) - dot(g, &phi))));
    left
}

/// Slope of steepest ascent by a quadratic program: `min |d - r|^2` over flows that do not leave where `x = 0`.
fn slope_by_program(mdp: &Mdp, r: &[f64], x: &[f64]) -> Option<f64> {
    let (n, m) = (mdp.n_states(), r.len());
    // On the other rows the reward is zero, and nothing ties them to the rest.
    let counts = |s: usize| is_felt(mdp, s);
    let (mut rows, mut cols, mut vals) = (Vec::new(), Vec::new(), Vec::new());
    let mut put = |i: usize, j: usize, v: f64| {
        rows.push(i);
        cols.push(j);
        vals.push(v);
    };
    for s in (0..n).filter(|&s| counts(s)) {
        for row in counting(mdp, s) {
            put(s, row, 1.0);
            let (col, p) = mdp.p(row);
            for (&t, &p) in col.iter().zip(p) {
                if counts(t as usize) {
                    put(t as usize, row, -mdp.gamma() * p);
                }
            }
        }
    }
    let empty: Vec<usize> = (0..m).filter(|&row| x[row] == 0.0).collect();
    empty.iter().enumerate().for_each(|(i, &row)| put(n + i, row, -1.0));
    let a = CscMatrix::new_from_triplets(n + empty.len(), m, rows, cols, vals);
    let p = CscMatrix::identity(m);
    let objective: Vec<f64> = r.iter().map(|x| -x).collect();
    let cones = [ZeroConeT(n), NonnegativeConeT(empty.len())];
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-12)
        .tol_gap_rel(1e-12)
        .tol_feas(1e-12)
        .build()
        .unwrap();
    let mut solver = DefaultSolver::new(&p, &objective, &a, &vec![0.0; n + empty.len()], &cones, settings).unwrap();
    solver.solve();
    // A program that is not solved is no second opinion.
    let is_solved = matches!(solver.solution.status, SolverStatus::Solved | SolverStatus::AlmostSolved);
    is_solved.then(|| solver.solution.x.iter().map(|x| x * x).sum::<f64>().sqrt())
}

proptest! {
    #![proptest_config(crate::common::cases(128))]

    #[test]
    fn the_steepest_path_rises_ever_slower_to_the_top(case in pairs(7, 3)) {
        hold(with_lab(&case, |lab| {
            if !is_clear(lab) {
                return Ok(());
            }
            let Some(found) = curve(lab, &along(Path::Steepest, Policy::uniform(lab.mdp))) else { return Ok(()) };
            require!(found.end == End::Top, "{:?} after {} points", found.end, found.points.len());
            let last = found.points.last().unwrap();
            require!(last.proxy_share.hi > 1.0 - 1e-7, "ends at {:?}", last.proxy_share);
            for pair in found.points.windows(2) {
                require!(pair[1].proxy.hi >= pair[0].proxy.lo, "the proxy falls");
                require!(pair[1].parameter > pair[0].parameter, "no way is made");
                let rates = pair[0].rate.unwrap().max(0.0);
                require!(pair[1].rate.is_none_or(|r| r <= rates * (1.0 + 1e-7) + 1e-9), "the slope rises: {pair:?}");
            }
            for point in &found.points {
                let shares = [point.truth_share, point.proxy_share];
                require!(shares.iter().all(|s| 0.0 <= s.lo && s.hi <= 1.0), "{shares:?}");
            }
            Ok(())
        }))?;
    }

    #[test]
    fn the_first_direction_is_that_of_a_quadratic_program(case in pairs(6, 3)) {
        let mut case = case;
        let model = case.model();
        let start = Policy::Stochastic(case.mixture(model.mdp()));
        hold(with_lab(&case, |lab| {
            if !is_clear(lab) {
                return Ok(());
            }
            let Some(found) = curve(lab, &along(Path::Steepest, start.clone())) else { return Ok(()) };
            let proxy = lab.range(&lab.reward(1));
            let p = flow_projection(lab.mdp, &proxy.reward.r);
            let length = p.iter().map(|x| x * x).sum::<f64>().sqrt();
            let unit: Vec<f64> = p.iter().map(|x| x / length).collect();
            let visits = lab.solver.occupancy(&start);
            let mut x = visits.occ_sa;
            // Where episodes have ended the one row that counts has all the visits.
            for s in (0..lab.mdp.n_states()).filter(|&s| lab.mdp.is_terminal(s)) {
                counting(lab.mdp, s).for_each(|row| x[row] = visits.occ_s[s]);
            }
            if x.iter().any(|&x| x != 0.0 && x < 1e-9) {
                return Ok(());
            }
            let Some(known) = slope_by_program(lab.mdp, &unit, &x) else { return Ok(()) };
            let rate = found.points[0].rate.unwrap_or(0.0);
            require!((rate - known).abs() < 1e-5, "slope {rate}, by the program {known}");
            Ok(())
        }))?;
    }

    #[test]
    fn before_the_stop_all_truths_gain_and_after_it_one_loses(case in pairs(5, 3), degrees in 1.0..90.0f64) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            if !is_clear(lab) {
                return Ok(());
            }
            let request = Request {
                angle_degrees: Some(degrees),
                ..along(Path::Steepest, Policy::uniform(lab.mdp))
            };
            let Some(found) = curve(lab, &request) else { return Ok(()) };
            let exact = Exact::new(lab.mdp);
            let points: Vec<Vec<Q>> = found.points.iter().map(|p| occupancy(lab.mdp, &exact, &p.policy)).collect();
            let step = |i: usize| points[i + 1].iter().zip(&points[i]).map(|(b, a)| b - a).collect::<Vec<Q>>();
            let proxy = lab.range(&lab.reward(1)).reward;
            let p = flow_projection(lab.mdp, &proxy.r);
            let length = p.iter().map(|x| x * x).sum::<f64>().sqrt();
            let p: Vec<f64> = p.iter().map(|x| x / length).collect();
            let safe = found.stop.as_ref().map_or(points.len() - 1, |stop| stop.index);
            for i in 0..safe {
                let d = step(i);
                let near_d: Vec<f64> = d.iter().map(near).collect();
                let size = near_d.iter().map(|x| x * x).sum::<f64>().sqrt();
                let mut truths = vec![worst_truth(&p, &near_d, degrees.to_radians())];
                // And turned in any other direction of occupancies, by the same angle.
                let any: Vec<f64> = p.iter().map(|_| tape.signed()).collect();
                let any = flow_projection(lab.mdp, &any);
                truths.push(worst_truth(&p, &any, degrees.to_radians()));
                for truth in truths {
                    let gain = near(&dot(&truth.iter().map(|&x| q(x)).collect::<Vec<Q>>(), &d));
                    require!(gain >= -1e-9 * size, "step {i} of {safe}: a truth loses {gain} of {size}");
                }
            }
            if let Some(stop) = &found.stop {
                let Some(loser) = &stop.loser else { return Ok(()) };
                let loser: Vec<Q> = loser.iter().map(|&x| q(x)).collect();
                require!(dot(&loser, &step(stop.index)) < Q::ZERO, "nobody loses from the step that is not taken");
                let angle = dot(&loser, &p.iter().map(|&x| q(x)).collect::<Vec<Q>>());
                require!(near(&angle) > degrees.to_radians().cos() - 1e-9, "the loser is not within the angle");
            }
            Ok(())
        }))?;
    }

    #[test]
    fn the_soft_path_leads_from_the_start_to_the_top(case in pairs(6, 3)) {
        let mut case = case;
        let model = case.model();
        let start = Policy::Stochastic(case.mixture(model.mdp()));
        hold(with_lab(&case, |lab| {
            for start in [Policy::uniform(lab.mdp), start.clone()] {
                if !is_clear(lab) {
                    return Ok(());
                }
                let Some(found) = curve(lab, &along(Path::Soft, start.clone())) else { return Ok(()) };
                require!(found.points.len() == 42 && found.end == End::Last, "{}", found.points.len());
                require!(found.points[0].kl == 0.0 && found.points[0].distance == 0.0, "not from the start");
                for pair in found.points.windows(2) {
                    require!(pair[1].proxy.hi >= pair[0].proxy.lo - 1e-9 * pair[0].proxy.value.abs(), "the proxy falls");
                    require!(pair[1].kl.is_finite(), "it does what the start never does");
                }
                let last = found.points.last().unwrap();
                let is_whole = start == Policy::uniform(lab.mdp);
                require!(!is_whole || last.proxy_share.hi > 0.9, "ends at {:?}", last.proxy_share);
            }
            Ok(())
        }))?;
    }

    #[test]
    fn the_best_of_n_is_that_of_all_draws(weights in prop::collection::vec(0..5u32, 1..5), scores in prop::collection::vec(0..3i32, 4), n in 1..6u64) {
        let total: u32 = weights.iter().sum();
        prop_assume!(total > 0);
        let base: Vec<f64> = weights.iter().map(|&w| f64::from(w) / f64::from(total)).collect();
        let score: Vec<f64> = scores[..base.len()].iter().map(|&s| f64::from(s)).collect();
        let mut known = vec![0.0; base.len()];
        for draw in 0..base.len().pow(n as u32) {
            let answers: Vec<usize> = (0..n as u32).map(|i| draw / base.len().pow(i) % base.len()).collect();
            let p: f64 = answers.iter().map(|&a| base[a]).product();
            let top = answers.iter().map(|&a| score[a]).fold(f64::MIN, f64::max);
            let winners: Vec<usize> = answers.into_iter().filter(|&a| score[a] == top).collect();
            winners.iter().for_each(|&a| known[a] += p / winners.len() as f64);
        }
        for (x, y) in known.iter().zip(best_of_n(&base, &score, n)) {
            prop_assert!((x - y).abs() < 1e-12, "{:?}", known);
        }
    }
}

#[test]
fn goodharting_happens_at_the_edge_and_stopping_keeps_the_gain() {
    // From (1/3, 1/3, 1/3) up the proxy to (0, 9/19, 10/19), then along the edge to the last arm, which is worth nothing.
    with_lab(&arms(&[&[0.0, 1.0, 0.0], &[0.0, 0.9, 1.0]]), |lab| {
        let request = along(Path::Steepest, Policy::uniform(lab.mdp));
        let found = curves(lab, &request).unwrap();
        let cos: f64 = (4.0 / 15.0) / ((2.0f64 / 3.0).sqrt() * (1.81f64 - 1.9 * 1.9 / 3.0).sqrt());
        assert!((found.angle.value - cos.acos().to_degrees()).abs() < 1e-9, "{:?}", found.angle);
        let curve = &found.curves[0];
        let truth: Vec<f64> = curve.points.iter().map(|p| p.truth.value).collect();
        assert_eq!(truth.len(), 3);
        for (found, known) in truth.iter().zip([1.0 / 3.0, 9.0 / 19.0, 0.0]) {
            assert!((found - known).abs() < 1e-12, "{truth:?}");
        }
        assert_eq!((curve.peak, curve.stop.as_ref().unwrap().index, curve.end), (Some(1), 1, End::Top));
        let drop = curve.drop.unwrap();
        assert!(drop.contains(9.0 / 19.0) && drop.width() < 1e-12 && curve.loses().is_yes());
        // The edge is climbed at 0.0707 / 0.7789: a truth known to within five degrees gains even there.
        let trusting = Request { angle_degrees: Some(5.0), ..request.clone() };
        assert!(curves(lab, &trusting).unwrap().curves[0].stop.is_none());
        let wary = Request { angle_degrees: Some(6.0), ..request };
        assert_eq!(curves(lab, &wary).unwrap().curves[0].stop.as_ref().unwrap().index, 1);
    });
}

#[test]
fn the_best_of_many_arms_peaks_and_falls() {
    // Ten arms; the judge likes the last one, which is a false positive.
    let truth: Vec<f64> = (0..10).map(|i| if i == 9 { -5.0 } else { f64::from(i) }).collect();
    let proxy: Vec<f64> = (0..10).map(f64::from).collect();
    with_lab(&arms(&[&truth, &proxy]), |lab| {
        let found = curve(lab, &along(Path::BestOfN, Policy::uniform(lab.mdp))).unwrap();
        for point in &found.points {
            let n = point.parameter as u64;
            assert!(point.kl <= kl_without_ties(n) + 1e-12 && point.chi2 <= chi2_without_ties(n) + 1e-12, "{n}");
            let known: f64 = (0..10)
                .map(|i| {
                    let upto = |k: i32| (f64::from(k) / 10.0).powf(n as f64);
                    (upto(i + 1) - upto(i)) * truth[i as usize]
                })
                .sum();
            assert!((point.truth.value - known).abs() < 1e-9, "{n}: {} {known}", point.truth.value);
        }
        assert_eq!(
            found.points[found.peak.unwrap()].parameter,
            2.0,
            "{:?}",
            found.points.iter().map(|p| p.truth.value).collect::<Vec<_>>()
        );
        assert!(found.drop.unwrap().lo > 0.5 && found.points.last().unwrap().parameter == 1024.0);
    });
}

#[test]
fn best_of_n_is_left_out_where_a_choice_has_consequences() {
    let to = |t: usize| Some(vec![f64::from(u8::from(t == 0)), f64::from(u8::from(t == 1))]);
    let case = Case {
        gamma: 0.5,
        p: vec![vec![to(0), to(1)], vec![to(0), to(1)]],
        mu0: Start::Uniform,
        terminal: Vec::new(),
        rewards: [[[0.0, 1.0], [2.0, 0.0]], [[0.0, 3.0], [2.0, 1.0]]]
            .map(|r| Table::Sa(r.map(|row| row.to_vec()).to_vec()))
            .to_vec(),
        tape: Tape::new(vec![0]),
    };
    with_lab(&case, |lab| {
        let found = curves(lab, &Request::from(Policy::uniform(lab.mdp))).unwrap();
        assert_eq!(found.curves.len(), 2);
        assert!(found.left_out[0].0 == Path::BestOfN && found.left_out[0].1.contains("decides"));
    });
}

#[test]
fn opposite_and_trivial_proxies_are_outcomes() {
    with_lab(&arms(&[&[0.0, 1.0, 3.0], &[0.0, -1.0, -3.0]]), |lab| {
        let found = curves(lab, &Request::from(Policy::uniform(lab.mdp))).unwrap();
        assert!(found.angle.value > 179.0 && found.allowed_angle == 90.0);
        for curve in &found.curves {
            assert_eq!(curve.stop.as_ref().map(|stop| stop.index), Some(0));
            assert_eq!(curve.peak, Some(0));
        }
    });
    with_lab(&arms(&[&[0.0, 1.0, 3.0], &[2.0; 3]]), |lab| {
        assert!(curves(lab, &Request::from(Policy::uniform(lab.mdp))).is_none());
    });
    with_lab(&arms(&[&[0.0, 1.0, 3.0], &[0.0, 1.0, 2.0]]), |lab| {
        let [truth, proxy] = [0, 1].map(|i| lab.range(&lab.reward(i)));
        let request = Request { angle_degrees: Some(200.0), ..Request::from(Policy::uniform(lab.mdp)) };
        assert!(goodhart(lab.solver, &truth, &proxy, &request).is_err());
    });
}
