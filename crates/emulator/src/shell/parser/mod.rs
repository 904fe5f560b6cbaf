//! Reads a script: text to [`crate::shell::ast`]. Complete lines are read one at a time, so that what stands
//! before a mistake still runs.

mod command;
mod dollar;
mod redirect;
mod test;
mod word;

use super::ast::{Chain, Item, Link, List, Pipeline, Word};
use super::limits::{DEPTH_MAX, STAGES_MAX};
use std::sync::Arc;

/// Why a script cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SyntaxError {
    /// This has no place where it stands.
    Unexpected(String),
    /// This was opened and never closed.
    Unmatched(String),
    /// The script ends in the middle of a command.
    End,
    /// The script ends inside quotes.
    Quote,
    /// Nested too deep.
    Depth,
    /// `${…}` that means nothing.
    Substitution,
}

impl SyntaxError {
    /// More text could make it right.
    pub(crate) fn unfinished(&self) -> bool {
        match self {
            Self::Unmatched(_) | Self::End | Self::Quote => true,
            Self::Unexpected(_) | Self::Depth | Self::Substitution => false,
        }
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unexpected(what) => write!(f, "syntax error: unexpected '{what}'"),
            Self::Unmatched(what) => write!(f, "syntax error: unmatched '{what}'"),
            Self::End => f.write_str("syntax error: unexpected EOF"),
            Self::Quote => f.write_str("no closing quote"),
            Self::Depth => f.write_str("syntax error: nested too deep"),
            Self::Substitution => f.write_str("bad substitution"),
        }
    }
}

pub(crate) type Parsed<T> = Result<T, SyntaxError>;

/// Words that end a list.
const ENDS: [&str; 8] = ["then", "do", "done", "fi", "elif", "else", "esac", "}"];

/// A script being read.
#[derive(Debug)]
pub(crate) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Where the line ends after which here-documents follow, and where they end.
    here: Option<(usize, usize)>,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, here: None }
    }

    fn inner(text: &'a str, depth: usize) -> Self {
        Self { text, at: 0, depth, here: None }
    }

    /// The text of what is not read yet.
    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next complete line; none at the end.
    pub(crate) fn line(&mut self) -> Parsed<Option<List>> {
        self.skip_lines();
        let mut list = List::new();
        while !self.rest().is_empty() {
            if self.at_end_of_list() {
                return Err(self.unexpected());
            }
            list.push(self.item()?);
            self.skip_blanks();
            if self.peek() == Some('\n') {
                self.newline();
                return Ok(Some(list));
            }
        }
        Ok((!list.is_empty()).then_some(list))
    }

    /// Commands up to a word that ends them.
    fn list(&mut self) -> Parsed<List> {
        let mut list = List::new();
        self.skip_lines();
        while !self.at_end_of_list() {
            list.push(self.item()?);
            self.skip_lines();
        }
        Ok(list)
    }

    fn at_end_of_list(&self) -> bool {
        let rest = self.rest();
        rest.is_empty()
            || rest.starts_with(')')
            || rest.starts_with(";;")
            || ENDS.iter().any(|word| self.at_keyword(word))
    }

    /// A chain and what ends it, if that is `;` or `&`.
    fn item(&mut self) -> Parsed<Item> {
        let chain = Arc::new(self.chain()?);
        self.skip_blanks();
        let background = match self.peek() {
            Some('&') => {
                self.at += 1;
                true
            }
            Some(';') if !self.rest().starts_with(";;") => {
                self.at += 1;
                false
            }
            Some(letter) if letter != '\n' && !self.at_end_of_list() => return Err(self.unexpected()),
            None | Some(_) => false,
        };
        self.skip_blanks();
        Ok(Item { chain, background })
    }

    fn chain(&mut self) -> Parsed<Chain> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let link = match self.rest() {
                text if text.starts_with("&&") => Link::And,
                text if text.starts_with("||") => Link::Or,
                _ => return Ok(Chain { first, rest }),
            };
            self.at += 2;
            self.skip_lines();
            rest.push((link, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        let mut negated = false;
        self.skip_blanks();
        while self.at_keyword("!") {
            self.at += 1;
            negated = !negated;
            self.skip_blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.skip_blanks();
            if !self.rest().starts_with('|') || self.rest().starts_with("||") {
                return Ok(Pipeline { negated, commands });
            }
            if commands.len() >= STAGES_MAX {
                return Err(SyntaxError::Depth);
            }
            self.at += 1;
            self.skip_lines();
            commands.push(self.command()?);
        }
    }

    /// Does something one level deeper.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            return Err(SyntaxError::Depth);
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// This word stands here, and ends here.
    fn at_keyword(&self, word: &str) -> bool {
        let after = self.rest().strip_prefix(word).map(|rest| rest.chars().next());
        matches!(after, Some(None)) || after.flatten().is_some_and(ends_word)
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.at_keyword(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Demands the word that closes what `opened` began.
    fn close(&mut self, word: &str, opened: &str) -> Parsed<()> {
        self.skip_lines();
        if self.keyword(word) {
            return Ok(());
        }
        Err(if self.rest().is_empty() {
            SyntaxError::Unmatched(opened.to_owned())
        } else {
            self.unexpected()
        })
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.rest().starts_with("\\\n") => self.at += 2,
                Some('#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => return,
            }
        }
    }

    fn skip_lines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.newline();
            self.skip_blanks();
        }
    }

    /// Goes over a line feed, and over the here-documents behind it.
    fn newline(&mut self) {
        match self.here {
            Some((line, end)) if line <= self.at => {
                self.at = end;
                self.here = None;
            }
            _ => self.at += 1,
        }
    }

    /// The error about what stands here.
    fn unexpected(&self) -> SyntaxError {
        let rest = self.rest().trim_start_matches([' ', '\t']);
        let Some(first) = rest.chars().next() else { return SyntaxError::End };
        if first == '\n' {
            return SyntaxError::Unexpected("newline".to_owned());
        }
        let end = if ends_word(first) {
            let double = rest.chars().nth(1) == Some(first) && first != ')' && first != '(';
            if double { 2 * first.len_utf8() } else { first.len_utf8() }
        } else {
            rest.find(ends_word).unwrap_or(rest.len())
        };
        SyntaxError::Unexpected(rest.get(..end).unwrap_or_default().to_owned())
    }

    fn word_of(parts: Vec<super::ast::Part>) -> Word {
        Word(parts)
    }
}

/// No unquoted word goes on over this.
fn ends_word(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

/// The bytes of the name of a variable at the beginning of the text.
pub(crate) fn name_bytes(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// The text is the name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_bytes(text) == text.len()
}
