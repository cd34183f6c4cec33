//! Characters: how wide they are on a terminal, and which of them a report must not carry.

use std::borrow::Cow;

/// The same words with every control and direction-changing character spelled out as `<U+001B>`.
///
/// A state name may hold anything. Passed through, an escape character would drive the reader's terminal and a
/// direction override would make a page show other words than it holds. Tabs and line breaks become spaces.
pub(super) fn clean(words: &str) -> Cow<'_, str> {
    if !words.chars().any(is_unwelcome) {
        return Cow::Borrowed(words);
    }
    let mut out = String::with_capacity(words.len() + 8);
    for c in words.chars() {
        match c {
            '\t' | '\n' => out.push(' '),
            '\r' => {}
            c if is_unwelcome(c) => out.push_str(&code_point(c)),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The lines of a code block, cleaned, with a tab as four spaces. Trailing line breaks are dropped.
pub(super) fn clean_lines(code: &str) -> Vec<String> {
    let lines = code.trim_end_matches(['\n', '\r']).lines();
    lines.map(|line| clean(&line.replace('\t', "    ")).into_owned()).collect()
}

/// The name of a character that cannot be shown as itself.
pub(super) fn code_point(c: char) -> String {
    format!("<U+{:04X}>", u32::from(c))
}

fn is_unwelcome(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
        || (u32::from(c) & 0xfffe) == 0xfffe
}

/// Columns the words take on a terminal: 2 for wide East Asian characters and pictographs, 0 for combining marks.
pub fn display_width(words: &str) -> usize {
    words.chars().map(char_width).sum()
}

/// Columns one character takes on a terminal.
pub(super) fn char_width(c: char) -> usize {
    match u32::from(c) {
        0x20..=0x7e | 0xa1..=0x2ff => 1,
        c if in_ranges(c, ZERO) => 0,
        c if in_ranges(c, WIDE) => 2,
        _ => 1,
    }
}

fn in_ranges(c: u32, ranges: &[(u32, u32)]) -> bool {
    let after = ranges.partition_point(|&(first, _)| first <= c);
    after > 0 && c <= ranges[after - 1].1
}

/// Combining marks and joiners of the scripts a name is likely to use; sorted.
const ZERO: &[(u32, u32)] = &[
    (0x0300, 0x036f),
    (0x0483, 0x0489),
    (0x0591, 0x05bd),
    (0x0610, 0x061a),
    (0x064b, 0x065f),
    (0x0900, 0x0902),
    (0x093c, 0x093c),
    (0x0941, 0x0948),
    (0x094d, 0x094d),
    (0x0e31, 0x0e31),
    (0x0e34, 0x0e3a),
    (0x0e47, 0x0e4e),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x200b, 0x200d),
    (0x2060, 0x2064),
    (0x20d0, 0x20ff),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
    (0x1f3fb, 0x1f3ff),
    (0xe0100, 0xe01ef),
];

/// Wide and full-width characters, and pictographs that terminals draw on two columns; sorted.
const WIDE: &[(u32, u32)] = &[
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x23e9, 0x23ec),
    (0x2614, 0x2615),
    (0x26a1, 0x26a1),
    (0x2705, 0x2705),
    (0x274c, 0x274c),
    (0x2b50, 0x2b50),
    (0x2e80, 0x303e),
    (0x3041, 0x33ff),
    (0x3400, 0x4dbf),
    (0x4e00, 0xa4cf),
    (0xa960, 0xa97c),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe30, 0xfe6f),
    (0xff00, 0xff60),
    (0xffe0, 0xffe6),
    (0x1f004, 0x1f004),
    (0x1f300, 0x1f64f),
    (0x1f680, 0x1f6ff),
    (0x1f900, 0x1f9ff),
    (0x1fa70, 0x1faff),
    (0x20000, 0x3fffd),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_counts_columns_not_bytes() {
        for (words, width) in [
            ("", 0),
            ("abc", 3),
            ("γ ≤ ρ", 5),
            ("é", 1),
            ("e\u{301}", 1),
            ("東京", 4),
            ("한글", 4),
            ("🚀x", 3),
            ("–→✓", 3),
        ] {
            assert_eq!(display_width(words), width, "{words}");
        }
    }

    #[test]
    fn ranges_are_sorted() {
        for ranges in [ZERO, WIDE] {
            assert!(ranges.windows(2).all(|w| w[0].1 < w[1].0));
            assert!(ranges.iter().all(|r| r.0 <= r.1));
        }
    }

    #[test]
    fn controls_and_overrides_are_spelled_out() {
        assert_eq!(clean("a\u{1b}[2Jb"), "a<U+001B>[2Jb");
        assert_eq!(clean("a\u{202e}b"), "a<U+202E>b");
        assert_eq!(clean("a\u{85}\u{fffe}"), "a<U+0085><U+FFFE>");
        assert_eq!(clean("a\r\nb\tc"), "a b c");
        assert!(matches!(clean("Zürich 東京 🚀"), Cow::Borrowed(_)));
    }

    #[test]
    fn code_keeps_its_lines() {
        assert_eq!(clean_lines("a\n\tb\r\n\n"), ["a", "    b"]);
        assert!(clean_lines("").is_empty());
    }
}
