//! Coded errors: what is wrong, where in the user's data, what was expected, and one suggestion.

use std::fmt;
use std::sync::Arc;

use dashu_ratio::RBig;

use super::number;

/// Result of anything that can refuse its input.
pub type Result<T, E = Box<Diag>> = std::result::Result<T, E>;

/// Who has to act on an error; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line makes no sense (exit 2).
    Usage,
    /// A file or a value in it is refused (exit 3).
    Input,
    /// The machine failed us: disk, memory, permissions on output (exit 5).
    Machine,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $kind:ident;)*) => {
        /// Stable names of everything that can be refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in order of declaration.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable text printed in square brackets.
            pub fn text(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// Who has to act.
            pub fn kind(self) -> Kind {
                match self { $(Code::$variant => Kind::$kind,)* }
            }
        }
    };
}

codes! {
    /// The file cannot be opened or read.
    FileUnreadable = "file-unreadable", Input;
    /// The file is larger than its format may be.
    FileTooLarge = "file-too-large", Input;
    /// The file is empty.
    FileEmpty = "file-empty", Input;
    /// The file is not valid UTF-8.
    FileNotUtf8 = "file-not-utf8", Input;
    /// The file's extension names no known format.
    FormatUnknown = "format-unknown", Input;
    /// The text is not valid TOML or JSON, or the archive is not a valid npz.
    Syntax = "syntax", Input;
    /// Nesting deeper than any valid file.
    TooDeep = "too-deep", Input;
    /// The `format` field is absent or of another version.
    FormatVersion = "format-version", Input;
    /// A required field is missing.
    FieldMissing = "field-missing", Input;
    /// A field that does not exist.
    FieldUnknown = "field-unknown", Input;
    /// A value of the wrong type.
    WrongType = "wrong-type", Input;
    /// A list or table of the wrong length.
    WrongShape = "wrong-shape", Input;
    /// A number that is not finite or not readable.
    BadNumber = "bad-number", Input;
    /// A discount outside [0, 1].
    GammaRange = "gamma-range", Input;
    /// Discount 1 although some policy never ends.
    GammaOneEndless = "gamma-one-endless", Input;
    /// A name that appears twice, or is empty.
    NameTwice = "name-twice", Input;
    /// A state or action that does not exist.
    NameUnknown = "name-unknown", Input;
    /// A negative probability or one above 1.
    ProbabilityRange = "probability-range", Input;
    /// Probabilities that do not sum to 1.
    RowSum = "row-sum", Input;
    /// A state without any action.
    StateWithoutAction = "state-without-action", Input;
    /// A reward on an action that is not available.
    RewardUnavailable = "reward-unavailable", Input;
    /// The model is too large for its storage.
    TooLarge = "too-large", Input;
    /// The model needs more memory than was allowed.
    MemoryLimit = "memory-limit", Input;
    /// A model without rewards was asked about one.
    RewardUnknown = "reward-unknown", Usage;
    /// A reward expression that cannot be read.
    Expression = "expression", Usage;
    /// A gallery model that does not exist.
    ModelUnknown = "model-unknown", Usage;
    /// A metric, canonicalisation, norm or method that does not exist.
    MetricUnknown = "metric-unknown", Usage;
    /// A theorem, a hypothesis or a tag that does not exist.
    TheoremUnknown = "theorem-unknown", Usage;
    /// Flags or arguments that do not fit together.
    Usage = "usage", Usage;
    /// A potential that is not zero where episodes end.
    PotentialAtEnd = "potential-at-end", Input;
    /// A policy file that does not fit the model.
    Policy = "policy", Input;
    /// An analysis of a study file that the command it runs refuses.
    StudyCommand = "study-command", Input;
    /// The picture cannot be drawn from this data.
    Plot = "plot", Usage;
    /// A certificate whose checksum does not fit its text.
    CertificateDamaged = "certificate-damaged", Input;
    /// A certificate about another model.
    CertificateModel = "certificate-model", Input;
    /// A kind of claim that does not exist.
    CertificateClaim = "certificate-claim", Input;
    /// Something no certificate can be made of.
    NoCertificate = "no-certificate", Usage;
    /// A result that its own certificate does not prove.
    CertificateFails = "certificate-fails", Machine;
    /// An output file cannot be written.
    OutputUnwritable = "output-unwritable", Machine;
    /// The system does not give the threads asked for.
    Threads = "threads", Machine;
    /// Another process could not be started, or did not end well.
    Process = "process", Machine;
    /// A linear system or program could not be solved.
    Numerical = "numerical", Machine;
}

/// Byte offset into a source text; `NONE` where the format has no places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset(pub u32);

impl Offset {
    /// No place known.
    pub const NONE: Offset = Offset(u32::MAX);
}

/// Where a model came from: a name for messages and, for text formats, the text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path or gallery name, as the user typed it.
    pub name: String,
    text: Option<Arc<str>>,
}

impl Source {
    /// A text source, in which offsets can be turned into lines and columns.
    pub fn text(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Source { name: name.into(), text: Some(text.into()) }
    }

    /// A source without text, such as a binary file.
    pub fn binary(name: impl Into<String>) -> Self {
        Source { name: name.into(), text: None }
    }

    /// Whether this is text, in which numbers are what is written.
    pub fn is_text(&self) -> bool {
        self.text.is_some()
    }

    /// The number written at an offset, a decimal or a quotient, quoted or not; `None` where there is none.
    pub fn number(&self, at: Offset) -> Option<RBig> {
        let rest = self.text.as_deref().filter(|_| at != Offset::NONE)?.get(at.0 as usize..)?;
        let token = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split(quote).next()?.to_owned(),
            _ => {
                let of_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E' | '_');
                rest.chars().take_while(|&c| of_number(c)).filter(|&c| c != '_').collect()
            }
        };
        number::rational(&token)
    }

    /// The place of a byte offset.
    pub fn place(&self, at: Offset) -> Place {
        let mut place = Place { file: self.name.clone(), line: 0, column: 0, excerpt: None };
        let Some(text) = self.text.as_deref() else { return place };
        if at == Offset::NONE {
            return place;
        }
        let mut end = (at.0 as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let start = text[..end].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[end..].find('\n').map_or(text.len(), |i| end + i);
        place.line = 1 + text[..start].bytes().filter(|&b| b == b'\n').count();
        place.column = 1 + text[start..end].chars().count();
        place.excerpt = Some(text[start..line_end].trim_end().to_owned());
        place
    }
}

/// A file with line and column (1-based; 0 where the format has none).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path or gallery name.
    pub file: String,
    /// Line, from 1; 0 if unknown.
    pub line: usize,
    /// Column in characters, from 1; 0 if unknown.
    pub column: usize,
    /// The whole source line.
    pub excerpt: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            _ => write!(f, "{}:{}:{}", self.file, self.line, self.column),
        }
    }
}

/// One refusal or warning.
#[derive(Clone, Debug)]
pub struct Diag {
    /// Stable code.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What would have been accepted.
    pub expected: Option<String>,
    /// One suggestion.
    pub help: Option<String>,
}

impl Diag {
    /// A refusal with a code and a message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Diag { code, message: message.into(), place: None, expected: None, help: None }
    }

    /// Adds the place.
    pub fn at(mut self, source: &Source, offset: Offset) -> Self {
        self.place = Some(source.place(offset));
        self
    }

    /// Adds what was expected.
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = Some(text.into());
        self
    }

    /// Adds a suggestion.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds "did you mean" with the nearest of `known`, or the list of them when nothing is near.
    pub fn nearest<'a>(self, typed: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(typed, known.iter().copied()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => self,
            None => {
                let shown: Vec<String> = known.iter().take(12).map(|n| format!("`{n}`")).collect();
                let more = if known.len() > 12 { format!(" and {} more", known.len() - 12) } else { String::new() };
                self.help(format!("known: {}{more}", shown.join(", ")))
            }
        }
    }

    /// Boxed as the error of a [`Result`].
    pub fn err<T>(self) -> Result<T> {
        Err(Box::new(self))
    }
}

impl fmt::Display for Diag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{} [{}]", self.message, self.code.text())?;
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "; help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diag {}

/// The known name closest to `typed`, if it is close enough to be a slip of the keyboard.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            let low = name.to_lowercase();
            let mut score = strsim::normalized_damerau_levenshtein(&typed, &low);
            if low.starts_with(&typed) || typed.starts_with(&low) {
                score = score.max(0.8);
            }
            (score, name)
        })
        // 0.6 admits two slips in a five-letter name and refuses unrelated words. Among equals the shortest wins.
        .filter(|(score, _)| *score >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.len().cmp(&a.1.len())))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let source = Source::text("m.toml", "a = 1\nβ = 2\n");
        let place = source.place(Offset(9));
        assert_eq!((place.line, place.column), (2, 3));
        assert_eq!(place.excerpt.as_deref(), Some("β = 2"));
        assert_eq!(source.place(Offset(7)).column, 1, "inside a character counts as its start");
        assert_eq!(source.place(Offset::NONE).to_string(), "m.toml");
    }

    #[test]
    fn slips_are_mended_and_strangers_are_not() {
        assert_eq!(nearest("gaol", ["goal", "step"]), Some("goal"));
        assert_eq!(nearest("frozenlake", ["frozenlake-4x4", "taxi"]), Some("frozenlake-4x4"));
        let lakes = ["lake-plain", "lake", "lake-large-plain"];
        assert_eq!(nearest("lak", lakes), Some("lake"), "the shortest of equals");
        assert_eq!(nearest("zzz", ["goal", "step"]), None);
    }

    #[test]
    fn codes_are_unique() {
        let texts: std::collections::HashSet<_> = Code::ALL.iter().map(|c| c.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
