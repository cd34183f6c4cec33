//! Ten thousand damaged certificates, none of them accepted. Half are given a checksum that fits again, so that the proof
//! itself has to notice.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use truenorth::io::gallery;
use truenorth::model::{Model, RawModel};
use truenorth::verify::cert::sealed;

use crate::cert::make::{accepted, named, of_pair, of_values, verdict};
use crate::common::draw::arms;

struct Sample {
    raw: RawModel,
    text: String,
}

/// Small models with and without terminal states, ties, chance and shaping.
fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    for name in ["frozenlake-4x4", "forest", "puterman-two-state", "bandit-3", "e2-tight-low", "garnet?states=6&seed=3"]
    {
        let raw = gallery::read(name).expect("readable");
        let model = Model::build(raw.clone()).expect("valid");
        let last = model.rewards().len() - 1;
        all.push(Sample { text: of_values(&raw, &model, &named(&model, 0)), raw: raw.clone() });
        let (text, _) = of_pair(&raw, &model, named(&model, 0), named(&model, last));
        all.push(Sample { text, raw });
    }
    // Four times as much as doubles, and not quite as the decimals that the checker reads: a remainder is left.
    let case = arms(&[&[1.0 / 3.0, 0.0], &[4.0 / 3.0, 0.0]]);
    let (raw, model) = (case.raw(), case.model());
    let (text, _) = of_pair(&raw, &model, named(&model, 0), named(&model, 1));
    all.push(Sample { text, raw });
    all.iter().for_each(|sample| drop(accepted(&sample.text, &sample.raw)));
    all
}

/// Places of the numbers that follow a key.
fn numbers_after(text: &str, key: &str) -> Vec<std::ops::Range<usize>> {
    let needle = format!("\"{key}\": ");
    text.match_indices(&needle)
        .map(|(at, _)| {
            let start = at + needle.len();
            let len = text[start..].find([',', '}', ']', '\n']).unwrap_or(0);
            start..start + len
        })
        .filter(|range| text[range.clone()].parse::<f64>().is_ok())
        .collect()
}

fn replaced(text: &str, range: std::ops::Range<usize>, with: &str) -> String {
    [&text[..range.start], with, &text[range.end..]].concat()
}

/// A digit becomes another one, anywhere.
fn flip_a_digit(text: &str, rng: &mut StdRng) -> Option<String> {
    let digits: Vec<usize> = text.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()).map(|(i, _)| i).collect();
    let &at = digits.choose(rng)?;
    let old = text.as_bytes()[at] - b'0';
    let new = (old + rng.random_range(1..10u8)) % 10;
    Some(replaced(text, at..at + 1, &new.to_string()))
}

/// Any byte becomes another printable one, outside white space.
fn change_a_byte(text: &str, rng: &mut StdRng) -> Option<String> {
    let at = rng.random_range(0..text.len());
    let old = text.as_bytes()[at];
    let new = rng.random_range(33..127u8);
    (old != new && !old.is_ascii_whitespace() && old.is_ascii())
        .then(|| replaced(text, at..at + 1, &char::from(new).to_string()))
}

/// Cut off after any byte; the line end after the last brace may go.
fn truncate(text: &str, rng: &mut StdRng) -> Option<String> {
    Some(text[..rng.random_range(0..text.trim_end().len())].to_owned())
}

/// One bound of a number moved beyond the other, so that what is proven lies outside.
fn narrow_a_bound(text: &str, rng: &mut StdRng) -> Option<String> {
    let pairs: Vec<_> = numbers_after(text, "lo").into_iter().zip(numbers_after(text, "hi")).collect();
    let (lo, hi) = pairs.choose(rng)?.clone();
    let value = |range: &std::ops::Range<usize>| text[range.clone()].parse::<f64>().ok();
    let (x, y) = (value(&lo)?, value(&hi)?);
    let step = 10f64.powi(-rng.random_range(1..14)) * x.abs().max(y.abs()).max(1e-3);
    Some(match rng.random_range(0..2) {
        0 => replaced(text, lo, &format!("{:?}", y + step)),
        _ => replaced(text, hi, &format!("{:?}", x - step)),
    })
}

/// An action in a list of optimal ones, or of a policy, becomes another.
fn swap_an_action(text: &str, rng: &mut StdRng) -> Option<String> {
    let key = *["may_be", "certain"].choose(rng)?;
    let needle = format!("\"{key}\": [");
    let found: Vec<usize> = text.match_indices(&needle).map(|(at, _)| at + needle.len()).collect();
    let start = *found.choose(rng)?;
    let end = start + text[start..].find("]]")?;
    // Sets of one action: the other actions are certainly worse.
    let single: Vec<usize> =
        (start..end).filter(|&i| text[i..].starts_with('[') && text.as_bytes().get(i + 2) == Some(&b']')).collect();
    let at = *single.choose(rng)? + 1;
    let old: usize = text[at..=at].parse().ok()?;
    Some(replaced(text, at..at + 1, &((old + rng.random_range(1..4)) % 10).to_string()))
}

/// The discount of the claims.
fn change_gamma(text: &str, rng: &mut StdRng) -> Option<String> {
    let range = numbers_after(text, "gamma").pop()?;
    let old: f64 = text[range.clone()].parse().ok()?;
    let new = (old - 10f64.powi(-rng.random_range(1..16))).abs();
    (new != old).then(|| replaced(text, range, &format!("{new:?}")))
}

/// A digit of the hash of the model.
fn change_hash(text: &str, rng: &mut StdRng) -> Option<String> {
    let start = text.find("\"hash\": \"")? + "\"hash\": \"".len();
    let at = start + rng.random_range(0..64);
    let new = if &text[at..=at] == "7" { "8" } else { "7" };
    Some(replaced(text, at..at + 1, new))
}

/// A number of a witness that is about every state. Values of ended episodes are 0 and not read.
fn spoil_a_witness(text: &str, rng: &mut StdRng) -> Option<String> {
    // Behind the bounds of all states; sets of actions may well be proven by a worse witness too.
    let key = "]}, \"witness\": {\"v\": [";
    let found: Vec<usize> = text.match_indices(key).map(|(at, _)| at + key.len()).collect();
    let start = *found.choose(rng)?;
    let list = &text[start..start + text[start..].find(']')?];
    let mut places = Vec::new();
    let mut at = start;
    for number in list.split(", ") {
        if number.parse::<f64>().is_ok_and(|x| x != 0.0) {
            places.push(at..at + number.len());
        }
        at += number.len() + 2;
    }
    let place = places.choose(rng)?.clone();
    let old: f64 = text[place.clone()].parse().ok()?;
    let factor = 1.0 + 10f64.powi(-rng.random_range(0..7));
    Some(replaced(text, place, &format!("{:?}", old * factor)))
}

/// A weight of the proxy or a scale that is negative.
fn negate(text: &str, rng: &mut StdRng) -> Option<String> {
    let mut places = numbers_after(text, "scale");
    places.extend(numbers_after(text, "lambda"));
    places.retain(|range| text[range.clone()].parse::<f64>().is_ok_and(|x| x > 0.0));
    let place = places.choose(rng)?.clone();
    let new = format!("-{}", &text[place.clone()]);
    Some(replaced(text, place, &new))
}

/// An allowed remainder or regret that is smaller than what is there.
fn shrink_a_remainder(text: &str, rng: &mut StdRng) -> Option<String> {
    let mut places = numbers_after(text, "remainder");
    places.extend(numbers_after(text, "regret"));
    places.retain(|range| text[range.clone()].parse::<f64>().is_ok_and(|x| x > 0.0));
    let place = places.choose(rng)?.clone();
    let old: f64 = text[place.clone()].parse().ok()?;
    Some(replaced(text, place, &format!("{:e}", old * rng.random_range(0..99) as f64 / 100.0)))
}

type Damage = fn(&str, &mut StdRng) -> Option<String>;

/// Name, damage, whether it is sealed again, how often.
const DAMAGES: &[(&str, Damage, bool, usize)] = &[
    ("a digit flipped", flip_a_digit, false, 2500),
    ("a byte changed", change_a_byte, false, 1000),
    ("cut off", truncate, false, 1500),
    ("a bound narrowed", narrow_a_bound, true, 1500),
    ("an action swapped", swap_an_action, true, 1000),
    ("another discount", change_gamma, true, 750),
    ("another hash", change_hash, true, 500),
    ("a spoilt witness", spoil_a_witness, true, 750),
    ("a negative weight", negate, true, 250),
    ("a remainder made smaller", shrink_a_remainder, true, 250),
];

#[test]
fn ten_thousand_damaged_certificates_are_rejected() {
    let samples = samples();
    let mut rng = StdRng::seed_from_u64(20260802);
    assert_eq!(DAMAGES.iter().map(|damage| damage.3).sum::<usize>(), 10_000);
    let mut by_reason = std::collections::BTreeMap::<&str, usize>::new();
    for &(name, damage, is_sealed, times) in DAMAGES {
        let (mut done, mut tried) = (0, 0);
        while done < times {
            tried += 1;
            assert!(tried < 20 * times, "{name}: too few places");
            let sample = &samples[rng.random_range(0..samples.len())];
            let Some(text) = damage(&sample.text, &mut rng) else { continue };
            let text = if is_sealed { sealed(&text) } else { text };
            if text == sample.text {
                continue;
            }
            done += 1;
            let reason = match verdict(&text, &sample.raw) {
                Err(_) => "refused",
                Ok(report) if !report.is_proven() => "not proven",
                Ok(_) => panic!("{name}: accepted\n{}", difference(&sample.text, &text)),
            };
            *by_reason.entry(reason).or_default() += 1;
            // Without the checksum the checker never looks at the proof; with it, it looks at nothing else.
            let proof = is_sealed && !["another discount", "another hash"].contains(&name);
            assert_eq!(reason == "not proven", proof, "{name}");
        }
    }
    assert!(by_reason["not proven"] >= 3000, "{by_reason:?}");
}

/// The place where two texts part.
fn difference(old: &str, new: &str) -> String {
    let at = old.bytes().zip(new.bytes()).take_while(|(x, y)| x == y).count().saturating_sub(60);
    let cut = |text: &str| text.get(at..(at + 160).min(text.len())).unwrap_or_default().to_owned();
    format!("old {}\nnew {}", cut(old), cut(new))
}

#[test]
fn sealing_an_undamaged_text_changes_nothing() {
    for sample in samples() {
        assert_eq!(sealed(&sample.text), sample.text);
        // White space is no damage: the file may be laid out anew.
        let spread = sample.text.replace("], ", "],\n\t ");
        assert_ne!(spread, sample.text);
        accepted(&spread, &sample.raw);
    }
}

#[test]
fn a_claim_may_be_wider() {
    let mut rng = StdRng::seed_from_u64(7);
    for sample in samples() {
        let lows = numbers_after(&sample.text, "lo");
        if let Some(place) = lows.choose(&mut rng) {
            let wider = format!(
                "{:?}",
                sample.text[place.clone()].parse::<f64>().expect("a number") - 1.0 - rng.next_u32() as f64
            );
            accepted(&sealed(&replaced(&sample.text, place.clone(), &wider)), &sample.raw);
        }
    }
}
