//! What is wrong with a plan, said so that its author can put it right.

use std::fmt;

/// One thing wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as it was named to us.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl std::error::Error for Problem {}

/// A spot in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    pub(crate) fn problem(self, file: &str, message: impl Into<String>) -> Problem {
        Problem { file: file.to_owned(), line: self.line, column: self.column, message: message.into() }
    }
}

/// A text with its name; turns the byte offsets of the parser into places.
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl Source<'_> {
    pub(crate) fn place(&self, offset: usize) -> Place {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    pub(crate) fn problem(&self, offset: usize, message: impl Into<String>) -> Problem {
        self.place(offset).problem(self.file, message)
    }

    /// The toml crate's own complaint, with the place it gives or else `otherwise`.
    pub(crate) fn toml_problem(&self, error: &toml::de::Error, otherwise: usize) -> Problem {
        self.problem(error.span().map_or(otherwise, |span| span.start), error.message())
    }
}
