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
    At { line: usize, column: usize },
}

impl Problem {
    /// A mistake of the file as a whole.
    pub fn whole_file(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: Place::File, message: message.into() }
    }

    /// A mistake of so many bytes into `text`; of the file as a whole where no place is known.
    pub fn at(file: &Path, text: &str, place: Option<usize>, message: impl Into<String>) -> Self {
        let Some(before) = place.and_then(|place| text.get(..place)) else { return Self::whole_file(file, message) };
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[line_start..].chars().count() + 1;
        Self { file: file.to_owned(), place: Place::At { line, column }, message: message.into() }
    }

    /// What the TOML reader says of `text`.
    pub fn from_toml(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let Some(start) = error.span().map(|span| span.start.min(text.len())) else {
            return Self::whole_file(file, error.message());
        };
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let key = text[line_start..].lines().next().and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
        let message = match key {
            Some(key) if !error.message().contains(key) => format!("{key}: {}", error.message()),
            _ => error.message().to_owned(),
        };
        Self::at(file, text, Some(start), message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match &self.place {
            Place::File => write!(f, "{file}: {}", self.message),
            Place::At { line, column } => write!(f, "{file}:{line}:{column}: {}", self.message),
        }
    }
}
