//! Stability of optimal policies: closed forms against linear programs, perturbations, laws, and numbers known by hand.

use crate::common::draw::{Case, Kind, Tape, cases_of};
use crate::common::lab::{Lab, hold, with_lab, with_model};
use good_lp::{Expression, Solution, SolverModel, Variable, constraint, microlp, variable, variables};
use proptest::prelude::*;
use truenorth::analysis::stability::{
    Ball, Direction, Optimum, Radii, Reason, Route, Witness, by_state, family, radii, relative, set_radius, teach,
    witness,
};
use truenorth::base::Bounded;
use truenorth::io::{self, gallery};
use truenorth::model::mdp::random;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Model, Policy, Reward};
use truenorth::solve::{Options, Solver};

const ONE: Kind = Kind { max_states: 5, max_actions: 3, scales: &[1.0], ..Kind::ANY };

/// Models of every kind, with undiscounted episodes among them.
fn models(max_states: usize) -> impl Strategy<Value = Case> {
    let discounted = Kind { max_states, ..ONE };
    let episodes = Kind { gammas: &[1.0], episodic: true, ..discounted };
    prop_oneof![3 => cases_of(discounted), 1 => cases_of(episodes)]
}

/// An optimum with its radii.
struct Found {
    reward: Reward,
    expected: ExpectedReward,
    optimum: Optimum,
    radii: Radii,
}

fn solved(lab: &Lab<'_>, reward: Reward) -> Found {
    let expected = reward.expected(lab.mdp);
    let optimum = Optimum::of(lab.solver, &expected);
    let radii = radii(lab.solver, &optimum, &lab.solver.shifts(&optimum.rows));
    Found { reward, expected, optimum, radii }
}

/// Largest advantage over a policy, less what it may be off.
fn best_advantage(lab: &Lab<'_>, rows: &[usize], r: &[f64]) -> f64 {
    let reward = ExpectedReward::exact(r.to_vec());
    let policy = Policy::Deterministic(rows.to_vec());
    let value = lab.solver.evaluate_closely(&policy, &[&reward]).remove(0);
    let found = lab.solver.advantages(&reward, &value);
    found.a.iter().zip(&found.error).map(|(a, e)| a - e).fold(f64::NEG_INFINITY, f64::max)
}

fn live_rows(mdp: &Mdp) -> Vec<usize> {
    (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).flat_map(|s| mdp.rows(s)).collect()
}

fn plus(r: &[f64], d: &[f64]) -> Vec<f64> {
    r.iter().zip(d).map(|(r, d)| r + d).collect()
}

/// The size of a change of `R(s,a)`; of `R(s,a,s')` it is the least that has this mean.
fn size(mdp: &Mdp, d: &[f64], ball: Ball) -> f64 {
    let own = |row: usize| {
        let p = mdp.p(row).1;
        match ball {
            Ball::L1Sas => p.iter().fold(0.0f64, |m, &p| m.max(p)),
            Ball::L2Sas => p.iter().map(|p| p * p).sum::<f64>().sqrt(),
            _ => 1.0,
        }
    };
    let each = d.iter().enumerate().map(|(row, d)| d.abs() / own(row));
    match ball {
        Ball::Linf => each.fold(0.0, f64::max),
        Ball::L1 | Ball::L1Sas => each.sum(),
        _ => each.map(|x| x * x).sum::<f64>().sqrt(),
    }
}

/// The change of a given size that gains most in a direction.
fn steepest(mdp: &Mdp, c: &Direction, ball: Ball, length: f64) -> Vec<f64> {
    let mut d = vec![0.0; mdp.n_rows()];
    // What an entry gains per unit of its size, which is what it counts in the dual norm.
    let own = |row: usize| {
        let mut unit = vec![0.0; mdp.n_rows()];
        unit[row] = 1.0;
        1.0 / size(mdp, &unit, ball)
    };
    match ball {
        Ball::Linf => c.entries(mdp).for_each(|(row, x)| d[row] = length * x.signum()),
        Ball::L1 | Ball::L1Sas => {
            let (row, x) =
                c.entries(mdp).max_by(|x, y| (x.1.abs() * own(x.0)).total_cmp(&(y.1.abs() * own(y.0)))).unwrap();
            d[row] = length * x.signum() * own(row);
        }
        _ => {
            c.entries(mdp).for_each(|(row, x)| d[row] = x * own(row) * own(row));
            let unit = size(mdp, &d, ball);
            d.iter_mut().for_each(|d| *d *= length / unit);
        }
    }
    d
}

/// Value variables, change variables and the bound of a program of the definition: the policy's values under the changed
/// reward, with the advantage of `row` not negative.
fn by_program(lab: &Lab<'_>, found: &Found, rows: &[usize], row: usize, ball: Ball, tied: &[usize]) -> f64 {
    let mdp = lab.mdp;
    let live = live_rows(mdp);
    let mut vars = variables!();
    let v: Vec<Variable> = (0..mdp.n_states()).map(|_| vars.add(variable())).collect();
    let mut change: Vec<Vec<(f64, Variable)>> = vec![Vec::new(); mdp.n_rows()];
    for &row in &live {
        change[row] = match ball {
            Ball::L1Sas => mdp.p(row).1.iter().map(|&p| (p, vars.add(variable()))).collect(),
            _ => vec![(1.0, vars.add(variable()))],
        };
    }
    let entries: Vec<Variable> = change.iter().flatten().map(|&(_, x)| x).collect();
    let sizes: Vec<Variable> = match ball {
        Ball::Linf => vec![vars.add(variable().min(0.0)); entries.len()],
        _ => entries.iter().map(|_| vars.add(variable().min(0.0))).collect(),
    };
    let objective: Expression = match ball {
        Ball::Linf => sizes[0].into(),
        _ => sizes.iter().copied().sum(),
    };
    let mut model = vars.minimise(objective.clone()).using(microlp);
    for (&x, &t) in entries.iter().zip(&sizes) {
        model = model.with(constraint!(x <= t)).with(constraint!(-1.0 * x <= t));
    }
    let q = |row: usize| -> Expression {
        let mut q = Expression::from(found.expected.r[row]);
        change[row].iter().for_each(|&(p, x)| q += p * x);
        let (col, p) = mdp.p(row);
        col.iter().zip(p).for_each(|(&t, &p)| q += (mdp.gamma() * p) * v[t as usize]);
        q
    };
    for s in 0..mdp.n_states() {
        model = match mdp.is_terminal(s) {
            true => model.with(constraint!(v[s] == 0.0)),
            false => model.with(constraint!(q(rows[s]) == v[s])),
        };
    }
    model = model.with(constraint!(q(row) >= v[mdp.state(row)]));
    for &row in tied {
        model = model.with(constraint!(q(row) <= v[mdp.state(row)]));
    }
    model.solve().map_or(f64::INFINITY, |solution| solution.eval(objective))
}

fn near(what: &str, x: f64, b: Bounded, relative: f64) -> Result<(), String> {
    let slack = relative * x.abs().max(b.value.abs()) + 1e-12;
    require!(b.lo - slack <= x && x <= b.hi + slack, "{what}: {x} is not in {b:?}");
    require!((x - b.value).abs() <= slack + b.width(), "{what}: {x} is far from {b:?}");
    Ok(())
}

fn overlap(what: &str, x: Bounded, y: Bounded, by: f64) -> Result<(), String> {
    let slack = 1e-9 * x.hi.abs() + 1e-13;
    require!(x.lo * by <= y.hi + slack && y.lo <= x.hi * by + slack, "{what}: {by} times {x:?} is not {y:?}");
    require!((x.value * by - y.value).abs() <= 1e-8 * y.value.abs() + 1e-12, "{what}: {by} times {x:?} is not {y:?}");
    Ok(())
}

fn closed_form_is_the_program(lab: &Lab<'_>) -> Result<(), String> {
    let found = solved(lab, lab.reward(0));
    let others: Vec<usize> =
        live_rows(lab.mdp).into_iter().filter(|&row| found.optimum.rows[lab.mdp.state(row)] != row).collect();
    for ball in [Ball::Linf, Ball::L1, Ball::L1Sas] {
        let least = others.iter().map(|&row| by_program(lab, &found, &found.optimum.rows, row, ball, &[]));
        let least = least.fold(f64::INFINITY, f64::min);
        let radius = found.radii.of(ball).size;
        match least.is_finite() {
            true => near(ball.id(), least.max(0.0), radius, 1e-7)?,
            false => assert!(radius.value.is_infinite()),
        }
    }
    Ok(())
}

fn inside_it_holds_and_outside_it_breaks(lab: &Lab<'_>, tape: &mut Tape) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, lab.reward(0)));
    let shifts = lab.solver.shifts(&found.optimum.rows);
    if found.radii.reason != Reason::Unique || found.radii.of(Ball::Linf).size.value < 1e-9 {
        return Ok(());
    }
    for ball in Ball::ALL {
        let radius = found.radii.of(ball).size;
        for i in 0..200 {
            let mut d = vec![0.0; mdp.n_rows()];
            for row in live_rows(mdp) {
                d[row] = match i % 2 {
                    0 => tape.signed(),
                    _ => [-1.0, 1.0, 0.0][tape.below(3)],
                };
            }
            let length = size(mdp, &d, ball);
            if length > 0.0 {
                d.iter_mut().for_each(|d| *d *= 0.999 * radius.lo / length);
                let gain = best_advantage(lab, &found.optimum.rows, &plus(&found.expected.r, &d));
                require!(gain <= 0.0, "{}: a change inside {radius:?} makes an action better by {gain}", ball.id());
            }
        }
        let c = Direction::of(&shifts, found.radii.of(ball).row.unwrap());
        for (length, breaks) in [(0.999 * radius.lo, false), (1.001 * radius.hi, true)] {
            let d = steepest(mdp, &c, ball, length);
            let gain = best_advantage(lab, &found.optimum.rows, &plus(&found.expected.r, &d));
            require!((gain > 0.0) == breaks, "{}: at {length} of {radius:?} the best gain is {gain}", ball.id());
        }
    }
    Ok(())
}

fn shaping_and_scale(lab: &Lab<'_>, tape: &mut Tape) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, lab.reward(0)));
    let phi: Vec<f64> =
        (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { 0.0 } else { 2.0 * tape.signed() }).collect();
    let shaped = solved(lab, found.reward.shaped(mdp, &phi));
    let scaled = solved(lab, found.reward.scaled(4.0));
    let unique = |f: &Found| f.radii.reason == Reason::Unique;
    if !unique(&found) || found.radii.of(Ball::Linf).size.value < 1e-9 {
        return Ok(());
    }
    require!(unique(&shaped) && unique(&scaled), "a unique optimum does not stay unique");
    for ball in Ball::ALL {
        overlap("shaping", found.radii.of(ball).size, shaped.radii.of(ball).size, 1.0)?;
        overlap("scale", found.radii.of(ball).size, scaled.radii.of(ball).size, 4.0)?;
    }
    let angle = |f: &Found| relative(lab.context, &f.reward, &f.radii).unwrap().degrees.unwrap();
    // Near a right angle a rounding of the sine is the square of one of the angle: only the bounds can be compared.
    for (what, other) in [("shaped", angle(&shaped)), ("scaled", angle(&scaled))] {
        let this = angle(&found);
        require!(this.lo <= other.hi && other.lo <= this.hi, "{what}: {other:?} instead of {this:?}");
        require!(this.width() <= 1e-2 && other.width() <= 1e-2, "{what}: {other:?}, {this:?}");
    }
    // The bracket of one solve.
    let (_, gap) = found.optimum.gap_min(mdp).unwrap();
    let (radius, sum) = (found.radii.of(Ball::Linf).size, found.radii.of(Ball::L1).size);
    let w = lab.solver.horizon().longest();
    require!(gap.lo / (2.0 * w) <= radius.hi && radius.lo <= gap.hi, "{radius:?} outside its bracket of {gap:?}");
    require!(gap.lo / w <= sum.hi && sum.lo <= gap.hi, "{sum:?} outside its bracket of {gap:?}");
    Ok(())
}

/// In the family of all single entries the coefficients are the change itself.
fn units_span_everything(lab: &Lab<'_>) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, lab.reward(0)));
    let unit = |row: usize| {
        let mut r = vec![0.0; mdp.n_rows()];
        r[row] = 1.0;
        ExpectedReward::exact(r)
    };
    let units: Vec<ExpectedReward> = live_rows(mdp).into_iter().map(unit).collect();
    if units.is_empty() || found.radii.reason != Reason::Unique {
        return Ok(());
    }
    let of = family(lab.solver, &found.optimum, &units.iter().collect::<Vec<_>>());
    for (radius, ball) in of.radii.iter().zip([Ball::Linf, Ball::L2, Ball::L1]) {
        overlap(ball.id(), found.radii.of(ball).size, radius.size, 1.0)?;
    }
    require!(of.structural == 0, "no pair is structural here");
    let theta = of.theta.unwrap();
    let largest = theta.iter().fold(0.0f64, |m, t| m.max(t.abs()));
    near("largest coefficient", largest, of.radii[0].size, 1e-12)
}

/// Shaping cannot flip anything, whatever its size.
fn shaping_is_structural(lab: &Lab<'_>, tape: &mut Tape) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, lab.reward(0)));
    let phi: Vec<f64> = (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { 0.0 } else { tape.signed() }).collect();
    let shaping = Reward::per_row(vec![0.0; mdp.n_rows()]).exact_inputs(mdp).shaped(mdp, &phi).expected(mdp);
    let of = family(lab.solver, &found.optimum, &[&shaping]);
    require!(of.undecided == 0 && of.structural == of.pairs, "{} of {} pairs are structural", of.structural, of.pairs);
    require!(of.radii[0].size.value.is_infinite(), "{:?}", of.radii[0]);
    Ok(())
}

/// The policy beyond the witness sees the same facet at the distance that is left.
fn the_facet_is_shared(lab: &Lab<'_>) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, lab.reward(0)));
    let radius = found.radii.of(Ball::Linf).size;
    if found.radii.reason != Reason::Unique || radius.value < 1e-6 {
        return Ok(());
    }
    let Witness { change, size, row } = witness(mdp, &found.reward, &found.optimum, &found.radii).unwrap();
    near("size of the witness", size / 1.001, radius, 1e-12)?;
    let beyond = solved(lab, Reward::per_row(plus(&found.expected.r, &change)));
    require!(best_advantage(lab, &found.optimum.rows, &beyond.expected.r) > 0.0, "the witness flips nothing");
    let s = mdp.state(row);
    let mut flipped = found.optimum.rows.clone();
    flipped[s] = row;
    if beyond.optimum.rows != flipped || beyond.radii.reason != Reason::Unique {
        return Ok(());
    }
    let back = Direction::of(&lab.solver.shifts(&flipped), found.optimum.rows[s]);
    let gap = beyond.optimum.gap[found.optimum.rows[s]];
    let dual = back.dual(mdp, Ball::Linf);
    let distance = gap.value / (0.5 * (dual.lo + dual.hi));
    let left = size - radius.value;
    require!((distance - left).abs() <= 1e-6 * radius.value, "{distance} back, {left} beyond");
    // And the nearest reward that teaches the flipped policy is on that facet.
    let taught = teach(lab.solver, &flipped, &found.expected, 0.0, Ball::Linf).map_err(|d| d.to_string())?;
    near("nearest reward of the neighbour", radius.value, taught.distance, 1e-5)
}

/// Bounds of the nearest reward, and that it does what it says.
fn teaching(lab: &Lab<'_>, rows: &[usize], margin: f64) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, lab.reward(0)));
    let others: Vec<usize> = live_rows(mdp).into_iter().filter(|&row| rows[mdp.state(row)] != row).collect();
    for ball in [Ball::Linf, Ball::L1, Ball::L2] {
        let taught = teach(lab.solver, rows, &found.expected, margin, ball).map_err(|d| d.to_string())?;
        let d = taught.distance;
        let reward = ExpectedReward::exact(plus(&found.expected.r, &taught.change));
        let value = lab.solver.evaluate_closely(&Policy::Deterministic(rows.to_vec()), &[&reward]).remove(0);
        let after = lab.solver.advantages(&reward, &value);
        for &row in &others {
            let a = after.a[row] - after.error[row];
            require!(a <= -margin + 1e-12, "{}: an action falls short by {} only", ball.id(), -a);
        }
        near("size of the change", size(mdp, &taught.change, ball), d, 1e-6)?;
        require!(d.lo <= d.hi, "{d:?}");
        if ball == Ball::Linf {
            let never_ends = (0..mdp.n_states()).all(|s| !mdp.is_terminal(s));
            let most = if never_ends { taught.excess / 2.0 } else { taught.excess };
            require!(d.lo <= most * (1.0 + 1e-9) + 1e-12, "{d:?} above {most}");
        }
    }
    Ok(())
}

/// A model and a reward with chosen action values: `r = Q - gamma P max Q`, the values whole numbers, so that some tie.
fn with_ties(lab: &Lab<'_>, tape: &mut Tape) -> Reward {
    let mdp = lab.mdp;
    let q: Vec<f64> = (0..mdp.n_rows()).map(|_| tape.below(3) as f64).collect();
    let v: Vec<f64> = (0..mdp.n_states())
        .map(|s| if mdp.is_terminal(s) { 0.0 } else { mdp.rows(s).map(|row| q[row]).fold(f64::NEG_INFINITY, f64::max) })
        .collect();
    let live = live_rows(mdp);
    let mut r = vec![0.0; mdp.n_rows()];
    live.iter().for_each(|&row| r[row] = q[row] - mdp.gamma() * mdp.backup(row, &v));
    Reward::per_row(r)
}

fn sets_of_optimal_actions(lab: &Lab<'_>, tape: &mut Tape) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, with_ties(lab, tape)));
    let set = set_radius(lab.solver, &found.optimum, &found.radii);
    let Some((_, gap)) = found.optimum.gap_min(mdp) else {
        require!(set.route == Route::Nothing && set.size.value.is_infinite(), "{set:?}");
        return Ok(());
    };
    // Rounding of `r` may have parted what was tied: then all that follows is about a tiny gap.
    if gap.value < 1e-6 {
        return Ok(());
    }
    let never_ends = (0..mdp.n_states()).all(|s| !mdp.is_terminal(s));
    let top = if never_ends { gap.hi / 2.0 } else { gap.hi };
    let bottom = gap.lo / (2.0 * lab.solver.horizon().longest());
    require!(bottom <= set.size.hi && set.size.lo <= top * (1.0 + 1e-9), "{set:?} outside [{bottom}, {top}]");
    for i in 0..200 {
        let mut r = found.expected.r.clone();
        for row in live_rows(mdp) {
            r[row] += 0.999 * set.size.lo * if i % 2 == 0 { tape.signed() } else { [-1.0, 1.0][tape.below(2)] };
        }
        let moved = solved(lab, Reward::per_row(r));
        for row in live_rows(mdp) {
            let is_new = moved.optimum.optimal[row] && !found.optimum.optimal[row];
            require!(!is_new || moved.optimum.gap[row].hi > 0.0, "a new action is optimal inside {set:?}");
            require!(!is_new, "a new action is optimal inside {set:?}");
        }
    }
    if set.route != Route::Programs || found.optimum.ties(mdp).len() > 3 {
        return Ok(());
    }
    // The definition: over all policies of optimal actions and all others, in values instead of advantages.
    let ties = found.optimum.ties(mdp);
    let mut least = f64::INFINITY;
    let n: usize = ties.iter().map(|t| t.rows.len()).product();
    for i in 0..n {
        let (mut rows, mut left, mut tied) = (found.optimum.rows.clone(), i, Vec::new());
        for tie in &ties {
            rows[tie.state] = tie.rows[left % tie.rows.len()];
            left /= tie.rows.len();
            tied.extend(tie.rows.iter().copied().filter(|&row| row != rows[tie.state]));
        }
        for row in found.optimum.others(mdp) {
            least = least.min(by_program(lab, &found, &rows, row, Ball::Linf, &tied));
        }
    }
    near("set radius", least, set.size, 1e-6)
}

fn states_have_radii(lab: &Lab<'_>) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, lab.reward(0)));
    let shifts = lab.solver.shifts(&found.optimum.rows);
    let all = by_state(lab.solver, &found.optimum, &shifts);
    let least = all.iter().flatten().map(|r| r.size.value).fold(f64::INFINITY, f64::min);
    match found.radii.reason {
        Reason::Unique => near("least of all states", least, found.radii.of(Ball::Linf).size, 1e-9)?,
        Reason::NoChoice => require!(least.is_infinite(), "{least}"),
        Reason::Tie | Reason::Trivial => require!(least == 0.0, "{least}"),
        Reason::Undecided => require!(all.iter().flatten().any(|r| r.size.lo == 0.0), "{least}"),
    }
    for s in 0..mdp.n_states() {
        let has_choice = mdp.rows(s).len() > 1 && !mdp.is_terminal(s);
        require!(all[s].is_some() == has_choice, "state {s}");
        // Every pair of the state is at least as far.
        for row in mdp.rows(s).filter(|&row| has_choice && row != found.optimum.rows[s]) {
            let far = found.optimum.gap[row].hi / Direction::of(&shifts, row).dual(mdp, Ball::Linf).lo;
            require!(all[s].unwrap().size.lo <= far * (1.0 + 1e-9), "state {s}, row {row}");
        }
    }
    Ok(())
}

/// Any canonical form at a smaller angle has the same optimal policy.
fn angles(lab: &Lab<'_>, tape: &mut Tape) -> Result<(), String> {
    let (mdp, found) = (lab.mdp, solved(lab, lab.reward(0)));
    if found.radii.reason != Reason::Unique || found.radii.of(Ball::Linf).size.value < 1e-6 {
        return Ok(());
    }
    let form = |reward: &Reward| {
        let canon = truenorth::analysis::canon::find("minimal-weighted").unwrap();
        canon.apply(lab.context, reward).unwrap().form.base().to_vec()
    };
    let (r0, length) = {
        let r0 = form(&found.reward);
        let length = r0.iter().map(|x| x * x).sum::<f64>().sqrt();
        (r0, length)
    };
    let theta = relative(lab.context, &found.reward, &found.radii).unwrap().degrees.unwrap();
    for _ in 0..20 {
        // Rewards of ended episodes are 0, and shaping of the sum does not change that.
        let mut r = vec![0.0; mdp.n_rows()];
        live_rows(mdp).into_iter().for_each(|row| r[row] = tape.signed());
        let mut w = form(&Reward::per_row(r));
        let along: f64 = w.iter().zip(&r0).map(|(w, r)| w * r).sum::<f64>() / (length * length);
        w.iter_mut().zip(&r0).for_each(|(w, r)| *w -= along * r);
        let across = w.iter().map(|x| x * x).sum::<f64>().sqrt();
        if across > 1e-9 {
            let (sin, cos) = (0.999 * theta.lo).to_radians().sin_cos();
            let x: Vec<f64> = r0.iter().zip(&w).map(|(r, w)| cos * r + sin * length / across * w).collect();
            let gain = advantage(mdp, &found.optimum.rows, &x);
            require!(gain <= 1e-9 * length, "at {theta:?} an action is better by {gain}");
        }
    }
    // And it is the largest such angle: turned a little further towards the facet, another action is better.
    let c = Direction::of(&lab.solver.shifts(&found.optimum.rows), found.radii.of(Ball::L2).row.unwrap());
    let mut w = vec![0.0; mdp.n_rows()];
    c.entries(mdp).for_each(|(row, x)| w[row] += x);
    let along: f64 = w.iter().zip(&r0).map(|(w, r)| w * r).sum::<f64>() / (length * length);
    w.iter_mut().zip(&r0).for_each(|(w, r)| *w -= along * r);
    let across = w.iter().map(|x| x * x).sum::<f64>().sqrt();
    if across > 1e-6 {
        let (sin, cos) = (1.001 * theta.hi).to_radians().sin_cos();
        let x: Vec<f64> = r0.iter().zip(&w).map(|(r, w)| cos * r + sin * length / across * w).collect();
        let gain = advantage(mdp, &found.optimum.rows, &x);
        require!(gain > 0.0, "beyond {theta:?} nothing is better");
    }
    Ok(())
}

/// Largest advantage by plain sweeps of a policy's values.
fn advantage(mdp: &Mdp, rows: &[usize], r: &[f64]) -> f64 {
    let q = |row: usize, v: &[f64]| r[row] + mdp.gamma() * mdp.backup(row, v);
    let mut v = vec![0.0; mdp.n_states()];
    for _ in 0..4_000 {
        v = (0..v.len()).map(|s| q(rows[s], &v)).collect();
    }
    let live = live_rows(mdp);
    live.iter().map(|&row| q(row, &v) - v[mdp.state(row)]).fold(f64::NEG_INFINITY, f64::max)
}

proptest! {
    #![proptest_config(crate::common::cases(40))]

    #[test]
    fn radii_are_those_of_linear_programs(case in models(4)) {
        hold(with_lab(&case, closed_form_is_the_program))?;
    }

    #[test]
    fn inside_the_policy_stays_and_outside_it_falls(case in models(5)) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| inside_it_holds_and_outside_it_breaks(lab, &mut tape)))?;
    }

    #[test]
    fn shaping_keeps_radii_and_scale_multiplies_them(case in models(5)) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| shaping_and_scale(lab, &mut tape)))?;
    }

    #[test]
    fn a_family_of_units_is_the_whole_space(case in models(5)) {
        hold(with_lab(&case, units_span_everything))?;
    }

    #[test]
    fn no_multiple_of_shaping_flips_anything(case in models(5)) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| shaping_is_structural(lab, &mut tape)))?;
    }

    #[test]
    fn neighbours_share_a_facet(case in models(5)) {
        hold(with_lab(&case, the_facet_is_shared))?;
    }

    #[test]
    fn nearest_rewards_teach_any_policy(case in models(4), tenths in 0usize..4) {
        let mut case = case;
        let model = case.model();
        let rows = case.policy(model.mdp());
        hold(with_lab(&case, |lab| teaching(lab, &rows, tenths as f64 / 10.0)))?;
    }

    #[test]
    fn nothing_new_is_optimal_inside_the_set_radius(case in models(4)) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| sets_of_optimal_actions(lab, &mut tape)))?;
    }

    #[test]
    fn the_least_radius_of_a_state_is_that_of_the_policy(case in models(5)) {
        hold(with_lab(&case, states_have_radii))?;
    }

    #[test]
    fn smaller_angles_keep_the_policy(case in cases_of(Kind { gammas: &[0.0, 0.3, 0.5, 0.9, 0.95], ..ONE })) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| angles(lab, &mut tape)))?;
    }
}

fn gallery_model(name: &str) -> Model {
    Model::build(gallery::read(name).unwrap()).unwrap()
}

fn of_gallery<T>(name: &str, reward: &str, f: impl FnOnce(&Lab<'_>, &Found) -> T) -> T {
    let model = gallery_model(name);
    let at = model.rewards().iter().position(|(known, _)| known == reward).unwrap();
    with_model(&model, |lab| f(lab, &solved(lab, lab.reward(at))))
}

fn holds(b: Bounded, x: f64) {
    assert!(b.lo <= x && x <= b.hi, "{x} is not in {b:?}");
    assert!(b.width() <= 1e-9 * x.abs().max(1e-3), "{b:?} is wide");
}

/// A double near a decimal is off by a rounding of the model itself.
fn about(b: Bounded, x: f64) {
    assert!((b.value - x).abs() <= 1e-12 * x.abs().max(1.0), "{x} is not near {b:?}");
}

#[test]
fn radii_known_by_hand() {
    // A gap of 1/1000, and the ends can each be off for ever.
    of_gallery("e2-tight-low", "reward", |lab, found| {
        about(found.radii.of(Ball::Linf).size, 5e-5);
        about(found.optimum.gap_min(lab.mdp).unwrap().1, 1e-3);
        // The largest entry of the direction is that of an end: 0.9 / 0.1 = 9.
        about(found.radii.of(Ball::L1).size, 1e-3 / 9.0);
        about(found.radii.of(Ball::L2).size, 1e-3 / (2.0f64 + 2.0 * 81.0).sqrt());
        let set = set_radius(lab.solver, &found.optimum, &found.radii);
        assert_eq!(set.route, Route::Unique);
        about(set.size, 5e-5);
    });
    // The same distance on both sides, though gaps differ by a factor of ten.
    let sides = ["stay_side", "go_side"].map(|reward| {
        of_gallery("e3-gap-not-intrinsic", reward, |lab, found| {
            about(found.radii.of(Ball::Linf).size, 0.005);
            found.optimum.gap_min(lab.mdp).unwrap().1.value
        })
    });
    assert!((sides[0] / sides[1] - 10.0).abs() < 1e-9, "{sides:?}");
    // Transitions that do not depend on the action: half the gap.
    of_gallery("e4-tight-high", "reward", |lab, found| {
        about(found.optimum.gap_min(lab.mdp).unwrap().1, 0.2);
        about(found.radii.of(Ball::Linf).size, 0.1);
        about(found.radii.of(Ball::L1).size, 0.2);
    });
}

#[test]
fn ties_have_radius_zero_and_a_reason() {
    of_gallery("e1-tie", "train", |lab, found| {
        assert_eq!(found.radii.reason, Reason::Trivial);
        assert!(found.optimum.is_decided());
        for ball in Ball::ALL {
            assert_eq!(found.radii.of(ball).size, Bounded::exact(0.0));
        }
        // The least of bonuses breaks it.
        let broken = witness(lab.mdp, &found.reward, &found.optimum, &found.radii).unwrap();
        assert!(broken.size <= 1e-5 * found.expected.r.iter().fold(0.0f64, |m, r| m.max(r.abs())));
        let r = plus(&found.expected.r, &broken.change);
        assert!(best_advantage(lab, &found.optimum.rows, &r) > 0.0);
    });
    of_gallery("e5-outcome-tree", "outcome", |lab, found| {
        assert_eq!(found.radii.reason, Reason::Tie);
        assert_eq!(found.optimum.ties(lab.mdp).len(), 1);
        assert_eq!(found.radii.of(Ball::Linf).size.value, 0.0);
        let set = set_radius(lab.solver, &found.optimum, &found.radii);
        assert_eq!(set.route, Route::Programs);
        assert!((set.size.value - 0.5).abs() < 1e-6, "{set:?}");
    });
}

/// A random model with four successors an action, and its reward.
fn garnet(states: usize, actions: usize, gamma: f64, seed: u64) -> (Mdp, Reward) {
    let (mdp, r) = random::Garnet { states, actions, branching: 4, gamma, seed }.mdp().unwrap();
    (mdp, Reward::per_row(r))
}

#[test]
fn a_model_without_choices_has_nothing_to_flip() {
    let (mdp, _) = garnet(20, 1, 0.9, 5);
    let solver = Solver::new(&mdp, Options::default()).unwrap();
    let reward = Reward::per_row((0..20).map(f64::from).collect());
    let expected = reward.expected(&mdp);
    let optimum = Optimum::of(&solver, &expected);
    let found = radii(&solver, &optimum, &solver.shifts(&optimum.rows));
    assert_eq!(found.reason, Reason::NoChoice);
    assert!(found.of(Ball::Linf).size.value.is_infinite());
    assert!(witness(&mdp, &reward, &optimum, &found).is_none());
}

#[test]
fn matrices_and_systems_agree() {
    for (n, gamma, seed) in [(30, 0.95, 1), (150, 0.99, 2), (1_200, 0.95, 3)] {
        let (mdp, reward) = garnet(n, 4, gamma, seed);
        let expected = reward.expected(&mdp);
        let solver = Solver::new(&mdp, Options::default()).unwrap();
        let optimum = Optimum::of(&solver, &expected);
        let dense = radii(&solver, &optimum, &solver.shifts_within(&optimum.rows, n));
        let free = radii(&solver, &optimum, &solver.shifts_within(&optimum.rows, 0));
        assert!(dense.solved < dense.pairs / 2, "{} of {} pairs", dense.solved, dense.pairs);
        for ball in Ball::ALL {
            let (x, y) = (dense.of(ball), free.of(ball));
            assert_eq!(x.row, y.row);
            overlap(ball.id(), x.size, y.size, 1.0).unwrap();
            assert!(x.size.width() <= 1e-6 * x.size.value && y.size.width() <= 1e-6 * y.size.value, "{x:?} {y:?}");
        }
        // Without the search: all pairs, the radius by its formula.
        if n <= 150 {
            let shifts = solver.shifts(&optimum.rows);
            let rows = (0..mdp.n_rows()).filter(|&row| optimum.rows[mdp.state(row)] != row);
            let each = rows.map(|row| optimum.gap[row].value / Direction::of(&shifts, row).dual(&mdp, Ball::Linf).hi);
            let least = each.fold(f64::INFINITY, f64::min);
            near("least of all", least, dense.of(Ball::Linf).size, 1e-9).unwrap();
        }
    }
}

#[test]
fn a_limit_leaves_bounds_that_hold() {
    use truenorth::solve::{Limits, Stop};
    static STOP: Stop = Stop::new();
    let (mdp, reward) = garnet(200, 5, 0.95, 4);
    let expected = reward.expected(&mdp);
    let solver = Solver::new(&mdp, Options::default()).unwrap();
    let optimum = Optimum::of(&solver, &expected);
    let whole = radii(&solver, &optimum, &solver.shifts(&optimum.rows));
    let limits = Limits { stop: Some(&STOP), ..Limits::default() };
    let hurried = Solver::new(&mdp, Options { limits, ..Options::default() }).unwrap();
    STOP.interrupt();
    let part = radii(&hurried, &optimum, &hurried.shifts(&optimum.rows));
    assert!(!part.is_complete && part.solved < whole.solved);
    for ball in Ball::ALL {
        let (x, y) = (part.of(ball).size, whole.of(ball).size);
        assert!(x.lo <= y.lo && y.hi <= x.hi && x.lo > 0.0, "{x:?} does not hold {y:?}");
    }
}

#[test]
fn ones_on_every_entry_hold_exactly() {
    // Two arms of a bandit, one step: 1 against 1/4, exact in doubles; half the gap each.
    let text = r#"{"format":"truenorth-mdp/1","gamma":0.5,"states":["s"],"actions":["a","b"],"mu0":"s",
        "p":[[[1],[1]]],"rewards":{"r":{"sa":[[1,0.25]]}}}"#;
    let raw = io::read_raw_text("bandit.mdp.json", text, io::format_by_id("json").unwrap()).unwrap();
    let model = Model::build(raw).unwrap();
    with_model(&model, |lab| {
        let found = solved(lab, lab.reward(0));
        holds(found.radii.of(Ball::Linf).size, 0.375);
        holds(found.radii.of(Ball::L1).size, 0.75);
        holds(found.radii.of(Ball::L2).size, 0.75 / 2.0f64.sqrt());
    });
}
