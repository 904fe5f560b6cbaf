//! Redirections and here-documents.

use super::word::Within;
use super::{Parsed, Parser, SyntaxError};
use crate::shell::ast::{Part, Redirect, RedirectKind, Word};

/// Operators, the longer ones first.
const OPERATORS: [(&str, RedirectKind, u8); 9] = [
    ("<<<", RedirectKind::HereString, 0),
    ("<<", RedirectKind::Here, 0),
    ("<&", RedirectKind::Duplicate, 0),
    ("<>", RedirectKind::Read, 0),
    ("<", RedirectKind::Read, 0),
    (">>", RedirectKind::Append, 1),
    (">&", RedirectKind::Duplicate, 1),
    (">|", RedirectKind::Write, 1),
    (">", RedirectKind::Write, 1),
];

impl Parser<'_> {
    /// Reads a redirection, if one stands here.
    pub(super) fn redirect(&mut self, redirects: &mut Vec<Redirect>) -> Parsed<bool> {
        let start = self.at;
        if self.rest().starts_with("&>") {
            self.at += 2;
            let target = self.target()?;
            redirects.push(Redirect { fd: 1, kind: RedirectKind::Both, target });
            return Ok(true);
        }
        let digit = self.peek().and_then(|letter| letter.to_digit(10));
        if digit.is_some() {
            self.at += 1;
        }
        let Some((operator, kind, fd)) = OPERATORS.iter().find(|(text, _, _)| self.rest().starts_with(text))
        else {
            self.at = start;
            return Ok(false);
        };
        self.at += operator.len();
        let target = if *kind == RedirectKind::Here { self.here_document()? } else { self.target()? };
        let fd = digit.and_then(|digit| u8::try_from(digit).ok()).unwrap_or(*fd);
        redirects.push(Redirect { fd, kind: *kind, target });
        Ok(true)
    }

    fn target(&mut self) -> Parsed<Word> {
        self.skip_blanks();
        self.word()?.ok_or_else(|| self.unexpected())
    }

    /// The text that follows the line that this stands in.
    fn here_document(&mut self) -> Parsed<Word> {
        let tabs = self.eat("-");
        let Word(delimiter) = self.target()?;
        let quoted = delimiter.iter().any(|part| !matches!(part, Part::Literal(_)));
        let end: String = delimiter.iter().map(raw).collect();
        let line = self.rest().find('\n').ok_or(SyntaxError::Unmatched("<<".to_owned()))? + self.at;
        let (line, mut at) = self.here.filter(|(_, end)| *end > line).unwrap_or((line, line + 1));
        let mut body = String::new();
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let length = rest.find('\n').unwrap_or(rest.len());
            let text = rest.get(..length).unwrap_or_default();
            let text = if tabs { text.trim_start_matches('\t') } else { text };
            let last = length == rest.len();
            at += length + usize::from(!last);
            if text == end {
                break;
            }
            if last && text.is_empty() {
                return Err(SyntaxError::Unmatched("<<".to_owned()));
            }
            body.push_str(text);
            body.push('\n');
        }
        self.here = Some((line, at));
        if quoted {
            return Ok(Word(vec![Part::Quoted(body)]));
        }
        let depth = self.depth;
        let parts = Parser::inner(&body, depth).parts(Within::Here)?;
        Ok(Word(vec![Part::Double(parts)]))
    }
}

/// The text of a delimiter: nothing in it is expanded.
fn raw(part: &Part) -> String {
    match part {
        Part::Literal(text) | Part::Quoted(text) => text.clone(),
        Part::Double(parts) => parts.iter().map(raw).collect(),
        Part::Home => "~".to_owned(),
        Part::Parameter(parameter) => format!("${}", parameter.name),
        Part::Command(_) | Part::Arithmetic(_) => String::new(),
    }
}
