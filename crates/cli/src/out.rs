//! Standard output: tables for people, JSON for programs, ids for scripts.

use crate::failure::Failure;
use crate::screen::{colorful, width_of};
use crate::table::{self, Column, clean};
use serde::Serialize;
use serde_json::Value;
use std::io::{ErrorKind, IsTerminal, Write};

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Tables and lines for people.
    Human,
    /// JSON.
    Json,
    /// Ids only, or nothing.
    Quiet,
}

/// Standard output.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// How answers are printed.
    pub shape: Shape,
    width: Option<usize>,
    color: bool,
}

/// One row of a list.
#[derive(Debug)]
pub struct Row {
    /// The id, for `--quiet`.
    pub id: String,
    /// The cells, for people.
    pub cells: Vec<String>,
    /// Something is wrong with it.
    pub alarm: bool,
}

impl Out {
    /// Standard output as it is.
    pub fn new(json: bool, quiet: bool) -> Self {
        let shape = match (json, quiet) {
            (true, _) => Shape::Json,
            (false, true) => Shape::Quiet,
            (false, false) => Shape::Human,
        };
        let stdout = std::io::stdout();
        let terminal = stdout.is_terminal();
        let width = if terminal { width_of(&stdout) } else { None };
        Self { shape, width, color: terminal && colorful() }
    }

    /// A list: a table, JSON lines, or ids.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn list<T: Serialize>(
        &self,
        columns: &[Column],
        items: &[T],
        row: impl Fn(&T) -> Row,
    ) -> Result<(), Failure> {
        let mut text = String::new();
        match self.shape {
            Shape::Json => items.iter().for_each(|item| push(&mut text, &json(item))),
            Shape::Quiet => items.iter().for_each(|item| push(&mut text, &row(item).id)),
            Shape::Human => {
                let rows: Vec<Row> = items.iter().map(row).collect();
                let cells: Vec<Vec<String>> = rows.iter().map(|row| row.cells.clone()).collect();
                let alarms = std::iter::once(false).chain(rows.iter().map(|row| row.alarm));
                for (at, (line, alarm)) in
                    table::layout(columns, &cells, self.width).iter().zip(alarms).enumerate()
                {
                    let style = if at == 0 {
                        "1"
                    } else if alarm {
                        "31"
                    } else {
                        ""
                    };
                    push(&mut text, &self.styled(line, style));
                }
            }
        }
        write(&text)
    }

    /// One thing: `name: value` lines, a JSON document, or its id.
    ///
    /// # Errors
    /// As for a list.
    pub fn show<T: Serialize>(&self, item: &T, id: &str) -> Result<(), Failure> {
        match self.shape {
            Shape::Json => self.line(&json(item)),
            Shape::Quiet => self.line(id),
            Shape::Human => {
                let value = serde_json::to_value(item).unwrap_or_default();
                let mut text = String::new();
                for (name, value) in value.as_object().into_iter().flatten() {
                    let shown = match value {
                        Value::String(value) => clean(value),
                        value => clean(&value.to_string()),
                    };
                    push(&mut text, &format!("{}  {shown}", self.styled(&format!("{name:<20}"), "1")));
                }
                write(&text)
            }
        }
    }

    /// A line as it is.
    ///
    /// # Errors
    /// As for a list.
    pub fn line(&self, line: &str) -> Result<(), Failure> {
        write(&format!("{line}\n"))
    }

    /// A line for people about something bad.
    ///
    /// # Errors
    /// As for a list.
    pub fn bad(&self, line: &str) -> Result<(), Failure> {
        self.line(&self.styled(&clean(line), "31"))
    }

    fn styled(&self, text: &str, style: &str) -> String {
        if self.color && !style.is_empty() { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_string() }
    }
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn json<T: Serialize>(item: &T) -> String {
    serde_json::to_string(item).unwrap_or_default()
}

/// A reader that has enough (`| head`) is no failure.
///
/// # Errors
/// Standard output cannot be written.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::refused(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
