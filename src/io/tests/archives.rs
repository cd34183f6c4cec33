//! NumPy archives as NumPy writes them, and as nobody should.

use std::io::Write;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::base::{Code, Diag};
use crate::io::npz::header_bytes;
use crate::io::read_raw;
use crate::model::raw::*;
use crate::model::{Model, RawModel};

/// One array: name, type, shape, bytes.
type Array = (&'static str, &'static str, Vec<usize>, Vec<u8>);

fn f64s(xs: &[f64]) -> Vec<u8> {
    xs.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn i64s(xs: &[i64]) -> Vec<u8> {
    xs.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// Two states, two actions; the second action of the second state is not available.
fn arrays() -> Vec<Array> {
    vec![
        ("row_ptr", "<i8", vec![5], i64s(&[0, 2, 3, 4, 4])),
        ("col", "<i4", vec![4], [0i32, 1, 0, 1].iter().flat_map(|x| x.to_le_bytes()).collect()),
        ("val", "<f4", vec![4], [0.5f32, 0.5, 1.0, 1.0].iter().flat_map(|x| x.to_le_bytes()).collect()),
        ("gamma", "<f8", vec![], f64s(&[0.9])),
        ("mu0", "<i8", vec![2], i64s(&[1, 0])),
    ]
}

fn archive(path: &Path, arrays: &[Array], method: CompressionMethod) {
    let mut zip = ZipWriter::new(std::fs::File::create(path).expect("created"));
    for (name, descr, shape, bytes) in arrays {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(format!("{name}.npy"), options).expect("started");
        zip.write_all(&header_bytes(descr, shape)).and_then(|()| zip.write_all(bytes)).expect("written");
    }
    zip.finish().expect("finished");
}

fn read(arrays: &[Array]) -> Result<RawModel, Box<Diag>> {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("m.npz");
    archive(&path, arrays, CompressionMethod::Deflated);
    let deflated = read_raw(&path);
    archive(&path, arrays, CompressionMethod::Stored);
    let stored = read_raw(&path);
    assert_eq!(deflated.as_ref().err().map(|e| e.code), stored.as_ref().err().map(|e| e.code));
    stored
}

fn with(extra: Array) -> Result<RawModel, Box<Diag>> {
    let mut arrays = arrays();
    arrays.retain(|(name, ..)| *name != extra.0);
    arrays.push(extra);
    read(&arrays)
}

#[test]
fn every_element_type_and_reward_shape_is_read() {
    let mut arrays = arrays();
    let text: Vec<u8> = "ab\0\0é\0\0\0".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    arrays.extend([
        ("reward.s", "<f4", vec![2], vec![0; 8]),
        ("reward.sa", "<f8", vec![2, 2], f64s(&[1.0, 2.0, 3.0, f64::NAN])),
        ("reward.sas", "<f8", vec![2, 2, 2], f64s(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN, f64::NAN])),
        ("reward.each", "<i8", vec![4], i64s(&[1, 2, 3, 4])),
        ("terminal", "|b1", vec![2], vec![0, 1]),
        ("states", "<U4", vec![2], text),
        ("name", "<U2", vec![], "hi".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
    ]);
    let raw = read(&arrays).expect("valid");
    assert_eq!(raw.name.as_deref(), Some("hi"));
    let RawNames::List(names) = &raw.states.value else { panic!("{raw:?}") };
    assert_eq!((names[0].value.as_str(), names[1].value.as_str()), ("ab", "é"));
    assert_eq!(raw.terminal, [At::nowhere(Ref::Index(1))]);
    assert!(matches!(&raw.rewards[0].1.value, RawReward::S(xs) if xs.len() == 2));
    assert!(matches!(&raw.rewards[1].1.value, RawReward::Sa(xs) if xs[1].value[1].value.is_none()));
    assert!(matches!(&raw.rewards[2].1.value, RawReward::Sas(xs) if xs[1].value[1].value.is_none()));
    assert!(matches!(&raw.rewards[3].1.value, RawReward::PerTransition(xs) if *xs == [1.0, 2.0, 3.0, 4.0]));
    let model = Model::build(raw).expect("a model");
    assert_eq!((model.mdp().n_states(), model.rewards().len()), (2, 4));
}

#[test]
fn arrays_that_do_not_fit_together_are_refused() {
    for (extra, code) in [
        (("gamma", "<f8", vec![2], f64s(&[0.9, 0.9])), Code::WrongShape),
        (("gamma", "<f8", vec![], f64s(&[f64::NAN])), Code::BadNumber),
        (("gamma", "|b1", vec![], vec![1]), Code::WrongType),
        (("mu0", "<f8", vec![0], vec![]), Code::WrongShape),
        (("mu0", "<f8", vec![3], f64s(&[1.0, 0.0, 0.0])), Code::WrongShape),
        (("mu0", "<f8", vec![1, 2], f64s(&[1.0, 0.0])), Code::WrongShape),
        (("row_ptr", "<i8", vec![5], i64s(&[0, 2, 1, 4, 4])), Code::WrongShape),
        (("row_ptr", "<i8", vec![5], i64s(&[0, 2, 3, 4, 5])), Code::WrongShape),
        (("row_ptr", "<i8", vec![5], i64s(&[0, 2, 3, 3, 3])), Code::WrongShape),
        (("row_ptr", "<i8", vec![5], i64s(&[-1, 2, 3, 4, 4])), Code::NameUnknown),
        (("row_ptr", "<f8", vec![5], f64s(&[0.0, 2.0, 3.0, 4.0, 4.0])), Code::WrongType),
        (("row_ptr", "<i8", vec![1], i64s(&[0])), Code::WrongShape),
        (("col", "<i8", vec![4], i64s(&[0, 1, 1 << 40, 1])), Code::NameUnknown),
        (("col", "<i8", vec![3], i64s(&[0, 1, 1])), Code::WrongShape),
        (("val", "<f8", vec![4], f64s(&[0.5, f64::INFINITY, 1.0, 1.0])), Code::BadNumber),
        (("reward.x", "<f8", vec![3], f64s(&[0.0; 3])), Code::WrongShape),
        (("reward.x", "<f8", vec![2, 3], f64s(&[0.0; 6])), Code::WrongShape),
        (("reward.x", "<f8", vec![2], f64s(&[0.0, f64::NAN])), Code::BadNumber),
        (("reward.x", "<f8", vec![2, 2], f64s(&[0.0, f64::INFINITY, 0.0, 0.0])), Code::BadNumber),
        (("reward.x", "<f8", vec![2, 2, 2], f64s(&[0.0, 1.0, 2.0, f64::NAN, 0.0, 0.0, 0.0, 0.0])), Code::BadNumber),
        (("rewards", "<f8", vec![2], f64s(&[0.0; 2])), Code::FieldUnknown),
        (("states", "<U1", vec![1], vec![65, 0, 0, 0]), Code::WrongShape),
        (("states", "<U1", vec![2], vec![0xff; 8]), Code::FileNotUtf8),
        (("states", "<U0", vec![2], vec![]), Code::WrongShape),
        (("actions", "<i8", vec![2], i64s(&[1, 2])), Code::WrongType),
        (("terminal", "|b1", vec![1], vec![1]), Code::WrongShape),
        (("terminal", "<f8", vec![1], f64s(&[1.0])), Code::WrongType),
        (("format", "<U1", vec![], vec![65, 0, 0, 0]), Code::FormatVersion),
        (("val", ">f8", vec![4], vec![0; 32]), Code::WrongType),
        (("val", "<f8", vec![4], vec![0; 31]), Code::Syntax),
        (("val", "<f8", vec![4], vec![0; 33]), Code::Syntax),
        (("val", "<f8", vec![1 << 40], vec![0; 32]), Code::TooLarge),
    ] {
        let shown = format!("{extra:?}");
        let e = with(extra).expect_err(&shown);
        assert_eq!(e.code, code, "{shown}: {e}");
        super::assert_helpful(&e);
    }
    for missing in ["row_ptr", "col", "val", "gamma", "mu0"] {
        let mut arrays = arrays();
        arrays.retain(|(name, ..)| *name != missing);
        assert_eq!(read(&arrays).expect_err(missing).code, Code::FieldMissing);
    }
}

#[test]
fn rewards_per_transition_never_end_up_elsewhere() {
    let each: Array = ("reward.each", "<f8", vec![4], f64s(&[1.0, 2.0, 3.0, 4.0]));
    for (extra, help) in [
        (("col", "<i8", vec![4], i64s(&[1, 0, 0, 1])), "sum_duplicates"),
        (("col", "<i8", vec![4], i64s(&[1, 1, 0, 1])), "sum_duplicates"),
        (("val", "<f8", vec![4], f64s(&[1.0, 0.0, 1.0, 1.0])), "eliminate_zeros"),
        (("terminal", "<i8", vec![1], i64s(&[0])), "self-loops"),
    ] {
        let mut arrays = arrays();
        arrays.retain(|(name, ..)| *name != extra.0);
        arrays.push(extra);
        assert!(read(&arrays).is_ok());
        arrays.push(each.clone());
        let e = read(&arrays).expect_err(help);
        assert!(e.code == Code::WrongShape && e.help.as_ref().is_some_and(|h| h.contains(help)), "{e}");
    }
}

#[test]
fn what_unfolds_without_end_is_refused_before_it_does() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("bomb.npz");
    let n = 160 << 20;
    let mut zip = ZipWriter::new(std::fs::File::create(&path).expect("created"));
    zip.start_file("mu0.npy", SimpleFileOptions::default().large_file(true)).expect("started");
    zip.write_all(&header_bytes("<f8", &[n])).expect("written");
    let zeros = vec![0; 1 << 20];
    for _ in 0..(n * 8) >> 20 {
        zip.write_all(&zeros).expect("written");
    }
    zip.finish().expect("finished");
    assert!(std::fs::metadata(&path).expect("there").len() < 8 << 20);
    let start = std::time::Instant::now();
    assert_eq!(read_raw(&path).expect_err("a bomb").code, Code::TooLarge);
    assert!(start.elapsed().as_secs_f64() < 1.0);
}

#[test]
fn damage_to_stored_numbers_is_noticed() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("m.npz");
    archive(&path, &arrays(), CompressionMethod::Stored);
    let mut bytes = std::fs::read(&path).expect("readable");
    let half = 0.5f32.to_le_bytes();
    let i = bytes.windows(8).position(|w| w[..4] == half && w[4..] == half).expect("the probabilities");
    bytes[i] ^= 1;
    std::fs::write(&path, bytes).expect("written");
    assert_eq!(read_raw(&path).expect_err("damaged").code, Code::Syntax);
}

#[test]
fn large_rewards_lose_only_the_impossible() {
    let n = 1500u64;
    let text = format!(
        "format = \"truenorth-mdp/1\"\ngamma = 0.5\nstates = {n}\nactions = 2\nmu0 = 0\ntransitions = [\n{}]\n\
         [rewards.r]\nentries = [[\"*\", \"*\", \"*\", 1], [\"*\", 1, 3, 2], [3, \"*\", \"*\", 4], [\"*\", \"*\", 4, 5]]\n",
        (0..n)
            .map(|s| format!("[{s}, 0, {}, 1], [{s}, 1, 3, 0.5], [{s}, 1, 0, 0.5],\n", (s + 1) % n))
            .collect::<String>()
    );
    let raw = crate::io::read_raw_text("m", &text, super::format("toml")).expect("valid");
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("m.npz");
    let warnings = crate::io::write(&path, &raw).expect("written");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let again = Model::build(read_raw(&path).expect("valid")).expect("a model");
    let before = Model::build(raw).expect("a model");
    assert_eq!(again.hash(), before.hash(), "rewards on possible transitions are the same");
}
