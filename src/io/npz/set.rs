//! Sets of rewards: one array of all of them, cut into one reward after the other.

use std::path::Path;

use super::read::{Archive, reserve};
use crate::base::{Code, Diag, Offset, Result, Source};
use crate::io::text;
use crate::model::raw::{At, RawReward, RawTensor};

const REWARDS: &str = "rewards";
const NAMES: &str = "names";
/// Most numbers of a set: half a GiB of doubles.
const MAX_NUMBERS: usize = 1 << 26;

/// Reads the rewards of an archive with their names; `r0`, `r1` and so on where it has none. In `[K, S, A]` NaN stands for
/// an action that is not available, in `[K, S, A, S]` a row of NaN does.
pub fn read(path: &Path) -> Result<Vec<(String, RawReward)>> {
    let source = Source::binary(path.display().to_string());
    let mut archive = Archive::open(&source, text::open(path)?, |name| [REWARDS, NAMES].contains(&name))?;
    let (shape, len) = match archive.header(REWARDS)? {
        Some(header) => (header.shape.clone(), header.len),
        None => {
            return Diag::new(Code::FieldMissing, format!("there is no array `{REWARDS}`"))
                .at(&source, Offset::NONE)
                .expected("`rewards` of shape [K, S, A] or [K, S, A, S]")
                .help("save it as numpy.savez(..., rewards=numpy.stack(list_of_rewards))")
                .err();
        }
    };
    let is_pairs = shape.len() == 3;
    let is_whole = is_pairs || shape.len() == 4 && shape[1] == shape[3];
    if !is_whole || len > MAX_NUMBERS || len == 0 {
        let header = archive.need(REWARDS)?;
        let expected = format!("[K, S, A] or [K, S, A, S], with at most {MAX_NUMBERS} numbers");
        return archive.shape(REWARDS, header, &expected, "stack one table a reward along the first axis");
    }
    let n = shape[0] as usize;
    let names = names(&mut archive, n)?;
    let (n_actions, width) = (shape[2] as usize, if is_pairs { 1 } else { shape[1] as usize });
    let each = len / n;
    let mut rewards = Vec::with_capacity(n);
    let mut numbers: Vec<f64> = reserve(&source, REWARDS, each)?;
    archive.array(REWARDS, |stream, header| {
        stream.floats(header, |stream, i, x| {
            if x.is_infinite() {
                return stream
                    .refuse(Code::BadNumber, format!("holds {x} at {i}"))
                    .expected("finite numbers, or NaN for an action that is not available")
                    .help("the largest double is about 1.8e308")
                    .err();
            }
            numbers.push(x);
            let is_row = numbers.len().is_multiple_of(width);
            let in_row = || numbers[numbers.len() - width..].iter().filter(|x| x.is_nan()).count();
            if is_row && !is_pairs && ![0, width].contains(&in_row()) {
                return stream
                    .refuse(Code::BadNumber, format!("has both numbers and NaN in the row that ends at {i}"))
                    .expected("finite numbers, or NaN in a whole row")
                    .help("a row of NaN stands for an action that is not available")
                    .err();
            }
            if numbers.len() == each {
                rewards.push(if is_pairs { pairs(&numbers, n_actions) } else { tensor(&numbers, n_actions, width) });
                numbers.clear();
            }
            Ok(())
        })
    })?;
    Ok(names.into_iter().zip(rewards).collect())
}

fn names(archive: &mut Archive<'_>, n: usize) -> Result<Vec<String>> {
    let Some(header) = archive.header(NAMES)? else { return Ok((0..n).map(|i| format!("r{i}")).collect()) };
    if header.shape.len() != 1 || header.len != n {
        return archive.shape(NAMES, header, &format!("[{n}] texts"), "one name a reward, or leave it out");
    }
    archive.array(NAMES, |stream, header| stream.texts(header))
}

fn pairs(numbers: &[f64], n_actions: usize) -> RawReward {
    let row = |row: &[f64]| At::nowhere(row.iter().map(|&x| At::nowhere((!x.is_nan()).then_some(x))).collect());
    RawReward::Sa(numbers.chunks(n_actions).map(row).collect())
}

fn tensor(numbers: &[f64], n_actions: usize, width: usize) -> RawReward {
    // A row is NaN in whole or not at all: checked when it was read.
    let row = |row: &[f64]| At::nowhere((!row[0].is_nan()).then(|| row.iter().map(|&x| At::nowhere(x)).collect()));
    let state = |rows: &[f64]| At::nowhere(rows.chunks(width).map(row).collect());
    let all: RawTensor = numbers.chunks(n_actions * width).map(state).collect();
    RawReward::Sas(all)
}
