//! Running text: words with emphasis, code and formulas inside a line.

use serde::{Deserialize, Serialize};

/// Running text: a sequence of inline pieces, joined without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Prose(pub Vec<Inline>);

/// A piece of running text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inline {
    /// Ordinary words.
    Text(String),
    /// Words that carry the message.
    Strong(String),
    /// A name, path or expression, shown letter for letter.
    Code(String),
    /// A formula, in both spellings.
    Math {
        /// LaTeX source without its dollar signs. It is copied unescaped, so it must be written by the program
        /// and never be built from names in a user's file. Where it could break the page, `plain` is used.
        latex: String,
        /// The same formula in ordinary characters, such as `ρ(R − λP)`.
        plain: String,
    },
}

impl Prose {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|inline| inline.plain().is_empty())
    }

    /// The text, unless there is nothing to show.
    pub fn some(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }

    /// The words alone, without emphasis.
    pub fn plain(&self) -> String {
        self.0.iter().map(Inline::plain).collect()
    }
}

impl Inline {
    /// Ordinary words.
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    /// Words that carry the message.
    pub fn strong(words: impl Into<String>) -> Self {
        Self::Strong(words.into())
    }

    /// A name, path or expression, shown letter for letter.
    pub fn code(words: impl Into<String>) -> Self {
        Self::Code(words.into())
    }

    /// A formula: LaTeX source written by the program, and the same in ordinary characters.
    pub fn math(latex: impl Into<String>, plain: impl Into<String>) -> Self {
        Self::Math { latex: latex.into(), plain: plain.into() }
    }

    /// The words alone.
    pub fn plain(&self) -> &str {
        match self {
            Self::Text(words) | Self::Strong(words) | Self::Code(words) => words,
            Self::Math { plain, .. } => plain,
        }
    }
}

/// Whether LaTeX source stays inside its own formula: braces balance and nothing in it ends or comments out the rest.
pub(super) fn is_closed_formula(latex: &str) -> bool {
    let mut depth = 0_i32;
    let mut escaped = false;
    for c in latex.chars() {
        match c {
            _ if escaped => {
                escaped = false;
                continue;
            }
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth -= 1,
            '$' | '%' | '#' | '`' => return false,
            c if c.is_control() || !c.is_ascii() => return false,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && !escaped && !latex.trim().is_empty()
}

impl From<&str> for Prose {
    fn from(words: &str) -> Self {
        Self(vec![Inline::Text(words.to_owned())])
    }
}

impl From<String> for Prose {
    fn from(words: String) -> Self {
        Self(vec![Inline::Text(words)])
    }
}

impl From<Inline> for Prose {
    fn from(inline: Inline) -> Self {
        Self(vec![inline])
    }
}

impl From<Vec<Inline>> for Prose {
    fn from(inlines: Vec<Inline>) -> Self {
        Self(inlines)
    }
}

impl<const N: usize> From<[Inline; N]> for Prose {
    fn from(inlines: [Inline; N]) -> Self {
        Self(inlines.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_may_not_leave_its_place() {
        for good in [r"\rho(R)", r"\{x\}", "x^{2}", r"a \le b"] {
            assert!(is_closed_formula(good), "{good}");
        }
        for bad in ["$", "}", "{", "}{", "% note", "a`b", "", "γ", "a\nb", "x\\"] {
            assert!(!is_closed_formula(bad), "{bad}");
        }
    }
}
