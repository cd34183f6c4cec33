//! The data of a picture as comma-separated values, RFC 4180: quoted where needed, lines end in CR LF, one header.

use std::fmt;

/// Between several things in one field, such as tied actions.
const AND: &str = "|";

/// One field of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Words, quoted when they hold a comma, a quote or a line break.
    Text(String),
    /// A number, with as many digits as are needed to read the same one back.
    Number(f64),
    /// Nothing.
    Empty,
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Field::Text(text.to_owned())
    }
}

impl From<&String> for Field {
    fn from(text: &String) -> Self {
        Field::Text(text.clone())
    }
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        Field::Text(text)
    }
}

impl From<f64> for Field {
    fn from(x: f64) -> Self {
        Field::Number(x)
    }
}

impl From<usize> for Field {
    fn from(n: usize) -> Self {
        Field::Text(n.to_string())
    }
}

impl From<bool> for Field {
    fn from(yes: bool) -> Self {
        Field::Text(yes.to_string())
    }
}

impl<T: Into<Field>> From<Option<T>> for Field {
    fn from(value: Option<T>) -> Self {
        value.map_or(Field::Empty, Into::into)
    }
}

/// Several names in one field.
pub(super) fn joined<T: AsRef<str>>(names: &[T]) -> Field {
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(AND).into()
}

/// A table with a header; its [`Display`](fmt::Display) is the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Csv {
    header: Vec<String>,
    rows: Vec<Vec<Field>>,
}

impl Csv {
    /// A table with these columns and no rows.
    pub fn new<T: AsRef<str>>(header: &[T]) -> Self {
        Csv { header: header.iter().map(|name| name.as_ref().to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row; what it lacks at the end stays empty, what it has too much is left out.
    pub fn row(&mut self, fields: impl IntoIterator<Item = Field>) {
        let mut row: Vec<Field> = fields.into_iter().collect();
        row.resize(self.header.len(), Field::Empty);
        self.rows.push(row);
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Number of rows below the header.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }
}

impl fmt::Display for Csv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, name) in self.header.iter().enumerate() {
            let comma = if k > 0 { "," } else { "" };
            write!(f, "{comma}{}", quoted(name))?;
        }
        write!(f, "\r\n")?;
        for row in &self.rows {
            // A line without a character would be read as no row at all.
            if let [Field::Empty] = row.as_slice() {
                write!(f, "\"\"")?;
            }
            for (k, field) in row.iter().enumerate() {
                let comma = if k > 0 { "," } else { "" };
                match field {
                    Field::Text(text) => write!(f, "{comma}{}", quoted(text))?,
                    Field::Number(x) => write!(f, "{comma}{}", number(*x))?,
                    Field::Empty => write!(f, "{comma}")?,
                }
            }
            write!(f, "\r\n")?;
        }
        Ok(())
    }
}

fn number(x: f64) -> String {
    // The shortest text that reads back as the same number; whole numbers without their ".0".
    let text = format!("{x:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// The fields of each line of a file, for tests that read back what was written.
#[cfg(test)]
pub(super) fn parse(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut inside) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => inside = !inside,
            ',' if !inside => row.push(std::mem::take(&mut field)),
            '\r' if !inside && chars.peek() == Some(&'\n') => {
                chars.next();
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            c => field.push(c),
        }
    }
    assert!(!inside && row.is_empty() && field.is_empty(), "the file ends within a line");
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let words = ["plain", "a, b", "she said \"no\"", "two\nlines", "carriage\r\nreturn", "", "=1+1", "é ∞ |"];
        let mut csv = Csv::new(&["na\"me", "x"]);
        for (k, word) in words.iter().enumerate() {
            csv.row([(*word).into(), Field::Number(0.1 * k as f64)]);
        }
        let back = parse(&csv.to_string());
        assert_eq!(back[0], ["na\"me", "x"]);
        assert_eq!((back.len(), csv.n_rows()), (words.len() + 1, words.len()));
        for (k, word) in words.iter().enumerate() {
            assert_eq!(back[k + 1][0], *word);
            assert_eq!(back[k + 1][1].parse::<f64>(), Ok(0.1 * k as f64));
        }
    }

    #[test]
    fn numbers_keep_every_digit() {
        for x in [0.1 + 0.2, 1e-300, -7.0, 1e22, f64::MIN_POSITIVE, -0.0, 123456789.0] {
            assert_eq!(number(x).parse::<f64>().map(f64::to_bits), Ok(x.to_bits()), "{x}");
        }
        assert_eq!([number(3.0), number(0.5), number(1e-7)], ["3", "0.5", "1e-7"]);
    }

    #[test]
    fn every_row_has_as_many_fields_as_the_header() {
        let mut csv = Csv::new(&["a", "b", "c"]);
        csv.row(["x".into()]);
        csv.row(["1".into(), true.into(), 3_usize.into(), "too much".into()]);
        csv.row([Field::from(None::<f64>), Some(2.5).into(), joined(&["up", "left"])]);
        assert_eq!(csv.to_string(), "a,b,c\r\nx,,\r\n1,true,3\r\n,2.5,up|left\r\n");
        let mut lone = Csv::new(&["only"]);
        lone.row([Field::Empty]);
        assert_eq!(parse(&lone.to_string()), [["only"], [""]]);
    }
}
