//! `awk`, as far as most of its uses go: `{print …}` of fields, numbers and texts, for lines that have what is
//! between slashes or a number. Anything else is refused, as nothing of it would be right.

use super::filter::each_line;
use super::options::Options;
use super::output::exit;
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::shell::escape::{Style, unescape};

/// Things that one `print` prints.
const TERMS_MAX: usize = 256;

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Text(String),
    Field(usize),
    LastField,
    FieldCount,
    LineNumber,
}

/// Which lines are printed.
#[derive(Debug, PartialEq)]
enum Lines {
    All,
    Having(String),
    Number(u64),
}

/// A program.
#[derive(Debug, PartialEq)]
struct Print {
    lines: Lines,
    terms: Vec<Term>,
}

impl Print {
    /// Reads a program; none for what is not known.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (pattern, action) = text.strip_suffix('}')?.split_once('{')?;
        let pattern = pattern.trim();
        let plain = |text: &&str| !text.contains(['\\', '.', '*', '[', '(', '+', '?', '^', '$', '|', '{']);
        let lines = if pattern.is_empty() {
            Lines::All
        } else if let Some(number) = pattern.strip_prefix("NR") {
            Lines::Number(number.trim().strip_prefix("==")?.trim().parse().ok()?)
        } else {
            Lines::Having(pattern.strip_prefix('/')?.strip_suffix('/').filter(plain)?.to_owned())
        };
        let action = action.trim().trim_end_matches(';').trim_end().strip_prefix("print")?;
        let mut rest = action.trim();
        let mut terms = Vec::new();
        while !rest.is_empty() {
            let (term, behind) = Self::term(rest)?;
            terms.push(term);
            rest = behind.trim_start();
            if let Some(more) = rest.strip_prefix(',') {
                terms.push(Term::Text(" ".to_owned()));
                rest = more.trim_start();
                if rest.is_empty() {
                    return None;
                }
            }
            if terms.len() > TERMS_MAX {
                return None;
            }
        }
        if terms.is_empty() {
            terms.push(Term::Field(0));
        }
        Some(Self { lines, terms })
    }

    fn term(text: &str) -> Option<(Term, &str)> {
        for (name, term) in [("$NF", Term::LastField), ("NF", Term::FieldCount), ("NR", Term::LineNumber)] {
            if let Some(behind) = text.strip_prefix(name) {
                let ends =
                    !behind.starts_with(|letter: char| letter.is_alphanumeric() || "_-+*/(".contains(letter));
                return ends.then_some((term, behind));
            }
        }
        if let Some(rest) = text.strip_prefix('$') {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            let (number, behind) = rest.split_at_checked(end)?;
            return Some((Term::Field(number.parse().ok()?), behind));
        }
        let rest = text.strip_prefix('"')?;
        let mut escaped = false;
        let end = rest.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        })?;
        let text = unescape(rest.get(..end)?, Style::Printf).text;
        Some((Term::Text(text), rest.get(end + 1..)?))
    }

    /// What it prints of a line.
    fn line(&self, line: &str, number: u64, separator: Option<&str>) -> Option<String> {
        let wanted = match &self.lines {
            Lines::All => true,
            Lines::Having(text) => line.contains(text),
            Lines::Number(wanted) => *wanted == number,
        };
        if !wanted {
            return None;
        }
        let fields: Vec<&str> = match separator {
            None => line.split_whitespace().collect(),
            Some(_) if line.is_empty() => Vec::new(),
            Some(separator) => line.split(separator).collect(),
        };
        let mut out = String::new();
        for term in &self.terms {
            match term {
                Term::Text(text) => out.push_str(text),
                Term::Field(0) => out.push_str(line),
                Term::Field(at) => out.push_str(fields.get(at - 1).unwrap_or(&"")),
                Term::LastField => out.push_str(fields.last().unwrap_or(&line)),
                Term::FieldCount => out.push_str(&fields.len().to_string()),
                Term::LineNumber => out.push_str(&number.to_string()),
            }
        }
        Some(out)
    }
}

/// `awk [-F SEPARATOR] '{print …}' [FILE…]`.
pub(super) fn awk(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "F:") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let Some((program, files)) = options.rest.split_first() else {
            return process.complain("usage: awk [-F fs] prog [file ...]").await.saturating_add(1);
        };
        let Some(print) = Print::parse(program) else {
            return process
                .complain(format!("only {{print}} of fields and texts is known here, not: {program}"))
                .await
                .saturating_add(1);
        };
        let separator = options.value('F').filter(|text| !text.is_empty() && *text != " ");
        let separator = separator.map(|text| unescape(text, Style::Printf).text);
        let separator = separator.as_deref().map(|text| if text == "t" { "\t" } else { text });
        if separator.is_some_and(|text| text.chars().count() > 1) {
            return process.complain("only one letter separates fields here").await.saturating_add(1);
        }
        let files = if files.is_empty() { vec!["-".to_owned()] } else { files.to_vec() };
        let mut number = 0;
        let work = |line: &str| {
            number += 1;
            print.line(line, number, separator)
        };
        exit(each_line(&guest, &process, &files, work).await)
    })
}
