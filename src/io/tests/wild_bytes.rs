//! No bytes at all make a reader panic, hang or take more memory than the file is worth.

use std::path::Path;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{FORMATS, bad_input::MODEL, format};
use crate::io::{Format, Reading, encode, policy_file, potential_file, read_raw, read_raw_bytes, reward_file, text};

/// Bytes that mean something to a parser.
const ODD: &[u8] = b"\"'[]{},.#\n0-9e*\\\0a=:";

/// Reads bytes as a format does; a model or a refusal, and both can be shown and checked.
fn feed(dir: &Path, format: &Format, bytes: &[u8]) -> bool {
    let result = match format.read {
        Reading::Text(_) => read_raw_bytes("wild", bytes.to_vec(), format),
        Reading::Binary(_) => {
            let file = dir.join(format!("wild.{}", format.extensions[0]));
            std::fs::write(&file, bytes).expect("written");
            read_raw(&file)
        }
    };
    match result {
        Ok(raw) => {
            for format in FORMATS {
                let _ = encode(&raw, format);
            }
            // Model::build allocates what `states` says, so only small counts are passed on.
            let small = |n: &crate::model::raw::RawNames| match n {
                crate::model::raw::RawNames::Count(n) => *n < 1000,
                crate::model::raw::RawNames::List(_) => true,
            };
            if small(&raw.states.value) && small(&raw.actions.value) {
                let _ = crate::model::Model::build(raw);
            }
            true
        }
        Err(e) => {
            super::assert_helpful(&e);
            false
        }
    }
}

/// The same small model in a format.
fn sample(format: &Format) -> Vec<u8> {
    let raw = crate::io::read_raw_text("m", MODEL, self::format("toml")).expect("valid");
    encode(&raw, format).expect("writable").bytes
}

#[test]
fn every_truncation_is_refused_or_read() {
    let dir = tempfile::tempdir().expect("temporary directory");
    for format in FORMATS {
        let bytes = sample(format);
        assert!(feed(dir.path(), format, &bytes));
        for end in 0..bytes.len() {
            let whole = feed(dir.path(), format, &bytes[..end]);
            assert!(!whole || format.id == "toml" || end + 1 == bytes.len(), "{} at {end}", format.id);
        }
    }
}

#[test]
fn random_damage_never_panics() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for format in FORMATS {
        let sample = sample(format);
        let rounds = if matches!(format.read, Reading::Text(_)) { 10_000 } else { 4_000 };
        for _ in 0..rounds {
            let mut bytes = sample.clone();
            for _ in 0..rng.random_range(1..4) {
                let i = rng.random_range(0..bytes.len());
                match rng.random_range(0..5) {
                    0 => bytes[i] ^= 1 << rng.random_range(0..8),
                    1 => bytes[i] = rng.next_u32() as u8,
                    2 => drop(bytes.remove(i)),
                    3 => bytes.insert(i, ODD[rng.random_range(0..ODD.len())]),
                    _ => {
                        let j = rng.random_range(0..bytes.len());
                        let piece = bytes[i.min(j)..i.max(j)].iter().copied().take(40).collect::<Vec<_>>();
                        bytes.splice(i..i, piece);
                    }
                }
            }
            feed(dir.path(), format, &bytes);
        }
    }
}

#[test]
fn random_documents_never_panic() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let samples = [
        "{\"policy\": [[0.5, 0.5], [1, 0]]}",
        "[\"a\", 1, 2]",
        "phi = { a = 1, b = \"1/3\" }",
        "entries = [[\"*\", 0, \"b\", 1]]\ndefault = 2",
    ];
    for _ in 0..4_000 {
        let mut bytes = samples[rng.random_range(0..samples.len())].as_bytes().to_vec();
        let i = rng.random_range(0..bytes.len());
        bytes[i] = ODD[rng.random_range(0..ODD.len())];
        let Ok(text) = text::decode("wild", bytes) else { continue };
        for id in ["toml", "json"] {
            let Reading::Text(parse) = format(id).read else { continue };
            let _ = reward_file::from_text(&text, parse);
            let names = crate::model::Names::count(2, 's');
            let _ = policy_file::from_text(&text, parse).and_then(|p| p.resolve(&names, &names));
            let _ = potential_file::from_text(&text, parse).and_then(|p| p.resolve(&names));
        }
    }
}

#[test]
fn a_gigabyte_of_zeros_is_refused_at_once() {
    let dir = tempfile::tempdir().expect("temporary directory");
    for extension in ["toml", "json", "npz", "mdp.toml"] {
        let path = dir.path().join(format!("zeros.{extension}"));
        std::fs::File::create(&path).and_then(|f| f.set_len(1 << 30)).expect("a sparse file");
        let start = std::time::Instant::now();
        super::assert_helpful(&read_raw(&path).expect_err("refused"));
        assert!(start.elapsed().as_secs_f64() < 1.0, "{extension}");
    }
}
