//! `hack` against sums over visits in fractions.

use crate::truth::compare::{held, hold_all, seeds};
use crate::truth::cone::steepest;
use crate::truth::draw::Stream;
use crate::truth::hold::{Held, Input, largest_return, write};
use crate::truth::num::{Q, Span, abs, dot, int, near, power, q, solve, text};
use crate::truth::pair::{Pair, enumerate};
use crate::truth::soft::Soft;
use crate::truth::world::{Part, World};

/// Visits as probabilities: of the live rows, and of the end.
struct Visits {
    rows: Vec<Q>,
    ended: Q,
}

impl Visits {
    fn new(part: &Part, mixture: &[Q]) -> Self {
        let whole = Q::ONE - &part.gamma;
        let rows: Vec<Q> = part.occupancy(mixture).iter().map(|x| x * &whole).collect();
        let ended = Q::ONE - rows.iter().fold(Q::ZERO, |sum, x| sum + x);
        Visits { rows, ended }
    }

    /// The mean of what is zero after the end.
    fn mean(&self, r: &[Q]) -> Q {
        dot(&self.rows, r)
    }

    fn covariance(&self, x: &[Q], y: &[Q]) -> Q {
        let product: Vec<Q> = x.iter().zip(y).map(|(x, y)| x * y).collect();
        self.mean(&product) - self.mean(x) * self.mean(y)
    }
}

/// `r - G Phi` of least spread under the reference, with `Phi` zero at the end.
fn canonical(part: &Part, reference: &Visits, r: &[Q]) -> Vec<Q> {
    let column = |s: usize| -> Vec<Q> {
        part.rows.iter().map(|row| Q::from(u8::from(row.at == s)) - &part.gamma * &row.p[s]).collect()
    };
    let columns: Vec<Vec<Q>> = (0..part.n()).map(column).collect();
    let weighted = |x: &[Q]| -> Vec<Q> { x.iter().zip(&reference.rows).map(|(x, w)| x * w).collect() };
    let normal = columns.iter().map(|a| columns.iter().map(|b| dot(&weighted(a), b)).collect()).collect();
    let phi = solve(normal, columns.iter().map(|a| dot(&weighted(a), r)).collect()).expect("every state is visited");
    (0..r.len())
        .map(|row| &r[row] - columns.iter().zip(&phi).fold(Q::ZERO, |sum, (c, phi)| sum + &c[row] * phi))
        .collect()
}

fn hold_correlation(held: &mut Held, path: &str, top: &Q, (xx, yy): (&Q, &Q)) {
    if xx.is_zero() || yy.is_zero() {
        let found = held.at(path);
        return held.holds(&format!("{path} of a reward that does not vary"), found.is_null(), || found.to_string());
    }
    let r = &Span::from(top) / &Span::from(xx * yy).sqrt();
    held.bounded(path, &r, &int(1_000));
}

fn hold_hack(held: &mut Held, pair: &Pair, policy: Option<&[Q]>) {
    let part = pair.part;
    let whole = Q::ONE - &part.gamma;
    let reference = Visits::new(part, &part.uniform());
    let size = |r: &[Q]| largest_return(&part.gamma, r) * &whole;
    let (sx, sy) = (size(&pair.x), size(&pair.y));
    let (before_x, before_y) = (reference.mean(&pair.x), reference.mean(&pair.y));
    held.bounded("returns.reference.truth", &before_x.clone().into(), &sx);
    held.bounded("returns.reference.proxy", &before_y.clone().into(), &sy);
    let (xx, yy) = (reference.covariance(&pair.x, &pair.x), reference.covariance(&pair.y, &pair.y));
    let xy = reference.covariance(&pair.x, &pair.y);
    hold_correlation(held, "correlation.raw", &xy, (&xx, &yy));
    held.bounded("sigma.truth", &Span::from(&xx).sqrt(), &sx);
    held.bounded("sigma.proxy", &Span::from(&yy).sqrt(), &sy);
    let (cx, cy) = (canonical(part, &reference, &pair.x), canonical(part, &reference, &pair.y));
    let (dxx, dyy, dxy) =
        (reference.covariance(&cx, &cx), reference.covariance(&cy, &cy), reference.covariance(&cx, &cy));
    if reference.ended.is_zero() {
        hold_correlation(held, "correlation.canonical", &dxy, (&dxx, &dyy));
        held.bounded("sigma.canonical.truth", &Span::from(&dxx).sqrt(), &sx);
        held.bounded("sigma.canonical.proxy", &Span::from(&dyy).sqrt(), &sy);
        held.bounded("maximiser.critical_weight", &Span::from(&dyy).sqrt(), &sy);
    }
    let (lucky, unlucky) = pair.proxy_optimal();
    let (lucky, unlucky) = (lucky * &whole, unlucky * &whole);
    held.bounded("proxy_optimal.best", &lucky.clone().into(), &sx);
    held.bounded("proxy_optimal.worst", &unlucky.clone().into(), &sx);
    held.decision("proxy_optimal.some_below_reference", unlucky < before_x);
    held.decision("proxy_optimal.all_below_reference", lucky < before_x);
    let correlated = xy > Q::ZERO;
    // What counts as a finding at all is a matter of its size; here only findings of some size are held.
    let is_much = |rise: &Q, of: &Q| rise.is_zero() || abs(rise) > of * power(10, -3);
    let is_correlated = xy.is_zero() || &xy * &xy > &xx * &yy * power(10, -6);
    let (range_x, range_y) = (pair.rho_x() * &whole, pair.rho_y() * &whole);
    let after = match policy {
        Some(mixture) => {
            let visits = Visits::new(part, mixture);
            Some((visits.mean(&pair.x), visits.mean(&pair.y)))
        }
        // The worst in truth of those that are optimal for the proxy.
        None => Some((unlucky.clone(), pair.ends_y().0 * &whole)),
    };
    if let Some((after_x, after_y)) = after {
        held.bounded("returns.policy.truth", &after_x.clone().into(), &sx);
        held.bounded("returns.policy.proxy", &after_y.clone().into(), &sy);
        let (rise_x, rise_y) = (&after_x - &before_x, &after_y - &before_y);
        held.bounded("bound.true_rise", &rise_x.clone().into(), &sx);
        if is_correlated {
            held.decision("flags.correlated_proxy", correlated);
            let below = unlucky < before_x;
            if is_much(&(&unlucky - &before_x), &range_x) {
                held.decision("flags.proxy_optimal_hacks", correlated && below);
            }
            if is_much(&rise_x, &range_x) {
                held.decision("flags.hacking", correlated && rise_x < Q::ZERO);
                if is_much(&rise_y, &range_y) {
                    held.decision("flags.hacking_and_proxy_up", correlated && rise_x < Q::ZERO && rise_y > Q::ZERO);
                }
            }
        }
        for key in ["bound.theorem_5_1", "bound.sharp", "bound.canonical.theorem_5_1", "bound.canonical.sharp"] {
            let promised = held.at(key)["lo"].as_f64().map(q);
            let holds = promised.as_ref().is_none_or(|lo| *lo <= rise_x);
            held.holds(&format!("{key} promises too much"), holds, || {
                format!("{:?}, right is {:e}", promised.as_ref().map(near), near(&rise_x))
            });
        }
    }
    held.decision("hackable.all_policies", pair.hackable());
    held.decision("hackable.deterministic", pair.hackable_deterministic());
}

/// Divergences of a given policy from the uniform one.
fn hold_divergences(held: &mut Held, part: &Part, mixture: &[Q]) {
    let (p, r) = (Visits::new(part, mixture), Visits::new(part, &part.uniform()));
    let states = |v: &Visits| -> Vec<Q> {
        part.of.iter().map(|rows| v.rows[rows.clone()].iter().fold(Q::ZERO, |sum, x| sum + x)).collect()
    };
    // The end is one state only where there is at most one terminal state that is reached; else it is left out.
    let room = int(1_000);
    let chi2 = |p: &[Q], r: &[Q], pe: &Q, re: &Q| {
        let term = |p: &Q, r: &Q| if r.is_zero() { Q::ZERO } else { p * p / r };
        p.iter().zip(r).fold(term(pe, re), |sum, (p, r)| sum + term(p, r)) - Q::ONE
    };
    held.bounded("divergence.chi2", &chi2(&p.rows, &r.rows, &p.ended, &r.ended).into(), &room);
    held.bounded("divergence.chi2_state", &chi2(&states(&p), &states(&r), &p.ended, &r.ended).into(), &room);
    let apart = |p: &Q, r: &Q| abs(&(p - r));
    let tv = p.rows.iter().zip(&r.rows).fold(apart(&p.ended, &r.ended), |sum, (p, r)| sum + apart(p, r)) / int(2);
    held.bounded("divergence.tv", &tv.into(), &room);
    let ln = |x: Q| near(&x).ln();
    let term = |p: &Q, r: &Q| if p.is_zero() { 0.0 } else { near(p) * ln(p / r) };
    let kl: f64 = p.rows.iter().zip(&r.rows).map(|(p, r)| term(p, r)).sum::<f64>() + term(&p.ended, &r.ended);
    let about = |x: f64| Span { lo: q(x - 1e-12 - 1e-12 * x.abs()), hi: q(x + 1e-12 + 1e-12 * x.abs()) };
    held.bounded("divergence.kl", &about(kl), &room);
    let uniform = part.uniform();
    let action: f64 = (0..part.rows.len())
        .filter(|&row| !mixture[row].is_zero())
        .map(|row| near(&p.rows[row]) * ln(&mixture[row] / &uniform[row]))
        .sum();
    held.bounded("divergence.action_kl", &about(action), &room);
}

fn pair_of<'a>(world: &World, part: &'a Part) -> Pair<'a> {
    let rows = |name: &str| part.over_rows(&world.pay(name).sa);
    Pair::new(part, &enumerate(part), rows("a"), rows("b"))
}

#[test]
fn hack_tells_the_truth() {
    hold_all("hack", &seeds(4, 1), |seed, world, file| {
        let part = Part::new(world);
        // Refused without a discount: visits are no probabilities.
        if world.gamma == Q::ONE {
            return vec![(file.to_owned(), Vec::new())];
        }
        let pair = pair_of(world, &part);
        let mut args = vec!["hack", file, "--truth", "a", "--proxy", "b", "--points", "0"];
        if seed % 8 == 1 {
            return vec![held(&args, Input::Text, |held| hold_hack(held, &pair, None))];
        }
        let mut rng = Stream::new(seed ^ 0xbad);
        let mut table = vec![vec![Q::ZERO; world.m()]; world.n()];
        for s in 0..world.n() {
            let offered: Vec<usize> = (0..world.m()).filter(|&a| world.p[s][a].is_some()).collect();
            for _ in 0..4 {
                table[s][offered.get(rng.below(offered.len().max(1))).copied().unwrap_or(0)] +=
                    crate::truth::num::frac(1, 4);
            }
        }
        let mixture: Vec<Q> = part.rows.iter().map(|row| table[part.live[row.at]][row.action].clone()).collect();
        let lines: Vec<String> =
            table.iter().map(|row| format!("[{}]", row.iter().map(text).collect::<Vec<_>>().join(","))).collect();
        let folder = std::path::Path::new(file).parent().expect("a folder");
        let policy = write(folder, &format!("h{seed}.json"), &format!("[{}]", lines.join(",")));
        args.extend(["--policy", policy.as_str()]);
        let ends = (0..world.n()).filter(|&s| part.felt[s] && world.terminal[s]).count();
        vec![held(&args, Input::Text, |held| {
            hold_hack(held, &pair, Some(&mixture));
            if ends <= 1 {
                hold_divergences(held, &part, &mixture);
            }
        })]
    });
}

/// Points of a curve by name.
fn curve(held: &Held, path: &str) -> Option<usize> {
    held.at("goodhart.curves").as_array()?.iter().position(|curve| curve["path"] == path)
}

fn hold_goodhart(held: &mut Held, pair: &Pair) {
    let part = pair.part;
    let (mx, my) = (pair.rho_x(), pair.rho_y());
    if mx.is_zero() || my.is_zero() {
        let empty = held.at("goodhart.curves").as_array().is_some_and(Vec::is_empty);
        return held.holds("a Goodhart curve of a trivial reward", empty, String::new);
    }
    let (lucky, unlucky) = pair.proxy_optimal();
    let Some(at) = curve(held, "steepest") else {
        return held.fault("no steepest path", held.at("goodhart").to_string());
    };
    let base = format!("goodhart.curves.{at}");
    let n = held.at(&format!("{base}.points")).as_array().map_or(0, Vec::len);
    let last = format!("{base}.points.{}", n.saturating_sub(1));
    let end = held.at(&format!("{base}.end")).clone();
    held.holds("the steepest path stops early", end == "top", || end.to_string());
    if end == "top" {
        held.bounded(&format!("{last}.proxy"), &Q::ONE.into(), &int(1_000));
        let found = held.at(&format!("{last}.truth_return"));
        let (lo, hi) = (found["lo"].as_f64().map(q), found["hi"].as_f64().map(q));
        let fits = lo.is_some_and(|lo| lo <= lucky) && hi.is_some_and(|hi| hi >= unlucky);
        held.holds("the steepest path ends elsewhere", fits, || found.to_string());
    }
    if part.n() <= 3
        && part.rows.len() <= 7
        && let Some(corners) = steepest(part, &pair.y)
    {
        let (low_x, low_y) = (pair.ends_x().1, pair.ends_y().1);
        let share = |r: &[Q], low: &Q, rho: &Q, x: &[Q]| (dot(x, r) - low) / rho;
        let right: Vec<(Q, Q)> =
            corners.iter().map(|x| (share(&pair.x, &low_x, &mx, x), share(&pair.y, &low_y, &my, x))).collect();
        // Each corner is a point of the answer.
        let number =
            |i: usize, key: &str| held.at(&format!("{base}.points.{i}.{key}.value")).as_f64().unwrap_or(f64::NAN);
        let points: Vec<(f64, f64)> = (0..n).map(|i| (number(i, "truth"), number(i, "proxy"))).collect();
        let far = |(x, y): &(Q, Q)| {
            let (x, y) = (near(x), near(y));
            points.iter().map(|p| (p.0 - x).hypot(p.1 - y)).fold(f64::INFINITY, f64::min)
        };
        let off = right.iter().map(far).fold(0.0, f64::max);
        held.holds("a corner of the steepest path is missing", off <= 1e-7, || {
            let corners: Vec<(f64, f64)> = right.iter().map(|(x, y)| (near(x), near(y))).collect();
            format!("off by {off:e}: {points:?}, right is {corners:?}")
        });
        let peak = right.iter().map(|p| p.0.clone()).max().expect("a start");
        let fall = &peak - &right.last().expect("an end").0;
        held.bounded(&format!("{base}.drop"), &fall.into(), &power(10, 5));
    }
    hold_soft_path(held, pair);
}

/// Two points of the soft path: the policy that is optimal for the proxy less the temperature times the KL from the uniform
/// one.
fn hold_soft_path(held: &mut Held, pair: &Pair) {
    let part = pair.part;
    let Some(at) = curve(held, "soft") else {
        return held.fault("no soft path", held.at("goodhart").to_string());
    };
    let n = held.at(&format!("goodhart.curves.{at}.points")).as_array().map_or(0, Vec::len);
    for i in [n / 2, n.saturating_sub(2)] {
        let base = format!("goodhart.curves.{at}.points.{i}");
        let Some(tau) = held.at(&format!("{base}.parameter")).as_f64().filter(|t| *t > 0.0) else { continue };
        let tau = q(tau);
        let soft = Soft::from_uniform(part, &pair.y, &tau);
        let visits = part.occupancy(&soft.policy);
        let about = |x: Q, size: &Q| {
            // The temperature is printed to the nearest double.
            let slack = size * power(10, -13);
            Span { lo: &x - &slack, hi: &x + &slack }
        };
        let size = |r: &[Q]| largest_return(&part.gamma, r);
        held.bounded(&format!("{base}.proxy_return"), &about(dot(&visits, &pair.y), &size(&pair.y)), &size(&pair.y));
        held.bounded(&format!("{base}.truth_return"), &about(dot(&visits, &pair.x), &size(&pair.x)), &size(&pair.x));
    }
}

#[test]
fn goodhart_paths_tell_the_truth() {
    hold_all("Goodhart paths", &seeds(16, 4), |_, world, file| {
        let part = Part::new(world);
        if world.gamma == Q::ONE {
            return vec![(file.to_owned(), Vec::new())];
        }
        let pair = pair_of(world, &part);
        let args = ["hack", file, "--truth", "a", "--proxy", "b", "--points", "0", "--goodhart"];
        vec![held(&args, Input::Text, |held| hold_goodhart(held, &pair))]
    });
}
