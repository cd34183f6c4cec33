//! `stability` against the closed form of the radius: gap over the dual norm of the advantage vector, in fractions.

use serde_json::{Value, json};

use crate::truth::compare::{held, hold_all, seeds};
use crate::truth::draw::Stream;
use crate::truth::hold::{Held, Input, largest_return, parse};
use crate::truth::num::{Q, Span, abs, dot, int, near, power, q, solve};
use crate::truth::pair::{linf, minimal};
use crate::truth::soft::{Soft, hold_soft};
use crate::truth::world::{Part, World};

/// The advantage vector of a row under a deterministic policy: `c` with `<c, r> = A(s,a)`, over rows.
fn advantage(part: &Part, policy: &[usize], row: usize) -> Vec<Q> {
    let n = part.n();
    // u (I - gamma P_pi) = gamma P_sa - e_s, solved transposed.
    let system: Vec<Vec<Q>> = (0..n)
        .map(|t| {
            let entry = |s: usize| Q::from(u8::from(s == t)) - &part.gamma * &part.rows[policy[s]].p[t];
            (0..n).map(entry).collect()
        })
        .collect();
    let at = part.rows[row].at;
    let right = (0..n).map(|t| &part.gamma * &part.rows[row].p[t] - Q::from(u8::from(t == at))).collect();
    let u = solve(system, right).expect("episodes end or are discounted");
    let mut c = vec![Q::ZERO; part.rows.len()];
    c[row] = Q::ONE;
    (0..n).for_each(|t| c[policy[t]] += &u[t]);
    c
}

/// What is true of the optimum of one reward.
struct Optimum {
    gaps: Vec<Q>,
    /// One optimal row a live state.
    policy: Vec<usize>,
    ties: Vec<(usize, Vec<usize>)>,
}

impl Optimum {
    fn new(part: &Part, r: &[Q]) -> Self {
        let gaps = part.gaps(r, &part.optimum(r, true));
        let optimal = |at: usize| part.of[at].clone().filter(|&row| gaps[row].is_zero()).collect::<Vec<usize>>();
        let all: Vec<Vec<usize>> = (0..part.n()).map(optimal).collect();
        let policy = all.iter().map(|rows| rows[0]).collect();
        let ties = all.into_iter().enumerate().filter(|(_, rows)| rows.len() > 1).collect();
        Optimum { gaps, policy, ties }
    }
}

/// A norm and the radius in it, if anything can change.
type Named = (&'static str, Option<Span>);

/// The five radii by name, and the smallest in the largest entry for each live state; `None` without another action.
fn radii(part: &Part, optimum: &Optimum) -> (Vec<Named>, Vec<Option<Q>>) {
    let mut found: Vec<Named> = ["linf", "l1", "l2", "l1_sas", "l2_sas"].map(|norm| (norm, None)).to_vec();
    let mut by_state = vec![None; part.n()];
    let others = (0..part.rows.len()).filter(|row| !optimum.policy.contains(row));
    for row in others {
        let c = advantage(part, &optimum.policy, row);
        let sizes: Vec<Q> = c.iter().map(abs).collect();
        let squares = |p: &[Q]| dot(p, p);
        let most = |p: &[Q]| p.iter().max().cloned().unwrap_or(Q::ZERO);
        let of = |f: &dyn Fn(usize) -> Q| (0..c.len()).map(f).collect::<Vec<Q>>();
        let sum = |xs: Vec<Q>| xs.iter().fold(Q::ZERO, |sum, x| sum + x);
        let max = |xs: Vec<Q>| xs.into_iter().max().expect("a row");
        let linf = sum(sizes.clone());
        let dual = [
            Span::from(&linf),
            Span::from(max(sizes.clone())),
            Span::from(sum(of(&|k| &c[k] * &c[k]))).sqrt(),
            Span::from(max(of(&|k| &sizes[k] * most(&part.rows[k].full)))),
            Span::from(sum(of(&|k| &c[k] * &c[k] * squares(&part.rows[k].full)))).sqrt(),
        ];
        let gap = &optimum.gaps[row];
        for ((_, best), dual) in found.iter_mut().zip(&dual) {
            let radius = if gap.is_zero() { Span::zero() } else { &Span::from(gap) / dual };
            let closer = best.as_ref().is_none_or(|best| radius.lo < best.lo);
            if closer {
                *best = Some(radius);
            }
        }
        let (at, own) = (part.rows[row].at, gap / linf);
        if by_state[at].as_ref().is_none_or(|best| own < *best) {
            by_state[at] = Some(own);
        }
    }
    (found, by_state)
}

fn hold_optional(held: &mut Held, path: &str, truth: Option<&Span>, room: &Q) {
    match truth {
        Some(truth) => held.bounded(path, truth, room),
        None => {
            let found = held.at(path);
            held.holds(&format!("{path} where nothing can change"), found.is_null(), || found.to_string());
        }
    }
}

fn hold_stability(held: &mut Held, world: &World, part: &Part, r: &[Q]) {
    let optimum = Optimum::new(part, r);
    let size = largest_return(&part.gamma, r);
    let named = |(at, rows): &(usize, Vec<usize>)| {
        let actions: Vec<String> = rows.iter().map(|&row| format!("a{}", part.rows[row].action)).collect();
        json!({ "state": format!("s{}", part.live[*at]), "actions": actions })
    };
    let right: Vec<Value> = optimum.ties.iter().map(named).collect();
    let found = held.at("ties");
    // An entry may say more than the state and its actions.
    let bare: Vec<Value> = found
        .as_array()
        .into_iter()
        .flatten()
        .map(|tie| json!({ "state": tie["state"], "actions": tie["actions"] }))
        .collect();
    held.holds("ties are wrong", bare == right, || format!("{found}, right is {}", json!(right)));
    let smallest = optimum.gaps.iter().filter(|gap| !gap.is_zero()).min();
    hold_optional(held, "gap_min", smallest.map(Span::from).as_ref(), &Q::ZERO);
    let (radii, by_state) = radii(part, &optimum);
    for (norm, radius) in &radii {
        hold_optional(held, &format!("radius.{norm}"), radius.as_ref(), &Q::ZERO);
    }
    for (at, radius) in by_state.iter().enumerate() {
        // A state in which actions tie has radius 0, whichever of them is called the policy's.
        let path = format!("radius_by_state.{}", part.live[at]);
        hold_optional(held, &path, radius.as_ref().map(Span::from).as_ref(), &Q::ZERO);
    }
    if optimum.ties.is_empty() {
        hold_optional(held, "set_radius", radii[0].1.as_ref(), &Q::ZERO);
        if let Some(l2) = radii[2].1.as_ref() {
            let form = minimal(part, r, &vec![Q::ONE; r.len()]);
            let sine = l2 / &Span::from(dot(&form, &form)).sqrt();
            // The arc tangent keeps its digits where the arc sine loses them.
            let cosine = (&Span::from(Q::ONE) - &sine.square()).sqrt();
            let degrees = q(sine.near().atan2(cosine.near()).to_degrees());
            let slack = &degrees * power(2, -44);
            let truth = Span { lo: &degrees - &slack, hi: &degrees + &slack };
            held.bounded("angular_radius_degrees", &truth, &power(10, 3));
        }
    } else if let Some(gap) = smallest {
        // Nothing new becomes optimal within half the gap a horizon, and something does at the gap.
        let found = held.at("set_radius");
        let bound = |key: &str| found[key].as_f64().filter(|x| x.is_finite()).map(q);
        let horizon = horizon(part);
        let least = gap / (int(2) * horizon);
        let fits = bound("hi").is_some_and(|hi| hi >= least) && bound("lo").is_some_and(|lo| lo <= *gap);
        held.holds("set_radius cannot be", fits, || format!("{found}, between {:e} and {:e}", near(&least), near(gap)));
    }
    hold_witness(held, world, part, r, &optimum, &size);
}

/// The longest expected discounted episode.
fn horizon(part: &Part) -> Q {
    let ones = vec![Q::ONE; part.rows.len()];
    part.optimum(&ones, true).into_iter().max().unwrap_or(Q::ONE)
}

/// Under the reward of the witness the policy is not optimal any more, and that reward is as near as stated.
fn hold_witness(held: &mut Held, world: &World, part: &Part, r: &[Q], optimum: &Optimum, size: &Q) {
    let witness = held.at("witness");
    if witness.is_null() || !optimum.ties.is_empty() {
        return;
    }
    let table = &witness["reward"]["sas"];
    let entry = |s: usize, a: usize, t: usize| table[s][a][t].as_f64().and_then(|x| Q::try_from(x).ok());
    let expected = |row: &crate::truth::world::Row| -> Option<Q> {
        let s = part.live[row.at];
        (0..world.n()).try_fold(Q::ZERO, |sum, t| match row.full[t].is_zero() {
            true => Some(sum),
            false => Some(sum + &row.full[t] * entry(s, row.action, t)?),
        })
    };
    let Some(changed) = part.rows.iter().map(expected).collect::<Option<Vec<Q>>>() else {
        return held.fault("witness is no reward", witness.to_string());
    };
    let gaps = part.gaps(&changed, &part.optimum(&changed, true));
    let stays = optimum.policy.iter().all(|&row| gaps[row].is_zero());
    held.holds("witness changes nothing", !stays, || witness.to_string());
    let far = linf(&changed.iter().zip(r).map(|(x, y)| x - y).collect::<Vec<_>>());
    let stated = witness["size"].as_f64().map_or(Q::ZERO, q);
    // Doubles of the size of the reward.
    let near_enough = far <= &stated * (Q::ONE + power(10, -9)) + linf(r) * power(2, -50) + size * power(2, -60);
    held.holds("witness is farther than stated", near_enough, || format!("{:e} and {witness}", near(&far)));
}

#[test]
fn stability_tells_the_truth() {
    hold_all("stability", &seeds(4, 3), |seed, world, file| {
        let part = Part::new(world);
        let name = if seed % 8 == 3 { "a" } else { "b" };
        let r = part.over_rows(&world.pay(name).sa);
        vec![held(&["stability", file, name], Input::Text, |held| hold_stability(held, world, &part, &r))]
    });
}

#[test]
fn soft_policies_tell_the_truth() {
    hold_all("soft policies", &seeds(6, 2), |seed, world, file| {
        let part = Part::new(world);
        let r = part.over_rows(&world.pay("a").sa);
        let mut rng = Stream::new(seed ^ 0x50f7);
        let size = linf(&r);
        let unit = if size.is_zero() { 1.0 } else { near(&size) };
        let temperature = format!("{:e}", unit * rng.pick(&[0.05, 0.3, 1.0, 7.0]));
        let tau = parse(&temperature);
        let soft = Soft::new(&part, &r, &tau);
        let args = ["stability", file, "a", "--temperature", &temperature];
        vec![held(&args, Input::Text, |held| hold_soft(held, &part, &r, &tau, &soft))]
    });
}
