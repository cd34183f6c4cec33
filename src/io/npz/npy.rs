//! Single NumPy arrays, for numbers that other programs should see unchanged.

use std::path::Path;

use super::header::header_bytes;
use crate::base::Result;
use crate::io::atomic::write_atomic_with;

/// Numbers NumPy knows.
pub trait Element: bytemuck::NoUninit {
    /// NumPy's name of the type, without the byte order.
    const KIND: &'static str;
}

impl Element for f64 {
    const KIND: &'static str = "f8";
}

impl Element for u32 {
    const KIND: &'static str = "u4";
}

impl Element for i64 {
    const KIND: &'static str = "i8";
}

/// Writes one array as `.npy`, C-ordered, in the byte order of the machine: the parts one after the other. They fill
/// `shape`, which the caller knows.
pub fn write_npy<T: Element>(path: &Path, shape: &[usize], parts: &[&[T]]) -> Result<()> {
    debug_assert_eq!(shape.iter().product::<usize>(), parts.iter().map(|part| part.len()).sum::<usize>());
    let order = if cfg!(target_endian = "little") { '<' } else { '>' };
    write_atomic_with(path, |file| {
        file.write_all(&header_bytes(&format!("{order}{}", T::KIND), shape))?;
        parts.iter().try_for_each(|part| file.write_all(bytemuck::cast_slice(part)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_follow_the_header() {
        let folder = tempfile::tempdir().expect("temporary directory");
        let path = folder.path().join("x.npy");
        write_npy(&path, &[3, 2], &[&[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0]]).expect("written");
        let bytes = std::fs::read(&path).expect("readable");
        assert_eq!(bytes.len() % 64, 48, "a padded header and six numbers");
        let numbers: Vec<f64> =
            bytes[bytes.len() - 48..].chunks(8).map(|b| f64::from_ne_bytes(b.try_into().expect("eight"))).collect();
        assert_eq!(numbers, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert!(String::from_utf8_lossy(&bytes).contains("'shape': (3, 2)"));
        assert!(write_npy(&folder.path().join("no/x.npy"), &[1], &[&[1u32]]).is_err());
    }
}
