//! Names of states or actions, with indices as a fallback.

use std::borrow::Cow;
use std::collections::HashMap;

/// Names of `len` things. Unnamed ones are called by a letter and their index (`s3`, `a1`).
#[derive(Clone, Debug)]
pub struct Names {
    len: usize,
    letter: char,
    list: Option<(Vec<String>, HashMap<String, usize>)>,
}

impl Names {
    /// `len` unnamed things.
    pub fn count(len: usize, letter: char) -> Self {
        Names { len, letter, list: None }
    }

    /// Named things; `Err(i)` if name `i` is empty or already taken.
    pub fn list(names: Vec<String>, letter: char) -> Result<Self, usize> {
        let mut index = HashMap::with_capacity(names.len());
        for (i, name) in names.iter().enumerate() {
            if name.is_empty() || index.insert(name.clone(), i).is_some() {
                return Err(i);
            }
        }
        Ok(Names { len: names.len(), letter, list: Some((names, index)) })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Name of number `i`.
    pub fn name(&self, i: usize) -> Cow<'_, str> {
        match &self.list {
            Some((names, _)) => Cow::Borrowed(&names[i]),
            None => Cow::Owned(format!("{}{i}", self.letter)),
        }
    }

    /// The declared names, if there are any.
    pub fn declared(&self) -> Option<&[String]> {
        self.list.as_ref().map(|(names, _)| names.as_slice())
    }

    /// Index of a name; unnamed things answer to `s3` and to `3`.
    pub fn find(&self, name: &str) -> Option<usize> {
        match &self.list {
            Some((_, index)) => index.get(name).copied(),
            None => {
                let digits = name.strip_prefix(self.letter).unwrap_or(name);
                digits.parse().ok().filter(|&i| i < self.len)
            }
        }
    }
}
