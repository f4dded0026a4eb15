//! What is wrong with a file a person wrote, and where.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// One mistake in a configuration, setup or dialplan file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    file: PathBuf,
    place: Place,
    message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    File,
    Section(&'static str),
    At { line: usize, column: usize },
}

impl Problem {
    /// A mistake of the file as a whole.
    pub fn whole_file(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: Place::File, message: message.into() }
    }

    /// A mistake that belongs to a section rather than to a line.
    pub fn section(file: &Path, section: &'static str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: Place::Section(section), message: message.into() }
    }

    /// A mistake at a line and column, both from 1.
    pub fn at(file: &Path, line: usize, column: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: Place::At { line, column }, message: message.into() }
    }

    /// What the TOML reader says of `text`.
    pub fn from_toml(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let Some(span) = error.span() else {
            return Self::whole_file(file, error.message());
        };
        let before = &text[..span.start.min(text.len())];
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let key = text[line_start..].lines().next().and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
        let message = match key {
            Some(key) if !error.message().contains(key) => format!("{key}: {}", error.message()),
            _ => error.message().to_owned(),
        };
        Self::at(file, line, before[line_start..].chars().count() + 1, message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match &self.place {
            Place::File => write!(f, "{file}: {}", self.message),
            Place::Section(section) => write!(f, "{file}: [{section}] {}", self.message),
            Place::At { line, column } => write!(f, "{file}:{line}:{column}: {}", self.message),
        }
    }
}
