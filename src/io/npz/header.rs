//! What stands before the elements of a NumPy array: magic string, version, a Python dictionary.
//!
//! The format is NumPy's NEP 1; the dictionary has `descr`, `fortran_order` and `shape`.

/// First bytes of every array file.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Element types that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `<f8`
    F64,
    /// `<f4`
    F32,
    /// `<i8`
    I64,
    /// `<i4`
    I32,
    /// `<u8`
    U64,
    /// `<u4`
    U32,
    /// `|b1`
    Bool,
    /// `<Un`: texts of at most `n` characters.
    Text(usize),
}

impl Kind {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Kind::F64 | Kind::I64 | Kind::U64 => 8,
            Kind::F32 | Kind::I32 | Kind::U32 => 4,
            Kind::Bool => 1,
            Kind::Text(n) => 4 * n,
        }
    }
}

/// What stands before the elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Type of the elements.
    pub kind: Kind,
    /// Lengths, slowest first.
    pub shape: Vec<u64>,
    /// Number of elements.
    pub len: usize,
    /// Length of the header in bytes.
    pub bytes: u64,
}

impl Header {
    /// Bytes that the elements take in memory at least: real numbers are kept in double precision, whole ones in no
    /// less than 32 bits, names as they come.
    pub fn memory(&self) -> u64 {
        let one = match self.kind {
            Kind::F64 | Kind::F32 => 8,
            Kind::I64 | Kind::I32 | Kind::U64 | Kind::U32 => 4,
            Kind::Bool | Kind::Text(_) => 0,
        };
        one * self.len as u64
    }

    /// The shape as NumPy prints it.
    pub fn shown(&self) -> String {
        let list: Vec<String> = self.shape.iter().map(u64::to_string).collect();
        format!("[{}]", list.join(", "))
    }
}

/// The three entries of the dictionary.
pub struct Dictionary {
    /// Type of the elements.
    pub descr: String,
    /// Whether the first index runs fastest.
    pub fortran_order: bool,
    /// Lengths.
    pub shape: Vec<u64>,
}

/// Reads the one kind of Python dictionary NumPy writes; `None` for anything else.
pub fn dictionary(text: &str) -> Option<Dictionary> {
    let mut rest = text.trim().strip_prefix('{')?.trim_start();
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    while !rest.starts_with('}') {
        let (key, after) = python_string(rest)?;
        rest = after.trim_start().strip_prefix(':')?.trim_start();
        match key {
            "descr" if rest.starts_with('[') => {
                // A structured type: refused by name further up.
                return Some(Dictionary { descr: "structured".into(), fortran_order: false, shape: Vec::new() });
            }
            "descr" => {
                let (value, after) = python_string(rest)?;
                descr = Some(value.to_owned());
                rest = after;
            }
            "fortran_order" => {
                let after = rest.strip_prefix("True");
                fortran_order = Some(after.is_some());
                rest = after.or_else(|| rest.strip_prefix("False"))?;
            }
            "shape" => {
                let (inside, after) = rest.strip_prefix('(')?.split_once(')')?;
                let lengths = inside.split(',').map(str::trim).filter(|n| !n.is_empty());
                let lengths: Option<Vec<u64>> =
                    lengths.map(|n| n.strip_suffix('L').unwrap_or(n).parse::<u64>().ok()).collect();
                shape = Some(lengths?);
                rest = after;
            }
            _ => return None,
        }
        rest = rest.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(Dictionary { descr: descr?, fortran_order: fortran_order?, shape: shape? })
}

fn python_string(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

/// The header NumPy would write, padded so that the elements begin at a multiple of 64.
pub fn header_bytes(descr: &str, shape: &[usize]) -> Vec<u8> {
    let lengths: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let lengths = if shape.len() == 1 { lengths.trim_end() } else { lengths.trim_end_matches(", ") };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({lengths}), }}");
    let unpadded = 10 + text.len() + 1;
    text.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let mut out = MAGIC.to_vec();
    out.extend([1, 0]);
    // Five lengths of 20 digits and a short type are far below 65,536 bytes.
    out.extend((text.len() as u16).to_le_bytes());
    out.extend(text.as_bytes());
    out
}
