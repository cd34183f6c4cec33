//! `occupancy` against elimination in fractions.

use crate::truth::compare::{held, hold_all, seeds};
use crate::truth::draw::Stream;
use crate::truth::hold::{Held, Input, largest_return, write};
use crate::truth::num::{Q, abs, dot, frac, near, power, text};
use crate::truth::world::{Part, World};

/// Visits of each row, as far as they are printed; `None` where one is missing.
fn visits(held: &Held, part: &Part) -> Option<Vec<Q>> {
    let occ = held.at("occ_sa");
    let of = |row: &crate::truth::world::Row| Q::try_from(occ[part.live[row.at]][row.action].as_f64()?).ok();
    part.rows.iter().map(of).collect()
}

/// The visits of a known policy: their errors sum to what is stated, and that is little.
fn hold_visits(held: &mut Held, world: &World, part: &Part, right: &[Q]) {
    let Some(found) = visits(held, part) else {
        return held.fault("occ_sa is no table", held.at("occ_sa").to_string());
    };
    let sum = right.iter().fold(Q::ZERO, |sum, x| sum + x);
    let off = found.iter().zip(right).fold(Q::ZERO, |sum, (x, y)| sum + abs(&(x - y)));
    let Some(error) = held.at("error").as_f64().and_then(|x| Q::try_from(x).ok()) else {
        return held.fault("occupancy without an error", held.at("error").to_string());
    };
    // Printed numbers are doubles.
    let printed = &sum * power(2, -51);
    held.holds("occ_sa misses the truth", off <= &error + &printed, || {
        format!("off by {:e} in all, stated {:e}", near(&off), near(&error))
    });
    held.holds("occupancy says too little", error <= (&sum + Q::ONE) * power(10, -6), || format!("{:e}", near(&error)));
    hold_sums(held, world, part, &sum, &(&error + &sum * power(2, -48)));
}

/// States that are not live: nothing where nobody comes, the rest of the time where it has ended.
fn hold_sums(held: &mut Held, world: &World, part: &Part, live: &Q, room: &Q) {
    if world.gamma == Q::ONE {
        return;
    }
    let all = Q::ONE / (Q::ONE - &world.gamma);
    let printed = |path: &str| held.at(path).as_f64().and_then(|x| Q::try_from(x).ok());
    let mut faults = Vec::new();
    match printed("sums_to") {
        Some(sum) if abs(&(&sum - &all)) <= room + &all * power(2, -48) => {}
        other => {
            faults.push(("sums_to is wrong", format!("{:?}, right is {:e}", other.as_ref().map(near), near(&all))))
        }
    }
    let mut ended = Q::ZERO;
    for s in (0..world.n()).filter(|s| !part.live.contains(s)) {
        let Some(x) = printed(&format!("occ_s.{s}")) else {
            faults.push(("occ_s is no number", format!("state {s}")));
            continue;
        };
        if !part.felt[s] && !x.is_zero() {
            faults.push(("visits where nobody comes", format!("state {s}: {:e}", near(&x))));
        }
        ended += x;
    }
    let right = &all - live;
    // What is left over from two sums of size 1/(1-gamma).
    if abs(&(&ended - &right)) > room + &all * power(2, -46) {
        faults.push(("visits after the end are wrong", format!("{:e}, right is {:e}", near(&ended), near(&right))));
    }
    faults.into_iter().for_each(|(kind, what)| held.fault(kind, what));
}

#[test]
fn occupancy_of_an_optimal_policy_earns_the_optimum() {
    hold_all("occupancy of optimal policies", &seeds(6, 3), |_, world, file| {
        let part = Part::new(world);
        let r = part.over_rows(&world.pay("a").sa);
        let v = part.optimum(&r, true);
        let gaps = part.gaps(&r, &v);
        vec![held(&["occupancy", file, "a"], Input::Text, |held| {
            let Some(found) = visits(held, &part) else {
                return held.fault("occ_sa is no table", held.at("occ_sa").to_string());
            };
            let waste = found.iter().zip(&gaps).find(|(x, gap)| !x.is_zero() && !gap.is_zero());
            held.holds("occupancy uses an action that is not optimal", waste.is_none(), || {
                format!("one that loses {:e}", near(waste.expect("seen").1))
            });
            let (earned, best) = (dot(&found, &r), dot(&part.mu, &v));
            let room = largest_return(&part.gamma, &r) * power(10, -9);
            held.holds("occupancy earns another return", abs(&(&earned - &best)) <= room, || {
                format!("{:e}, right is {:e}", near(&earned), near(&best))
            });
            // Where the optimum is unique, every number is known.
            let optimal = |rows: &std::ops::Range<usize>| rows.clone().filter(|&row| gaps[row].is_zero()).collect();
            let choices: Vec<Vec<usize>> = part.of.iter().map(optimal).collect();
            if choices.iter().all(|rows| rows.len() == 1) {
                let policy: Vec<usize> = choices.iter().map(|rows| rows[0]).collect();
                let right = part.occupancy(&part.certain(&policy));
                hold_visits(held, world, &part, &right);
            }
        })]
    });
}

#[test]
fn occupancy_of_a_given_policy_is_its_visits() {
    hold_all("occupancy of given policies", &seeds(6, 5), |seed, world, file| {
        let part = Part::new(world);
        let mut rng = Stream::new(seed ^ 0xacc);
        // Eighths of each action, or one for certain.
        let is_certain = rng.one_in(3);
        let table: Vec<Vec<Q>> = (0..world.n())
            .map(|s| {
                let offered: Vec<usize> = (0..world.m()).filter(|&a| world.p[s][a].is_some()).collect();
                let mut weights = vec![Q::ZERO; world.m()];
                if offered.is_empty() {
                    weights[0] = Q::ONE;
                    return weights;
                }
                for _ in 0..if is_certain { 1 } else { 8 } {
                    weights[*rng.pick(&offered)] += if is_certain { Q::ONE } else { frac(1, 8) };
                }
                weights
            })
            .collect();
        let mixture: Vec<Q> = part.rows.iter().map(|row| table[part.live[row.at]][row.action].clone()).collect();
        let lines: Vec<String> =
            table.iter().map(|row| format!("[{}]", row.iter().map(text).collect::<Vec<_>>().join(","))).collect();
        let folder = std::path::Path::new(file).parent().expect("a folder");
        let policy = write(folder, &format!("p{seed}.json"), &format!("[{}]", lines.join(",")));
        let right = part.occupancy(&mixture);
        vec![held(&["occupancy", file, "--policy", &policy], Input::Text, |held| {
            hold_visits(held, world, &part, &right);
        })]
    });
}
