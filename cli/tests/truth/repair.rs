//! `repair` against enumeration: what mends, from which coefficient on, and how near the nearest reward is that does.

use crate::truth::compare::{held, hold_all, seeds};
use crate::truth::cone::closest;
use crate::truth::hold::{Held, Input, largest_return};
use crate::truth::num::{Q, Span, abs, dot, int, near, power, q};
use crate::truth::pair::{Pair, enumerate, hull, linf};
use crate::truth::world::{Part, World};

/// The first open interval of coefficients `e > 0` with which every optimum of `b + e c` lies in a set: `lines` are
/// `(J_b, J_c)` of the policies in it and of the others.
fn first_interval(wanted: &[(Q, Q)], others: &[(Q, Q)]) -> Option<(Q, Option<Q>)> {
    // Only corners are ever best.
    let (wanted, others) = (hull(wanted.to_vec()), hull(others.to_vec()));
    if others.is_empty() {
        return Some((Q::ZERO, None));
    }
    let mut cuts: Vec<Q> = vec![Q::ZERO];
    for (b, c) in &wanted {
        for (other_b, other_c) in &others {
            if c != other_c {
                let e = (other_b - b) / (c - other_c);
                if e > Q::ZERO {
                    cuts.push(e);
                }
            }
        }
    }
    cuts.sort();
    cuts.dedup();
    let best = |lines: &[(Q, Q)], e: &Q| lines.iter().map(|(b, c)| b + e * c).max().expect("a policy");
    let mends = |e: &Q| best(&wanted, e) > best(&others, e);
    let inside = |k: usize| match cuts.get(k + 1) {
        Some(next) => (&cuts[k] + next) / int(2),
        None => &cuts[k] + Q::ONE,
    };
    let first = (0..cuts.len()).find(|&k| mends(&inside(k)))?;
    // It goes on through cuts at which nothing changes.
    let mut last = first;
    while last + 1 < cuts.len() && mends(&cuts[last + 1]) && mends(&inside(last + 1)) {
        last += 1;
    }
    Some((cuts[first].clone(), cuts.get(last + 1).cloned()))
}

fn hold_side(held: &mut Held, side: &str, right: Option<&(Q, Option<Q>)>) {
    let path = |key: &str| format!("single.0.{side}.{key}");
    match right {
        None => {
            let found = held.at(&path("above"));
            held.holds(&format!("{side} coefficients that do not mend"), found.is_null(), || found.to_string());
        }
        Some((above, below)) => {
            held.bounded(&path("above"), &above.into(), &Q::ZERO);
            match below {
                Some(below) => held.bounded(&path("below"), &below.into(), &Q::ZERO),
                None => {
                    let found = held.at(&path("below"));
                    held.holds(&format!("{side}.below where any amount mends"), found.is_null(), || found.to_string());
                }
            }
            let chosen = held.at(&path("chosen")).as_f64().map(|x| abs(&q(x)));
            let fits = chosen.as_ref().is_some_and(|c| c > above && below.as_ref().is_none_or(|below| c < below));
            held.holds(&format!("{side}.chosen does not mend"), fits, || format!("{:?}", chosen.as_ref().map(near)));
        }
    }
}

fn hold_repair(held: &mut Held, world: &World, part: &Part, visits: &[(Vec<usize>, Vec<Q>)]) {
    let rows = |name: &str| part.over_rows(&world.pay(name).sa);
    let pair = Pair::new(part, visits, rows("a"), rows("b"));
    let feature = Pair::new(part, visits, rows("a"), rows("c"));
    let (best, rho) = (pair.ends_x().0, pair.rho_x());
    let (lucky, unlucky) = pair.proxy_optimal();
    let is_fine = unlucky == best;
    held.decision("truth_trivial", rho.is_zero());
    held.decision("fine", is_fine);
    let agreement = if is_fine {
        "all"
    } else if lucky == best {
        "some"
    } else {
        "none"
    };
    let found = held.at("before.agreement");
    held.holds("agreement is wrong", *found == agreement, || format!("{found}, right is {agreement}"));
    let room = largest_return(&part.gamma, &pair.x) + int(1_000) * &rho;
    held.bounded("before.best", &(&best - lucky).into(), &room);
    held.bounded("before.worst", &(&best - unlucky).into(), &room);
    if is_fine {
        return;
    }
    let lines = |wanted: bool, sign: i64| -> Vec<(Q, Q)> {
        let of = pair.points.iter().zip(&feature.points).filter(|(p, _)| (p.0 == best) == wanted);
        of.map(|(p, f)| (p.1.clone(), int(sign) * &f.1)).collect()
    };
    let is_trivial = feature.rho_y().is_zero();
    held.decision("single.0.trivial", is_trivial);
    let sides = [("positive", 1), ("negative", -1)].map(|(side, sign)| {
        let right = first_interval(&lines(true, sign), &lines(false, sign));
        if !is_trivial {
            hold_side(held, side, right.as_ref());
        }
        right.is_some()
    });
    held.decision("mends", !is_trivial && sides.contains(&true));
    hold_nearest(held, part, &pair, visits, &best);
}

/// What is called nearest mends, is as near as stated, and nothing nearer does.
fn hold_nearest(held: &mut Held, part: &Part, pair: &Pair, visits: &[(Vec<usize>, Vec<Q>)], best: &Q) {
    let occupancy = |(policy, d): &(Vec<usize>, Vec<Q>)| -> Vec<Q> {
        let mut occ = vec![Q::ZERO; part.rows.len()];
        policy.iter().zip(d).for_each(|(&row, d)| occ[row] = d.clone());
        occ
    };
    let all: Vec<Vec<Q>> = visits.iter().map(occupancy).collect();
    let targets: Vec<&Vec<Q>> =
        all.iter().zip(&pair.points).filter(|(_, p)| p.0 == *best).map(|(occ, _)| occ).collect();
    let minus = |x: &[Q], y: &[Q]| -> Vec<Q> { x.iter().zip(y).map(|(x, y)| x - y).collect() };
    for (k, norm) in ["linf", "l2"].into_iter().enumerate() {
        let base = format!("nearest.{k}");
        if *held.at(&format!("{base}.norm")) != norm {
            held.fault(format!("no nearest reward in {norm}"), held.at("nearest").to_string());
            continue;
        }
        let table = held.at(&format!("{base}.reward"));
        let entry = |row: &crate::truth::world::Row| {
            table[part.live[row.at]][row.action].as_f64().and_then(|x| Q::try_from(x).ok())
        };
        let Some(reward) = part.rows.iter().map(entry).collect::<Option<Vec<Q>>>() else {
            held.fault(format!("nearest in {norm} is no reward"), table.to_string());
            continue;
        };
        let moved = Pair::new(part, visits, pair.x.clone(), reward.clone());
        let mended = moved.proxy_optimal().1 == *best;
        held.holds(&format!("nearest in {norm} does not mend"), mended, || table.to_string());
        let change = minus(&reward, &pair.y);
        let far = if k == 0 { Span::from(linf(&change)) } else { Span::from(dot(&change, &change)).sqrt() };
        let number = |key: &str| held.at(&format!("{base}.distance.{key}")).as_f64().map(q);
        let (Some(lo), Some(hi)) = (number("lo"), number("hi")) else {
            held.fault(format!("nearest in {norm} without a distance"), held.at(&base).to_string());
            continue;
        };
        // Entries are printed as doubles.
        let printed = linf(&pair.y) * power(2, -48) + &hi * power(10, -9);
        let say = |right: &Span| format!("[{:e}, {:e}], right is {:e}", near(&lo), near(&hi), right.near());
        let as_stated = far.lo <= &hi + &printed;
        held.holds(&format!("nearest in {norm} is farther than stated"), as_stated, || say(&far));
        if all.len() > 30 || targets.len() > 6 {
            continue;
        }
        // A target is optimal for r where no policy earns more of it: the distance of b to that cone is the length of its
        // projection on the polar one.
        let polar = |target: &&Vec<Q>| -> Span {
            let rises: Vec<Vec<Q>> = all.iter().filter(|occ| occ != target).map(|occ| minus(occ, target)).collect();
            if k == 1 {
                let p = closest(&pair.y, &[], &rises);
                return Span::from(dot(&p, &p)).sqrt();
            }
            // In the largest entry, from below: one rival at a time.
            let alone = |rise: &Vec<Q>| Q::max(Q::ZERO, dot(rise, &pair.y)) / crate::truth::pair::l1(rise);
            let least = rises.iter().filter(|rise| !rise.iter().all(Q::is_zero)).map(alone).max().unwrap_or(Q::ZERO);
            Span::from(least)
        };
        let right = targets.iter().map(polar).min_by(|x, y| x.lo.cmp(&y.lo)).expect("an optimum");
        if k == 1 {
            let scale = linf(&pair.y) + linf(&pair.x);
            held.bounded(&format!("{base}.distance"), &right, &(scale * power(10, 6)));
        } else {
            held.holds("nearest in linf cannot be so near", hi >= &right.lo - &printed, || say(&right));
        }
    }
}

#[test]
fn repair_tells_the_truth() {
    hold_all("repair", &seeds(5, 4), |_, world, file| {
        let part = Part::new(world);
        let visits = enumerate(&part);
        let args = ["repair", file, "--truth", "a", "--proxy", "b", "--feature", "c"];
        vec![held(&args, Input::Text, |held| hold_repair(held, world, &part, &visits))]
    });
}
