//! Lines of an input that may never end: no line longer than a limit is ever held.

use std::io::{BufRead, Read};

use crate::base::{Code, Diag, Offset, Result, Source};

/// Longest line accepted, in bytes: a model of millions of transitions, written as text.
pub const MAX_LINE: usize = 64 << 20;
/// Room for a first look; the buffer grows to what a line needs.
const FIRST_BLOCK: usize = 4 << 10;

/// Lines of a reader, each with its number from 1, without the line end.
///
/// Ends after the first that cannot be read or is too long: what follows it cannot be told from its end.
pub struct Lines<R> {
    reader: R,
    name: String,
    number: usize,
    limit: usize,
    has_ended: bool,
}

impl<R: BufRead> Lines<R> {
    /// Lines of at most [`MAX_LINE`] bytes; `name` is for messages.
    pub fn new(reader: R, name: &str) -> Self {
        Lines { reader, name: name.to_owned(), number: 0, limit: MAX_LINE, has_ended: false }
    }

    /// The next line as bytes. O(limit) memory.
    fn read(&mut self) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::with_capacity(FIRST_BLOCK);
        // One byte for the line end and one that says that there is more.
        let most = self.limit as u64 + 2;
        if let Err(e) = self.reader.by_ref().take(most).read_until(b'\n', &mut bytes) {
            return self
                .refuse(Code::FileUnreadable, format!("cannot read {}: {}", self.name, super::text::reason(&e)))
                .expected("a file with one JSON object a line")
                .err();
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.len() > self.limit {
            return self
                .refuse(Code::FileTooLarge, format!("the line is longer than {} MiB", self.limit >> 20))
                .expected(format!("lines of at most {} MiB", self.limit >> 20))
                .help("one JSON object a line; name a model file in place of a large model")
                .err();
        }
        Ok(Some(bytes))
    }

    fn refuse(&self, code: Code, message: String) -> Diag {
        Diag::new(code, message).at(&Source::binary(format!("{}:{}", self.name, self.number)), Offset::NONE)
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = (usize, Result<String>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        self.number += 1;
        let line = match self.read() {
            Ok(None) => return None,
            Ok(Some(bytes)) => String::from_utf8(bytes).map_err(|e| {
                let byte = e.utf8_error().valid_up_to();
                Box::new(
                    self.refuse(Code::FileNotUtf8, format!("byte {byte} of the line is not UTF-8"))
                        .expected("a text in UTF-8")
                        .help("save the file as UTF-8"),
                )
            }),
            Err(diag) => {
                self.has_ended = true;
                Err(diag)
            }
        };
        Some((self.number, line))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor, repeat};

    use super::*;

    fn lines(text: &str, limit: usize) -> Vec<(usize, Result<String, &'static str>)> {
        let lines = Lines { limit, ..Lines::new(Cursor::new(text), "t") };
        lines.map(|(i, line)| (i, line.map_err(|diag| diag.code.text()))).collect()
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit_and_not_a_byte_longer() {
        let ok = |i, text: &str| (i, Ok(text.to_owned()));
        assert_eq!(lines("abc\n\nabcd\nx", 4), [ok(1, "abc"), ok(2, ""), ok(3, "abcd"), ok(4, "x")]);
        assert_eq!(lines("abcd", 4), [ok(1, "abcd")]);
        for long in ["ab\nabcde\nabc\n", "ab\nabcde", "ab\nabcdefghi"] {
            assert_eq!(lines(long, 4), [ok(1, "ab"), (2, Err("file-too-large"))], "{long}");
        }
        assert_eq!(lines("", 4), []);
    }

    #[test]
    fn an_endless_line_is_refused_with_its_place() {
        let endless = Cursor::new("{}\n").chain(repeat(b' '));
        let mut lines = Lines { limit: 1 << 20, ..Lines::new(BufReader::new(endless), "t.jsonl") };
        assert_eq!(lines.next().map(|(i, line)| (i, line.is_ok())), Some((1, true)));
        let (number, refused) = lines.next().expect("a second line");
        let diag = refused.expect_err("endless");
        assert_eq!((number, diag.code), (2, Code::FileTooLarge));
        assert_eq!(diag.place.as_ref().map(|place| place.file.as_str()), Some("t.jsonl:2"));
        assert!(lines.next().is_none(), "what follows is not read");
    }

    #[test]
    fn bytes_that_are_no_text_spoil_one_line() {
        let mut lines = Lines::new(Cursor::new(b"a\xff\nb\n".as_slice()), "t");
        assert_eq!(lines.next().and_then(|(_, line)| line.err()).map(|diag| diag.code), Some(Code::FileNotUtf8));
        assert!(matches!(lines.next(), Some((2, Ok(line))) if line == "b"));
    }
}
