//! Reading what was written gives the same model.

use proptest::prelude::*;

use super::{FORMATS, format};
use crate::base::{Offset, Source};
use crate::io::{Reading, encode, read_raw_text};
use crate::model::raw::*;

fn nowhere<T>(value: T) -> At<T> {
    At::nowhere(value)
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(-0.0),
        Just(1.0),
        Just(0.1),
        Just(f64::MAX),
        Just(5e-324),
        -1e6..1e6f64,
        any::<f64>().prop_filter("finite", |x| x.is_finite()),
    ]
}

/// Names that texts, keys and wildcards might trip over.
fn name() -> impl Strategy<Value = String> {
    const ODD: &[&str] = &[
        "uniform", "null", "1/3", "0", "-1", "a.b", "a b", "\"", "'", "\\", "\n", "é", "😀", "[x]", "#", "=", "\u{7f}",
        "\u{85}",
    ];
    prop_oneof![
        "[a-z]{1,6}",
        prop::sample::select(ODD).prop_map(str::to_owned),
        any::<String>().prop_filter("not the wildcard", |s| s != "*" && !s.is_empty()),
    ]
}

fn reference() -> impl Strategy<Value = Ref> {
    prop_oneof![(0..1000u64).prop_map(Ref::Index), name().prop_map(Ref::Name)]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![Just(Pattern::Any), reference().prop_map(Pattern::One)]
}

fn at<S: Strategy>(s: S) -> impl Strategy<Value = At<S::Value>> {
    s.prop_map(nowhere)
}

fn numbers() -> impl Strategy<Value = Vec<At<f64>>> {
    prop::collection::vec(at(number()), 0..40)
}

fn tensor() -> impl Strategy<Value = RawTensor> {
    let row = at(prop::option::of(prop::collection::vec(at(number()), 0..4)));
    prop::collection::vec(at(prop::collection::vec(row, 0..4)), 0..4)
}

fn names() -> impl Strategy<Value = RawNames> {
    prop_oneof![
        (0..1_000_000u64).prop_map(RawNames::Count),
        prop::collection::vec(at(name()), 0..6).prop_map(RawNames::List)
    ]
}

fn unique<T>(pairs: Vec<(String, T)>) -> Vec<(String, T)> {
    let mut seen = std::collections::HashSet::new();
    pairs.into_iter().filter(|(name, _)| seen.insert(name.clone())).collect()
}

fn start() -> impl Strategy<Value = RawStart> {
    let table = prop::collection::vec((name(), number()), 0..4).prop_map(|pairs| {
        let pairs = unique(pairs).into_iter();
        RawStart::Table(pairs.map(|(name, p)| (nowhere(Ref::Name(name)), nowhere(p))).collect())
    });
    prop_oneof![
        Just(RawStart::Uniform),
        reference().prop_filter("taken", |r| *r != Ref::Name("uniform".into())).prop_map(RawStart::State),
        numbers().prop_map(RawStart::Dense),
        table,
    ]
}

fn dynamics() -> impl Strategy<Value = RawDynamics> {
    let row = (reference(), reference(), reference(), number()).prop_map(|(s, a, t, p)| {
        nowhere(RawTransition { s: nowhere(s), a: nowhere(a), s_next: nowhere(t), p: nowhere(p) })
    });
    prop_oneof![tensor().prop_map(RawDynamics::Dense), prop::collection::vec(row, 0..5).prop_map(RawDynamics::List)]
}

fn reward() -> impl Strategy<Value = RawReward> {
    let cells = prop::collection::vec(at(prop::option::of(number())), 0..4);
    let entry = (pattern(), pattern(), pattern(), number())
        .prop_map(|(s, a, t, r)| nowhere(RawEntry { s: nowhere(s), a: nowhere(a), s_next: nowhere(t), r: nowhere(r) }));
    prop_oneof![
        numbers().prop_map(RawReward::S),
        prop::collection::vec(at(cells), 0..4).prop_map(RawReward::Sa),
        tensor().prop_map(RawReward::Sas),
        (prop::collection::vec(entry, 0..5), number())
            .prop_map(|(entries, default)| RawReward::Entries { entries, default: At::nowhere(default) }),
    ]
}

fn grid() -> impl Strategy<Value = RawGrid> {
    let row = at(prop::collection::vec(at(prop::option::of(reference())), 0..4));
    (
        prop::collection::vec(at(name()), 0..4),
        prop::option::of(at(reference())),
        prop::option::of(prop::collection::vec(row, 0..4)),
    )
        .prop_map(|(rows, start_at, cells)| RawGrid { rows, start_at, cells })
}

fn expected() -> impl Strategy<Value = Vec<At<RawExpected>>> {
    let answers = || {
        (
            prop::option::of(number()),
            prop::option::of(prop::collection::vec(number(), 0..4)),
            prop::option::of(name()),
            prop::option::of(name()),
        )
            .prop_map(|(value_at_start, v, source, grade)| RawExpected {
                reward: None,
                value_at_start,
                v,
                source,
                grade,
            })
    };
    let several = prop::collection::vec((name(), answers()), 0..3).prop_map(|pairs| {
        let named = unique(pairs).into_iter();
        named.map(|(name, a)| nowhere(RawExpected { reward: Some(nowhere(name)), ..a })).collect()
    });
    let one = answers().prop_filter("something", |a| *a != RawExpected::default()).prop_map(|a| vec![nowhere(a)]);
    prop_oneof![several, one]
}

fn model() -> impl Strategy<Value = RawModel> {
    let rewards = prop::collection::vec((name(), reward()), 0..4);
    (
        (prop::option::of(name()), prop::option::of(any::<String>()), prop::option::of(name()), number()),
        (names(), names(), start(), dynamics()),
        (prop::collection::vec(at(reference()), 0..3), rewards, prop::option::of(grid()), expected()),
    )
        .prop_map(|((name, description, source, gamma), (states, actions, mu0, dynamics), rest)| {
            let (terminal, rewards, grid, expected) = rest;
            let rewards = unique(rewards).into_iter().map(|(n, r)| (nowhere(n), nowhere(r))).collect();
            RawModel {
                source_file: Source::binary("generated"),
                inputs: RawInputs::Written,
                name,
                description,
                source,
                gamma: nowhere(gamma),
                states: nowhere(states),
                actions: nowhere(actions),
                mu0: nowhere(mu0),
                dynamics: nowhere(dynamics),
                terminal,
                rewards,
                grid: grid.map(nowhere),
                expected,
            }
        })
}

/// Everything but the places; `Debug` shows every bit of a double that is not NaN.
fn shown(model: &RawModel) -> String {
    let RawModel { source_file: _, name, description, source, gamma, states, actions, mu0, dynamics, .. } = model;
    let head = (name, description, source, gamma, states, actions, mu0, dynamics);
    let text = format!("{head:?} {:?}", (&model.terminal, &model.rewards, &model.grid, &model.expected));
    let mut parts = text.split("at: Offset(");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn texts_hold_every_model(model in model()) {
        for format in FORMATS.iter().filter(|f| matches!(f.read, Reading::Text(_))) {
            let bytes = encode(&model, format).expect("finite numbers and unique names").bytes;
            let text = String::from_utf8(bytes).expect("text");
            let again = read_raw_text("again", &text, format);
            let again = again.unwrap_or_else(|e| panic!("{e}\n{text}"));
            prop_assert_eq!(shown(&again), shown(&model), "{}", text);
        }
    }
}

#[test]
fn written_toml_is_pleasant_to_read() {
    let text = super::bad_input::MODEL;
    let raw = read_raw_text("m", text, format("toml")).expect("valid");
    let written = String::from_utf8(encode(&raw, format("toml")).expect("writable").bytes).expect("text");
    for line in [
        "gamma = 0.95",
        "states = [\"left\", \"right\", \"end\"]",
        "  [\"left\", \"go\", \"right\", 0.5],",
        "[rewards.goal]",
        "s = [0, 0, 1]",
    ] {
        assert!(written.lines().any(|l| l == line), "{line}\n{written}");
    }
    assert_eq!(raw.gamma.at, Offset(49));
}

#[test]
fn binary_dynamics_become_readable_rows() {
    let raw = read_raw_text("m", super::bad_input::MODEL, format("toml")).expect("valid");
    let dir = tempfile::tempdir().expect("temporary directory");
    let file = dir.path().join("m.npz");
    let warnings = crate::io::write(&file, &raw).expect("written");
    assert_eq!(warnings.len(), 2, "grid and expected have no place in npz: {warnings:?}");
    let binary = crate::io::read_raw(&file).expect("valid");
    for id in ["toml", "json"] {
        let text = String::from_utf8(encode(&binary, format(id)).expect("writable").bytes).expect("text");
        assert!(text.contains("[\"left\", \"go\", \"right\", 0.5]"), "{text}");
        let again = read_raw_text("m", &text, format(id)).expect("valid");
        let (a, b) = (crate::model::Model::build(again), crate::model::Model::build(raw.clone()));
        let (a, b) = (a.expect("a model"), b.expect("a model"));
        assert_eq!(a.hash(), b.hash());
        assert_eq!(a.name(), b.name());
    }
}
