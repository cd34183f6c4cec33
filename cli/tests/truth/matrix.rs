//! `matrix` against enumeration.

use crate::truth::compare::{held, hold_all, seeds};
use crate::truth::hold::{Held, Input, largest_return};
use crate::truth::num::{Q, int, power};
use crate::truth::pair::{Pair, enumerate};
use crate::truth::world::{Part, World};

const NAMES: [&str; 4] = ["a", "b", "c", "2*a"];

/// An entry of a table of plain numbers with an error a row, or of bounded ones.
fn entry(held: &mut Held, table: &str, (i, j): (usize, usize), truth: &Q, room: &Q, most: &Q) {
    let path = format!("{table}.{i}.{j}");
    let found = held.at(&path);
    if found.is_object() {
        return held.bounded(&path, &truth.clone().into(), room);
    }
    let (value, error) = (found.as_f64(), held.at(&format!("{table}_error.{i}")).as_f64());
    let (Some(value), Some(error)) = (value.and_then(|x| Q::try_from(x).ok()), error.and_then(|x| Q::try_from(x).ok()))
    else {
        return held.fault(format!("{table} is no number"), format!("{path}: {found}"));
    };
    let off = crate::truth::num::abs(&(&value - truth));
    let say = || {
        format!(
            "{path} = {found} +- {:e}, right is {:e}",
            crate::truth::num::near(&error),
            crate::truth::num::near(truth)
        )
    };
    // The error is printed to the nearest double.
    held.holds(&format!("{table} misses the truth"), off <= &error * (Q::ONE + power(2, -40)), say);
    // The error of a row is that of its worst entry.
    let close = error <= most * power(10, -6) || error <= room * power(10, -12) + power(10, -300);
    held.holds(&format!("{table} says too little"), close, say);
}

fn hold_matrix(held: &mut Held, world: &World, part: &Part) {
    let visits = enumerate(part);
    let rows = |name: &str| match name {
        "2*a" => part.over_rows(&world.pay("a").sa).iter().map(|x| x * int(2)).collect(),
        name => part.over_rows(&world.pay(name).sa),
    };
    let n = NAMES.len();
    let pairs: Vec<Vec<Pair>> =
        NAMES.iter().map(|x| NAMES.iter().map(|y| Pair::new(part, &visits, rows(x), rows(y))).collect()).collect();
    for i in 0..n {
        let lost: Vec<Q> = pairs[i].iter().map(|pair| pair.ends_x().0 - pair.proxy_optimal().1).collect();
        let most = lost.iter().max().expect("four");
        let size = largest_return(&part.gamma, &pairs[i][0].x) + int(1_000) * pairs[i][0].rho_x();
        for j in 0..n {
            let pair = &pairs[i][j];
            entry(held, "distance", (i, j), &pair.range_distance(), &int(1_000), &Q::ONE);
            entry(held, "regret", (i, j), &lost[j], &size, most);
        }
        let (max, min) = pairs[i][0].ends_x();
        held.bounded(&format!("returns.max.{i}"), &max.clone().into(), &size);
        held.bounded(&format!("returns.min.{i}"), &min.clone().into(), &size);
        held.bounded(&format!("returns.range.{i}"), &(max - min).into(), &size);
    }
    let names = |of: &dyn Fn(usize) -> bool| -> Vec<String> {
        (0..n).filter(|&i| of(i)).map(|i| NAMES[i].to_owned()).collect()
    };
    let same = |i: usize, j: usize| pairs[i][j].same_order();
    let first = |i: usize| (0..i).all(|j| !same(i, j));
    let groups: Vec<Vec<String>> =
        (0..n).filter(|&i| first(i)).map(|i| names(&|j| same(i, j))).filter(|group| group.len() > 1).collect();
    let trivial = names(&|i| pairs[i][0].rho_x().is_zero());
    let tied = names(&|j| {
        let r = rows(NAMES[j]);
        let gaps = part.gaps(&r, &part.optimum(&r, true));
        part.of.iter().any(|rows| rows.clone().filter(|&row| gaps[row].is_zero()).count() > 1)
    });
    let lists = [
        ("same_task", serde_json::json!(groups)),
        ("same_task_undecided", serde_json::json!([])),
        ("trivial", serde_json::json!(trivial)),
        ("tied", serde_json::json!(tied)),
    ];
    for (key, right) in lists {
        let found = held.at(key);
        held.holds(&format!("{key} is wrong"), *found == right, || format!("{found}, right is {right}"));
    }
}

#[test]
fn matrix_tells_the_truth() {
    hold_all("matrix", &seeds(4, 2), |_, world, file| {
        let part = Part::new(world);
        let mut args = vec!["matrix", file];
        args.extend(NAMES);
        vec![held(&args, Input::Text, |held| hold_matrix(held, world, &part))]
    });
}
