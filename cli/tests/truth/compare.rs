//! `compare`, `regret` and `matrix` against enumeration.

use rayon::prelude::*;
use serde_json::Value;

use crate::truth::draw::world;
use crate::truth::hold::{Held, Input, Report, ask, largest_return, parse, write};
use crate::truth::num::{Q, Span, dot, frac, int, near, power};
use crate::truth::pair::{Pair, cosine, enumerate, l1, l2_distance, linf, minimal, rational_distance, val};
use crate::truth::world::{Part, World};

/// Models drawn in all; each command answers for a share of them.
pub const MODELS: u64 = 2_000;

/// Seeds of a share of the models.
pub fn seeds(every: u64, from: u64) -> Vec<u64> {
    (0..MODELS).filter(|seed| seed % every == from).collect()
}

/// Draws, runs, holds, reports.
pub fn hold_all(
    what: &str,
    seeds: &[u64],
    one: impl Fn(u64, &World, &str) -> Vec<(String, Vec<(String, String)>)> + Sync,
) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let report = seeds
        .par_iter()
        .map(|&seed| {
            let (world, kin) = world(seed);
            let text = world.json();
            let file = write(folder.path(), &format!("m{seed}.mdp.json"), &text);
            let mut report = Report::default();
            for (command, faults) in one(seed, &world, &file) {
                let command = format!("seed {seed}, {kin:?}: {command}");
                report.add(world.n() * world.m(), &text, &command, faults);
            }
            report
        })
        .reduce(Report::default, Report::join);
    report.expect_nothing(what, seeds.len());
}

/// One command on one model: what it says, held.
pub fn held(args: &[&str], input: Input, check: impl FnOnce(&mut Held)) -> (String, Vec<(String, String)>) {
    let command = args.join(" ");
    let faults = match ask(args) {
        Err(fault) => vec![fault],
        Ok(json) => {
            let mut held = Held::new(&json, input);
            check(&mut held);
            held.faults
        }
    };
    (command, faults)
}

/// The `regret` part of an answer, at a path.
pub fn hold_regret(held: &mut Held, path: &str, pair: &Pair) {
    let rho = pair.rho_x();
    let worst = pair.worst_case();
    let at = |key: &str| format!("{path}.{key}");
    // Shares are numbers between 0 and 1; a billionth of that is nothing.
    let whole = int(1_000);
    let size = largest_return(&pair.part.gamma, &pair.x);
    let room = &size + &whole * &rho;
    held.bounded(&at("worst_case"), &worst.clone().into(), &room);
    let share = |x: &Q| if rho.is_zero() { Q::ZERO } else { x / &rho };
    held.bounded(&at("worst_case_normalised"), &share(&worst).into(), &whole);
    let (lucky, unlucky) = pair.proxy_optimal();
    let max = pair.ends_x().0;
    held.bounded(&at("proxy_optimal.best_return"), &lucky.clone().into(), &size);
    held.bounded(&at("proxy_optimal.worst_return"), &unlucky.clone().into(), &size);
    for (key, earned) in [("best", &lucky), ("worst", &unlucky)] {
        let lost = &max - earned;
        held.bounded(&at(&format!("proxy_optimal.{key}")), &lost.clone().into(), &room);
        held.bounded(&at(&format!("proxy_optimal.{key}_normalised")), &share(&lost).into(), &whole);
    }
    hold_witness(held, &at("witness"), pair, &worst);
}

/// The two policies of a worst case: their returns are as stated where they are deterministic, the second pays the proxy
/// no less than the first, and the loss is the worst case.
fn hold_witness(held: &mut Held, path: &str, pair: &Pair, worst: &Q) {
    if held.input == Input::Doubles || held.at(path).is_null() {
        return;
    }
    let mut returns = Vec::new();
    for side in ["better", "worse"] {
        let Some(mixture) = mixture(held.at(&format!("{path}.{side}.policy")), pair.part) else {
            return held.fault(format!("{path}.{side}.policy is no policy"), held.at(path).to_string());
        };
        let visits = pair.part.occupancy(&mixture);
        let (x, y) = (dot(&visits, &pair.x), dot(&visits, &pair.y));
        if mixture.iter().all(|w| w.is_zero() || *w == Q::ONE) {
            let size = |r: &[Q]| largest_return(&pair.part.gamma, r);
            held.bounded(&format!("{path}.{side}.paid"), &x.clone().into(), &size(&pair.x));
            held.bounded(&format!("{path}.{side}.optimised"), &y.clone().into(), &size(&pair.y));
        }
        returns.push((x, y));
    }
    let slack = |r: &[Q]| largest_return(&pair.part.gamma, r) * power(10, -9);
    let lost = &returns[0].0 - &returns[1].0;
    let enough = worst * (Q::ONE - power(10, -6)) - slack(&pair.x);
    held.holds(&format!("{path} is no worst case"), lost >= enough, || {
        format!("loses {:e} of {:e}", near(&lost), near(worst))
    });
    let rises = &returns[1].1 - &returns[0].1;
    held.holds(&format!("{path} drops in the proxy"), rises >= -slack(&pair.y), || format!("by {:e}", near(&rises)));
}

/// A policy `[S][A]` of an answer as weights of the rows, rescaled to sum to 1 exactly.
pub fn mixture(policy: &Value, part: &Part) -> Option<Vec<Q>> {
    let of = |row: &crate::truth::world::Row| {
        let x = &policy[part.live[row.at]][row.action];
        crate::truth::num::Q::try_from(x.as_f64()?).ok()
    };
    let weights: Vec<Q> = part.rows.iter().map(of).collect::<Option<_>>()?;
    let sums: Vec<Q> = part.of.iter().map(|rows| weights[rows.clone()].iter().fold(Q::ZERO, |s, w| s + w)).collect();
    let off = |sum: &Q| crate::truth::num::abs(&(sum - Q::ONE)) > power(10, -9);
    if sums.iter().any(off) || weights.iter().any(|w| *w < Q::ZERO) {
        return None;
    }
    Some(weights.iter().zip(&part.rows).map(|(w, row)| w / &sums[row.at]).collect())
}

/// Angle of two forms in degrees, to rounding.
fn angle(x: &[Q], y: &[Q]) -> Span {
    let c = cosine(x, y);
    let two = Span::from(int(2));
    let apart = (&two - &(&two * &c)).sqrt().near();
    let along = (&two + &(&two * &c)).sqrt().near();
    let degrees = crate::truth::num::q(2.0 * apart.atan2(along).to_degrees());
    // A handful of roundings in doubles.
    let slack = &degrees * power(2, -49);
    Span { lo: &degrees - &slack, hi: &degrees + &slack }
}

fn hold_compare(held: &mut Held, pair: &Pair) {
    let part = pair.part;
    let whole = int(1_000);
    held.decision("same_order", pair.same_order());
    let (trivial_x, trivial_y) = (pair.rho_x().is_zero(), pair.rho_y().is_zero());
    held.bounded("distances.starc-range", &pair.range_distance().into(), &whole);
    let (vx, vy) = (val(part, &pair.x), val(part, &pair.y));
    held.bounded("distances.starc-val-l2", &l2_distance(&vx, &vy), &whole);
    held.bounded("distances.starc-val-l1", &rational_distance(&vx, &vy, l1).into(), &whole);
    held.bounded("distances.starc-val-linf", &rational_distance(&vx, &vy, linf).into(), &whole);
    let ones = vec![Q::ONE; part.rows.len()];
    let (mx, my) = (minimal(part, &pair.x, &ones), minimal(part, &pair.y, &ones));
    held.bounded("distances.starc-minimal-weighted-l2", &l2_distance(&mx, &my), &whole);
    held.bounded("distances.starc-minimal-weighted-linf", &rational_distance(&mx, &my, linf).into(), &whole);
    // The entry is b P w with w = 1/|P|^2, so a row has the l2 norm |b| sqrt(w) and the l1 norm |b| w.
    let w: Vec<Q> = part.rows.iter().map(|row| Q::ONE / dot(&row.full, &row.full)).collect();
    let (ux, uy) = (minimal(part, &pair.x, &w), minimal(part, &pair.y, &w));
    let times = |x: &[Q]| -> Vec<Q> { x.iter().zip(&w).map(|(x, w)| x * w).collect() };
    held.bounded("distances.starc-minimal-l1", &rational_distance(&times(&ux), &times(&uy), l1).into(), &whole);
    if trivial_x || trivial_y {
        let found = held.at("angle_degrees");
        held.holds("angle_degrees of a trivial reward", found.is_null(), || found.to_string());
    } else {
        held.bounded("angle_degrees", &angle(&mx, &my), &int(180_000));
    }
    hold_regret(held, "regret", pair);
    hold_regret(held, "regret_reverse", &pair.reversed());
    let (x, y) = (pair.ends_x(), pair.ends_y());
    let size = |r: &[Q]| largest_return(&part.gamma, r);
    for (key, (max, min), size) in [("truth", x, size(&pair.x)), ("proxy", y, size(&pair.y))] {
        held.bounded(&format!("returns.{key}.max"), &max.into(), &size);
        held.bounded(&format!("returns.{key}.min"), &min.into(), &size);
    }
    hold_polygon(held, pair);
    hold_changed(held, pair);
    hold_shaping(held, pair, "shaping", (&mx, &my));
}

/// Each corner of the polygon is met by a corner of the answer, and the other way round.
fn hold_polygon(held: &mut Held, pair: &Pair) {
    if held.input == Input::Doubles {
        return;
    }
    let Some(list) = held.at("polygon").as_array().cloned() else {
        return held.fault("polygon is missing", String::new());
    };
    let scale = (largest_return(&pair.part.gamma, &pair.x), largest_return(&pair.part.gamma, &pair.y));
    let scale = (near(&scale.0).max(f64::MIN_POSITIVE), near(&scale.1).max(f64::MIN_POSITIVE));
    let right: Vec<(f64, f64)> = pair.hull.iter().map(|p| (near(&p.0) / scale.0, near(&p.1) / scale.1)).collect();
    let found: Vec<(f64, f64)> =
        list.iter().filter_map(|p| Some((p[0].as_f64()? / scale.0, p[1].as_f64()? / scale.1))).collect();
    // Distance from a point to the nearest point of a closed chain.
    let far = |p: &(f64, f64), of: &[(f64, f64)]| {
        let segment = |i: usize| {
            let (a, b) = (of[i], of[(i + 1) % of.len()]);
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let long = dx * dx + dy * dy;
            let t = if long > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / long).clamp(0.0, 1.0) } else { 0.0 };
            (p.0 - a.0 - t * dx).hypot(p.1 - a.1 - t * dy)
        };
        (0..of.len()).map(segment).fold(f64::INFINITY, f64::min)
    };
    let off = right.iter().map(|p| far(p, &found)).chain(found.iter().map(|p| far(p, &right))).fold(0.0, f64::max);
    held.holds("polygon is off", off <= 1e-9 && !found.is_empty(), || {
        format!("by {off:e} of the largest return: {list:?}")
    });
}

/// States without a common optimal action. One that no action leaves is not called live and may be left out.
fn hold_changed(held: &mut Held, pair: &Pair) {
    let part = pair.part;
    let gaps = |r: &[Q]| part.gaps(r, &part.optimum(r, true));
    let (x, y) = (gaps(&pair.x), gaps(&pair.y));
    let changed = |rows: &std::ops::Range<usize>| !rows.clone().any(|row| x[row].is_zero() && y[row].is_zero());
    let name = |at: usize| format!("s{}", part.live[at]);
    let stays = |at: usize| part.of[at].clone().all(|row| part.rows[row].p[at] == Q::ONE);
    let of =
        |wanted: &dyn Fn(usize) -> bool| -> Vec<String> { (0..part.n()).filter(|&at| wanted(at)).map(name).collect() };
    let (right, quiet) = (of(&|at| changed(&part.of[at]) && !stays(at)), of(&stays));
    let found = held.at("policy.changed");
    let names = found.as_array().into_iter().flatten().filter_map(|n| n.as_str().map(String::from));
    let names: Vec<String> = names.filter(|name| !quiet.contains(name)).collect();
    if held.input == Input::Text {
        held.holds("policy.changed is wrong", names == right, || format!("{found}, right is {right:?}"));
    }
}

/// Recovered scale, remainder and potential.
pub fn hold_shaping(held: &mut Held, pair: &Pair, path: &str, (mx, my): (&[Q], &[Q])) {
    let at = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    held.decision(&at("recovered"), pair.same_order());
    let (trivial_x, trivial_y) = (pair.rho_x().is_zero(), pair.rho_y().is_zero());
    let scale = if trivial_x { Q::ONE } else { dot(mx, my) / dot(mx, mx) };
    let magnitude = if trivial_x { Q::ONE } else { linf(my) / linf(mx) };
    if !trivial_x {
        held.number(&at("scale"), &scale.clone().into(), &magnitude);
    }
    let share = |c: &Q| if trivial_y { Q::ZERO } else { pair.rest(c, &Q::ONE) / pair.rho_y() };
    let truth = match (trivial_x, trivial_y) {
        (true, true) => Span::zero(),
        (true, false) | (false, true) => Span::from(Q::ONE),
        (false, false) => {
            // Of the scale of least squares, or of the decimal that is printed for it; exactly only of the former.
            let found = held.at(&at("scale"));
            let printed = found.as_f64().or(found["value"].as_f64()).map(|x| parse(&format!("{x:e}")));
            let exactly = pair.same_order() || *held.at(&at("remainder.grade")) == "exact";
            let printed = printed.filter(|_| !exactly).unwrap_or(scale.clone());
            Span::from(share(&scale)).hull(&share(&printed).into())
        }
    };
    held.bounded(&at("remainder"), &truth, &int(1_000));
}

/// Further metrics asked of `compare`, besides those it always prints.
const METRICS: [&str; 8] = [
    "--metric",
    "starc-val-l1",
    "--metric",
    "starc-val-linf",
    "--metric",
    "starc-minimal-weighted-linf",
    "--metric",
    "starc-minimal-l1",
];

#[test]
fn compare_tells_the_truth() {
    hold_all("compare", &seeds(2, 0), |_, world, file| {
        let part = Part::new(world);
        let visits = enumerate(&part);
        let rows = |name: &str| part.over_rows(&world.pay(name).sa);
        let pair = Pair::new(&part, &visits, rows("a"), rows("b"));
        let mut args = vec!["compare", file, "a", "b"];
        args.extend(METRICS);
        vec![held(&args, Input::Text, |held| hold_compare(held, &pair))]
    });
}

#[test]
fn compare_of_doubles_tells_the_truth_or_why_not() {
    hold_all("compare of doubles", &seeds(6, 1), |_, world, file| {
        let arrays = file.replace(".mdp.json", ".npz");
        let convert = crate::truth::hold::run(&["convert", file, &arrays, "-q"]);
        if convert.code != 0 {
            return vec![(file.to_owned(), vec![("convert fails".into(), convert.err)])];
        }
        let part = Part::new(world);
        let visits = enumerate(&part);
        let rows = |name: &str| part.over_rows(&world.pay(name).sa);
        let pair = Pair::new(&part, &visits, rows("a"), rows("b"));
        let mut args = vec!["compare", arrays.as_str(), "a", "b"];
        args.extend(METRICS);
        vec![held(&args, Input::Doubles, |held| hold_compare(held, &pair))]
    });
}

#[test]
fn regret_tells_the_truth() {
    hold_all("regret", &seeds(4, 1), |_, world, file| {
        let part = Part::new(world);
        let visits = enumerate(&part);
        let rows = |name: &str| part.over_rows(&world.pay(name).sa);
        let mut all = Vec::new();
        for (x, y) in [("a", "b"), ("c", "a")] {
            let pair = Pair::new(&part, &visits, rows(x), rows(y));
            all.push(held(&["regret", file, x, y], Input::Text, |held| hold_regret(held, "regret", &pair)));
        }
        all
    });
}

#[test]
fn the_oracle_knows_three_arms() {
    // Arms (0, 1, e) and (0, 1, -e): optimising one loses nothing under the other, yet the pair of arms 3 and 1 does.
    let e = power(10, -10);
    let part = Part {
        gamma: frac(1, 2),
        live: vec![0],
        rows: (0..3)
            .map(|action| crate::truth::world::Row { at: 0, action, p: vec![Q::ONE], full: vec![Q::ONE] })
            .collect(),
        of: std::iter::once(0..3).collect(),
        mu: vec![Q::ONE],
        felt: vec![true],
        ends: Vec::new(),
    };
    let visits = enumerate(&part);
    let pair = Pair::new(&part, &visits, vec![Q::ZERO, Q::ONE, e.clone()], vec![Q::ZERO, Q::ONE, -e.clone()]);
    assert!(!pair.same_order());
    assert_eq!(pair.proxy_optimal(), (int(2), int(2)));
    // Level 0 of the proxy: the mixture of arms 2 and 3 that it pays 0 earns the truth 2 (e + e) / (1 + e).
    assert_eq!(pair.worst_case(), int(4) * &e / (Q::ONE + &e));
    assert!(pair.hackable() && pair.hackable_deterministic());
}
