//! Where results go: stdout, for a person or for a program.
//!
//! Colours are for terminals; `NO_COLOR` is honoured. A reader that has seen enough (`| head`) is no error.
//!
//! **Invariant:** nothing but results is ever written to stdout.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::error::Error;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// One JSON document.
    Json,
}

/// The way out.
#[derive(Debug)]
pub struct Output {
    format: Format,
}

impl Output {
    /// A way out in this format.
    pub fn new(format: Format) -> Self {
        Output { format }
    }

    /// The format asked for.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Prints a result: the document for a program, or the text for a person.
    ///
    /// # Errors
    /// If the document cannot be written.
    pub fn result(&self, document: &impl Serialize, text: impl Display) -> Result<(), Error> {
        match self.format {
            Format::Human => self.say(text),
            Format::Json => {
                let json = serde_json::to_string_pretty(document);
                self.say(json.map_err(|error| Error::Internal(error.to_string()))?);
            }
        }
        Ok(())
    }

    /// Prints a text.
    pub fn say(&self, text: impl Display) {
        let mut stdout = anstream::stdout().lock();
        if let Err(error) = writeln!(stdout, "{text}").and_then(|()| stdout.flush())
            && error.kind() != ErrorKind::BrokenPipe
        {
            eprintln!("cannot write to stdout: {error}");
        }
    }
}

/// Paints lines that begin with these words.
pub fn painted(text: &str) -> String {
    let style = |line: &str| {
        let colour = |colour: AnsiColor| Some(Style::new().bold().fg_color(Some(colour.into())));
        let verdict =
            |word: &str| line.strip_prefix("verdict").is_some_and(|said| said.trim_start().starts_with(word));
        match line {
            _ if verdict("held") => colour(AnsiColor::Green),
            _ if verdict("violated") || verdict("not") => colour(AnsiColor::Red),
            _ if line.starts_with("verdict") => colour(AnsiColor::Yellow),
            _ if line.contains(" ms ") && line.contains("  fault ") => colour(AnsiColor::Yellow),
            _ => None,
        }
    };
    let paint = |line: &str| match style(line) {
        Some(style) => format!("{style}{line}{style:#}"),
        None => line.to_owned(),
    };
    text.lines().map(paint).collect::<Vec<_>>().join("\n")
}
