//! How deeply a text nests, measured without recursion before any parser sees it.

use super::document::offset;
use crate::base::{Code, Diag, Result, Source};

/// Deepest nesting accepted. A model file needs 7 levels; the parsers recurse once a level.
pub const MAX_DEPTH: usize = 64;

/// Refuses JSON text that nests deeper than [`MAX_DEPTH`]. O(bytes).
pub fn check_json(source: &Source, text: &str) -> Result<()> {
    let bytes = text.as_bytes();
    let (mut i, mut depth) = (0, 0usize);
    while i < bytes.len() {
        match bytes[i] {
            b'"' => i = skip_escaped(bytes, i),
            b'[' | b'{' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return too_deep(source, i);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        i += 1;
    }
    Ok(())
}

/// Refuses TOML text that nests deeper than [`MAX_DEPTH`], where dotted keys and headers nest too. O(bytes).
pub fn check_toml(source: &Source, text: &str) -> Result<()> {
    let bytes = text.as_bytes();
    // One element a bracket: the dots seen in the key that led into it. `dots` counts the current key.
    let mut open: Vec<usize> = Vec::new();
    let (mut i, mut dots, mut above) = (0, 0usize, 0usize);
    while i < bytes.len() {
        match bytes[i] {
            b'#' => i = bytes[i..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |n| i + n) - 1,
            quote @ (b'"' | b'\'') => i = skip_toml_string(bytes, i, quote),
            b'[' | b'{' => {
                open.push(dots);
                above += dots;
                dots = 0;
            }
            b']' | b'}' => {
                above -= open.pop().unwrap_or(0);
                dots = 0;
            }
            b',' | b'\n' => dots = 0,
            b'.' => dots += 1,
            _ => {}
        }
        if open.len() + above + dots > MAX_DEPTH {
            return too_deep(source, i.min(bytes.len()));
        }
        i += 1;
    }
    Ok(())
}

fn too_deep<T>(source: &Source, byte: usize) -> Result<T> {
    Diag::new(Code::TooDeep, format!("nested more than {MAX_DEPTH} levels deep"))
        .at(source, offset(byte))
        .expected("at most 7 levels, as in `rewards.goal.sas[0][1][2]`")
        .help("check for brackets that are never closed")
        .err()
}

/// Index of the quote that ends the string beginning at `start`, or of the last byte.
fn skip_escaped(bytes: &[u8], start: usize) -> usize {
    let mut i = start + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 1,
            b'"' => return i,
            _ => {}
        }
        i += 1;
    }
    bytes.len()
}

fn skip_toml_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let escapes = quote == b'"';
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut i = if triple { start + 3 } else { start + 1 };
    while i < bytes.len() {
        match bytes[i] {
            b'\\' if escapes => i += 1,
            // An unfinished one-line string is an error of the parser; brackets after it count again.
            b'\n' if !triple => return i,
            b if b == quote && !triple => return i,
            // A fourth or fifth quote belongs to the string and is skipped as an empty one would be.
            b if b == quote && bytes[i..].starts_with(&[quote; 3]) => {
                let run = bytes[i..].iter().take(5).take_while(|&&b| b == quote).count();
                return i + run - 1;
            }
            _ => {}
        }
        i += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toml(text: &str) -> bool {
        check_toml(&Source::text("t", text), text).is_ok()
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "[".repeat(100);
        for text in [
            format!("a = \"{many}\""),
            format!("a = '{many}'"),
            format!("a = \"\"\"{many}\n\"{many}\"\"\"\"\" # {many}\n"),
            format!("a = '''{many}\\'''\n# {many}"),
            format!("#{many}"),
            format!("a = \"\\\"{many}\""),
        ] {
            assert!(toml(&text), "{text}");
        }
        let text = format!("{{\"a\": \"\\\"{many}\"}}");
        assert!(check_json(&Source::text("t", text.as_str()), &text).is_ok());
    }

    #[test]
    fn every_way_to_nest_counts() {
        for text in [
            "[".repeat(100_000),
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}", "{ b = ".repeat(100_000)),
            format!("{}c = 1", "a.".repeat(100_000)),
            format!("[{}c]", "a.".repeat(100_000)),
            format!("a = {}", "{ b.c.d.e.f.g.h = ".repeat(10)),
        ] {
            assert!(!toml(&text));
        }
        assert!(toml(&"x = [0.5, 1.5]\n".repeat(100)));
    }
}
