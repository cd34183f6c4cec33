//! Large arrays on large pages.
//!
//! A sweep over random successors reads one value here and one there; with 4 KiB pages most of these reads miss the
//! address cache too. Asking for 2 MiB pages makes such reads up to twice as fast.

use std::ops::{Deref, DerefMut};

use bytemuck::Pod;
use memmap2::MmapMut;

/// Arrays from this many bytes on get a mapping of their own: smaller ones fit a few pages anyway.
const LARGE: usize = 1 << 20;

/// A zeroed array of numbers of fixed length. Where large pages cannot be had it is an ordinary array.
#[derive(Debug)]
pub struct Buffer<T: Pod> {
    home: Home<T>,
    len: usize,
}

#[derive(Debug)]
enum Home<T> {
    Heap(Vec<T>),
    Pages(MmapMut),
}

impl<T: Pod> Buffer<T> {
    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        let bytes = len.saturating_mul(size_of::<T>());
        let pages = (bytes >= LARGE).then(|| MmapMut::map_anon(bytes).ok()).flatten();
        let home = match pages {
            Some(map) => {
                // A wish: the kernel may not know large pages, and nothing depends on them.
                #[cfg(target_os = "linux")]
                let _ = map.advise(memmap2::Advice::HugePage);
                Home::Pages(map)
            }
            None => Home::Heap(vec![T::zeroed(); len]),
        };
        Buffer { home, len }
    }

    /// A copy of `values`.
    pub fn copy_of(values: &[T]) -> Self {
        let mut buffer = Self::zeros(values.len());
        buffer.copy_from_slice(values);
        buffer
    }
}

impl<T: Pod> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.home {
            Home::Heap(values) => values,
            // A mapping begins on a page, so it is aligned for any number.
            Home::Pages(map) => &bytemuck::cast_slice(map)[..self.len],
        }
    }
}

impl<T: Pod> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.home {
            Home::Heap(values) => values,
            Home::Pages(map) => &mut bytemuck::cast_slice_mut(map)[..self.len],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_homes_hold_what_is_written() {
        for len in [0, 3, LARGE / 8 - 1, LARGE / 8, LARGE / 2 + 1] {
            let mut buffer = Buffer::<f64>::zeros(len);
            assert_eq!(buffer.len(), len);
            assert!(buffer.iter().all(|&x| x == 0.0));
            buffer.iter_mut().enumerate().for_each(|(i, x)| *x = i as f64);
            assert_eq!(Buffer::copy_of(&buffer).iter().sum::<f64>(), (len as f64) * (len as f64 - 1.0) / 2.0);
        }
    }
}
