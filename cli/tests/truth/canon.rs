//! `canon` and `shape` against forms in fractions.

use crate::truth::compare::{held, hold_all, hold_shaping, seeds};
use crate::truth::draw::Stream;
use crate::truth::hold::{Held, Input, largest_return, write};
use crate::truth::num::{Q, abs, dot, frac, int, near, power};
use crate::truth::pair::{Pair, enumerate, linf, minimal, val};
use crate::truth::world::{Part, World};

/// Entries of a form over live rows and next states: each is within the stated error, and that is small.
fn hold_form(held: &mut Held, world: &World, part: &Part, r: &[Q], entry: impl Fn(usize, usize) -> Q) {
    let Some(error) = held.at("error").as_f64().and_then(|x| Q::try_from(x).ok()) else {
        return held.fault("canon without an error", held.at("error").to_string());
    };
    let table = held.at("canonical");
    let mut worst: Option<(Q, String)> = None;
    for (row, of) in part.rows.iter().enumerate() {
        let cell = &table[part.live[of.at]][of.action];
        for t in (0..world.n()).filter(|&t| !of.full[t].is_zero()) {
            let found = if cell.is_array() { &cell[t] } else { cell };
            let Some(x) = found.as_f64().and_then(|x| Q::try_from(x).ok()) else {
                return held.fault("canonical is no table", table.to_string());
            };
            let right = entry(row, t);
            // Entries are printed to the nearest double.
            let off = abs(&(&x - &right)) - abs(&right) * power(2, -52);
            if off > error && worst.as_ref().is_none_or(|w| off > w.0) {
                let what =
                    format!("row {row} to {t}: {found}, right is {:e}, stated error {:e}", near(&right), near(&error));
                worst = Some((off, what));
            }
        }
    }
    if let Some((_, what)) = worst {
        held.fault("canonical misses the truth", what);
    }
    let size = largest_return(&part.gamma, r);
    let close = error <= (&size + linf(r)) * power(10, -9) + power(10, -300);
    held.holds("canon says too little", close, || {
        format!("error {:e} beside returns of {:e}", near(&error), near(&size))
    });
}

#[test]
fn canonical_forms_tell_the_truth() {
    hold_all("canon", &seeds(4, 0), |_, world, file| {
        let part = Part::new(world);
        let r = part.over_rows(&world.pay("b").sa);
        let ones = vec![Q::ONE; r.len()];
        let w: Vec<Q> = part.rows.iter().map(|row| Q::ONE / dot(&row.full, &row.full)).collect();
        let forms = [("val", val(&part, &r)), ("minimal-weighted", minimal(&part, &r, &ones))];
        let mut all: Vec<_> = forms
            .into_iter()
            .map(|(id, form)| {
                held(&["canon", file, "b", "--by", id], Input::Text, |held| {
                    hold_form(held, world, &part, &r, |row, _| form[row].clone());
                })
            })
            .collect();
        let form = minimal(&part, &r, &w);
        all.push(held(&["canon", file, "b", "--by", "minimal"], Input::Text, |held| {
            hold_form(held, world, &part, &r, |row, t| &form[row] * &w[row] * &part.rows[row].full[t]);
        }));
        all
    });
}

/// A shaped reward `[S][A][S]` has the expectation `r + gamma P Phi - Phi`.
fn hold_shaped(held: &mut Held, world: &World, part: &Part, r: &[Q], phi: &[Q]) {
    let table = held.at("shaped");
    let size = linf(r) + linf(phi) * int(2);
    let mut faults = Vec::new();
    for (row, of) in part.rows.iter().enumerate() {
        let s = part.live[of.at];
        let (sa, sas) = (&table["sa"][s][of.action], &table["sas"][s][of.action]);
        let next = |t: usize| sas[t].as_f64().and_then(|x| Q::try_from(x).ok());
        let found = match sa.as_f64() {
            Some(x) => Some(crate::truth::num::q(x)),
            None => (0..world.n()).try_fold(Q::ZERO, |sum, t| match of.full[t].is_zero() {
                true => Some(sum),
                false => Some(sum + &of.full[t] * next(t)?),
            }),
        };
        let right = &r[row] + &part.gamma * dot(&of.full, phi) - &phi[s];
        match found {
            Some(x) if abs(&(&x - &right)) <= &size * power(2, -48) => {}
            other => faults.push(format!("row {row}: {:?}, right is {:e}", other.as_ref().map(near), near(&right))),
        }
    }
    if let Some(what) = faults.into_iter().next() {
        held.fault("shaped misses the truth", what);
    }
}

#[test]
fn shaping_is_put_on_and_found_again() {
    hold_all("shape", &seeds(4, 2), |seed, world, file| {
        let part = Part::new(world);
        let rows = |name: &str| part.over_rows(&world.pay(name).sa);
        let pair = Pair::new(&part, &enumerate(&part), rows("a"), rows("b"));
        let ones = vec![Q::ONE; part.rows.len()];
        let (mx, my) = (minimal(&part, &pair.x, &ones), minimal(&part, &pair.y, &ones));
        let mut all = vec![held(&["shape", file, "a", "--recover", "b"], Input::Text, |held| {
            held.decision("same_order", pair.same_order());
            hold_shaping(held, &pair, "", (&mx, &my));
            if pair.same_order() && !pair.rho_x().is_zero() {
                hold_potential(held, world, &pair);
            }
        })];
        let mut rng = Stream::new(seed ^ 0x0f17);
        let phi: Vec<Q> =
            (0..world.n()).map(|s| if world.terminal[s] { Q::ZERO } else { frac(rng.whole(-20, 20), 8) }).collect();
        let lines: Vec<String> = phi.iter().map(crate::truth::num::text).collect();
        let folder = std::path::Path::new(file).parent().expect("a folder");
        let potential = write(folder, &format!("phi{seed}.json"), &format!("[{}]", lines.join(",")));
        all.push(held(&["shape", file, "a", "--phi", &potential], Input::Text, |held| {
            hold_shaped(held, world, &part, &pair.x, &phi);
        }));
        all
    });
}

/// The potential that is found turns `scale a` into `b`, in expectation and to rounding, where returns feel it.
fn hold_potential(held: &mut Held, world: &World, pair: &Pair) {
    let part = pair.part;
    let number =
        |value: &serde_json::Value| value.as_f64().or(value["value"].as_f64()).and_then(|x| Q::try_from(x).ok());
    let Some(scale) = number(held.at("scale")) else {
        return held.fault("scale is no number", held.at("scale").to_string());
    };
    // What no return feels may be left out.
    let phi: Vec<Q> = (0..world.n()).map(|s| number(&held.at("potential")[s]).unwrap_or(Q::ZERO)).collect();
    let size = linf(&pair.y) + &scale * linf(&pair.x) + linf(&phi) * int(2);
    let off = (0..part.rows.len())
        .map(|row| {
            let of = &part.rows[row];
            let shaped = &scale * &pair.x[row] + &part.gamma * dot(&of.full, &phi) - &phi[part.live[of.at]];
            abs(&(shaped - &pair.y[row]))
        })
        .max()
        .unwrap_or(Q::ZERO);
    held.holds("the potential found is none", off <= size * power(10, -9), || format!("off by {:e}", near(&off)));
}
