//! The elements of one NumPy array as a stream, so that each goes straight to where it will stay.

use std::io::Read;

use super::header::{Dictionary, Header, Kind, MAGIC, dictionary};
use crate::base::{Code, Diag, Offset, Result, Source};

/// Longest header accepted; NumPy itself refuses headers above 10,000 bytes.
const MAX_HEADER: usize = 64 << 10;
/// Longest text of a text array, in characters.
const MAX_CHARS: usize = 1 << 20;
/// Largest number of elements of one array, 8 GiB of doubles.
const MAX_ELEMENTS: u64 = 1 << 30;

/// An array being read: who it is, for messages, and its bytes.
pub struct Stream<'s, R> {
    /// Name of the array in the archive.
    pub name: &'s str,
    /// The archive.
    pub source: &'s Source,
    /// The bytes that follow.
    pub reader: R,
}

impl<R: Read> Stream<'_, R> {
    /// A refusal about this array.
    pub fn refuse(&self, code: Code, message: impl AsRef<str>) -> Diag {
        Diag::new(code, format!("array `{}` {}", self.name, message.as_ref())).at(self.source, Offset::NONE)
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.reader.read_exact(bytes).map_err(|e| {
            let what = match e.kind() {
                std::io::ErrorKind::UnexpectedEof => "ends too early".to_owned(),
                _ => format!("cannot be read: {e}"),
            };
            Box::new(
                self.refuse(Code::Syntax, what)
                    .expected("an archive as `numpy.savez` writes it")
                    .help("the file is damaged or was cut short; save it again"),
            )
        })
    }

    /// Reads the header.
    pub fn header(&mut self) -> Result<Header> {
        let malformed = |s: &Self, what: &str| {
            s.refuse(Code::Syntax, format!("has {what}"))
                .expected("the header of a NumPy array")
                .help("save it again with `numpy.savez`")
        };
        let mut start = [0; 8];
        self.exact(&mut start)?;
        if &start[..6] != MAGIC {
            return malformed(self, "no NumPy header").err();
        }
        let (prefix, len) = match start[6] {
            1 => {
                let mut b = [0; 2];
                self.exact(&mut b)?;
                (10, usize::from(u16::from_le_bytes(b)))
            }
            2 | 3 => {
                let mut b = [0; 4];
                self.exact(&mut b)?;
                (12, u32::from_le_bytes(b) as usize)
            }
            v => return malformed(self, &format!("a header of the unknown version {v}")).err(),
        };
        if len > MAX_HEADER {
            return malformed(self, &format!("a header of {len} bytes")).err();
        }
        let mut text = vec![0; len];
        self.exact(&mut text)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let Some(Dictionary { descr, fortran_order, shape }) = dictionary(&text) else {
            return malformed(self, "a header that is no dictionary of `descr`, `fortran_order` and `shape`").err();
        };
        let kind = self.kind(&descr)?;
        if fortran_order && shape.len() > 1 {
            return self
                .refuse(Code::WrongShape, "is stored in Fortran order")
                .expected("C order")
                .help(format!("save numpy.ascontiguousarray({})", self.name))
                .err();
        }
        let len = shape.iter().try_fold(1u64, |n, &k| n.checked_mul(k)).filter(|&n| n <= MAX_ELEMENTS);
        let Some(len) = len.and_then(|n| usize::try_from(n).ok()) else {
            return self
                .refuse(Code::TooLarge, format!("has the shape {shape:?}"))
                .expected(format!("at most {MAX_ELEMENTS} elements"))
                .help("is the shape right?")
                .err();
        };
        Ok(Header { kind, shape, len, bytes: (prefix + text.len()) as u64 })
    }

    fn kind(&self, descr: &str) -> Result<Kind> {
        let cast = |to: &str| format!("save {}.astype('{to}')", self.name);
        let help = match descr {
            "<f8" => return Ok(Kind::F64),
            "<f4" => return Ok(Kind::F32),
            "<i8" => return Ok(Kind::I64),
            "<i4" => return Ok(Kind::I32),
            "<u8" => return Ok(Kind::U64),
            "<u4" => return Ok(Kind::U32),
            "|b1" => return Ok(Kind::Bool),
            _ => match (descr.strip_prefix("<U").map(str::parse::<usize>), descr.as_bytes().first()) {
                (Some(Ok(n)), _) if n <= MAX_CHARS => return Ok(Kind::Text(n)),
                (_, Some(b'>')) => format!("it is big-endian; {}", cast(&descr.replacen('>', "<", 1))),
                _ if descr.contains('S') => format!("it holds bytes; {}", cast("U")),
                _ if descr.contains('O') => format!("it holds Python objects; {}", cast("f8")),
                _ => cast("f8"),
            },
        };
        self.refuse(Code::WrongType, format!("has the element type {}", crate::io::document::quoted(descr)))
            .expected("one of <f8, <f4, <i8, <i4, <u8, <u4, |b1, <U")
            .help(help)
            .err()
    }

    /// Passes every element's bytes to `f`, in blocks that fit the cache.
    fn blocks<const N: usize>(
        &mut self,
        len: usize,
        mut f: impl FnMut(&Self, usize, [u8; N]) -> Result<()>,
    ) -> Result<()> {
        let mut block = vec![0; (64 << 10) / N * N];
        let mut done = 0;
        while done < len {
            let n = (block.len() / N).min(len - done);
            self.exact(&mut block[..n * N])?;
            for (i, bytes) in block[..n * N].as_chunks::<N>().0.iter().enumerate() {
                f(self, done + i, *bytes)?;
            }
            done += n;
        }
        Ok(())
    }

    /// Every element as a double, with its index; NaN and infinities included.
    pub fn floats(&mut self, header: &Header, mut f: impl FnMut(&Self, usize, f64) -> Result<()>) -> Result<()> {
        let n = header.len;
        match header.kind {
            Kind::F64 => self.blocks(n, |s, i, b| f(s, i, f64::from_le_bytes(b))),
            Kind::F32 => self.blocks(n, |s, i, b| f(s, i, f64::from(f32::from_le_bytes(b)))),
            Kind::I64 => self.blocks(n, |s, i, b| f(s, i, i64::from_le_bytes(b) as f64)),
            Kind::U64 => self.blocks(n, |s, i, b| f(s, i, u64::from_le_bytes(b) as f64)),
            Kind::I32 => self.blocks(n, |s, i, b| f(s, i, f64::from(i32::from_le_bytes(b)))),
            Kind::U32 => self.blocks(n, |s, i, b| f(s, i, f64::from(u32::from_le_bytes(b)))),
            Kind::Bool | Kind::Text(_) => self.wrong_kind("numbers", "f8"),
        }
    }

    /// Every element as a finite double.
    pub fn finite(&mut self, header: &Header, mut f: impl FnMut(f64)) -> Result<()> {
        self.floats(header, |s, i, x| {
            if !x.is_finite() {
                return s
                    .refuse(Code::BadNumber, format!("holds {x} at {i}"))
                    .expected("finite numbers")
                    .help("only rewards may hold NaN, for actions that are not available")
                    .err();
            }
            f(x);
            Ok(())
        })
    }

    /// Every element as an index.
    pub fn indices(&mut self, header: &Header, mut f: impl FnMut(&Self, usize, u64) -> Result<()>) -> Result<()> {
        let n = header.len;
        let signed = |s: &Self, i: usize, x: i64| {
            u64::try_from(x).or_else(|_| {
                s.refuse(Code::NameUnknown, format!("holds {x} at {i}"))
                    .expected("indices from 0")
                    .help("counting starts at 0; there are no negative indices")
                    .err()
            })
        };
        match header.kind {
            Kind::I64 => self.blocks(n, |s, i, b| f(s, i, signed(s, i, i64::from_le_bytes(b))?)),
            Kind::I32 => self.blocks(n, |s, i, b| f(s, i, signed(s, i, i64::from(i32::from_le_bytes(b)))?)),
            Kind::U64 => self.blocks(n, |s, i, b| f(s, i, u64::from_le_bytes(b))),
            Kind::U32 => self.blocks(n, |s, i, b| f(s, i, u64::from(u32::from_le_bytes(b)))),
            _ => self.wrong_kind("indices", "i8"),
        }
    }

    /// Every element as a truth value.
    pub fn bools(&mut self, header: &Header) -> Result<Vec<bool>> {
        let mut out = Vec::new();
        self.blocks(header.len, |_, _, [b]: [u8; 1]| {
            out.push(b != 0);
            Ok(())
        })?;
        Ok(out)
    }

    /// Every element as a text.
    pub fn texts(&mut self, header: &Header) -> Result<Vec<String>> {
        let Kind::Text(chars) = header.kind else { return self.wrong_kind("texts", "U") };
        if chars == 0 {
            return Ok(vec![String::new(); header.len.min(1)]);
        }
        let mut out = Vec::new();
        let mut bytes = vec![0; 4 * chars];
        for i in 0..header.len {
            self.exact(&mut bytes)?;
            let codes = bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b));
            let end = codes.clone().rposition(|c| c != 0).map_or(0, |i| i + 1);
            let text: Option<String> = codes.take(end).map(char::from_u32).collect();
            match text {
                Some(text) => out.push(text),
                None => {
                    return self
                        .refuse(Code::FileNotUtf8, format!("holds no valid text at {i}"))
                        .expected("Unicode characters")
                        .help("save the names as an array of str")
                        .err();
                }
            }
        }
        Ok(out)
    }

    fn wrong_kind<T>(&self, expected: &str, cast: &str) -> Result<T> {
        self.refuse(Code::WrongType, format!("does not hold {expected}"))
            .expected(expected)
            .help(format!("save {}.astype('{cast}')", self.name))
            .err()
    }

    /// Checks that nothing follows; reading up to the end also makes the archive check its checksum.
    pub fn end(&mut self) -> Result<()> {
        match self.reader.read(&mut [0; 1]) {
            Ok(0) => Ok(()),
            other => {
                let what =
                    other.err().map_or("goes on after its last element".to_owned(), |e| format!("is damaged: {e}"));
                self.refuse(Code::Syntax, what)
                    .expected("an archive as `numpy.savez` writes it")
                    .help("the file is damaged; save it again")
                    .err()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::header_bytes;
    use super::*;

    fn header(bytes: &[u8]) -> Result<Header> {
        Stream { name: "x", source: &Source::binary("t.npz"), reader: bytes }.header()
    }

    fn with(dictionary: &str) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend([1, 0]);
        out.extend((dictionary.len() as u16).to_le_bytes());
        out.extend(dictionary.as_bytes());
        out
    }

    #[test]
    fn headers_we_write_are_read_and_aligned() {
        for shape in [vec![], vec![3], vec![2, 3, 4]] {
            let bytes = header_bytes("<f8", &shape);
            assert_eq!(bytes.len() % 64, 0);
            let h = header(&bytes).expect("valid");
            assert_eq!(h.shape, shape.iter().map(|&n| n as u64).collect::<Vec<_>>());
            assert_eq!((h.kind, h.len, h.bytes), (Kind::F64, shape.iter().product(), bytes.len() as u64));
        }
    }

    #[test]
    fn what_numpy_writes_but_we_do_not_read_is_refused_with_help() {
        let e = header(&with("{'descr': '>f8', 'fortran_order': False, 'shape': (3,), }")).expect_err("big-endian");
        assert!(e.code == Code::WrongType && e.help.as_ref().is_some_and(|h| h.contains("astype('<f8')")), "{e}");
        let e = header(&with("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }")).expect_err("Fortran");
        assert!(e.code == Code::WrongShape && e.help.as_ref().is_some_and(|h| h.contains("ascontiguousarray")), "{e}");
        for (descr, code) in
            [("'|O'", Code::WrongType), ("'|S3'", Code::WrongType), ("[('a', '<f8')]", Code::WrongType)]
        {
            let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (), }}");
            assert_eq!(header(&with(&text)).expect_err(descr).code, code);
        }
        for shape in ["(99999999999,)", "(4294967296, 4294967296)", "(18446744073709551615, 2)"] {
            let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
            assert_eq!(header(&with(&text)).expect_err(shape).code, Code::TooLarge);
        }
        for bad in ["", "{", "{}", "{'descr'", "{'descr': '<f8'}", "{'shape': (-1,)}", "{'x': 1}", "{'shape': (1", "[]"]
        {
            assert_eq!(header(&with(bad)).expect_err(bad).code, Code::Syntax, "{bad}");
        }
        assert_eq!(header(b"\x93NUMPY\x09\x00").expect_err("version").code, Code::Syntax);
        assert_eq!(header(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").expect_err("length").code, Code::Syntax);
    }
}
